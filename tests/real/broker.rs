//! AMQP 1.0 from RabbitMQ.

use std::process::Command;
use std::sync::OnceLock;

use crate::pki::{Form, RSA};
use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, at, host, socket};
use crate::{NGINX, Need, Test, catalogue, front, web};

const BROKER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
pub(crate) const RABBITMQ: &[Need] = &[Need::Program(BROKER, "rabbitmq-server")];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "rabbitmq_speaks_amqp_1_0_inside_tls_and_has_no_tls_in_band", needs: RABBITMQ, run: broker },
    Test { name: "tls_in_band_of_amqp_goes_through_with_openssl", needs: &[NGINX], run: in_band },
    Test { name: "a_web_server_in_place_of_a_broker_is_unexpected", needs: &[NGINX], run: web_server },
];

/// The broker, which takes seconds to start: one for all tests, on host 40 and on that of the catalogue.
pub(crate) fn shared(world: &World) -> &'static Server {
    static BROKER: OnceLock<Server> = OnceLock::new();
    BROKER.get_or_init(|| start(world))
}

fn start(world: &World) -> Server {
    let dir = world.folder_for("rabbitmq");
    let names = &["*.real.example", catalogue::BROKER];
    let leaf = world.pki.issue("rabbitmq", Form { names, key: RSA, ..Form::default() });
    let config = format!(
        "listeners.tcp.1 = {}:5672\nlisteners.ssl.1 = {}:5671\nlisteners.ssl.2 = {}:5671\nlog.file = false\nlog.console = true\n\
         ssl_options.cacertfile = {}\nssl_options.certfile = {}\nssl_options.keyfile = {}\n",
        at(40),
        at(40),
        at(catalogue::AZURE),
        leaf.chain.display(),
        leaf.chain.display(),
        leaf.key.display()
    );
    let (file, plugins) = (dir.join("rabbitmq.conf"), dir.join("plugins"));
    std::fs::write(&file, config).expect("a configuration");
    std::fs::write(&plugins, "[rabbitmq_amqp1_0].\n").expect("a list of plugins");
    let mut command = Command::new(BROKER);
    command
        .env("HOME", &dir)
        .env("RABBITMQ_NODENAME", "real@localhost")
        .env("RABBITMQ_CONFIG_FILE", file)
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", plugins)
        .env("RABBITMQ_MNESIA_BASE", dir.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", &dir)
        .env("RABBITMQ_PID_FILE", dir.join("pid"))
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 1:1 +sbwt none");
    Server::start(world, "rabbitmq", &mut command)
        .listening(Kind::Tcp, socket(40, 5671))
        // It listens before it knows the protocol, which comes with the plugin.
        .said("Server startup complete; 1 plugins started")
}

fn broker(world: &World) {
    shared(world);
    let check = ask(world, &format!("{}:5671", host(40)));
    passed(&check, &["resolve", "connect", "handshake", "exchange"]);
    assert_eq!(fact(&check, "amqpHeader"), "3.1.0.0");
    // RabbitMQ lists its mechanisms in no fixed order.
    let mut mechanisms: Vec<&str> =
        fact(&check, "saslMechanisms").as_str().unwrap_or_default().split(' ').collect();
    mechanisms.sort_unstable();
    assert_eq!(mechanisms, ["AMQPLAIN", "ANONYMOUS", "PLAIN"]);

    // Asked for TLS in band, it offers SASL alone: AMQP, but not what Azure's port 5672 does.
    let check = ask(world, &format!("{}:5672", host(40)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("AMQP\\x03\\x01\\x00\\x00"), "{error}");

    failed(&ask(world, &format!("{}:5672/redis", host(40))), "handshake", "tls-not-tls");
}

/// No package has TLS in band; behind a front that agrees on it, OpenSSL is the peer.
fn in_band(world: &World) {
    let _server = web::tls_server(world, 42, "return 404;");
    front::amqp(socket(42, 5672), socket(42, 443));
    let check = ask(world, &format!("{}:5672", host(42)));
    passed(&check, &["resolve", "connect", "exchange", "handshake"]);
    assert_eq!(fact(&check, "amqpHeader"), "2.1.0.0");
    assert_eq!(check["evidence"]["tls"]["trust"], "public");
}

fn web_server(world: &World) {
    let _server = web::tls_server(world, 41, "return 200;");
    let check = ask(world, &format!("{}:443/amqp", host(41)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("HTTP/1.1"), "{error}");
}
