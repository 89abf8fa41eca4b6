//! What of the needed changes a network's documents lack: rules at free priorities ahead of what denies, routes, service
//! endpoints and records. What is there is left alone, and what these changes cannot repair is said.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use crate::network::choose::{Chosen, Group};
use crate::network::decision::{By, Decision, Ruling};
use crate::network::judge::Judge;
use crate::network::{
    Access, NextHop, PortRange, ResourceId, RuleProtocol, SecurityRule as Written, Subnet, Way,
};
use crate::plan::flow::{Carrier, Flow, NearEnd, OtherEnd};

use super::{End, Existing, Fix, Scope, SecurityRule, ServiceEndpoint};

/// What is missing, and what is wrong beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// The changes.
    pub fixes: Vec<Fix>,
    /// What no change of this kind repairs, a clause each: an admin rule that denies, a route that drops.
    pub beyond: Vec<String>,
}

/// The next hop of the default route, where it leads to an appliance or a gateway; unspecified where its address is not known.
#[must_use]
pub fn tunnel(judge: &Judge<'_>) -> Option<IpAddr> {
    let route =
        judge.decide(&flow(Way::Outbound, Carrier::Tcp, PortRange::one(80), OtherEnd::Internet)).route?;
    let is_tunnel = matches!(route.next_hop, NextHop::Appliance | NextHop::Gateway);
    is_tunnel.then(|| route.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

/// What of `needed` the documents lack. Rules keep the priority that they were given where it is free and ahead of what denies;
/// else they get the nearest one that is.
///
/// # Errors
/// The name of a rule for which no priority ahead of what denies is free.
pub fn missing(needed: Vec<Fix>, chosen: &Chosen<'_>, judge: &Judge<'_>) -> Result<Missing, String> {
    let mut found = Missing::default();
    let mut places = Places::of(chosen);
    for fix in needed {
        match fix {
            Fix::SecurityRule(rule) => found.rule(rule, judge, &mut places)?,
            Fix::Route(route) if route.prefix == "ApiManagement" => {
                if !returns_to_internet(judge) {
                    found.fixes.push(Fix::Route(route));
                }
            }
            // The default route is there: it is how the tunnel was seen.
            Fix::Route(route) => {
                if tunnel(judge).is_none() {
                    found.fixes.push(Fix::Route(route));
                }
            }
            Fix::ServiceEndpoints(wanted) => found.fixes.extend(endpoints(&wanted, chosen)),
            Fix::Record(record) => {
                let is_known = |host: &str| has_record(chosen, host);
                if !chosen.network.zones.is_empty() && !is_known(&record.host) {
                    found.fixes.push(Fix::Record(record));
                }
            }
            Fix::Publication(one) => found.fixes.push(Fix::Publication(one)),
            // No document says what a firewall lets through.
            Fix::Firewall(rule) => found.fixes.push(Fix::Firewall(rule)),
        }
    }
    Ok(found)
}

/// Names of the resources that the documents name.
#[must_use]
pub fn scope(chosen: &Chosen<'_>) -> Scope {
    let group = group_id(chosen);
    let network = chosen.virtual_network.map(|network| &network.id);
    let table = chosen.subnet.and_then(|subnet| subnet.route_table.given());
    let named = |id: Option<&ResourceId>| id.map(|id| id.name().to_owned()).filter(|name| !name.is_empty());
    let in_group = |id: &ResourceId| id.segment("resourceGroups").map(str::to_owned);
    let of_network = [chosen.subnet_id.as_ref(), network].into_iter().flatten().find_map(in_group);
    let resource_group = group.and_then(in_group).or_else(|| of_network.clone());
    let another = |found: &String| !resource_group.iter().any(|known| known.eq_ignore_ascii_case(found));
    Scope {
        network_group: of_network.filter(another),
        route_group: table.and_then(in_group).filter(another),
        subnet_keeps: chosen.subnet.map(keeps).unwrap_or_default(),
        resource_group: resource_group.clone(),
        security_group: named(group),
        route_table: named(table),
        virtual_network: named(network)
            .or_else(|| chosen.subnet_id.as_ref()?.segment("virtualNetworks").map(str::to_owned)),
        subnet: named(chosen.subnet_id.as_ref()),
        subnet_prefix: chosen.subnet.and_then(|subnet| subnet.prefixes.given()?.first().copied()),
        gateway: None,
        location: chosen.region().map(|location| location.id().to_owned()),
        exists: if matches!(chosen.group, Group::Nothing) { Existing::New } else { Existing::Existing },
        ..Scope::default()
    }
}

/// What a subnet loses when it is written anew without it.
fn keeps(subnet: &Subnet) -> Vec<(&'static str, Value)> {
    let id = |id: &ResourceId| {
        let group = id.segment("resourceGroups").map(|group| format!("'{group}', ")).unwrap_or_default();
        json!({"id": format!("[resourceId({group}'Microsoft.Network/natGateways', '{}')]", id.name())})
    };
    let nat = subnet.nat_gateway.given().map(|nat| ("natGateway", id(nat)));
    let access = subnet.default_outbound_access.given().map(|open| ("defaultOutboundAccess", json!(open)));
    let policies = subnet.private_endpoint_policies.given();
    let policies = policies.map(|word| ("privateEndpointNetworkPolicies", json!(word)));
    [nat, access, policies].into_iter().flatten().collect()
}

fn group_id<'a>(chosen: &Chosen<'a>) -> Option<&'a ResourceId> {
    match chosen.group {
        Group::Written(group) => Some(&group.id),
        Group::Effective(group) => group.id.as_ref(),
        Group::Nothing | Group::NotGiven => chosen.subnet.and_then(|subnet| subnet.group.given()),
    }
}

impl Missing {
    /// Adds a rule with those of its ports that do not pass, or what is in the way beyond rules.
    fn rule(&mut self, mut rule: SecurityRule, judge: &Judge<'_>, places: &mut Places) -> Result<(), String> {
        if rule.access == Access::Deny {
            // Where a group has rules of its own, only the denies at the end are added: those between belong to a set.
            if rule.destination == End::Any && is_open(&rule, judge) {
                rule.priority = Some(places.take(&rule, LAST + 1)?);
                self.fixes.push(Fix::SecurityRule(rule));
            }
            return Ok(());
        }
        let decided: Vec<(PortRange, Decision)> =
            rule.ports.iter().map(|&ports| (ports, judge.decide(&flow_of(&rule, ports)))).collect();
        for (_, decision) in &decided {
            self.note(&rule, decision);
        }
        let lacking = decided.iter().filter(|(ports, _)| judge.may_stop_at_group(&flow_of(&rule, *ports)));
        let ahead_of = lacking.clone().filter_map(|(_, decision)| decision.nsg.as_ref()?.priority).min();
        rule.ports = lacking.map(|(ports, _)| *ports).collect();
        if !rule.ports.is_empty() {
            rule.priority = Some(places.take(&rule, ahead_of.unwrap_or(LAST + 1))?);
            rule.name = places.name(&rule.name);
            self.fixes.push(Fix::SecurityRule(rule));
        }
        Ok(())
    }

    fn note(&mut self, rule: &SecurityRule, decision: &Decision) {
        let end = if rule.direction == Way::Inbound { &rule.source } else { &rule.destination };
        let end = end.words().join(" ");
        let clause = match (decision.ruling, decision.by) {
            (Ruling::Denied, By::AdminRule) => {
                format!("a security admin rule denies {end}: no rule of the group can help")
            }
            (Ruling::Denied, By::Route) => format!("a route drops what goes to {end}: change the route"),
            (Ruling::Unknown, By::NoDocument) => format!("no document decides about {end}"),
            _ => return,
        };
        if !self.beyond.contains(&clause) {
            self.beyond.push(clause);
        }
    }
}

/// Something passes that nobody asked for: the deny at the end is missing.
fn is_open(rule: &SecurityRule, judge: &Judge<'_>) -> bool {
    // A port that no row has.
    let ports = PortRange::one(9);
    let ends = [OtherEnd::Internet, OtherEnd::Tag("VirtualNetwork".to_owned())];
    ends.into_iter()
        .any(|end| judge.decide(&flow(rule.direction, Carrier::Tcp, ports, end)).ruling == Ruling::Allowed)
}

/// Replies to the control plane go straight out.
fn returns_to_internet(judge: &Judge<'_>) -> bool {
    let end = OtherEnd::Tag("ApiManagement".to_owned());
    let decision = judge.decide(&flow(Way::Inbound, Carrier::Tcp, PortRange::one(3443), end));
    decision.route.is_some_and(|route| route.next_hop == NextHop::Internet)
}

/// The whole list that the subnet should have, where it lacks one: Azure replaces the list.
fn endpoints(wanted: &[ServiceEndpoint], chosen: &Chosen<'_>) -> Option<Fix> {
    let present: Vec<&str> = chosen
        .subnet
        .map(|subnet| subnet.service_endpoints.iter().map(|endpoint| endpoint.service.as_str()).collect())
        .unwrap_or_default();
    let lacks = |service: &str| !present.iter().any(|one| one.eq_ignore_ascii_case(service));
    if !wanted.iter().any(|endpoint| lacks(&endpoint.service)) {
        return None;
    }
    let is_other =
        |service: &&str| !wanted.iter().any(|endpoint| endpoint.service.eq_ignore_ascii_case(service));
    let kept = present.into_iter().filter(is_other).map(|service| ServiceEndpoint {
        service: service.to_owned(),
        description: "There already; the list is replaced as a whole".to_owned(),
    });
    Some(Fix::ServiceEndpoints(wanted.iter().cloned().chain(kept).collect()))
}

fn has_record(chosen: &Chosen<'_>, host: &str) -> bool {
    chosen.network.record_sets.iter().any(|record| record.name.eq_ignore_ascii_case(host))
}

/// Azure's highest priority number of a written rule.
const LAST: u32 = super::needed::LAST_PRIORITY as u32;

/// Azure's lowest.
const FIRST: u32 = 100;

/// Priorities and names that are taken in the group.
struct Places {
    taken: BTreeSet<(Way, u32)>,
    names: BTreeSet<String>,
}

impl Places {
    fn of(chosen: &Chosen<'_>) -> Self {
        let rules: &[Written] = match chosen.group {
            Group::Written(group) => &group.rules,
            Group::Effective(group) => &group.rules,
            Group::Nothing | Group::NotGiven => &[],
        };
        let place = |rule: &Written| Some((*rule.direction.given()?, *rule.priority.given()?));
        Self {
            taken: rules.iter().filter_map(place).collect(),
            names: rules.iter().map(|rule| rule.name.to_ascii_lowercase()).collect(),
        }
    }

    /// A free priority below `bound`: the one that the rule has, the next behind it, else the nearest ahead of the bound.
    fn take(&mut self, rule: &SecurityRule, bound: u32) -> Result<u16, String> {
        let wanted = rule.priority.map_or(FIRST, u32::from);
        let bound = bound.min(LAST + 1);
        let is_free = |priority: &u32| !self.taken.contains(&(rule.direction, *priority));
        let free = (wanted..bound).find(is_free).or_else(|| (FIRST..bound.min(wanted)).rev().find(is_free));
        let free = free.and_then(|priority| u16::try_from(priority).ok());
        let priority = free.ok_or_else(|| rule.name.clone())?;
        self.taken.insert((rule.direction, u32::from(priority)));
        Ok(priority)
    }

    /// The name, with a number behind it where it is taken.
    fn name(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| !self.names.contains(&name.to_ascii_lowercase()));
        let free = free.unwrap_or_else(|| name.to_owned());
        self.names.insert(free.to_ascii_lowercase());
        free
    }
}

fn flow_of(rule: &SecurityRule, ports: PortRange) -> Flow {
    let (end, direction) = match rule.direction {
        Way::Inbound => (&rule.source, Way::Inbound),
        Way::Outbound => (&rule.destination, Way::Outbound),
    };
    let other = match end {
        End::Any => OtherEnd::Internet,
        End::Tag(tag) if tag == "Internet" => OtherEnd::Internet,
        End::Tag(tag) => OtherEnd::Tag(tag.clone()),
        End::Prefixes(prefixes) => {
            OtherEnd::Addresses(prefixes.iter().map(|prefix| prefix.addr()).collect(), None)
        }
    };
    let carrier = if rule.protocol == RuleProtocol::Udp { Carrier::Udp } else { Carrier::Tcp };
    flow(direction, carrier, ports, other)
}

const fn flow(direction: Way, transport: Carrier, ports: PortRange, other: OtherEnd) -> Flow {
    Flow { direction, transport, ports, near: NearEnd::Subnet, other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Profile, VnetMode, embedded};
    use crate::fix::arm;
    use crate::fix::needed::{Part, Wishes, needed};
    use crate::instance::Instance;
    use crate::network::choose::Wish;
    use crate::network::read::Reader;
    use crate::network::{AdminRules, Field, Network};

    fn wishes() -> Wishes {
        Wishes {
            parts: vec![Part::Inbound, Part::Outbound, Part::Routes, Part::Endpoints],
            required_only: false,
            forced_tunnel: None,
            regional_tags: false,
            regions: Vec::new(),
            strict_deny: false,
            beside_documents: false,
            priority: 100,
        }
    }

    fn written(fixes: &[Fix]) -> Network {
        let mut reader = Reader::default();
        let text = arm::render(fixes, &Scope { location: Some("eastus2".to_owned()), ..Scope::default() });
        reader.add("rules.json", text.into_bytes()).unwrap();
        reader.end().unwrap()
    }

    /// What `fixes` lack of `wanted`.
    fn lacking(fixes: &[Fix], wanted: Vec<Fix>) -> Missing {
        let network = written(fixes);
        let chosen = Chosen::new(&network, Wish::default()).unwrap();
        missing(wanted, &chosen, &Judge::new(&chosen, None)).unwrap()
    }

    fn instances() -> impl Iterator<Item = Instance> {
        let clouds = ["public", "usgov", "china"].into_iter();
        clouds.flat_map(|cloud| {
            VnetMode::ALL.iter().flat_map(move |&vnet_mode| {
                Profile::ALL.iter().map(move |&profile| Instance {
                    cloud: cloud.to_owned(),
                    vnet_mode,
                    profile,
                    ..Instance::default()
                })
            })
        })
    }

    #[test]
    fn what_was_written_lacks_nothing() {
        for instance in instances() {
            for (strict_deny, required_only) in [(false, false), (true, false), (true, true)] {
                for forced_tunnel in [None, Some("10.0.0.4".parse().unwrap())] {
                    let wishes = Wishes { strict_deny, required_only, forced_tunnel, ..wishes() };
                    let fixes = needed(embedded(), &instance, &wishes).unwrap();
                    let found = lacking(&fixes, fixes.clone());
                    let what = (&instance.cloud, instance.vnet_mode, instance.profile, wishes);
                    assert_eq!(found.fixes, [], "{what:?}");
                    assert_eq!(found.beyond, Vec::<String>::new(), "{what:?}");
                }
            }
        }
    }

    #[test]
    fn each_rule_that_is_taken_out_of_a_strict_set_is_missing() {
        let both = instances().flat_map(|instance| [(instance.clone(), false), (instance, true)]);
        for (instance, required_only) in both {
            let wishes = Wishes { strict_deny: true, required_only, ..wishes() };
            let fixes = needed(embedded(), &instance, &wishes).unwrap();
            for place in 0..fixes.len() {
                let mut rest = fixes.clone();
                let taken = rest.remove(place);
                let is_required = |rule: &SecurityRule| rule.description.starts_with("Required");
                if !matches!(&taken, Fix::SecurityRule(rule) if rule.access == Access::Allow && is_required(rule))
                {
                    continue;
                }
                let found = lacking(&rest, fixes.clone());
                // A port of it may be open to a wider tag: what clients may call, the platform may call too.
                assert_eq!(
                    names(&found.fixes),
                    names(&[taken]),
                    "{:?} {:?}",
                    instance.vnet_mode,
                    instance.profile
                );
            }
        }
    }

    fn names(fixes: &[Fix]) -> Vec<&str> {
        let name = |fix| {
            if let &Fix::SecurityRule(SecurityRule { ref name, .. }) = fix {
                name.as_str()
            } else {
                "another kind"
            }
        };
        fixes.iter().map(name).collect()
    }

    #[test]
    fn a_new_rule_stands_ahead_of_what_denies_and_takes_no_place_that_is_taken() {
        let mut fixes =
            needed(embedded(), &Instance::default(), &Wishes { required_only: true, ..wishes() }).unwrap();
        let is_sql = |fix: &Fix| matches!(fix, Fix::SecurityRule(rule) if rule.name == "Allow-Sql-Outbound");
        let sql = fixes.iter().position(is_sql).unwrap();
        let Fix::SecurityRule(mut deny) = fixes[sql].clone() else { panic!("no rule") };
        let wanted = fixes.clone();
        (deny.name, deny.access, deny.priority) = ("Allow-Sql-Outbound".to_owned(), Access::Deny, Some(102));
        fixes[sql] = Fix::SecurityRule(deny);
        let found = lacking(&fixes, wanted);
        let [Fix::SecurityRule(rule)] = &found.fixes[..] else { panic!("{found:?}") };
        assert_eq!((rule.name.as_str(), rule.priority), ("Allow-Sql-Outbound-2", Some(101)));
    }

    /// What an admin rule decides, no rule of the group changes, though the group would deny it as well.
    #[test]
    fn nothing_is_added_to_a_group_that_an_admin_rule_passes_by() {
        let only = |access| {
            let mut rules = needed(embedded(), &Instance::default(), &wishes()).unwrap();
            rules.retain(|fix| matches!(fix, Fix::SecurityRule(rule) if rule.name == "Allow-Sql-Outbound"));
            let Fix::SecurityRule(rule) = &mut rules[0] else { panic!("no rule") };
            rule.access = access;
            rules
        };
        let mut network = written(&only(Access::Deny));
        let lacks = |network: &Network| {
            let chosen = Chosen::new(network, Wish::default()).unwrap();
            let found = missing(only(Access::Allow), &chosen, &Judge::new(&chosen, None)).unwrap();
            (found.fixes.len(), found.beyond.len())
        };
        assert_eq!(lacks(&network), (1, 0));
        for (access, beyond) in [(Access::Deny, 1), (Access::AlwaysAllow, 0)] {
            let mut rules = network.groups[0].rules.clone();
            rules[0].access = Field::Given(access);
            network.admin_rules = vec![AdminRules { rules, ..AdminRules::default() }];
            assert_eq!(lacks(&network), (0, beyond));
        }
    }

    #[test]
    fn a_default_group_lacks_the_control_plane_and_nothing_else() {
        let wanted = needed(embedded(), &Instance::default(), &wishes()).unwrap();
        let Fix::SecurityRule(mut other) = wanted[0].clone() else { panic!("no rule") };
        (other.name, other.ports) = ("Other".to_owned(), vec![PortRange::one(22)]);
        let found = lacking(&[Fix::SecurityRule(other)], wanted);
        assert_eq!(names(&found.fixes), ["Allow-ApiManagement-Inbound"]);
    }
}
