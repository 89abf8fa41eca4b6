//! The real binary against real servers: each protocol's exchange is proved by software that others have written.
//!
//! Every server runs on an address of its own in a network namespace that these tests make. A server that is not
//! installed is named, with its package, on a line `not run: …` at the end, and its tests count as ignored.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Trial};

use world::World;

mod broker;
mod cache;
mod catalogue;
mod files;
mod front;
mod mail;
mod names;
mod pki;
mod probe;
mod resolver;
mod server;
mod sql;
mod time;
mod tls;
mod web;
mod world;

/// One test: a sentence, what must be installed for it, and the test.
struct Test {
    name: &'static str,
    needs: &'static [Need],
    run: fn(&World),
}

/// Something that a test cannot do without.
#[derive(Debug, Clone, Copy)]
enum Need {
    /// A program and its Debian package.
    Program(&'static str, &'static str),
    /// A server that changes to a user of its own, which takes more than a user namespace with one user in it.
    Users,
}

impl Need {
    /// Why it is not there.
    fn missing(self, users: bool) -> Option<String> {
        match self {
            Self::Program(program, package) if !installed(program) => {
                Some(format!("`{program}` is not installed (package {package})"))
            }
            Self::Users if !users => Some("only root may let a server change to its own user".to_owned()),
            Self::Program(..) | Self::Users => None,
        }
    }
}

const OPENSSL: Need = Need::Program("openssl", "openssl");
const NGINX: Need = Need::Program("nginx", "nginx-light");

fn installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').any(|folder| Path::new(folder).join(program).is_file())
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Most of the time is spent waiting for servers and time-outs.
    arguments.test_threads.get_or_insert(4);
    let forbidden = std::env::var_os("APIM_PROBE_NO_NETNS").is_some();
    match World::folder() {
        None if !forbidden && !arguments.list => world::enter(),
        folder => run(&arguments, folder.as_deref(), forbidden),
    }
}

fn run(arguments: &Arguments, folder: Option<&Path>, forbidden: bool) -> ExitCode {
    let users = world::users();
    let groups = [
        names::TESTS,
        web::TESTS,
        tls::TESTS,
        time::TESTS,
        cache::TESTS,
        files::TESTS,
        mail::TESTS,
        broker::TESTS,
        sql::TESTS,
        catalogue::TESTS,
    ];
    let mut left_out = Vec::new();
    let mut trials = Vec::new();
    for test in groups.into_iter().flatten() {
        let reason = if forbidden {
            Some("APIM_PROBE_NO_NETNS is set".to_owned())
        } else {
            [OPENSSL].iter().chain(test.needs).find_map(|need| need.missing(users))
        };
        let folder = folder.map(Path::to_owned);
        let trial = Trial::test(test.name, move || {
            (test.run)(made(folder));
            Ok(())
        });
        trials.push(trial.with_ignored_flag(reason.is_some()));
        let chosen = arguments.filter.as_ref().is_none_or(|part| test.name.contains(part.as_str()));
        left_out
            .extend(reason.filter(|_| chosen).map(|reason| format!("not run: {}: {reason}\n", test.name)));
    }
    let conclusion = libtest_mimic::run(arguments, trials);
    if !arguments.list {
        let _ = std::io::stdout().write_all(left_out.concat().as_bytes());
    }
    conclusion.exit_code()
}

/// The world, made by the first test that needs it.
fn made(folder: Option<PathBuf>) -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::new(folder.expect("tests run inside the namespaces")))
}
