//! What every probe shares: DNS servers, roots, limits and the clock of the run. Built once, cloned freely.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use crate::limits::Limits;
use crate::probe::pace::Pace;
use crate::probe::resolution::{HostsFile, Resolution};
use crate::probe::socket::Segments;
use crate::probe::system_conf::Hosts;
use crate::probe::tls::Roots;
use crate::probe::traffic::Traffic;
use crate::server::Server;

/// Name servers, roots, limits and the clock of one run.
#[derive(Debug, Clone)]
pub struct Net {
    shared: Arc<Shared>,
    limits: Limits,
    segments: Segments,
}

#[derive(Debug)]
struct Shared {
    servers: Vec<Server>,
    reference: Option<Server>,
    hosts: Hosts,
    roots: Roots,
    started: Instant,
    sockets: Arc<Semaphore>,
    names: Mutex<Names>,
    connects: Mutex<HashMap<SocketAddr, usize>>,
    pace: Pace,
    traffic: Traffic,
    stop: watch::Receiver<bool>,
}

/// What is known of each name, by what an entry of the hosts file is worth for it.
type Names = HashMap<(String, HostsFile), Arc<OnceCell<Resolution>>>;

/// Connects to one address and port in a run, hedges included. Only checks may go beyond it: each needs one of its own.
const MAX_CONNECTS_PER_PEER: usize = 12;

/// What a run keeps for looking again at what stalled.
const SECOND_LOOK_RESERVE: Duration = Duration::from_secs(3);

/// How long an answer on an open connection is waited for at least, however late the run is.
const MIN_ANSWER_WAIT: Duration = Duration::from_millis(1500);

/// The ingredients of a [`Net`].
#[derive(Debug)]
pub struct NetConfig {
    /// The configured name servers, in order.
    pub servers: Vec<Server>,
    /// The server to ask for comparison when a configured one gives no address: 168.63.129.16, where wanted.
    pub reference: Option<Server>,
    /// The hosts file.
    pub hosts: Hosts,
    /// Root certificates.
    pub roots: Roots,
    /// Bounds.
    pub limits: Limits,
    /// The start of the run, from which the deadline and every `startMs` count.
    pub started: Instant,
    /// Turns true when the run is to end at once.
    pub stop: watch::Receiver<bool>,
}

impl Net {
    /// Puts the ingredients together.
    #[must_use]
    pub fn new(parts: NetConfig) -> Self {
        let sockets = Arc::new(Semaphore::new(parts.limits.sockets.max(1)));
        let NetConfig { servers, reference, hosts, roots, limits, started, stop } = parts;
        let names = Mutex::new(HashMap::new());
        let pace = Pace::new(servers.len());
        Self {
            shared: Arc::new(Shared {
                servers,
                reference,
                hosts,
                roots,
                started,
                sockets,
                names,
                connects: Mutex::default(),
                pace,
                traffic: Traffic::default(),
                stop,
            }),
            limits,
            segments: Segments::Full,
        }
    }

    /// The same run with other bounds: its sockets, names and clock are shared.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The same run with connections whose segments are of this size.
    #[must_use]
    pub fn with_segments(&self, segments: Segments) -> Self {
        Self { segments, ..self.clone() }
    }

    /// How large segments may be.
    #[must_use]
    pub const fn segments(&self) -> Segments {
        self.segments
    }

    /// The configured name servers, in order.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.shared.servers
    }

    /// The name server to compare with.
    #[must_use]
    pub fn reference(&self) -> Option<Server> {
        self.shared.reference
    }

    /// The hosts file.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.shared.hosts
    }

    /// Root certificates.
    #[must_use]
    pub fn roots(&self) -> &Roots {
        &self.shared.roots
    }

    /// Bounds.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The start of the run, from which every `startMs` counts.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.shared.started
    }

    /// The moment at which the run ends whatever happens.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.shared.started + self.limits.deadline
    }

    /// How long an answer on an open connection is waited for: `limit`, or less where slow DNS servers have used up much of
    /// the run, so that what stalls can still be looked at again. A run that is short on purpose keeps its whole time.
    #[must_use]
    pub fn answer_limit(&self, limit: Duration) -> Duration {
        let left = self.deadline().saturating_duration_since(Instant::now());
        if self.limits.deadline < 2 * SECOND_LOOK_RESERVE {
            return limit;
        }
        limit.min(left.saturating_sub(SECOND_LOOK_RESERVE).max(MIN_ANSWER_WAIT))
    }

    /// How fast connects and questions may begin.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.shared.pace
    }

    /// What the run has seen of its own traffic so far.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// Turns true when the run is to end at once.
    #[must_use]
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.shared.stop.clone()
    }

    /// Waits for a free socket for a check's own connect to `peer`.
    ///
    /// # Panics
    /// As [`Net::socket`].
    pub async fn socket_to(&self, peer: SocketAddr) -> OwnedSemaphorePermit {
        let permit = self.socket().await;
        *self.shared.connects.lock().unwrap_or_else(PoisonError::into_inner).entry(peer).or_default() += 1;
        permit
    }

    /// Waits for a free socket.
    ///
    /// # Panics
    /// Never: the semaphore is not closed while the value lives.
    pub async fn socket(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.shared.sockets).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// A socket that is free now, for a packet that reaches no peer.
    #[must_use]
    pub fn spare_permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.shared.sockets).try_acquire_owned().ok()
    }

    /// A socket for a hedge to `peer`: only where one is free now, and `peer` has not seen many.
    #[must_use]
    pub fn try_hedge_socket(&self, peer: SocketAddr) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.shared.sockets).try_acquire_owned().ok()?;
        let mut connects = self.shared.connects.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = connects.entry(peer).or_default();
        (*seen < MAX_CONNECTS_PER_PEER).then(|| {
            *seen += 1;
            permit
        })
    }

    /// Forgets what is known of `host`, so that it is asked for again.
    pub fn invalidate(&self, host: &str) {
        let host = host.to_ascii_lowercase();
        self.names().retain(|(known, _), _| *known != host);
    }

    /// The cell that holds what is known of `host`: every check on the same host shares one resolution.
    #[must_use]
    pub fn name(&self, host: &str, file: HostsFile) -> Arc<OnceCell<Resolution>> {
        Arc::clone(self.names().entry((host.to_ascii_lowercase(), file)).or_default())
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.shared.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
