//! How fast a run starts: connects are paced and questions to DNS servers bounded, since devices on the way mind how
//! many come at once.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// Connects that are begun at most within [`WINDOW`]: of the twenty that a run may begin one is left to the question to the
/// metadata service, which is sent beside the checks and does not wait here.
const MAX_CONNECTS: usize = 19;

/// The span of time in which at most [`MAX_CONNECTS`] connects begin, wherever it is laid.
const WINDOW: Duration = Duration::from_millis(100);

/// Questions to DNS servers that are unanswered at most at one time.
const QUESTIONS: usize = 16;

/// Questions that each further server has room for, whatever the others leave unanswered.
const LEFT: usize = 4;

/// The pace of one run.
#[derive(Debug)]
pub struct Pace {
    /// When the last connects began, at most [`MAX_CONNECTS`] of them.
    begun: Mutex<VecDeque<Instant>>,
    questions: Arc<Semaphore>,
    /// A silent server must not take the room of the others.
    servers: std::sync::Mutex<HashMap<SocketAddr, Arc<Semaphore>>>,
    share: usize,
}

/// Room for one question.
#[derive(Debug)]
pub struct Room {
    _of_server: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Pace {
    /// The pace of a run that asks this many configured DNS servers.
    #[must_use]
    pub fn new(servers: usize) -> Self {
        Self {
            begun: Mutex::default(),
            questions: Arc::new(Semaphore::new(QUESTIONS)),
            servers: std::sync::Mutex::default(),
            share: QUESTIONS.saturating_sub(LEFT * servers.saturating_sub(1)).max(LEFT),
        }
    }

    /// Runs `connect`, which sends the first packet of a connection, when its turn comes: first come, first served. The
    /// turn counts from its end, so that no span of 100 ms on the wire sees more.
    pub async fn begin<T>(&self, connect: impl FnOnce() -> T) -> T {
        let mut begun = self.begun.lock().await;
        if begun.len() == MAX_CONNECTS
            && let Some(first) = begun.front().copied()
        {
            sleep_until(first + WINDOW).await;
            begun.pop_front();
        }
        let connected = connect();
        begun.push_back(Instant::now());
        connected
    }

    /// Waits until one more question to `server` may be unanswered.
    ///
    /// # Panics
    /// Never: the semaphores are not closed while the value lives.
    pub async fn question(&self, server: SocketAddr) -> Room {
        let of_server = self.of(server).acquire_owned().await.expect("the semaphore is never closed");
        let of_all =
            Arc::clone(&self.questions).acquire_owned().await.expect("the semaphore is never closed");
        Room { _of_server: of_server, _of_all: of_all }
    }

    /// Room for one more question to `server`, where there is some now.
    #[must_use]
    pub fn spare_question(&self, server: SocketAddr) -> Option<Room> {
        let of_server = self.of(server).try_acquire_owned().ok()?;
        let of_all = Arc::clone(&self.questions).try_acquire_owned().ok()?;
        Some(Room { _of_server: of_server, _of_all: of_all })
    }

    fn of(&self, server: SocketAddr) -> Arc<Semaphore> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(servers.entry(server).or_insert_with(|| Arc::new(Semaphore::new(self.share))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_span_of_a_hundred_milliseconds_sees_more_than_the_pace_allows() {
        let pace = Pace::new(1);
        let mut begun = Vec::new();
        for _ in 0..45 {
            begun.push(pace.begin(Instant::now).await);
        }
        for pair in begun.windows(MAX_CONNECTS + 1) {
            assert!(pair[MAX_CONNECTS] - pair[0] >= WINDOW, "{:?}", pair[MAX_CONNECTS] - pair[0]);
        }
    }

    #[tokio::test]
    async fn sixteen_questions_may_be_unanswered_and_one_server_leaves_room_for_the_other() {
        let (first, second) = (([127, 0, 0, 1], 53).into(), ([127, 0, 0, 2], 53).into());
        let pace = Pace::new(2);
        let held: Vec<_> = (0..QUESTIONS).map_while(|_| pace.spare_question(first)).collect();
        assert_eq!(held.len(), QUESTIONS - LEFT);
        let beside: Vec<_> = (0..QUESTIONS).map_while(|_| pace.spare_question(second)).collect();
        assert!(beside.len() == LEFT && pace.spare_question(([127, 0, 0, 3], 53).into()).is_none());
        drop((held, beside));
        drop(pace.question(first).await);
    }
}
