//! SIGINT and SIGTERM: the first one stops the run, so that its report can be written; a second one ends the program.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::error::UserError;

/// The two signals, from here on to the end of the program.
#[derive(Debug)]
pub struct Signals {
    stopped: watch::Receiver<bool>,
    caught: watch::Receiver<Option<u8>>,
}

impl Signals {
    /// Catches them. Registered before this returns: a task of its own might start only after the first connect.
    ///
    /// # Errors
    /// The machine has no descriptor left for it.
    pub fn catch(runtime: &Runtime) -> Result<Self, UserError> {
        let _inside = runtime.enter();
        let listen =
            |kind| signal(kind).map_err(|error| UserError::new(format!("signals cannot be caught: {error}")));
        let both = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        let (stop, stopped) = watch::channel(false);
        let (catch, caught) = watch::channel(None);
        runtime.spawn(listen_on(both, stop, catch));
        Ok(Self { stopped, caught })
    }

    /// Turns true when one came.
    #[must_use]
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.clone()
    }

    /// The number of the first that came.
    #[must_use]
    pub fn first(&self) -> Option<u8> {
        *self.caught.borrow()
    }
}

/// What comes so soon after the first signal is the same one: `timeout` sends its signal to the program, and again to the
/// group that the program is in.
const SAME: Duration = Duration::from_millis(200);

/// Asks the run to stop at the first signal. Whoever sends another has no patience for a report that cannot be written:
/// a full pipe, a dead disk.
async fn listen_on(mut both: (Signal, Signal), stop: watch::Sender<bool>, catch: watch::Sender<Option<u8>>) {
    let _ = catch.send(Some(next(&mut both).await));
    let _ = stop.send(true);
    let begun = Instant::now();
    let mut again = next(&mut both).await;
    while begun.elapsed() < SAME {
        again = next(&mut both).await;
    }
    std::process::exit(128 + i32::from(again));
}

async fn next((int, term): &mut (Signal, Signal)) -> u8 {
    tokio::select! {
        _ = int.recv() => 2,
        _ = term.recv() => 15,
    }
}
