//! Reads what the instance itself says of its connections: NetworkStatus and outbound dependencies.

use crate::network::Dependency;
use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::portal::NetworkStatus;
use crate::portal::read as network_status;

/// Bytes of one location of NetworkStatus that are read at most; real ones have under 32 KiB.
const MAX_BYTES: usize = 1024 * 1024;

/// One location of NetworkStatus.
pub(super) fn status<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Vec<NetworkStatus> {
    let node = object.to_node();
    if node.site().len() > MAX_BYTES {
        notes.pass(&node, "far larger than what Azure answers");
        return Vec::new();
    }
    network_status::parse(node.site().as_bytes()).unwrap_or_else(|error| {
        notes.pass(&node, error.to_string());
        Vec::new()
    })
}

/// The hosts of one category of outbound dependencies.
pub(super) fn dependencies<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> Vec<Dependency> {
    let category = object.text("category").unwrap_or_default().into_owned();
    let mut found = Vec::new();
    notes.each_object(object, "endpoints", |notes, endpoint| {
        let Some(host) = endpoint.text("domainName") else {
            notes.pass(&endpoint.to_node(), "an endpoint without domainName");
            return;
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        notes.each_object(endpoint, "endpointDetails", |notes, detail| {
            let port = notes.field(detail, "port", "a port", |node: &Node<'_>| match node.number()? {
                0 => None,
                port => u16::try_from(port).ok(),
            });
            let place = notes.place_of_object(detail);
            found.extend(port.given().map(|port| Dependency {
                place,
                category: category.clone(),
                host: host.clone(),
                port: *port,
                region: detail.text("region").map(std::borrow::Cow::into_owned),
            }));
        });
    });
    found
}
