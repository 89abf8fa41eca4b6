//! A plan judged by configuration alone: which checks there are, how each ends, and in which words.

use apim_probe_checks::catalogue::{self, Direction, Protocol, Requirement, Transport, VnetMode};
use apim_probe_checks::instance::{HostnameKind, Instance, LiteralFlow};
use apim_probe_checks::network::choose::Chosen;
use apim_probe_checks::network::configuration::Choice;
use apim_probe_checks::network::decision::{By, Decision, Ruling};
use apim_probe_checks::network::judgement::Judgement;
use apim_probe_checks::network::settings::{Gravity, Reason, ReasonCode, Setting, SettingId, Surroundings};
use apim_probe_checks::network::told::{self, Typed};
use apim_probe_checks::network::{Network, told::fill_in};
use apim_probe_checks::outcome::{Cause, SkipReason, Status};
use apim_probe_checks::plan::Plan;

use crate::documents::{read, text};

const GROUP: &str =
    "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/nsg-lab";

/// A rule in the order name, priority, direction, access, source, destination, port.
fn rule(words: [&str; 7]) -> String {
    let [name, priority, direction, access, source, destination, port] = words;
    format!(
        r#"{{"name":"{name}","priority":{priority},"direction":"{direction}","access":"{access}","protocol":"Tcp","sourceAddressPrefix":"{source}","sourcePortRange":"*","destinationAddressPrefix":"{destination}","destinationPortRange":"{port}"}}"#
    )
}

fn group(rules: &[String]) -> String {
    format!(r#"{{"id":"{GROUP}","name":"nsg-lab","securityRules":[{}]}}"#, rules.join(","))
}

struct Reviewed {
    plan: Plan,
    judgement: Judgement,
}

impl Reviewed {
    fn of(network: &Network, instance: &Instance) -> Self {
        let catalogue = catalogue::embedded();
        let chosen = Chosen::new(network, Choice::default().wish()).expect("one subnet");
        let plan = Plan::for_review(catalogue, instance).expect("a plan").0;
        let around = Surroundings {
            cloud: "public",
            profile: instance.profile,
            mode: instance.vnet_mode,
            machine_dns: &[],
            hosts: &[],
            private_ip: None,
            is_management_failing: false,
            now: std::time::UNIX_EPOCH,
        };
        let judgement = Judgement::new(&chosen, catalogue, &plan, None, &around);
        Self { plan, judgement }
    }

    #[track_caller]
    fn decision(&self, endpoint: &str) -> &Decision {
        let check = self.plan.checks.iter().find(|check| check.endpoint == endpoint);
        let check = check.unwrap_or_else(|| panic!("no check of {endpoint}"));
        self.judgement.decision(&check.id).unwrap_or_else(|| panic!("{endpoint} has no flow"))
    }
}

fn reviewed(rules: &[String]) -> Reviewed {
    Reviewed::of(&text(&group(rules)).expect("a group"), &Instance::default())
}

#[test]
fn a_row_is_one_check_whatever_ports_and_names_it_has() {
    let instance = Instance { storage_accounts: vec!["a".into(), "b".into()], ..Instance::default() };
    let review = Reviewed::of(&text(&group(&[])).unwrap(), &instance);
    let mut endpoints: Vec<&str> = review.plan.checks.iter().map(|check| check.endpoint.as_str()).collect();
    let all = endpoints.len();
    endpoints.dedup();
    assert_eq!(endpoints.len(), all, "{endpoints:?}");
    for endpoint in ["storage-blob", "sql-database", "in-lb-6390", "controlplane-inbound"] {
        let check = review.plan.checks.iter().find(|check| check.endpoint == endpoint);
        let check = check.unwrap_or_else(|| panic!("{endpoint} is not planned"));
        assert_eq!(check.skip_reason(), Some(SkipReason::NotCheckable), "{endpoint}");
    }
    assert!(!endpoints.iter().any(|endpoint| endpoint.starts_with("storage-front")), "{endpoints:?}");
    let traffic = review.plan.checks.iter().find(|check| check.endpoint == "in-traffic-manager");
    assert!(traffic.is_none_or(|check| check.skip_reason() == Some(SkipReason::SingleRegion)));
}

#[test]
fn a_rule_that_denies_fails_its_check() {
    let deny = rule(["DenyInternet", "200", "Outbound", "Deny", "*", "Internet", "*"]);
    let near = rule(["AllowSql", "150", "Outbound", "Allow", "VirtualNetwork", "Sql", "1443"]);
    let review = reviewed(&[deny, near]);
    let decision = review.decision("sql-database");
    assert_eq!((decision.ruling, decision.by), (Ruling::Denied, By::Rule));
    let Status::Failure(failure) = decision.status() else { panic!("{decision:?}") };
    assert_eq!(failure.cause, Cause::RuleDenies);
    assert_eq!(failure.detail, "denied by \"DenyInternet\" (200, nsg-lab)");
    assert_eq!(
        decision.near_miss.as_ref().unwrap().to_string(),
        "\"AllowSql\" (150, nsg-lab) misses by its port: it has 1443, the flow needs 1433"
    );
    let inbound = review.decision("controlplane-inbound");
    assert_eq!(inbound.by, By::DefaultRule);
    assert_eq!(inbound.sentence(), "denied by \"DenyAllInBound\" (65500, nsg-lab)");
}

#[test]
fn an_admin_rule_that_denies_fails_its_check() {
    let mut network = read(&["admin-rules.rest.json"]);
    network.groups = text(&group(&[])).unwrap().groups;
    let review = Reviewed::of(&network, &Instance::default());
    let decision = review.decision("storage-file");
    let Status::Failure(failure) = decision.status() else { panic!("{decision:?}") };
    assert_eq!(failure.cause, Cause::AdminRuleDenies);
    assert_eq!(failure.detail, "denied by the security admin rule \"no-smb\" (5, perimeter)");
}

#[test]
fn a_route_that_drops_fails_its_check() {
    let mut network = text(&group(&[])).unwrap();
    let table = r#"{"id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/routeTables/rt-lab","routes":[{"name":"nowhere","addressPrefix":"0.0.0.0/0","nextHopType":"None"}]}"#;
    network.route_tables = text(table).unwrap().route_tables;
    let review = Reviewed::of(&network, &Instance::default());
    let decision = review.decision("sql-database");
    let Status::Failure(failure) = decision.status() else { panic!("{decision:?}") };
    assert_eq!(failure.cause, Cause::RouteDrops);
    assert_eq!(failure.detail, "denied: the route \"nowhere\" (0.0.0.0/0 to None, rt-lab) drops it");
}

#[test]
fn a_setting_that_is_wrong_fails_its_check() {
    let said = || ("The subnet is a /29.".to_owned(), "Take a larger one.".to_owned());
    let reason = |gravity| Reason::new(ReasonCode::SubnetTooSmall, gravity, said(), "");
    let setting = |id, gravity| Setting { id, reasons: vec![reason(gravity)] };
    let status = |id, gravity| setting(id, gravity).status();
    let Status::Failure(failure) = status(SettingId::Subnet, Gravity::Error) else { panic!() };
    assert_eq!(failure.cause, Cause::SettingWrong);
    assert_eq!(status(SettingId::Subnet, Gravity::Warning), Status::Success);
    assert!(matches!(status(SettingId::Dns, Gravity::Warning), Status::Failure(_)));
}

#[test]
fn what_nobody_can_tell_is_undecided() {
    let review = Reviewed::of(&read(&["route-table.rest.json"]), &Instance::default());
    let decision = review.decision("sql-database");
    assert_eq!((decision.ruling, decision.by), (Ruling::Unknown, By::NoDocument));
    assert_eq!(decision.status(), Status::Undecided(None));
    let external = Instance { vnet_mode: VnetMode::External, ..Instance::default() };
    let review =
        Reviewed::of(&read(&["nsg.az.json", "route-table.rest.json", "subnet.rest.json"]), &external);
    let decision = review.decision("in-client");
    assert_eq!(decision.by, By::Appliance, "{decision:?}");
    assert!(
        decision
            .sentence()
            .starts_with("cannot tell: the route \"to-firewall\" (0.0.0.0/0 to 10.40.9.4, rt-apim)")
    );
}

#[test]
fn literal_addresses_are_flows_of_their_own() {
    let flow = |direction, transport| LiteralFlow {
        direction,
        address: "203.0.113.7".parse().unwrap(),
        port: 443,
        transport,
        protocol: Protocol::Https,
        requirement: Requirement::Required,
    };
    let literals = vec![flow(Direction::Outbound, Transport::Tcp), flow(Direction::Inbound, Transport::Udp)];
    let deny = rule(["DenyOne", "200", "Outbound", "Deny", "*", "203.0.113.0/24", "443"]);
    let review = Reviewed::of(&text(&group(&[deny])).unwrap(), &Instance { literals, ..Instance::default() });
    let ids: Vec<&str> = review.plan.checks.iter().map(|check| check.id.as_str()).collect();
    assert!(
        ids.contains(&"custom/203.0.113.7:443") && ids.contains(&"inbound/203.0.113.7:443/udp"),
        "{ids:?}"
    );
    assert_eq!(review.decision("custom").nsg.as_ref().unwrap().name.as_deref(), Some("DenyOne"));
}

#[test]
fn documents_fill_in_what_was_not_typed_and_contradict_what_was() {
    let catalogue = catalogue::embedded();
    let network = read(&[
        "apim.rest.json",
        "vnet.rest.json",
        "outbound-dependencies.rest.json",
        "network-status.rest.json",
    ]);
    let chosen = Chosen::new(&network, Choice::default().wish()).unwrap();
    let mut instance = Instance::default();
    assert_eq!(fill_in(&mut instance, Typed::default(), &chosen, catalogue), []);
    assert_eq!((instance.cloud.as_str(), instance.region.as_deref()), ("public", Some("westeurope")));
    assert_eq!(instance.service.as_deref(), Some("contoso-lab"));
    assert_eq!(instance.private_ip, Some("10.40.1.5".parse().unwrap()));
    let domains = [
        (HostnameKind::Gateway, "api.contoso.example".into()),
        (HostnameKind::Management, "mgmt.contoso.example".into()),
    ];
    assert_eq!(instance.hostnames, domains);
    assert_eq!(instance.sql_servers, ["lab-sql.database.windows.net"]);
    assert_eq!(instance.event_hubs, ["lab-eh.servicebus.windows.net"]);
    assert_eq!(instance.network_status.as_ref().unwrap().entries.len(), 1);
    assert_eq!(told::dns_servers(&chosen).len(), 2);

    let typed = Typed { region: Some("eastus2"), service: Some("other"), ..Typed::default() };
    let mut instance =
        Instance { region: Some("eastus2".into()), service: Some("other".into()), ..Instance::default() };
    let against = fill_in(&mut instance, typed, &chosen, catalogue);
    let options: Vec<&str> = against.iter().map(|one| &*one.option).collect();
    assert_eq!(options, ["--service", "--region"]);
    assert_eq!((instance.region.as_deref(), instance.service.as_deref()), (Some("eastus2"), Some("other")));
    assert_eq!(against[1].told, "westeurope");
}
