//! The configuration, judged for a whole plan.

use apim_probe_checks::catalogue::{VnetMode, embedded};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::choose::{Chosen, Wish};
use apim_probe_checks::network::decision::Ruling;
use apim_probe_checks::network::judgement::{Judgement, OutboundPath};
use apim_probe_checks::network::settings::Surroundings;
use apim_probe_checks::network::{Field, Network, Way};
use apim_probe_checks::plan::{CheckId, Plan};

use crate::notation::Written;

fn network(text: &str) -> Network {
    toml::from_str::<Written>(text).unwrap_or_else(|error| panic!("{error}")).read()
}

fn judge(network: &Network, mode: VnetMode) -> Judgement {
    let catalogue = embedded();
    let instance = Instance { vnet_mode: mode, region: Some("westeurope".into()), ..Instance::default() };
    let plan = Plan::new(catalogue, &instance).expect("a plan");
    let chosen = Chosen::new(network, Wish::default()).expect("one subnet");
    let around = Surroundings {
        cloud: "public",
        profile: instance.profile,
        mode,
        machine_dns: &[],
        hosts: &[],
        private_ip: None,
        is_management_failing: false,
        now: std::time::UNIX_EPOCH,
    };
    Judgement::new(&chosen, catalogue, &plan, None, &around)
}

fn ruling(judgement: &Judgement, endpoint: &str) -> Option<Ruling> {
    let id = judgement.judged.keys().find(|id| id.as_str().split('/').next() == Some(endpoint))?;
    judgement.decision(id).map(|decision| decision.ruling)
}

const STRICT: &str = r#"
subnet = ["10.10.1.0/24"]
space = ["10.10.0.0/16"]
group = """
in 100 Management allow tcp ApiManagement VirtualNetwork 3443
in 110 Probe allow tcp AzureLoadBalancer VirtualNetwork 6390
in 4000 DenyIn deny * * * *
out 100 Storage allow tcp VirtualNetwork Storage 443
out 4000 DenyOut deny * * * *
"""
"#;

#[test]
fn rows_that_no_probe_can_see_are_judged_like_all_others() {
    let judgement = judge(&network(STRICT), VnetMode::External);
    assert_eq!(ruling(&judgement, "controlplane-inbound"), Some(Ruling::Allowed));
    assert_eq!(ruling(&judgement, "in-lb-6390"), Some(Ruling::Allowed));
    assert_eq!(ruling(&judgement, "in-lb-6391"), Some(Ruling::Denied));
    assert_eq!(ruling(&judgement, "in-client"), Some(Ruling::Denied));
    assert_eq!(ruling(&judgement, "rate-limit-sync"), Some(Ruling::Denied));
    assert_eq!(ruling(&judgement, "cache-internal"), Some(Ruling::Denied));
    assert_eq!(ruling(&judgement, "storage-package"), Some(Ruling::Allowed));
    assert_eq!(ruling(&judgement, "sql-regional-gateway"), Some(Ruling::Denied));
    assert_eq!(ruling(&judgement, "dns-azure"), Some(Ruling::Allowed));
}

#[test]
fn a_row_with_several_ports_is_as_its_worst() {
    let judgement = judge(&network(STRICT), VnetMode::External);
    let id = CheckId("storage-file".into());
    let flows = &judgement.judged[&id];
    let rulings: Vec<Ruling> = flows.iter().map(|(_, decision)| decision.ruling).collect();
    assert_eq!(rulings, [Ruling::Allowed, Ruling::Denied]);
    let decision = judgement.decision(&id).expect("judged");
    assert_eq!(decision.ruling, Ruling::Denied);
    assert_eq!(decision.near_miss.as_ref().map(|near| near.needs.as_str()), Some("445"));
}

#[test]
fn what_was_not_wanted_is_not_judged() {
    let judgement = judge(&network(STRICT), VnetMode::External);
    for endpoint in ["graph-legacy", "arm", "smtp-legacy", "dns-vnet"] {
        assert_eq!(ruling(&judgement, endpoint), None, "{endpoint}");
    }
}

#[test]
fn a_free_priority_is_ahead_of_what_denies_and_not_taken() {
    let judgement = judge(&network(STRICT), VnetMode::External);
    assert_eq!(judgement.names.free_priority(Way::Outbound, Some(4000)), Some(3990));
    assert_eq!(judgement.names.free_priority(Way::Outbound, Some(101)), None);
    assert_eq!(judgement.names.free_priority(Way::Inbound, Some(112)), Some(111));
    assert_eq!(judgement.names.free_priority(Way::Inbound, Some(65_500)), Some(4010));
    assert_eq!(judgement.names.free_priority(Way::Inbound, None), Some(4010));
    assert_eq!(judgement.names.security_group.as_deref(), Some("nsg-apim"));
    assert_eq!(judgement.names.security_resource_group.as_deref(), Some("net"));
    assert_eq!(judgement.names.virtual_network.as_deref(), Some("vnet"));
}

#[test]
fn a_tunnel_without_service_endpoints_names_those_that_are_missing() {
    let tunnelled = network(
        r#"
        subnet = ["10.10.1.0/24"]
        space = ["10.10.0.0/16"]
        location = "westeurope"
        group = ""
        endpoints = ["Microsoft.Storage"]
        routes = "egress 0.0.0.0/0 VirtualAppliance 10.10.0.4"
        "#,
    );
    let judgement = judge(&tunnelled, VnetMode::Internal);
    let services: Vec<&str> =
        judgement.missing_endpoints.iter().map(|missing| missing.service.as_str()).collect();
    assert!(services.contains(&"Microsoft.Sql") && services.contains(&"Microsoft.EventHub"), "{services:?}");
    assert!(!services.contains(&"Microsoft.Storage"), "{services:?}");
}

#[test]
fn a_private_subnet_reaches_nothing_public_but_by_a_way_of_its_own() {
    let private = |more: &str| {
        let mut network = network(&format!(
            "subnet = [\"10.10.1.0/24\"]\nspace = [\"10.10.0.0/16\"]\ngroup = \"\"\n{more}"
        ));
        network.subnets[0].default_outbound_access = Field::Given(false);
        judge(&network, VnetMode::Internal).outbound
    };
    assert_eq!(private(""), OutboundPath::None);
    assert_eq!(private("routes = \"egress 0.0.0.0/0 VirtualAppliance 10.10.0.4\""), OutboundPath::Open);
    assert_eq!(
        private(
            "routes = \"\"\"\negress 0.0.0.0/0 VirtualAppliance 10.10.0.4\nback ApiManagement Internet\n\"\"\""
        ),
        OutboundPath::PastAppliance(vec!["back".to_owned()])
    );
}
