//! Name servers: Unbound as the one with the records, dnsmasq as the one in the network that forwards to it.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use crate::probe::{ask, ask_with, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, at, host, socket};
use crate::{NGINX, Need, Test};

pub(crate) const UNBOUND: &[Need] = &[Need::Program("unbound", "unbound")];
const BOTH: &[Need] = &[UNBOUND[0], Need::Program("dnsmasq", "dnsmasq-base"), Need::Users];
const WITH_WEB: &[Need] = &[UNBOUND[0], NGINX];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "unbound_is_checked_over_udp_and_tcp", needs: UNBOUND, run: check },
    Test { name: "unbound_leads_through_aliases_to_a_host", needs: WITH_WEB, run: aliases },
    Test { name: "unbound_cuts_a_long_answer_and_gives_it_over_tcp", needs: WITH_WEB, run: truncated },
    Test {
        name: "a_cut_answer_of_unbound_without_tcp_is_unreachable",
        needs: UNBOUND,
        run: truncated_for_good,
    },
    Test { name: "each_refusal_of_unbound_has_its_cause", needs: UNBOUND, run: refusals },
    Test { name: "unbound_that_drops_a_query_is_a_timeout", needs: UNBOUND, run: silence },
    Test { name: "dnsmasq_forwards_and_adds_an_alias", needs: BOTH, run: forwarder },
    Test { name: "a_web_server_in_place_of_a_name_server_is_no_answer", needs: &[NGINX], run: web_server },
];

/// What Unbound on host `number` knows. The last name has more addresses than fit into a UDP answer.
fn zone(number: u8) -> String {
    let mut zone = format!(
        "$ORIGIN azure.example.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A {server}\n\
         target A {server}\nmany CNAME traffic\ntraffic CNAME target\nempty TXT nothing\n",
        server = at(number)
    );
    for last in 100..200 {
        let _ = writeln!(zone, "long A 20.64.0.{last}");
    }
    let _ = writeln!(zone, "long A {}", at(number));
    zone
}

/// Runs Unbound on host `number` with `lines` for its `server` section.
pub(crate) fn unbound(world: &World, number: u8, lines: &str) -> Server {
    let name = format!("unbound-{number}");
    let dir = world.folder_for(&name);
    let address = socket(number, 53);
    let (config, records) = (dir.join("unbound.conf"), dir.join("azure.zone"));
    std::fs::write(&records, zone(number)).expect("a zone");
    let text = format!(
        "server:\n interface: {}\n do-ip6: no\n username: \"\"\n chroot: \"\"\n directory: \"{}\"\n pidfile: \"\"\n \
         use-syslog: no\n access-control: 0.0.0.0/0 allow\n module-config: \"iterator\"\n num-threads: 1\n \
         local-data: \"login.microsoftonline.com. 60 A {}\"\n local-zone: \"nobody.example.\" always_nxdomain\n \
         local-zone: \"refused.example.\" always_refuse\n local-zone: \"hole.example.\" always_null\n \
         local-zone: \"none.example.\" always_nodata\n local-zone: \"silent.example.\" deny\n{lines}\
         stub-zone:\n name: \"broken.example\"\n stub-addr: 127.0.0.1@9\n\
         auth-zone:\n name: \"azure.example\"\n zonefile: \"{}\"\n for-downstream: yes\n for-upstream: no\n\
         remote-control:\n control-enable: no\n",
        address.ip(),
        dir.display(),
        address.ip(),
        records.display(),
    );
    std::fs::write(&config, text).expect("a configuration");
    let mut command = Command::new("unbound");
    command.args(["-d", "-p", "-c"]).arg(config);
    Server::start(world, &name, &mut command).listening(Kind::Udp, address)
}

/// Checks plain HTTP on a name that only this name server knows.
fn through(world: &World, server: u8, name: &str) -> Value {
    ask_with(world, &format!("{name}:80"), &["--dns-server", &at(server).to_string()])
}

fn check(world: &World) {
    let server = unbound(world, 60, "");
    let check = ask(world, &format!("{}:53", at(60)));
    passed(&check, &["exchange"]);
    assert_eq!((fact(&check, "answer"), fact(&check, "tcp")), (&"NOERROR".into(), &"answers".into()));
    drop(server);
    let check = ask(world, &format!("{}:53", at(60)));
    assert_eq!(
        (&check["status"], &check["cause"]),
        (&"failure".into(), &"connect-rejected".into()),
        "{check:#}"
    );
    let check = through(world, 60, "target.azure.example");
    failed(&check, "resolve", "dns-unreachable");
}

fn aliases(world: &World) {
    let _server = unbound(world, 61, "");
    let _web = crate::web::plain_server(world, 61, "return 200 hello;");
    let check = through(world, 61, "many.azure.example");
    passed(&check, &["resolve", "connect", "exchange"]);
    let dns = &check["evidence"]["dns"];
    assert_eq!(dns["addresses"][0]["ip"], at(61).to_string());
    assert_eq!(dns["cnames"], serde_json::json!(["traffic.azure.example", "target.azure.example"]));
    assert_eq!((&dns["ttl"], &dns["server"]), (&60.into(), &socket(61, 53).to_string().into()));
}

fn truncated(world: &World) {
    let _server = unbound(world, 62, "");
    let _web = crate::web::plain_server(world, 62, "return 200 hello;");
    let check = through(world, 62, "long.azure.example");
    let addresses = check["evidence"]["dns"]["addresses"].as_array().expect("addresses");
    // All came, at most eight are tried: which ones is up to the server's rotation.
    assert_eq!(addresses.len(), 101, "{check:#}");
    let tried = check["steps"].as_array().expect("steps").iter().filter(|step| step["stage"] == "connect");
    assert!(tried.count() <= 8, "{check:#}");
}

fn truncated_for_good(world: &World) {
    let _server = unbound(world, 63, " do-tcp: no\n");
    let error = through(world, 63, "long.azure.example");
    let error = failed(&error, "resolve", "dns-unreachable");
    assert!(error.contains("over TCP"), "{error}");
    let check = ask(world, &format!("{}:53", at(63)));
    passed(&check, &["exchange"]);
    assert!(fact(&check, "tcp").as_str().is_some_and(|tcp| tcp.contains("refused")), "{check:#}");
}

fn refusals(world: &World) {
    let _server = unbound(world, 64, "");
    for (name, cause) in [
        ("gone.azure.example", "dns-nxdomain"),
        ("www.nobody.example", "dns-nxdomain"),
        ("empty.azure.example", "dns-no-records"),
        ("www.none.example", "dns-no-records"),
        ("www.refused.example", "dns-refused"),
        ("www.broken.example", "dns-servfail"),
        ("www.hole.example", "dns-sinkhole"),
    ] {
        let check = through(world, 64, name);
        assert_eq!(
            (&check["stage"], &check["cause"]),
            (&"resolve".into(), &cause.into()),
            "{name}: {check:#}"
        );
    }
}

fn silence(world: &World) {
    let _server = unbound(world, 65, "");
    failed(&through(world, 65, "www.silent.example"), "resolve", "dns-timeout");
}

fn forwarder(world: &World) {
    let _upstream = unbound(world, 66, "");
    let _web = crate::web::plain_server(world, 66, "return 200 hello;");
    let mut command = Command::new("dnsmasq");
    command
        .args([
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
        ])
        .args(["--user=root", "--group=root", "--pid-file=", "--log-facility=-", "--log-queries"])
        .arg(format!("--listen-address={}", at(67)))
        .arg(format!("--server={}", at(66)))
        .arg(format!("--host-record=own.lan.example,{}", at(66)))
        .arg("--cname=alias.lan.example,own.lan.example");
    let server = Server::start(world, "dnsmasq", &mut command).listening(Kind::Udp, socket(67, 53));

    let check = ask(world, &format!("{}:53", at(67)));
    passed(&check, &["exchange"]);
    assert_eq!(fact(&check, "tcp"), "answers");

    let check = through(world, 67, "many.azure.example");
    passed(&check, &["resolve", "connect", "exchange"]);
    assert_eq!(check["evidence"]["dns"]["cnames"].as_array().map(Vec::len), Some(2), "{check:#}");
    assert!(server.log().contains("forwarded many.azure.example to 20.64.0.66"), "{}", server.log());

    let check = through(world, 67, "alias.lan.example");
    passed(&check, &["resolve", "connect", "exchange"]);
    assert_eq!(check["evidence"]["dns"]["cnames"], serde_json::json!(["own.lan.example"]));

    failed(&through(world, 67, "gone.azure.example"), "resolve", "dns-nxdomain");
    failed(&through(world, 67, "www.refused.example"), "resolve", "dns-refused");
}

fn web_server(world: &World) {
    let _web = crate::web::plain_server(world, 68, "return 200;");
    let check = ask(world, &format!("{}:80/dns", host(68)));
    // Nothing answers on UDP; that something else answers on TCP does not help.
    assert_eq!(
        (&check["status"], &check["cause"]),
        (&"failure".into(), &"connect-rejected".into()),
        "{check:#}"
    );
}
