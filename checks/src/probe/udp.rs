//! Time over UDP: only a valid reply proves anything.

use std::net::SocketAddr;

use tokio::time::timeout;

use crate::outcome::{Cause, Failure, Stage};
use crate::probe::aim::no_address;
use crate::probe::log::{Log, Note};
use crate::probe::net::Net;
use crate::probe::{dns, ntp, socket};

/// UDP: one address after the other, since only a valid reply is a success and silence costs the whole budget.
pub(super) async fn visit_in_turn(net: &Net, peers: Vec<SocketAddr>, log: &mut Log) -> Result<(), Failure> {
    let mut known = None;
    for peer in peers {
        let Err(failure) = ask_time(net, peer, log).await else { return Ok(()) };
        // An address without a route tells less than one that was asked.
        if known.as_ref().is_none_or(|known: &Failure| known.cause == Cause::ConnectNoRoute) {
            known = Some(failure);
        }
    }
    Err(known.unwrap_or_else(no_address))
}

async fn ask_time(net: &Net, peer: SocketAddr, log: &mut Log) -> Result<(), Failure> {
    let begun = log.begin(Stage::Exchange, Note::of(peer.ip()));
    let limit = net.limits().connect;
    let _permit = net.socket().await;
    let work = async {
        let socket = dns::connected(peer).map_err(|error| {
            Failure::new(Stage::Connect, socket::cause_unsent(&error, peer), error.to_string())
        })?;
        timeout(limit, ntp::exchange(&socket)).await.unwrap_or_else(|_| {
            let detail = format!("no valid reply within {} ms", limit.as_millis());
            Err(Failure::new(Stage::Exchange, Cause::ExchangeTimeout, detail))
        })
    };
    let result = work.await;
    let result = result.map(|evidence| log.evidence.exchange = Some(evidence));
    let icmp = result.as_ref().err().and_then(|failure| failure.icmp);
    log.record(Stage::Exchange, begun, Note { icmp, ..Note::of(peer.ip()) }, result.as_ref().err());
    result
}
