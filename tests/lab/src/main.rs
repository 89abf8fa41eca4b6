//! Runs a command inside a network of its own: a VM, a firewall and a fake Azure behind it, with no way out.
//!
//! `apim-probe-lab --scenario NAME|FILE.toml --plan PLAN.json -- COMMAND…`; `{roots}`, `{company}` and `{dir}` in the command are
//! replaced by the files of the lab's public root and of the inspecting company's, and by a folder for files.
//! `--options NETWORK` prints the options of `check` that a network is for, one a line.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use apim_probe_lab::world::{Plan, World};
use apim_probe_lab::{capture, scenario};
use tokio::signal::unix::{SignalKind, signal};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// What a skipped test exits with, as automake has it.
const NO_NAMESPACES: u8 = 77;

/// Tells the program that it runs inside its namespaces.
const INSIDE: &str = "APIM_PROBE_LAB_INSIDE";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|word| word == "--list") {
        let lines: String =
            scenario::all().map(|(name, one)| format!("{name:<31} {}\n", one.description)).collect();
        let _ = std::io::stdout().write_all(lines.as_bytes());
        return ExitCode::SUCCESS;
    }
    if let [word, network] = args.as_slice()
        && word == "--options"
    {
        return options(network);
    }
    if let [record, file, end, command @ ..] = &args[..]
        && (record.as_str(), end.as_str()) == ("--record", "--")
    {
        return recorded(Path::new(file), command);
    }
    let result = match std::env::var_os(INSIDE) {
        Some(dir) => inside(&args, Path::new(&dir)),
        None => outside(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "apim-probe-lab: {error}");
            ExitCode::from(NO_NAMESPACES)
        }
    }
}

/// Prints the options that a network is for.
fn options(network: &str) -> ExitCode {
    match scenario::named(network) {
        Ok(scenario) => {
            let lines: String = scenario.check_options().map(|word| format!("{word}\n")).collect();
            let _ = std::io::stdout().write_all(lines.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "apim-probe-lab: {error}");
            ExitCode::from(NO_NAMESPACES)
        }
    }
}

/// Runs a command in the namespace that this process is in, and records what it sends.
fn recorded(file: &Path, command: &[String]) -> ExitCode {
    match capture::record(file, command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "apim-probe-lab: {error}");
            ExitCode::from(NO_NAMESPACES)
        }
    }
}

/// Starts this program again inside new user, network and mount namespaces.
fn outside(args: &[String]) -> Result<u8, Error> {
    let dir = std::env::temp_dir().join(format!("apim-probe-lab-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    // A Ctrl-C is the command's: this process outlives it, cleans up and passes the code on. When it is killed, the
    // whole world goes with it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();
    let _swallowed = signal(SignalKind::interrupt())?;
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--"])
        .arg(std::env::current_exe()?)
        .args(args)
        .env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()))
        .env(INSIDE, &dir)
        .status();
    let _ = std::fs::remove_dir_all(&dir);
    let status = status.map_err(|error| format!("`unshare` is needed (package util-linux): {error}"))?;
    match status.code() {
        Some(1) if !allowed() => Err("this machine does not allow user and network namespaces".into()),
        Some(code) => Ok(u8::try_from(code).unwrap_or(1)),
        None => Ok(1),
    }
}

fn allowed() -> bool {
    let probe = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "--mount", "true"])
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}

struct Typed {
    scenario: String,
    plan: PathBuf,
    command: Vec<String>,
}

fn typed(args: &[String]) -> Result<Typed, Error> {
    let end = args.iter().position(|word| word == "--").ok_or("expected -- COMMAND")?;
    let value = |flag: &str| {
        let place = args[..end].iter().position(|word| word == flag)?;
        args.get(place + 1).cloned()
    };
    Ok(Typed {
        scenario: value("--scenario").unwrap_or_else(|| "healthy".to_owned()),
        plan: value("--plan").ok_or("expected --plan FILE")?.into(),
        command: args[end + 1..].to_vec(),
    })
}

fn inside(args: &[String], dir: &Path) -> Result<u8, Error> {
    let typed = typed(args)?;
    let plan = std::fs::read(&typed.plan).map_err(|error| format!("{}: {error}", typed.plan.display()))?;
    let plan: Plan = serde_json::from_slice(&plan)?;
    let world = World::new(&plan, scenario::named(&typed.scenario)?)?;
    network(&world, dir)?;
    let roots = dir.join("roots.pem");
    std::fs::write(&roots, world.authority.public_pem())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(world.start())?;
    lines(&world)?;
    let _inside = runtime.enter();
    let _swallowed = signal(SignalKind::interrupt())?;
    let company = dir.join("company.pem");
    std::fs::write(&company, world.authority.company_pem())?;
    let fill = |word: &String| {
        word.replace("{roots}", &roots.to_string_lossy())
            .replace("{company}", &company.to_string_lossy())
            .replace("{dir}", &dir.to_string_lossy())
    };
    let status = Command::new("nsenter")
        .args(["--net=/run/netns/vm", "--"])
        .args(typed.command.iter().map(fill))
        .env_remove(INSIDE)
        .envs(world.environment())
        .status()?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// A VM, a firewall and Azure, in three network namespaces joined by two links.
fn network(world: &World, dir: &Path) -> Result<(), Error> {
    // Where resolv.conf is a link into /run, as systemd-resolved has it, ours goes to the link's end.
    let resolv = std::fs::canonicalize("/etc/resolv.conf").unwrap_or_else(|_| "/etc/resolv.conf".into());
    run("mount", &["-t", "tmpfs", "tmpfs", "/run"], None)?;
    std::fs::create_dir("/run/netns")?;
    for name in ["vm", "fw"] {
        run("ip", &["netns", "add", name], None)?;
    }
    run(
        "ip",
        &["-batch", "-"],
        Some(
            "link set lo up\n\
         link add vm0 type veth peer name fw0\nlink add az0 type veth peer name fw1\n\
         link set vm0 netns vm\nlink set fw0 netns fw\nlink set fw1 netns fw\n\
         addr add 192.0.2.2/30 dev az0\nlink set az0 up\nroute add default via 192.0.2.1\n\
         route add local 20.0.0.0/8 dev lo\nroute add local 10.0.2.0/24 dev lo\n\
         route add local 168.63.129.16 dev lo\nroute add local 169.254.169.254 dev lo\n",
        ),
    )?;
    run(
        "ip",
        &["-n", "fw", "-batch", "-"],
        Some(
            "link set lo up\naddr add 10.0.1.1/24 dev fw0\nlink set fw0 up\n\
         addr add 192.0.2.1/30 dev fw1\nlink set fw1 up\nroute add default via 192.0.2.2\n",
        ),
    )?;
    run(
        "ip",
        &["-n", "vm", "-batch", "-"],
        Some(
            "link set lo up\naddr add 10.0.1.4/24 dev vm0\nlink set vm0 up\nroute add default via 10.0.1.1\n",
        ),
    )?;
    run(
        "nsenter",
        &["--net=/run/netns/fw", "--", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"],
        None,
    )?;
    if world.has_ipv6() {
        ipv6()?;
    }
    routers(world.routers())?;
    run("nsenter", &["--net=/run/netns/fw", "--", "nft", "-f", "-"], Some(&world.rules()))?;
    let servers: String =
        world.resolvers().iter().map(|server| format!("nameserver {}\n", server.address)).collect();
    if resolv.starts_with("/run") {
        std::fs::create_dir_all(resolv.parent().unwrap_or(Path::new("/run")))?;
        return Ok(std::fs::write(&resolv, servers)?);
    }
    let ours = dir.join("resolv.conf");
    std::fs::write(&ours, servers)?;
    run("mount", &["--bind", &ours.to_string_lossy(), &resolv.to_string_lossy()], None)
}

/// Puts `number` routers between the VM and the firewall: 10.0.1.1 is the first, 10.255.N.2 the next behind it.
fn routers(number: u8) -> Result<(), Error> {
    if number == 0 {
        return Ok(());
    }
    run(
        "ip",
        &["-n", "fw", "-batch", "-"],
        Some("addr del 10.0.1.1/24 dev fw0\nlink set fw0 down\nlink set fw0 name gone\n"),
    )?;
    for hop in 1..=number {
        let (this, next) =
            (format!("r{hop}"), if hop == number { "fw".to_owned() } else { format!("r{}", hop + 1) });
        if hop == 1 {
            run("ip", &["netns", "add", &this], None)?;
            let first = "link set gone netns r1\n";
            run("ip", &["-n", "fw", "-batch", "-"], Some(first))?;
            let near =
                "link set gone name in0\naddr add 10.0.1.1/24 dev in0\nlink set in0 up\nlink set lo up\n";
            run("ip", &["-n", "r1", "-batch", "-"], Some(near))?;
        }
        if hop != number {
            run("ip", &["netns", "add", &next], None)?;
        }
        let into = if hop == number { "fw0" } else { "in0" };
        let link = format!(
            "link add out0 type veth peer name {into} netns {next}\naddr add 10.255.{hop}.1/30 dev out0\n\
             link set out0 up\nroute add default via 10.255.{hop}.2 onlink dev out0\n"
        );
        run("ip", &["-n", &this, "-batch", "-"], Some(&link))?;
        let end = format!(
            "link set lo up\naddr add 10.255.{hop}.2/30 dev {into}\nlink set {into} up\nroute add 10.0.1.0/24 via 10.255.{hop}.1\n"
        );
        run("ip", &["-n", &next, "-batch", "-"], Some(&end))?;
        let forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
        run("nsenter", &[&format!("--net=/run/netns/{this}"), "--", "sh", "-c", forward], None)?;
    }
    Ok(())
}

/// Runs the scenario's own lines, each in its place.
fn lines(world: &World) -> Result<(), Error> {
    for (place, line) in world.lines() {
        let shell = ["sh", "-ec", line.as_str()];
        match place {
            Some(place) => {
                let inside = format!("--net=/run/netns/{place}");
                run("nsenter", &[&[inside.as_str(), "--"], &shell[..]].concat(), None)?;
            }
            None => run("sh", &shell[1..], None)?,
        }
    }
    Ok(())
}

/// IPv6 from the VM to the firewall, behind which nobody has any.
fn ipv6() -> Result<(), Error> {
    run(
        "ip",
        &["-6", "-n", "fw", "-batch", "-"],
        Some("addr add fd00:1::1/64 dev fw0 nodad\nroute add default dev fw1\n"),
    )?;
    run(
        "ip",
        &["-6", "-n", "vm", "-batch", "-"],
        Some("addr add fd00:1::4/64 dev vm0 nodad\nroute add default via fd00:1::1\n"),
    )?;
    let forward = "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
    run("nsenter", &["--net=/run/netns/fw", "--", "sh", "-c", forward], None)
}

fn run(program: &str, args: &[&str], input: Option<&str>) -> Result<(), Error> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .spawn()
        .map_err(|error| format!("`{program}` is needed: {error}"))?;
    if let (Some(mut pipe), Some(text)) = (child.stdin.take(), input) {
        pipe.write_all(text.as_bytes())?;
    }
    match child.wait()? {
        status if status.success() => Ok(()),
        status => Err(format!("`{program} {}` ended with {status}", args.join(" ")).into()),
    }
}
