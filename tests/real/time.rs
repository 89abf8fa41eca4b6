//! Network time from chrony.

use std::process::Command;

use crate::probe::{ask, fact, failed, passed};
use crate::server::{Kind, Server};
use crate::world::{World, host, socket};
use crate::{Need, Test};

pub(crate) const CHRONY: &[Need] = &[Need::Program("chronyd", "chrony")];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "chrony_tells_its_stratum_and_that_the_clocks_agree", needs: CHRONY, run: synchronised },
    Test {
        name: "chrony_without_a_source_is_unsynchronised_and_no_kiss",
        needs: CHRONY,
        run: unsynchronised,
    },
    Test { name: "chrony_that_serves_others_only_is_silent", needs: CHRONY, run: silent },
    Test { name: "no_time_server_on_the_port_is_rejected", needs: CHRONY, run: closed },
];

/// Runs chronyd on host `number`. `-x` and the command port 0 keep it from this machine's clock and from any control.
pub(crate) fn chrony(world: &World, number: u8, lines: &str) -> Server {
    let dir = world.folder_for(&format!("chrony-{number}"));
    let config = dir.join("chrony.conf");
    let address = socket(number, 123);
    let dir = dir.display();
    let fixed = format!(
        "bindaddress {}\ncmdport 0\nbindcmdaddress /\npidfile {dir}/pid\ndriftfile {dir}/drift\n",
        address.ip()
    );
    std::fs::write(&config, fixed + lines).expect("a configuration");
    let mut command = Command::new("chronyd");
    command.args(["-x", "-d", "-u", "root", "-f"]).arg(config);
    Server::start(world, &format!("chrony-{number}"), &mut command).listening(Kind::Udp, address)
}

fn synchronised(world: &World) {
    let _server = chrony(world, 1, "local stratum 5\nallow\n");
    let check = ask(world, &format!("{}:123", host(1)));
    passed(&check, &["resolve", "exchange"]);
    assert_eq!(fact(&check, "ntpStratum"), 5);
    let number = |key| fact(&check, key).as_f64().expect("a number");
    // One clock: what is left is the time on the way.
    assert!(number("offsetMs").abs() < 100.0, "{check:#}");
    assert!((0.0..1000.0).contains(&number("roundTripMs")), "{check:#}");
}

fn unsynchronised(world: &World) {
    let _server = chrony(world, 2, "allow\n");
    let check = ask(world, &format!("{}:123", host(2)));
    let error = failed(&check, "exchange", "ntp-unsynchronised");
    assert!(error.contains("not synchronised") && !error.contains("kiss"), "{error}");
}

fn silent(world: &World) {
    let _server = chrony(world, 3, "local stratum 5\nallow 192.0.2.1\n");
    failed(&ask(world, &format!("{}:123", host(3))), "exchange", "exchange-timeout");
}

fn closed(world: &World) {
    let check = ask(world, &format!("{}:123", host(99)));
    let error = failed(&check, "connect", "connect-rejected");
    assert!(error.contains("port unreachable"), "{error}");
}
