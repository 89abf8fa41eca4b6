//! What takes a gateway's fault away, as a report holds it: a list whose first word is the kind of the change.

use apim_probe_checks::network::publishing::reason::Cure;
use apim_probe_checks::network::{PortRange, ResourceId};

const PROBE: &str = "probe";
const SET: &str = "set";
const ROUTE: &str = "route";
const LINK: &str = "link";
const RECORD: &str = "record";
const RULE: &str = "rule";

/// The kind, then its values; an empty one is not known.
pub(super) fn write(cure: &Cure) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let (kind, values) = match cure {
        Cure::Probe { host } => (PROBE, vec![host.clone()]),
        Cure::Set(sets) => {
            (SET, sets.iter().flat_map(|(option, value)| [option.clone(), value.clone()]).collect())
        }
        Cure::Route { name, prefix } => (ROUTE, vec![name.clone(), text(prefix.clone())]),
        Cure::Link { zone } => (LINK, vec![zone.to_string()]),
        Cure::Record { zone, host, address } => {
            (RECORD, vec![zone.to_string(), host.clone(), text(address.map(|address| address.to_string()))])
        }
        Cure::Rule { peer, prefixes, ports, denier } => {
            let denier = text(denier.map(|priority| priority.to_string()));
            let ends = prefixes.iter().map(ToString::to_string);
            (RULE, [peer.clone(), ports.to_string(), denier].into_iter().chain(ends).collect())
        }
    };
    std::iter::once(kind.to_owned()).chain(values).collect()
}

/// The same, read back; `None` for what no run writes.
pub(super) fn read(words: &[String]) -> Option<Cure> {
    let (kind, values) = words.split_first()?;
    Some(match (kind.as_str(), values) {
        (PROBE, [host]) => Cure::Probe { host: host.clone() },
        (SET, sets) => {
            Cure::Set(sets.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())
        }
        (ROUTE, [name, prefix]) => {
            let prefix = (!prefix.is_empty()).then(|| prefix.clone());
            Cure::Route { name: name.clone(), prefix }
        }
        (LINK, [zone]) => Cure::Link { zone: ResourceId(zone.clone()) },
        (RECORD, [zone, host, address]) => {
            Cure::Record { zone: ResourceId(zone.clone()), host: host.clone(), address: address.parse().ok() }
        }
        (RULE, [peer, ports, denier, prefixes @ ..]) => Cure::Rule {
            peer: peer.clone(),
            prefixes: prefixes.iter().map(|prefix| prefix.parse().ok()).collect::<Option<_>>()?,
            ports: PortRange::read(ports)?,
            denier: denier.parse().ok(),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn every_change_that_was_ever_written_is_read_back() {
        let zone =
            "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/contoso.example";
        for written in [
            "probe api.contoso.example",
            "set address-pool pool-apim http-settings set-api",
            "set match-body ",
            "route default 0.0.0.0/0",
            "route default ",
            &format!("link {zone}"),
            &format!("record {zone} api.contoso.example 10.0.1.5"),
            &format!("record {zone} api.contoso.example "),
            "rule GatewayManager 65200-65535 ",
            "rule Gateway 443 120 10.0.0.0/24 fd00::/64",
        ] {
            let cure = read(&words(written)).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(write(&cure), words(written));
        }
        for other in ["", "pray", "rule Gateway none 1", "rule Gateway 443 1 everywhere", "link"] {
            assert_eq!(read(&words(other)), None, "{other}");
        }
    }
}
