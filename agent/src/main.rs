//! apim-probe: says what Azure API Management can reach from here.

use std::process::ExitCode;

use nix::sys::signal::{SigSet, Signal};

fn main() -> ExitCode {
    // A file that has reached a limit of its size is an error to be told, and not the end of the program. Every thread
    // inherits it; where it cannot be had, such a file ends the program as it would any other.
    let _ = SigSet::from(Signal::SIGXFSZ).thread_block();
    apim_probe::main(std::env::args_os(), &mut std::io::stdout(), &mut std::io::stderr())
}
