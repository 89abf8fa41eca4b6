//! Redis over TLS.

use std::process::Command;

use crate::pki::Form;
use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, host, socket};
use crate::{Need, Test};

pub(crate) const REDIS: &[Need] = &[Need::Program("redis-server", "redis-server")];
const STAGES: &[&str] = &["resolve", "connect", "handshake", "exchange"];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "redis_that_wants_a_password_is_proved_by_its_refusal", needs: REDIS, run: password },
    Test { name: "redis_without_a_password_answers_the_ping", needs: REDIS, run: open },
    Test { name: "redis_in_protected_mode_is_proved_by_its_long_refusal", needs: REDIS, run: protected },
    Test {
        name: "redis_that_wants_a_client_certificate_says_so_in_an_alert",
        needs: REDIS,
        run: client_certificate,
    },
    Test { name: "redis_without_tls_is_not_tls", needs: REDIS, run: plain },
    Test { name: "redis_with_the_certificate_of_another_host_fails", needs: REDIS, run: other_name },
    Test { name: "a_web_server_in_place_of_redis_is_unexpected", needs: &[crate::NGINX], run: web_server },
];

/// Runs Redis on host `number`, TLS on 6380, with `more` options.
pub(crate) fn redis(world: &World, number: u8, names: &[&str], more: &[&str]) -> Server {
    let name = format!("redis-{number}");
    let leaf = world.pki.issue(&name, Form { names, ..Form::default() });
    let dir = world.folder_for(&name);
    let address = socket(number, 6380);
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", &address.ip().to_string(), "--tls-port", "6380", "--save", "", "--dir"])
        .arg(dir)
        .arg("--tls-cert-file")
        .arg(leaf.chain)
        .arg("--tls-key-file")
        .arg(leaf.key)
        .args(["--tls-ca-cert-file", &world.pki.root()])
        .args(more);
    Server::start(world, &name, &mut command).listening(Kind::Tcp, address)
}

const OURS: &[&str] = &["*.real.example"];

fn password(world: &World) {
    let more = ["--port", "0", "--tls-auth-clients", "no", "--requirepass", "not-ours"];
    let server = redis(world, 5, OURS, &more);
    let check = ask(world, &format!("{}:6380", host(5)));
    passed(&check, STAGES);
    assert_eq!(fact(&check, "redisReply"), "-NOAUTH Authentication required.");
    drop(server);
    failed(&ask(world, &format!("{}:6380", host(5))), "connect", "connect-refused");
}

fn open(world: &World) {
    let more = ["--port", "0", "--tls-auth-clients", "no", "--protected-mode", "no"];
    let _server = redis(world, 6, OURS, &more);
    let check = ask(world, &format!("{}:6380", host(6)));
    passed(&check, STAGES);
    assert_eq!(fact(&check, "redisReply"), "+PONG");
}

fn protected(world: &World) {
    let _server = redis(world, 7, OURS, &["--port", "0", "--tls-auth-clients", "no"]);
    let check = ask(world, &format!("{}:6380", host(7)));
    passed(&check, STAGES);
    let reply = fact(&check, "redisReply").as_str().expect("a reply");
    assert!(reply.starts_with("-DENIED Redis is running in protected mode"), "{reply}");
}

fn client_certificate(world: &World) {
    let more = ["--port", "0", "--tls-auth-clients", "yes", "--protected-mode", "no"];
    let _server = redis(world, 8, OURS, &more);
    let check = ask(world, &format!("{}:6380", host(8)));
    // The alert comes from Redis itself, after its certificate was accepted: it is reached.
    assert_eq!(check["status"], "success", "{check:#}");
    assert_eq!(fact(&check, "alert"), "certificate_required");
    assert_eq!(check["evidence"]["tls"]["trust"], "public");
}

fn plain(world: &World) {
    // In protected mode it speaks first: without, it would wait for the end of a line that may never come.
    let _server = redis(world, 9, OURS, &["--port", "6379", "--tls-auth-clients", "no"]);
    failed(&ask(world, &format!("{}:6379/redis", host(9))), "handshake", "tls-not-tls");
}

fn other_name(world: &World) {
    let more = ["--port", "0", "--tls-auth-clients", "no"];
    let _server = redis(world, 10, &["cache.elsewhere.example"], &more);
    let check = ask(world, &format!("{}:6380", host(10)));
    let error = failed(&check, "handshake", "cert-name-mismatch");
    assert!(error.contains("cache.elsewhere.example"), "{error}");
}

fn web_server(world: &World) {
    let _server = crate::web::tls_server(world, 11, "return 200;");
    let check = ask(world, &format!("{}:443/redis", host(11)));
    failed(&check, "exchange", "exchange-unexpected");
    assert_eq!(check["evidence"]["tls"]["trust"], "public");
}
