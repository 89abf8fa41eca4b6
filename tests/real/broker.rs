//! AMQP 1.0 from RabbitMQ.

use std::process::Command;

use crate::pki::{Form, RSA};
use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, at, host, socket};
use crate::{NGINX, Need, Test};

const BROKER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const RABBITMQ: &[Need] = &[Need::Program(BROKER, "rabbitmq-server")];

pub const TESTS: &[Test] = &[
    Test { name: "rabbitmq_speaks_amqp_1_0_inside_tls_and_has_no_tls_in_band", needs: RABBITMQ, run: broker },
    Test { name: "a_web_server_in_place_of_a_broker_is_unexpected", needs: &[NGINX], run: web_server },
];

fn rabbitmq(world: &World, number: u8) -> Server {
    let dir = world.folder_for("rabbitmq");
    let leaf = world.pki.issue("rabbitmq", Form { key: RSA, ..Form::default() });
    let address = at(number);
    let config = format!(
        "listeners.tcp.1 = {address}:5672\nlisteners.ssl.1 = {address}:5671\nlog.file = false\nlog.console = true\n\
         ssl_options.cacertfile = {}\nssl_options.certfile = {}\nssl_options.keyfile = {}\n",
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
        .listening(Kind::Tcp, socket(number, 5671))
        // It listens before it knows the protocol, which comes with the plugin.
        .said("Server startup complete; 1 plugins started")
}

fn broker(world: &World) {
    let server = rabbitmq(world, 40);
    let check = ask(world, &format!("{}:5671", host(40)));
    passed(&check, &["resolve", "connect", "handshake", "exchange"]);
    assert_eq!(fact(&check, "amqpHeader"), "3.1.0.0");
    assert_eq!(fact(&check, "saslMechanisms"), "ANONYMOUS AMQPLAIN PLAIN");

    // Asked for TLS in band, it offers SASL alone: AMQP, but not what Azure's port 5672 does.
    let check = ask(world, &format!("{}:5672", host(40)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("AMQP\\x03\\x01\\x00\\x00"), "{error}");

    failed(&ask(world, &format!("{}:5672/redis", host(40))), "handshake", "tls-not-tls");
    drop(server);
}

fn web_server(world: &World) {
    let _server = crate::web::tls_server(world, 41, "return 200;");
    let check = ask(world, &format!("{}:443/amqp", host(41)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("HTTP/1.1"), "{error}");
}
