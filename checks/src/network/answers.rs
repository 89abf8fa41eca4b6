//! What the private zones among the documents answer to a virtual network.

use std::net::IpAddr;

use crate::catalogue::VnetMode;
use crate::network::resource::{Field, ResourceId};
use crate::network::{Network, PrivateZone, RecordSet, ZoneLink};

/// CNAME records that are followed.
const MAX_CNAMES: usize = 4;

/// The private zones as one network sees them.
#[derive(Debug, Clone)]
pub struct Zones<'a> {
    network: &'a Network,
    /// The virtual network that asks.
    asker: Option<ResourceId>,
    /// The network asks Azure's DNS server, so that zones are answered by their links; unknown where no document says.
    asks_azure: bool,
    /// The instance is an internal one: its default names lead nowhere in public DNS.
    pub is_internal: bool,
}

/// What zones answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// No document tells.
    Unknown,
    /// These addresses.
    Addresses(Vec<IpAddr>),
    /// A zone holds the name and has no record for it.
    NoRecord(&'a ResourceId),
    /// A zone holds the name, and links of it are given, none to this network.
    NotLinked(&'a ResourceId),
}

impl<'a> Zones<'a> {
    /// The zones as `asker` sees them.
    #[must_use]
    pub fn new(network: &'a Network, asker: Option<ResourceId>, mode: VnetMode) -> Self {
        let known = network.virtual_networks.iter().find(|one| Some(&one.id) == asker.as_ref());
        let asks_azure = known.is_none_or(|one| one.dns_servers.is_absent());
        Self { network, asker, asks_azure, is_internal: mode == VnetMode::Internal }
    }

    /// What they answer to a name. A server of the customer's own may know what zones do not, so that only what they have
    /// counts there.
    #[must_use]
    pub fn resolve(&self, host: &str) -> Answer<'a> {
        let mut host = host.trim_end_matches('.').to_ascii_lowercase();
        for _ in 0..MAX_CNAMES {
            match self.step(&host) {
                Step::Alias(next) => host = next,
                Step::End(answer) => return answer,
            }
        }
        Answer::Unknown
    }

    /// The addresses that records give a name, itself or as the `privatelink` alias by which Azure's public DNS leads into
    /// private zones; none where no record does.
    #[must_use]
    pub fn addresses(&self, host: &str) -> Vec<IpAddr> {
        let asked = [Some(host.to_owned()), privatelink(host)];
        let found = asked.iter().flatten().find_map(|name| match self.resolve(name) {
            Answer::Addresses(addresses) if !addresses.is_empty() => Some(addresses),
            _ => None,
        });
        found.unwrap_or_default()
    }

    fn step(&self, host: &str) -> Step<'a> {
        let holds = |zone: &&PrivateZone| {
            let name = zone.id.name().to_ascii_lowercase();
            host == name || host.ends_with(&format!(".{name}"))
        };
        let zone = self.network.zones.iter().filter(holds).max_by_key(|zone| zone.id.name().len());
        let records: Vec<&RecordSet> =
            self.network.record_sets.iter().filter(|it| answers(it, host)).collect();
        let of_zone = |record: &&&RecordSet| {
            zone.is_none_or(|zone| {
                record.id.parent().is_none() || record.id.parent().as_ref() == Some(&zone.id)
            })
        };
        if let Some(zone) = zone
            && self.is_unlinked(zone)
        {
            return Step::End(Answer::NotLinked(&zone.id));
        }
        if let Some(found) = records.iter().find(of_zone) {
            return match &found.cname {
                Some(next) if found.addresses.is_empty() => {
                    Step::Alias(next.trim_end_matches('.').to_ascii_lowercase())
                }
                _ => Step::End(Answer::Addresses(found.addresses.clone())),
            };
        }
        let has_records = |zone: &&PrivateZone| {
            self.network.record_sets.iter().any(|record| record.id.parent().as_ref() == Some(&zone.id))
        };
        match zone.filter(|_| self.asks_azure).filter(has_records) {
            Some(zone) => Step::End(Answer::NoRecord(&zone.id)),
            None => Step::End(Answer::Unknown),
        }
    }

    /// Links are known where any link of the zone was given.
    fn is_unlinked(&self, zone: &PrivateZone) -> bool {
        let Some(asker) = self.asker.as_ref().filter(|_| self.asks_azure) else { return false };
        let links: Vec<&ZoneLink> = self
            .network
            .zone_links
            .iter()
            .filter(|link| link.id.parent().as_ref() == Some(&zone.id))
            .collect();
        let may_be = |link: &&ZoneLink| !matches!(&link.virtual_network, Field::Given(id) if id != asker);
        !links.is_empty() && !links.iter().any(may_be)
    }
}

/// `a.blob.core.windows.net` is an alias of `a.privatelink.blob.core.windows.net`; the zones of Key Vault say `vaultcore`.
fn privatelink(host: &str) -> Option<String> {
    let (label, domain) = host.split_once('.')?;
    let vaults = domain.strip_prefix("vault.").map(|rest| format!("vaultcore.{rest}"));
    Some(format!("{label}.privatelink.{}", vaults.as_deref().unwrap_or(domain)))
}

enum Step<'a> {
    /// Another name answers.
    Alias(String),
    /// This is the answer.
    End(Answer<'a>),
}

fn answers(record: &RecordSet, host: &str) -> bool {
    let is_wildcard =
        || record.name.strip_prefix("*.").is_some_and(|rest| host.ends_with(&format!(".{rest}")));
    (record.name == host || is_wildcard()) && matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME")
}
