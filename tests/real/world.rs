//! A network namespace of our own with addresses for every server, and the names and certificates that go with them.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::pki::Pki;
use crate::resolver;

/// Tells this program that it runs inside its namespaces, and names its folder.
const INSIDE: &str = "APIM_PROBE_REAL_INSIDE";

/// Tells it that it is root outside of them too.
const USERS: &str = "APIM_PROBE_REAL_USERS";

/// What the rest of the tests stands on.
pub(crate) struct World {
    /// A folder for configurations and logs, gone when the tests are.
    pub dir: PathBuf,
    /// The authority of every certificate.
    pub pki: Pki,
}

/// The address of host `number`: each server of each test has its own, so that all can run at once.
pub(crate) const fn at(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(20, 64, 0, number)
}

/// Host `number` and a port.
pub(crate) const fn socket(number: u8, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(at(number)), port)
}

/// The name of host `number` in the hosts file; the certificates are for `*.real.example`.
pub(crate) fn host(number: u8) -> String {
    format!("h{number}.real.example")
}

/// Starts this program again in new namespaces and gives its exit code on.
pub(crate) fn enter() -> ExitCode {
    let dir = std::env::temp_dir().join(format!("apim-probe-real-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder in the temporary one");
    let user: &[&str] = if is_root() { &[] } else { &["--user", "--map-root-user"] };
    let status = Command::new("unshare")
        .args(user)
        .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(std::env::current_exe().expect("a path of this program"))
        .args(std::env::args_os().skip(1))
        .env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()))
        .env(INSIDE, &dir)
        .envs(is_root().then_some((USERS, "yes")))
        .status();
    let _ = std::fs::remove_dir_all(&dir);
    let code = status.expect("`unshare` of util-linux").code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(1))
}

/// True where the servers may change to users of their own.
pub(crate) fn users() -> bool {
    std::env::var_os(USERS).is_some()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stdout(Stdio::piped()).output();
    id.is_ok_and(|id| id.stdout.starts_with(b"0\n"))
}

impl World {
    /// The folder that [`enter`] made, inside the namespaces only.
    pub(crate) fn folder() -> Option<PathBuf> {
        std::env::var_os(INSIDE).map(PathBuf::from)
    }

    /// Builds the network, the names and the authority.
    pub(crate) fn new(dir: PathBuf) -> Self {
        let mut links = "link set lo up\n".to_owned();
        let mut hosts = "127.0.0.1 localhost\n".to_owned();
        for number in 1..=LAST {
            let _ = writeln!(links, "addr add {}/32 dev lo", at(number));
            let _ = writeln!(hosts, "{} {}", at(number), host(number));
        }
        let _ = writeln!(links, "addr add {}/32 dev lo", at(255));
        feed("ip", &["-batch", "-"], &links);
        feed("mount", &["-t", "tmpfs", "tmpfs", "/run"], "");
        for (name, text) in [("hosts", hosts.as_str()), ("resolv.conf", "nameserver 20.64.0.255\n")] {
            let ours = dir.join(name);
            std::fs::write(&ours, text).expect("a file of ours");
            let theirs = Path::new("/etc").join(name);
            // A link into /run, as systemd-resolved has it, ends in the new, empty /run.
            if let Ok(end) = std::fs::read_link(&theirs) {
                let end = Path::new("/etc").join(end);
                std::fs::create_dir_all(end.parent().expect("a folder")).expect("a folder in /run");
                std::fs::write(end, text).expect("a file in /run");
                continue;
            }
            feed("mount", &["--bind", &ours.to_string_lossy(), &theirs.to_string_lossy()], "");
        }
        resolver::start();
        let pki = Pki::new(&dir.join("pki"));
        Self { dir, pki }
    }

    /// A new folder for one server, which may be another user's.
    pub(crate) fn folder_for(&self, name: &str) -> PathBuf {
        let dir = self.dir.join(name);
        std::fs::create_dir(&dir).expect("one folder for one server");
        dir
    }
}

/// The last host that has an address.
const LAST: u8 = 99;

/// Runs a program to its end with `input`; the test ends where it fails.
pub(crate) fn feed(program: &str, args: &[&str], input: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{program}` is needed: {error}"));
    // A program that does not read its input may be gone before it is written.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{program} {}`: {said}", args.join(" "));
    output.stdout
}
