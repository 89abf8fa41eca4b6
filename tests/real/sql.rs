//! TDS: SQL Server cannot be had here, so the lab's is proved by FreeTDS, and our client by FreeTDS's own server.

use std::process::Command;
use std::sync::Arc;

use apim_probe_lab::authority::Authority;
use apim_probe_lab::fault::Fault;
use apim_probe_lab::service::Service;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::pki::{Form, RSA};
use crate::probe::{PROBE, ask, checks, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::web::{nginx, tls_lines};
use crate::world::{World, at, host, socket};
use crate::{NGINX, Need, Test, front};

const TSQL: &[Need] = &[Need::Program("tsql", "freetds-bin")];
const TDSPOOL: &[Need] = &[Need::Program("tdspool", "freetds-bin")];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "freetds_accepts_the_labs_sql_server_and_so_does_the_probe", needs: TSQL, run: client },
    Test { name: "freetds_refuses_the_labs_sql_server_under_another_name", needs: TSQL, run: other_name },
    Test { name: "tls_inside_tds_goes_through_with_openssl", needs: &[NGINX], run: openssl },
    Test { name: "the_prelogin_answer_of_a_server_without_encryption_is_read", needs: TDSPOOL, run: server },
];

/// The lab's SQL Server on host `number`, for its name; gone with the runtime.
fn lab(world: &World, number: u8) -> (Runtime, std::path::PathBuf) {
    let authority = Authority::new().expect("an authority");
    let roots = world.folder_for(&format!("sql-{number}")).join("roots.pem");
    std::fs::write(&roots, authority.public_pem()).expect("a file");
    let service =
        Arc::new(Service::new(&authority, &[&host(number)], 1433, "tds", Fault::None).expect("a service"));
    let runtime = Runtime::new().expect("an event loop");
    let listener = runtime.block_on(TcpListener::bind(socket(number, 1433))).expect("a free port");
    runtime.spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let service = Arc::clone(&service);
            tokio::spawn(async move { service.serve(stream, peer).await });
        }
    });
    (runtime, roots)
}

/// What FreeTDS's own trace says of a login at `server`, which the lab hangs up on.
fn tsql(world: &World, name: &str, server: &str, roots: &std::path::Path) -> String {
    let dir = world.folder_for(&format!("tsql-{name}"));
    let (config, trace) = (dir.join("freetds.conf"), dir.join("trace"));
    let lines = format!(
        "[global]\ntds version = 7.4\nencryption = require\nca file = {}\ncheck certificate hostname = yes\n\
         timeout = 5\nconnect timeout = 5\n",
        roots.display()
    );
    std::fs::write(&config, lines).expect("a configuration");
    let output = Command::new("tsql")
        .args(["-H", server, "-p", "1433", "-U", "nobody", "-P", "nothing"])
        .env("FREETDSCONF", config)
        .env("TDSDUMP", &trace)
        .output()
        .expect("tsql runs");
    assert!(!output.status.success(), "the lab lets nobody in");
    String::from_utf8_lossy(&std::fs::read(trace).expect("a trace")).into_owned()
}

fn client(world: &World) {
    let (_runtime, roots) = lab(world, 50);
    let trace = tsql(world, "good", &host(50), &roots);
    assert!(trace.contains("detected crypt flag 1"), "{trace}");
    assert!(trace.contains("handshake succeeded"), "{trace}");

    let target = format!("{}:1433", host(50));
    let output = Command::new(PROBE)
        .args(["check", "--no-imds", "--no-azure-dns", "--format", "json", "--only", "custom"])
        .args(["--endpoint", &target, "--public-roots"])
        .arg(&roots)
        .output()
        .expect("the binary runs");
    let found = checks(&output);
    passed(&found[0], &["resolve", "connect", "exchange", "handshake"]);
    assert_eq!(fact(&found[0], "encryption"), "on");
    assert_eq!(fact(&found[0], "tdsVersion"), "12.0.2000");
}

fn other_name(world: &World) {
    let (_runtime, roots) = lab(world, 51);
    // The same server under its address, which its certificate does not name.
    let trace = tsql(world, "other", &at(51).to_string(), &roots);
    assert!(trace.contains("detected crypt flag 1"), "{trace}");
    assert!(!trace.contains("handshake succeeded"), "{trace}");
}

/// OpenSSL behind a front that unpacks TDS: as SQL Server does, it sends a flight in several packets.
fn openssl(world: &World) {
    let leaf = world.pki.issue("sql-53", Form { key: RSA, ..Form::default() });
    let block = |port: u16, version: &str| {
        format!("server {{ {} ssl_protocols {version}; }}\n", tls_lines(53, port, &leaf))
    };
    let _server = nginx(world, 53, &[9001, 9002], &(block(9001, "TLSv1.2") + &block(9002, "TLSv1.3")));
    for (port, backend, version) in [(1433, 9001, "TLS 1.2"), (1434, 9002, "TLS 1.3")] {
        front::tds(socket(53, port), socket(53, backend));
        let check = ask(world, &format!("{}:{port}/tds", host(53)));
        passed(&check, &["resolve", "connect", "exchange", "handshake"]);
        let tls = &check["evidence"]["tls"];
        assert_eq!((&tls["version"], &tls["trust"]), (&version.into(), &"public".into()));
    }
}

/// FreeTDS's connection pool answers PRELOGIN as a server does, and offers no encryption: Azure always does.
fn server(world: &World) {
    let config = world.folder_for("tdspool").join("pool.conf");
    let lines = "[pool]\nuser = u\npassword = p\nserver = nowhere\ndatabase = d\nserver user = u\nserver password = p\n\
                 port = 11433\nmin pool conn = 0\nmax pool conn = 2\nmax member age = 60\n";
    std::fs::write(&config, lines).expect("a configuration");
    let mut command = Command::new("tdspool");
    command.arg("-c").arg(config).arg("pool");
    let _server = Server::start(world, "tdspool", &mut command).listening(Kind::Tcp, socket(52, 11433));
    let check = ask(world, &format!("{}:11433/tds", host(52)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("with encryption"), "{error}");
    failed(&ask(world, &format!("{}:1433", host(52))), "connect", "connect-refused");
}
