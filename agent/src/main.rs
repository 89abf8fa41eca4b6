//! apim-probe: says what Azure API Management can reach from here.

use std::process::ExitCode;

fn main() -> ExitCode {
    apim_probe::main(std::env::args_os(), &mut std::io::stdout(), &mut std::io::stderr())
}
