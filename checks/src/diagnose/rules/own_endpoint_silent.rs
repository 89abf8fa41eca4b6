//! The instance's own address or port does not answer.

use std::collections::BTreeSet;

use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::seen::Group;
use crate::facts::Facts;

/// The instance's own port is silent at a public address.
pub(crate) fn at_public_address(facts: &Facts<'_>, port: u16, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let title = format!("The instance does not answer on TCP {port} at its public address.");
    let detail = format!(
        "No answer came from {}. It is still being deployed, its subnet's network security group lets nobody in on this \
         port, or the public address cannot be reached from inside the network.",
        some_of(&names)
    );
    let ports = BTreeSet::from([port]);
    let summary = format!(
        "Check that the instance has been provisioned, and allow TCP {port} to it in the network security group of its subnet{}.",
        remedy::control_plane_words(&ports)
    );
    let fix = remedy::advise(facts, summary, remedy::allow_in(facts, "Internet", &ports));
    Finding::new(Code::OwnEndpointSilent, Confidence::Low, title, detail, group.ids(), fix)
}

/// The instance itself: its private address is a load balancer's in its own subnet.
pub(crate) fn at_private_address(
    facts: &Facts<'_>,
    address: &str,
    ports: &BTreeSet<u16>,
) -> (String, Remedy) {
    let detail = format!(
        "{address} is the instance's own: it is still being deployed, or a rule between this machine and its subnet drops the packets."
    );
    let summary = format!(
        "Check that the instance has been provisioned, and that the network security group of its subnet lets the network in{}.",
        remedy::control_plane_words(ports)
    );
    (detail, remedy::advise(facts, summary, remedy::allow_in(facts, "VirtualNetwork", ports)))
}
