//! The instance: named, or found by its subnet.

use std::collections::BTreeSet;

use apim_probe_checks::network::{DocumentKind as Kind, Location, ResourceId};
use serde_json::Value;

use crate::estate::ids::{id, id_at};
use crate::estate::subject::{Note, Subject, SubjectError};
use crate::estate::walk::Walk;

/// What the rest of the walk needs of the instance.
#[derive(Debug, Default)]
pub(super) struct Instance {
    /// Its subnet: where it is in several regions, the one of this machine, else of the region that is meant, else the first.
    pub(super) subnet: Option<ResourceId>,
    /// Its host names, lower case.
    pub(super) names: BTreeSet<String>,
}

impl Walk<'_> {
    /// Finds the instance, and asks for all that is known of it.
    pub(super) async fn instance(
        &self,
        subject: &Subject,
        subnet: Option<&ResourceId>,
        subscriptions: &[String],
    ) -> Result<Option<Instance>, SubjectError> {
        let found = match subject.service.as_deref() {
            Some(named) if named.starts_with('/') => id(named),
            Some(name) => self.named(name, subscriptions).await?,
            None => self.in_network(subnet, subscriptions).await,
        };
        let Some(id) = found else { return Ok(None) };
        let status = format!("{id}/networkstatus");
        let dependencies = format!("{id}/outboundNetworkDependenciesEndpoints");
        let described = async {
            let (answer, _, _) = tokio::join!(
                self.get(Kind::Service, id.as_str()),
                self.get(Kind::NetworkStatus, &status),
                self.get(Kind::OutboundDependencies, &dependencies),
            );
            let here = answer.as_ref().and_then(|answer| meant(answer, subnet, subject.region.as_deref()));
            self.tell(here.clone());
            (answer, here)
        };
        let ((answer, subnet), child) = tokio::join!(described, self.arm.control_plane(id.as_str()));
        self.keep(child);
        if let Some(subnet) = &subnet {
            self.admin_rules(subnet).await;
        }
        let Some(answer) = answer else { return Ok(Some(Instance::default())) };
        for address in public_addresses(&answer) {
            self.get(Kind::PublicAddress, address.as_str()).await;
        }
        Ok(Some(Instance { subnet, names: names(&answer) }))
    }

    /// All instances of the subscriptions; only the one that is meant is kept.
    async fn listed(&self, subscriptions: &[String]) -> Vec<Value> {
        let mut found = Vec::new();
        for subscription in subscriptions {
            let path = format!("/subscriptions/{subscription}/providers/Microsoft.ApiManagement/service");
            found.extend(self.list(Kind::Service, &path).await);
        }
        found
    }

    async fn named(&self, name: &str, subscriptions: &[String]) -> Result<Option<ResourceId>, SubjectError> {
        let listed = self.listed(subscriptions).await;
        let is_meant =
            |one: &&Value| one["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name));
        let ids: Vec<ResourceId> =
            listed.iter().filter(is_meant).filter_map(|one| id_at(one, "/id")).collect();
        match ids.as_slice() {
            [] => {
                self.note_absence(Note::NoSuchService(name.to_owned()));
                Ok(None)
            }
            [one] => Ok(Some(one.clone())),
            several => Err(SubjectError::Ambiguous {
                name: name.to_owned(),
                ids: several.iter().map(ToString::to_string).collect(),
            }),
        }
    }

    /// The instance in the machine's subnet, else the only one of its virtual network.
    async fn in_network(&self, subnet: Option<&ResourceId>, subscriptions: &[String]) -> Option<ResourceId> {
        let here = subnet?;
        let listed = self.listed(subscriptions).await;
        if let Some(one) = listed.iter().find(|one| subnets(one).contains(here)) {
            return id_at(one, "/id");
        }
        let network = here.parent()?;
        let is_near =
            |one: &&Value| subnets(one).iter().any(|subnet| subnet.parent().as_ref() == Some(&network));
        let near: Vec<ResourceId> =
            listed.iter().filter(is_near).filter_map(|one| id_at(one, "/id")).collect();
        match near.as_slice() {
            [] => {
                self.note_absence(Note::NoInstance);
                None
            }
            [one] => {
                self.note(Note::OtherSubnet(one.name().to_owned()));
                Some(one.clone())
            }
            several => {
                self.note(Note::SeveralInstances(several.iter().map(ToString::to_string).collect()));
                None
            }
        }
    }
}

/// The places where an instance may be: its own and its further locations.
fn places(service: &Value) -> impl Iterator<Item = &Value> {
    let further = service.pointer("/properties/additionalLocations").and_then(Value::as_array);
    service.get("properties").into_iter().chain(further.into_iter().flatten())
}

const SUBNET: &str = "/virtualNetworkConfiguration/subnetResourceId";

fn subnets(service: &Value) -> Vec<ResourceId> {
    places(service).filter_map(|place| id_at(place, SUBNET)).collect()
}

/// The subnet that is meant: the machine's where the instance is in it, else that of the region, else the first.
fn meant(service: &Value, machine: Option<&ResourceId>, region: Option<&str>) -> Option<ResourceId> {
    let subnets = subnets(service);
    if let Some(here) = subnets.iter().find(|known| Some(*known) == machine) {
        return Some(here.clone());
    }
    let location = |place: &Value| place.get("location").and_then(Value::as_str).map(Location::new);
    let is_meant = |place: &&Value| region.is_some() && location(place).as_ref().map(Location::id) == region;
    // The first location stands beside the properties and not in them.
    let first = region.is_some() && location(service).as_ref().map(Location::id) == region;
    let there = places(service).skip(1).find(is_meant).filter(|_| !first);
    there.and_then(|place| id_at(place, SUBNET)).or_else(|| subnets.into_iter().next())
}

fn public_addresses(service: &Value) -> Vec<ResourceId> {
    places(service).filter_map(|place| id_at(place, "/publicIpAddressId")).collect()
}

/// Every host name of an instance: those of its addresses, and its custom domains.
fn names(service: &Value) -> BTreeSet<String> {
    let addresses = ["gatewayUrl", "portalUrl", "developerPortalUrl", "managementApiUrl", "scmUrl"];
    let of_url = |key: &str| {
        let url = service.pointer(&format!("/properties/{key}"))?.as_str()?;
        let host = url.split("://").nth(1).unwrap_or(url).split(['/', ':']).next()?;
        Some(host.to_owned())
    };
    let custom = service.pointer("/properties/hostnameConfigurations").and_then(Value::as_array);
    let custom =
        custom.into_iter().flatten().filter_map(|one| one.get("hostName")?.as_str().map(str::to_owned));
    let all = addresses.into_iter().filter_map(of_url).chain(custom);
    all.filter(|name| !name.is_empty()).map(|name| name.to_ascii_lowercase()).collect()
}
