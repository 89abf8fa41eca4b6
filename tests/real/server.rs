//! Real servers as child processes: started on an address of their own, ready when the kernel says that they listen.

use std::fs::File;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::world::World;

/// A running server; it ends with the test, and whatever it started ends with the namespace.
pub(crate) struct Server {
    name: String,
    child: Child,
    log: PathBuf,
}

/// What a server listens with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tcp,
    Udp,
}

/// The longest that a server takes to start: a broker on a busy machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// How often the kernel and the logs are asked.
const INTERVAL: Duration = Duration::from_millis(20);

impl Server {
    /// Starts `command`, its output in `NAME.log`.
    pub(crate) fn start(world: &World, name: &str, command: &mut Command) -> Self {
        let log = world.dir.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log");
        let errors = out.try_clone().expect("a log");
        let child = command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn();
        let child = child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { name: name.to_owned(), child, log }
    }

    /// Waits until something listens on `address`: the kernel's tables tell, so that the server sees no connection.
    pub(crate) fn listening(mut self, kind: Kind, address: SocketAddr) -> Self {
        self.wait(&format!("listens on {address}"), |_| listens(kind, address));
        self
    }

    /// Waits until the server has said `words`.
    pub(crate) fn said(mut self, words: &str) -> Self {
        self.wait(&format!("says `{words}`"), |log| log.contains(words));
        self
    }

    /// What the server has written so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn wait(&mut self, what: &str, ready: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let log = self.log();
            if ready(&log) {
                return;
            }
            let ended = self.child.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "{} ended with {ended:?} before it {what}:\n{log}", self.name);
            assert!(begun.elapsed() < PATIENCE, "{} never {what}:\n{log}", self.name);
            std::thread::sleep(INTERVAL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// True where a socket is bound to the address, or to its port on every address (proc(5), `/proc/net/tcp`).
fn listens(kind: Kind, address: SocketAddr) -> bool {
    let IpAddr::V4(v4) = address.ip() else { return false };
    let own = format!("{:08X}:{:04X}", u32::from(v4).swap_bytes(), address.port());
    let any = format!("00000000:{:04X}", address.port());
    let (tables, state) = match kind {
        Kind::Tcp => (["tcp", "tcp6"], "0A"),
        Kind::Udp => (["udp", "udp6"], "07"),
    };
    tables.iter().any(|table| {
        let table = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        table.lines().skip(1).any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let local = fields.next().unwrap_or_default();
            (local == own || local.ends_with(&any)) && fields.nth(1) == Some(state)
        })
    })
}
