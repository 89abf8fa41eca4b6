//! Makes the ids of what a template or a plan names those of the resources that are there already.
//!
//! A template knows no subscription, and often no resource group: its `nsg-apim` is the exported group of that name, where
//! the documents have just one. So what is planned can be judged on top of what there is.

use std::collections::HashMap;

use crate::network::{Field, Network, ResourceId};

/// The whole ids of the documents, by what stands behind their resource group; `None` where two have it in common.
#[derive(Debug)]
pub(super) struct Known {
    whole: HashMap<String, Option<ResourceId>>,
}

impl Known {
    /// Gathers the ids that name their subscription: those of resources, and those that resources refer to.
    pub(super) fn new(network: &mut Network) -> Self {
        let mut known = Self { whole: HashMap::new() };
        each_id(network, &mut |id| known.learn(id));
        known
    }

    fn learn(&mut self, id: &ResourceId) {
        let Some((_, behind)) = parts(id).filter(|_| is_whole(id)) else { return };
        let entry = self.whole.entry(behind).or_insert_with(|| Some(id.clone()));
        if entry.as_ref().is_some_and(|known| known != id) {
            *entry = None;
        }
    }

    /// Makes an id without a subscription the whole one, where there is one that it can mean.
    pub(super) fn complete(&self, id: &mut ResourceId) {
        if is_whole(id) {
            return;
        }
        let Some((before, behind)) = parts(id) else { return };
        let Some(Some(whole)) = self.whole.get(&behind) else { return };
        let group = ResourceId(before).segment("resourceGroups").map(str::to_ascii_lowercase);
        let other = whole.segment("resourceGroups").map(str::to_ascii_lowercase);
        if group.is_none() || group == other {
            *id = whole.clone();
        }
    }

    /// Completes the ids of all resources, and those that they refer to.
    pub(super) fn complete_all(&self, network: &mut Network) {
        each_id(network, &mut |id| self.complete(id));
    }
}

fn is_whole(id: &ResourceId) -> bool {
    id.segment("subscriptions").is_some()
}

/// What stands before the provider, and the provider with what stands behind it, in lower case.
fn parts(id: &ResourceId) -> Option<(String, String)> {
    let written = id.as_str().trim_end_matches('/').to_ascii_lowercase();
    let at = written.find("/providers/")?;
    Some((written[..at].to_owned(), written[at..].to_owned()))
}

/// Every id by which documents are put together.
fn each_id(network: &mut Network, visit: &mut dyn FnMut(&mut ResourceId)) {
    for group in &mut network.groups {
        visit(&mut group.id);
        group.subnets.iter_mut().chain(&mut group.interfaces).for_each(&mut *visit);
    }
    for table in &mut network.route_tables {
        visit(&mut table.id);
        table.subnets.iter_mut().for_each(&mut *visit);
    }
    for subnet in &mut network.subnets {
        visit(&mut subnet.id);
        [&mut subnet.group, &mut subnet.route_table, &mut subnet.nat_gateway]
            .into_iter()
            .for_each(|field| in_field(field, visit));
    }
    network.virtual_networks.iter_mut().for_each(|one| visit(&mut one.id));
    for interface in &mut network.interfaces {
        visit(&mut interface.id);
        in_field(&mut interface.group, visit);
        interface.subnets.iter_mut().for_each(&mut *visit);
    }
    network.nat_gateways.iter_mut().for_each(|one| visit(&mut one.id));
    network.public_addresses.iter_mut().for_each(|one| visit(&mut one.id));
    for gateway in &mut network.gateways {
        visit(&mut gateway.id);
        gateway.subnets.iter_mut().for_each(&mut *visit);
        gateway.firewall.iter_mut().filter_map(|it| it.policy.as_mut()).for_each(&mut *visit);
        gateway.listeners.iter_mut().for_each(|it| in_field(&mut it.policy, visit));
    }
    network.firewall_policies.iter_mut().for_each(|one| visit(&mut one.id));
    for service in &mut network.services {
        visit(&mut service.id);
        let locations = std::iter::once(&mut service.primary).chain(&mut service.additional);
        locations.for_each(|location| in_field(&mut location.subnet, visit));
    }
    network.zones.iter_mut().for_each(|one| visit(&mut one.id));
    for link in &mut network.zone_links {
        visit(&mut link.id);
        in_field(&mut link.virtual_network, visit);
    }
    network.record_sets.iter_mut().for_each(|one| visit(&mut one.id));
}

fn in_field(field: &mut Field<ResourceId>, visit: &mut dyn FnMut(&mut ResourceId)) {
    if let Field::Given(id) = field {
        visit(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::SecurityGroup;

    fn network(ids: &[&str]) -> Network {
        let group =
            |id: &&str| SecurityGroup { id: ResourceId((*id).to_owned()), ..SecurityGroup::default() };
        Network { groups: ids.iter().map(group).collect(), ..Network::default() }
    }

    fn completed(ids: &[&str], short: &str) -> String {
        let mut id = ResourceId(short.to_owned());
        Known::new(&mut network(ids)).complete(&mut id);
        id.as_str().to_owned()
    }

    const NET: &str =
        "/subscriptions/s/resourceGroups/Net/providers/Microsoft.Network/networkSecurityGroups/nsg";
    const LAB: &str =
        "/subscriptions/s/resourceGroups/Lab/providers/Microsoft.Network/networkSecurityGroups/nsg";
    const SHORT: &str = "/providers/microsoft.network/networkSecurityGroups/NSG";

    #[test]
    fn a_planned_id_becomes_the_one_that_it_can_mean() {
        assert_eq!(completed(&[NET], SHORT), NET);
        assert_eq!(completed(&[NET], &format!("/resourceGroups/net{SHORT}")), NET);
    }

    #[test]
    fn a_planned_id_stays_where_it_can_mean_none_or_two() {
        assert_eq!(completed(&[NET, LAB], SHORT), SHORT);
        let elsewhere = format!("/resourceGroups/other{SHORT}");
        assert_eq!(completed(&[NET], &elsewhere), elsewhere);
        assert_eq!(completed(&[], SHORT), SHORT);
    }
}
