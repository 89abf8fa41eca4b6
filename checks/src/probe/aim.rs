//! Where a name of the instance, or of the Application Gateway in front of it, is to lead, and where it leads.

use std::net::IpAddr;

use crate::outcome::{Cause, Failure, Stage};
use crate::plan::{Check, GatewayPath};
use crate::probe::dns;
use crate::probe::net::Net;
use crate::probe::resolution::HostsFile;

/// True for a name of the instance itself, or of the gateway in front of it.
pub(super) fn is_own(check: &Check) -> bool {
    check.role().is_own() || check.gateway.is_some()
}

/// The instance's own address in place of that of the gateway which publishes it: the name may lead there, and the check is about
/// the instance.
pub(super) async fn behind_gateway(net: &Net, check: &Check, addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let (Some(GatewayPath::Published { front }), Some(own)) = (&check.gateway, check.must_resolve_to) else {
        return addresses;
    };
    if addresses.contains(&own) {
        return addresses;
    }
    let of_front = addresses_of_front(net, front).await;
    if addresses.iter().all(|address| of_front.contains(address)) { vec![own] } else { addresses }
}

/// Why these addresses are not those to which the name must lead.
pub(super) fn wrong_address(check: &Check, addresses: &[IpAddr]) -> Option<Failure> {
    let fail = |detail| Some(Failure::new(Stage::Resolve, Cause::DnsWrongAddress, detail));
    if let Some(GatewayPath::Front { front, instance: Some(instance) }) = &check.gateway
        && addresses.contains(instance)
    {
        let detail =
            format!("{front} leads past the Application Gateway, to the instance's address {instance}");
        return fail(detail);
    }
    let wanted = check.must_resolve_to?;
    let wrong = addresses.iter().find(|address| **address != wanted)?;
    fail(format!("the name resolves to {wrong}, not to the instance's address {wanted}"))
}

/// The addresses of an Application Gateway's front end; none where its name has none.
async fn addresses_of_front(net: &Net, front: &str) -> Vec<IpAddr> {
    if let Ok(address) = front.parse() {
        return vec![address];
    }
    let cell = net.name(front, HostsFile::Obeyed);
    let known = cell.get_or_init(|| dns::resolve(net, front, HostsFile::Obeyed)).await;
    known.result.clone().unwrap_or_default()
}

/// There is nowhere to go.
pub(super) fn no_address() -> Failure {
    Failure::new(Stage::Resolve, Cause::DnsNoRecords, "there is no address to try")
}
