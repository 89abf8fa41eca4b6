//! What the machine grants this process: threads, an event loop, descriptors.

use std::thread;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

use crate::error::UserError;

/// Descriptors that are left for everything but probing: standard streams, the event loop, outputs.
const RESERVED: u64 = 24;

/// Descriptors without which nothing can be decided: standard streams, event loop and signals take nine, a name and a
/// connection are to have two each.
const MIN_DESCRIPTORS: u64 = 16;

/// A runtime with as many threads as help: at most four, at least one.
///
/// # Errors
/// The machine gives no thread, no event loop or too few descriptors for one.
pub fn runtime() -> Result<Runtime, UserError> {
    if let Some(limit) = descriptors().filter(|limit| *limit < MIN_DESCRIPTORS) {
        let error = format!("this machine allows {limit} open files, {MIN_DESCRIPTORS} are needed");
        return Err(UserError::new(error).hint("raise the limit: ulimit -n 1024"));
    }
    let cores = thread::available_parallelism().map_or(1, usize::from).min(4);
    Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .map_err(|error| UserError::new(format!("cannot start the async runtime: {error}")))
}

/// How many sockets may be open at once: `wished`, within the limit of descriptors, which is raised first.
#[must_use]
pub fn sockets(wished: usize) -> usize {
    let Some(limit) = descriptors() else { return wished };
    usize::try_from(limit.saturating_sub(RESERVED)).unwrap_or(wished).clamp(1, wished)
}

/// The limit of open descriptors, which is raised as far as it may be. `None` where the system does not tell.
fn descriptors() -> Option<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let aim = hard.min(4096).max(soft);
    let raised = soft >= aim || setrlimit(Resource::RLIMIT_NOFILE, aim, hard).is_ok();
    Some(if raised { aim } else { soft })
}
