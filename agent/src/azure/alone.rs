//! Asking Azure with nothing beside it, until it has answered or a signal comes.

use apim_probe_azure::estate::Fetched;
use apim_probe_azure::imds::Answer;
use apim_probe_checks::catalogue::Catalogue;

use super::asking::Asking;
use crate::error::UserError;
use crate::runtime;
use crate::signals::Signals;

/// How it ended.
#[derive(Debug)]
pub enum Alone {
    /// Azure's answers, and what the metadata service said before.
    Answered(Box<(Fetched, Option<Answer>)>),
    /// The number of the signal that came first.
    Interrupted(u8),
}

/// Asks in the cloud that was typed, else in the one that the metadata service tells.
///
/// # Errors
/// The machine gives no thread or descriptor, or the name of the instance means two.
pub fn ask(asking: &Asking, catalogue: &Catalogue, cloud: Option<&str>) -> Result<Alone, UserError> {
    let runtime = runtime::runtime()?;
    let signals = Signals::catch(&runtime)?;
    let mut stopped = signals.stopped();
    let asked = runtime.block_on(async {
        tokio::select! {
            asked = asking.ask_alone(catalogue, cloud) => Some(asked),
            _ = stopped.wait_for(|stopped| *stopped) => None,
        }
    });
    runtime.shutdown_background();
    match asked {
        Some(asked) => Ok(Alone::Answered(Box::new(asked?))),
        None => Ok(Alone::Interrupted(signals.first().unwrap_or(2))),
    }
}
