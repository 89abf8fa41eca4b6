//! SMTP from Postfix.

use std::process::Command;

use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, at, feed, host, socket};
use crate::{Need, Test};

const POSTFIX: &[Need] = &[Need::Program("postfix", "postfix"), Need::Users];

pub(crate) const TESTS: &[Test] =
    &[Test { name: "postfix_shows_its_banner_and_a_refusal_is_no_banner", needs: POSTFIX, run: banner }];

/// Ports: 25 greets, 587 refuses every client at once, 2525 keeps strangers waiting behind the first line of its banner.
const SERVICES: &str = "
smtp    inet       n - n - - smtpd
587     inet       n - n - - smtpd -o smtpd_delay_reject=no -o smtpd_client_restrictions=reject
rewrite unix       - - n - - trivial-rewrite
2525    inet       n - n - 1 postscreen
smtpd   pass       - - n - - smtpd
anvil   unix       - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";

fn banner(world: &World) {
    let dir = world.folder_for("postfix");
    // Postfix walks down to its queue as its own user.
    feed("chmod", &["755", &world.dir.to_string_lossy()], "");
    let [config, queue, data] = ["etc", "queue", "data"].map(|name| dir.join(name));
    for folder in [&config, &queue, &data] {
        std::fs::create_dir(folder).expect("a folder of Postfix");
    }
    feed("chown", &["postfix", &data.to_string_lossy()], "");
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {}\ndata_directory = {}\ncommand_directory = /usr/sbin\n\
         daemon_directory = /usr/lib/postfix/sbin\nshlib_directory = /usr/lib/postfix\nmail_owner = postfix\n\
         setgid_group = postdrop\nmyhostname = relay.real.example\ninet_interfaces = {}\ninet_protocols = ipv4\n\
         postscreen_access_list =\npostscreen_greet_action = enforce\n\
         alias_maps =\nlocal_recipient_maps =\nmaillog_file = /dev/stdout\n",
        queue.display(),
        data.display(),
        at(20)
    );
    std::fs::write(config.join("main.cf"), main).expect("a configuration");
    std::fs::write(config.join("master.cf"), SERVICES).expect("a configuration");
    let mut command = Command::new("postfix");
    let server = Server::start(world, "postfix", command.arg("-c").arg(config).arg("start-fg"))
        .listening(Kind::Tcp, socket(20, 587));

    let check = ask(world, &format!("{}:25", host(20)));
    passed(&check, &["resolve", "connect", "exchange"]);
    assert_eq!(fact(&check, "smtpBanner"), "220 relay.real.example ESMTP Postfix");

    let check = ask(world, &format!("{}:587", host(20)));
    let error = failed(&check, "exchange", "exchange-unexpected");
    assert!(error.contains("554 5.7.1"), "{error}");

    let check = ask(world, &format!("{}:2525/smtp", host(20)));
    passed(&check, &["resolve", "connect", "exchange"]);
    assert_eq!(fact(&check, "smtpBanner"), "220-relay.real.example ESMTP Postfix");

    failed(&ask(world, &format!("{}:25028", host(20))), "connect", "connect-refused");
    let server = server.said("[20.64.0.20] quit=1 commands=1");
    drop(server);
}
