//! SMB and DCE/RPC from Samba.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, at, host, socket};
use crate::{NGINX, Need, Test};

const SMBD: &[Need] = &[Need::Program("smbd", "samba"), Need::Users];
const DCERPCD: &str = "/usr/libexec/samba/samba-dcerpcd";
pub(crate) const RPC: &[Need] =
    &[Need::Program("smbd", "samba"), Need::Program(DCERPCD, "samba-common-bin"), Need::Users];
const STAGES: &[&str] = &["resolve", "connect", "exchange"];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "samba_agrees_on_the_newest_dialect", needs: SMBD, run: newest },
    Test { name: "samba_of_one_old_dialect_agrees_on_that_one", needs: SMBD, run: oldest },
    Test { name: "samba_acknowledges_a_bind_and_is_no_smb_on_that_port", needs: RPC, run: bind },
    Test { name: "a_web_server_in_place_of_samba_is_unexpected", needs: &[NGINX], run: web_server },
];

/// A configuration for host `number` alone, every folder its own.
fn config(world: &World, number: u8, lines: &str) -> PathBuf {
    let dir = world.folder_for(&format!("samba-{number}"));
    let mut text = format!(
        "[global]\ninterfaces = {}/32\nbind interfaces only = yes\nserver role = standalone server\n\
         disable netbios = yes\nsmb ports = 445\nload printers = no\nrpc start on demand helpers = no\n\
         log file = {}/log\n{lines}",
        at(number),
        dir.display()
    );
    for name in [
        "lock directory",
        "state directory",
        "cache directory",
        "private dir",
        "pid directory",
        "ncalrpc dir",
    ] {
        let folder = dir.join(name.replace(' ', "-"));
        std::fs::create_dir(&folder).expect("a folder of Samba");
        text.push_str(&format!("{name} = {}\n", folder.display()));
    }
    let path = dir.join("smb.conf");
    std::fs::write(&path, text).expect("a configuration");
    path
}

/// smbd and the endpoint mapper on one host.
pub(crate) fn both(world: &World, number: u8) -> (Server, Server) {
    let config = config(world, number, "");
    (serve_files(world, number, &config), serve_calls(world, number, &config))
}

fn serve_files(world: &World, number: u8, config: &Path) -> Server {
    let mut command = Command::new("smbd");
    command.args(["-F", "--no-process-group", "--debug-stdout", "-s"]).arg(config);
    Server::start(world, &format!("smbd-{number}"), &mut command).listening(Kind::Tcp, socket(number, 445))
}

fn serve_calls(world: &World, number: u8, config: &Path) -> Server {
    let mut command = Command::new(DCERPCD);
    command.args(["-F", "--libexec-rpcds", "--no-process-group", "-s"]).arg(config);
    Server::start(world, &format!("dcerpcd-{number}"), &mut command).listening(Kind::Tcp, socket(number, 135))
}

fn newest(world: &World) {
    let server = serve_files(world, 30, &config(world, 30, ""));
    let check = ask(world, &format!("{}:445", host(30)));
    passed(&check, STAGES);
    assert_eq!(fact(&check, "smbDialect"), "3.1.1");
    // An SMB server reads other bytes as the length of a frame that never comes.
    failed(&ask(world, &format!("{}:445/kms", host(30))), "exchange", "exchange-timeout");
    drop(server);
    failed(&ask(world, &format!("{}:445", host(30))), "connect", "connect-refused");
}

fn oldest(world: &World) {
    let lines = "server max protocol = SMB2_02\nserver min protocol = SMB2_02\n";
    let _server = serve_files(world, 31, &config(world, 31, lines));
    let check = ask(world, &format!("{}:445", host(31)));
    passed(&check, STAGES);
    assert_eq!(fact(&check, "smbDialect"), "2.0.2");
}

/// Windows activation is DCE/RPC over TCP: Samba's endpoint mapper speaks the same protocol on port 135.
fn bind(world: &World) {
    let _server = serve_calls(world, 32, &config(world, 32, ""));
    let check = ask(world, &format!("{}:135/kms", host(32)));
    passed(&check, STAGES);
    assert_eq!(
        (fact(&check, "rpcReply"), fact(&check, "kmsInterface")),
        (&"bind-ack".into(), &"refused".into())
    );
    failed(&ask(world, &format!("{}:135/smb", host(32))), "exchange", "exchange-unexpected");
    failed(&ask(world, &format!("{}:1688", host(32))), "connect", "connect-refused");
}

fn web_server(world: &World) {
    let _server = crate::web::plain_server(world, 33, "return 200;");
    for protocol in ["smb", "kms"] {
        let check = ask(world, &format!("{}:80/{protocol}", host(33)));
        let error = failed(&check, "exchange", "exchange-unexpected");
        assert!(error.contains("HTTP"), "{error}");
    }
}
