//! Properties that hold for every network.

use std::time::Duration;

use apim_probe_checks::network::choose::{Chosen, Wish};
use apim_probe_checks::network::decision::{Decision, Ruling};
use apim_probe_checks::network::derive::{Routes, routes};
use apim_probe_checks::network::judge::Judge;
use apim_probe_checks::network::{
    Access, Address, Criterion, Field, Network, NextHop, ResourceId, Route, RouteTable, Routed,
    SecurityGroup, SecurityRule, Subnet, VirtualNetwork,
};
use ipnet::IpNet;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use proptest::prelude::*;

use crate::notation::{flow, rule};

const FLOWS: &[&str] = &[
    "out tcp 443 Storage",
    "out tcp 1433 Sql",
    "out tcp 443 AzureMonitor",
    "out tcp 80 internet",
    "out udp 123 internet",
    "out tcp 443 20.60.1.1@Storage",
    "out tcp 443 10.0.2.5",
    "out tcp 443 203.0.113.9",
    "out udp 53 168.63.129.16",
    "in tcp 3443 ApiManagement",
    "in tcp 6390 AzureLoadBalancer",
    "in tcp 443 internet",
    "in udp 4290 peers",
    "in tcp 443 VirtualNetwork",
];

fn network(rules: &[SecurityRule], table: &[Route]) -> Network {
    let id = |name: &str| ResourceId(format!("/subscriptions/s/resourceGroups/g/x/{name}"));
    let vnet = ResourceId("/subscriptions/s/resourceGroups/g/virtualNetworks/v".into());
    Network {
        groups: vec![SecurityGroup { id: id("nsg"), rules: rules.to_vec(), ..SecurityGroup::default() }],
        route_tables: vec![RouteTable { id: id("rt"), routes: table.to_vec(), ..RouteTable::default() }],
        subnets: vec![Subnet {
            id: ResourceId(format!("{vnet}/subnets/apim")),
            prefixes: Field::Given(prefixes("10.0.1.0/24")),
            group: Field::Given(id("nsg")),
            route_table: Field::Given(id("rt")),
            ..Subnet::default()
        }],
        virtual_networks: vec![VirtualNetwork {
            id: vnet,
            address_space: Field::Given(prefixes("10.0.0.0/16")),
            ..VirtualNetwork::default()
        }],
        ..Network::default()
    }
}

fn prefixes(text: &str) -> Vec<IpNet> {
    text.split(' ').filter_map(|prefix| prefix.parse().ok()).collect()
}

fn chosen(network: &Network) -> Chosen<'_> {
    Chosen::new(network, Wish::default()).expect("one subnet")
}

fn judge(network: &Network) -> Judge<'_> {
    Judge::new(&chosen(network), Some("westeurope"))
}

fn decisions(network: &Network) -> Vec<Decision> {
    let judge = judge(network);
    FLOWS.iter().map(|text| judge.decide(&flow(text))).collect()
}

fn address() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "*",
        "Internet",
        "VirtualNetwork",
        "Storage",
        "Sql",
        "AzureCloud",
        "ApiManagement",
        "AzureLoadBalancer",
        "AzurePlatformDNS",
        "Storage.WestEurope",
        "Storage.WestUS",
        "ServiceBus",
        "10.0.1.0/24",
        "10.0.1.0/25",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "20.60.0.0/16",
        "20.60.1.1/32",
        "203.0.113.0/24",
    ])
}

prop_compose! {
    fn a_rule()(
        direction in prop::sample::select(vec!["in", "out"]),
        access in prop::sample::select(vec!["allow", "deny"]),
        protocol in prop::sample::select(vec!["*", "Tcp", "Udp"]),
        source in address(),
        destination in address(),
        ports in prop::sample::select(vec!["*", "443", "80", "1433", "3443,6390", "400-500"]),
    ) -> String {
        format!("{direction} PRIORITY NAME {access} {protocol} {source} {destination} {ports}")
    }
}

/// Rules with priorities of their own.
fn rules() -> impl Strategy<Value = Vec<SecurityRule>> {
    prop::collection::vec(a_rule(), 0..8).prop_map(|lines| {
        let numbered = lines.iter().enumerate().map(|(at, line)| {
            let priority = (200 + 10 * at).to_string();
            rule(&line.replace("PRIORITY", &priority).replace("NAME", &format!("Rule{at}")))
        });
        numbered.collect()
    })
}

fn table() -> impl Strategy<Value = Vec<Route>> {
    let prefix =
        prop::sample::select(vec!["0.0.0.0/0", "20.60.0.0/16", "10.0.2.0/24", "10.0.0.0/8", "ApiManagement"]);
    let hop =
        prop::sample::select(vec![NextHop::None, NextHop::Internet, NextHop::Appliance, NextHop::VnetLocal]);
    prop::collection::btree_map(prefix, hop, 0..4).prop_map(|routes| {
        let route = |(prefix, hop): (&str, NextHop)| Route {
            name: Some(prefix.to_owned()),
            destinations: vec![Routed::read(prefix)],
            next_hop: Field::Given(hop),
            ..Route::default()
        };
        routes.into_iter().map(route).collect()
    })
}

/// What a person sees of a decision.
fn gist(decision: &Decision) -> (Ruling, String, Option<String>, Option<String>) {
    (
        decision.ruling,
        decision.by.to_string(),
        decision.nsg.as_ref().and_then(|rule| rule.name.clone()),
        decision.route.as_ref().map(|route| format!("{} {}", route.prefix, route.next_hop)),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rules_and_routes_changes_nothing(rules in rules(), table in table()) {
        let before = decisions(&network(&rules, &table));
        let (mut rules, mut table) = (rules, table);
        rules.reverse();
        table.reverse();
        prop_assert_eq!(before, decisions(&network(&rules, &table)));
    }

    #[test]
    fn a_rule_above_changes_nothing_that_it_does_not_match(rules in rules(), table in table()) {
        let before: Vec<_> = decisions(&network(&rules, &table)).iter().map(gist).collect();
        let mut more = rules;
        more.push(rule("out 100 Other deny tcp * * 9999"));
        more.push(rule("in 100 OtherIn deny udp * * 443"));
        let after: Vec<_> = decisions(&network(&more, &table)).iter().map(gist).collect();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn splitting_a_prefix_changes_no_ruling(rules in rules(), table in table()) {
        let before: Vec<Ruling> = decisions(&network(&rules, &table)).iter().map(|d| d.ruling).collect();
        let mut halved = rules;
        for rule in &mut halved {
            for side in [&mut rule.source, &mut rule.destination] {
                side.addresses = side.addresses.iter().flat_map(halves).collect();
            }
        }
        let after: Vec<Ruling> = decisions(&network(&halved, &table)).iter().map(|d| d.ruling).collect();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_wider_allow_never_denies(rules in rules(), table in table(), at in 0_usize..8) {
        let before = decisions(&network(&rules, &table));
        let mut wider = rules;
        let index = at.min(wider.len().saturating_sub(1));
        if let Some(rule) = wider.get_mut(index).filter(|rule| rule.access == Field::Given(Access::Allow)) {
            let open = Criterion::read("*");
            rule.source.addresses = vec![open.clone()];
            rule.destination.addresses = vec![open];
        }
        for (old, new) in before.iter().zip(decisions(&network(&wider, &table))) {
            prop_assert!(!(old.ruling == Ruling::Allowed && new.ruling != Ruling::Allowed), "{old:?}\n{new:?}");
            prop_assert!(!(old.ruling == Ruling::Unknown && new.ruling == Ruling::Denied), "{old:?}\n{new:?}");
        }
    }

    #[test]
    fn a_deny_of_everything_in_front_denies_all_but_the_platform(rules in rules(), table in table()) {
        let mut closed = rules;
        closed.push(rule("out 100 DenyOut deny * * * *"));
        closed.push(rule("in 100 DenyIn deny * * * *"));
        for (text, decision) in FLOWS.iter().zip(decisions(&network(&closed, &table))) {
            let is_platform = text.contains("168.63.129.16");
            prop_assert_eq!(decision.ruling == Ruling::Denied, !is_platform || decision.ruling == Ruling::Denied);
            if is_platform {
                prop_assert!(decision.nsg.as_ref().and_then(|rule| rule.name.as_deref()) != Some("DenyOut"));
            }
        }
    }

    #[test]
    fn deriving_and_judging_twice_gives_the_same(rules in rules(), table in table()) {
        let network = network(&rules, &table);
        let paths = |network: &Network| match routes(&chosen(network)) {
            Routes::Known(known) => known.paths.into_iter().map(|path| path.name).collect(),
            Routes::Unmentioned | Routes::NotGiven => Vec::new(),
        };
        prop_assert_eq!(paths(&network), paths(&network));
        prop_assert_eq!(decisions(&network), decisions(&network));
    }

    #[test]
    fn a_near_miss_allows_and_belongs_to_a_denied_flow(rules in rules(), table in table()) {
        for decision in decisions(&network(&rules, &table)) {
            if let Some(near) = &decision.near_miss {
                prop_assert_eq!(decision.ruling, Ruling::Denied);
                let rule = rules.iter().find(|rule| rule.name == near.name).unwrap();
                let is_access = near.field == apim_probe_checks::network::decision::Field::Access;
                prop_assert_eq!(rule.access == Field::Given(Access::Allow), !is_access);
            }
        }
    }
}

fn halves(criterion: &Criterion) -> Vec<Criterion> {
    match &criterion.address {
        Address::Prefix(prefix) if prefix.prefix_len() < 32 => {
            let half = |prefix: IpNet| Criterion::read(&prefix.to_string());
            prefix.subnets(prefix.prefix_len() + 1).into_iter().flatten().map(half).collect()
        }
        _ => vec![criterion.clone()],
    }
}

/// The bar is 0.3 s of CPU for a thousand rules, a thousand routes and the whole catalogue, in release; here, unoptimised, no more
/// is asked than that the work grows with the size and not with its square. Time is this thread's own, whatever else runs.
#[test]
fn four_times_the_rules_take_about_four_times_the_work() {
    let network_of = |count: usize| {
        let line = |at: usize| {
            format!("out {} R{at} allow tcp 10.0.1.0/24 20.{}.{}.0/24 443", 100 + at, at / 250, at % 250)
        };
        let rules: Vec<SecurityRule> = (0..count).map(|at| rule(&line(at))).collect();
        let route = |at: usize| Route {
            name: Some(format!("r{at}")),
            destinations: vec![Routed::read(&format!("21.{}.{}.0/24", at / 250, at % 250))],
            next_hop: Field::Given(NextHop::Appliance),
            ..Route::default()
        };
        network(&rules, &(0..count).map(route).collect::<Vec<Route>>())
    };
    let work = |count: usize| {
        let network = network_of(count);
        let start = cpu();
        let judge = judge(&network);
        let denied = FLOWS.iter().filter(|text| judge.decide(&flow(text)).ruling == Ruling::Denied).count();
        assert!(denied < FLOWS.len());
        cpu() - start
    };
    let (small, big) = (work(250), work(1000));
    assert!(big < small * 8 + Duration::from_millis(20), "{small:?} for 250, {big:?} for 1000");
}

/// CPU time of this thread.
fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("Linux tells");
    let used = usage.user_time() + usage.system_time();
    Duration::from_micros(u64::try_from(used.num_microseconds()).unwrap_or_default())
}
