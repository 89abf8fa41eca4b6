//! What a run has seen so far of its own traffic: whether anything passes, and which DNS servers have answered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::arrange;
use crate::outcome::Scope;
use crate::probe::resolution::Detour;

/// Questions that a server must have left without any answer, each to the end of its time, before the rest of the run
/// takes it for silent.
const UNANSWERED: usize = 4;

/// How long a server that has answered nothing keeps the names waiting that a later server of the list has answered. It is
/// heard out when the checks have ended, and decides then.
const HUSH: Duration = Duration::from_millis(1000);

/// What has been seen so far.
#[derive(Debug, Default)]
pub struct Traffic {
    first_connect: OnceLock<Instant>,
    opened_public: AtomicUsize,
    opened_private: AtomicUsize,
    servers: Mutex<HashMap<SocketAddr, Replies>>,
    /// Connects of checks that nothing has answered yet, and when each began.
    waiting: Mutex<HashMap<SocketAddr, Instant>>,
    /// Peers whose packets are followed.
    followed: Mutex<Vec<SocketAddr>>,
}

/// What has been seen of one DNS server.
#[derive(Debug, Clone, Copy)]
struct Replies {
    first_asked: Instant,
    /// Answers to the usual question.
    usual: usize,
    /// Answers of any kind.
    answered: usize,
    /// Questions that had all their time.
    unanswered: usize,
    /// What it had to be asked by.
    detour: Option<Detour>,
}

impl Traffic {
    /// A connect has begun.
    pub fn begun(&self, at: Instant) {
        let _ = self.first_connect.set(at);
    }

    /// A check waits for an answer of `peer`.
    pub fn waits(&self, peer: SocketAddr) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(peer, Instant::now());
    }

    /// `peer` is not waited for any more.
    pub fn ends(&self, peer: SocketAddr) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }

    /// Silent peers whose packets are followed next: each once, and no more than `most` in a run.
    #[must_use]
    pub fn to_follow(&self, most: usize) -> Vec<SocketAddr> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let left = most.saturating_sub(followed.len());
        let silent = self.silent_peers(most + followed.len()).into_iter();
        let next: Vec<SocketAddr> = silent.filter(|peer| !followed.contains(peer)).take(left).collect();
        followed.extend(&next);
        next
    }

    /// A few peers that have not answered, those that wait longest first, each port once before any comes twice.
    fn silent_peers(&self, most: usize) -> Vec<SocketAddr> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut peers: Vec<(Instant, SocketAddr)> =
            waiting.iter().map(|(peer, since)| (*since, *peer)).collect();
        arrange::by(&mut peers, Ord::cmp);
        let mut turns: HashMap<u16, usize> = HashMap::new();
        let mut order: Vec<(usize, SocketAddr)> = peers
            .into_iter()
            .map(|(_, peer)| {
                let turn = turns.entry(peer.port()).or_default();
                *turn += 1;
                (*turn, peer)
            })
            .collect();
        arrange::by_key(&mut order, |(turn, _)| *turn);
        order.into_iter().map(|(_, peer)| peer).take(most).collect()
    }

    /// When the first connect of the run began.
    #[must_use]
    pub fn first_connect(&self) -> Option<Instant> {
        self.first_connect.get().copied()
    }

    /// A check's own connection to `peer` has opened. The platform's link-local addresses are no network to pass through.
    pub fn opened(&self, peer: SocketAddr) {
        if Scope::of(peer.ip()) != Scope::LinkLocal {
            self.of(peer).fetch_add(1, Ordering::Relaxed);
        }
    }

    /// True when some connection to the same kind of address as `peer`'s has opened.
    #[must_use]
    pub fn passes(&self, peer: SocketAddr) -> bool {
        self.of(peer).load(Ordering::Relaxed) > 0
    }

    /// True when some connection has opened.
    #[must_use]
    pub fn passes_at_all(&self) -> bool {
        [&self.opened_public, &self.opened_private].iter().any(|opened| opened.load(Ordering::Relaxed) > 0)
    }

    fn of(&self, peer: SocketAddr) -> &AtomicUsize {
        match Scope::of(peer.ip()) {
            Scope::Public => &self.opened_public,
            _ => &self.opened_private,
        }
    }

    /// A question goes to `server`.
    pub fn asked(&self, server: SocketAddr) {
        let first_asked = Instant::now();
        let unknown = Replies { first_asked, usual: 0, answered: 0, unanswered: 0, detour: None };
        self.with(|servers| servers.entry(server).or_insert(unknown).first_asked);
    }

    /// `server` has answered a question, whatever it said, after this detour.
    pub fn answered(&self, server: SocketAddr, detour: Option<Detour>) {
        self.with(|servers| {
            if let Some(known) = servers.get_mut(&server) {
                known.answered += 1;
                known.usual += usize::from(detour.is_none());
                known.detour = known.detour.or(detour);
            }
        });
    }

    /// What `server` has to be asked by, where it has never answered the usual question.
    #[must_use]
    pub fn detour(&self, server: SocketAddr) -> Option<Detour> {
        let known = self.with(|servers| servers.get(&server).copied())?;
        known.detour.filter(|_| known.usual == 0)
    }

    /// A question to `server` got no answer in all its time.
    pub fn unanswered(&self, server: SocketAddr) {
        self.with(|servers| {
            if let Some(known) = servers.get_mut(&server) {
                known.unanswered += 1;
            }
        });
    }

    /// How many questions `server` left without an answer, where it has answered none and that is enough to know it by.
    #[must_use]
    pub fn silent(&self, server: SocketAddr) -> Option<usize> {
        let known = self.with(|servers| servers.get(&server).copied())?;
        (known.answered == 0 && known.unanswered >= UNANSWERED).then_some(known.unanswered)
    }

    /// Until when a name waits for `server` that another has answered; `None` for one that has answered something, which
    /// is waited for to the end of its time.
    #[must_use]
    pub fn hushed_at(&self, server: SocketAddr) -> Option<Instant> {
        let known = self.with(|servers| servers.get(&server).copied())?;
        (known.answered == 0).then(|| known.first_asked + HUSH)
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<SocketAddr, Replies>) -> T) -> T {
        look(&mut self.servers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
