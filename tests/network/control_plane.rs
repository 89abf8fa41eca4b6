//! Azure's own call to the management endpoint: what it decides, and what accounts for it when it fails.

use apim_probe_checks::catalogue::{VnetMode, embedded};
use apim_probe_checks::diagnose::Code;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::choose::Chosen;
use apim_probe_checks::network::configuration::{Choice, add_settings};
use apim_probe_checks::network::read::Reader;
use apim_probe_checks::network::{ControlPlane, Network, Refusal};
use apim_probe_checks::outcome::{Cause, Failure, Outcome, Stage, Status};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::Report;
use apim_probe_checks::run::RunKind;
use serde_json::json;

use crate::judged::{self, AT};

/// A subnet whose group lets the control plane in, or does not.
fn network(rule: &str, call: Option<(u16, &str)>) -> Network {
    let subnet =
        "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/apim";
    let group = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg";
    let documents = json!([
        {"id": subnet, "name": "apim", "type": "Microsoft.Network/virtualNetworks/subnets", "properties":
            {"addressPrefix": "10.9.1.0/24", "networkSecurityGroup": {"id": group}}},
        {"id": group, "name": "nsg", "type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [
            {"name": "in", "properties": {"protocol": "Tcp", "sourcePortRange": "*", "destinationPortRange": "3443",
                "sourceAddressPrefix": rule, "destinationAddressPrefix": "VirtualNetwork", "access": "Allow",
                "priority": 100, "direction": "Inbound"}}]}},
    ]);
    let mut reader = Reader::default();
    reader.add("net.json", documents.to_string().into_bytes()).expect("documents");
    let mut network = reader.end().expect("one network");
    network.control_plane =
        call.map(|(status, code)| ControlPlane { status, code: (!code.is_empty()).then(|| code.to_owned()) });
    network
}

fn report(network: &Network, kind: RunKind, port_3443: &Status) -> Report {
    let instance =
        Instance { vnet_mode: VnetMode::External, service: Some("shop".to_owned()), ..Instance::default() };
    let choice = Choice::default();
    let mut plan = Plan::new(embedded(), &instance).expect("a plan");
    add_settings(&mut plan, &Chosen::new(network, choice.wish()).expect("one subnet"), &choice);
    let outcome = |check: &Check| match check.skip_reason() {
        Some(reason) => Outcome::skipped(reason, AT),
        None if check.endpoint == "controlplane-inbound" => Outcome::bare(port_3443.clone(), AT),
        None => Outcome::bare(Status::Success, AT),
    };
    judged::report(network, (kind, plan), outcome, Vec::new()).expect("one subnet")
}

fn control_plane(report: &Report) -> Status {
    report
        .results()
        .find(|seen| seen.check.endpoint == "controlplane-inbound")
        .expect("the check")
        .status()
        .clone()
}

fn silent() -> Status {
    Status::Failure(Failure::new(Stage::Connect, Cause::ConnectTimeout, ""))
}

#[test]
fn a_call_that_fails_decides_over_every_packet() {
    let failed = network("ApiManagement", Some((500, "ManagementApiRequestFailed")));
    let report = report(&failed, RunKind::Check, &Status::Success);
    let Status::Failure(failure) = control_plane(&report) else { panic!("{:?}", control_plane(&report)) };
    assert_eq!((failure.stage, failure.cause), (Stage::Exchange, Cause::ControlPlaneUnreachable));
    assert!(failure.detail.ends_with("HTTP 500, ManagementApiRequestFailed"), "{}", failure.detail);
    let root = report.diagnosis.roots().find(|finding| finding.code == Code::ControlPlaneUnreachable);
    assert_eq!(root.unwrap().affects[0].as_str(), "controlplane-inbound/shop.management.azure-api.net:3443");
}

#[test]
fn a_call_that_succeeds_decides_over_a_silent_port() {
    let answered = network("ApiManagement", Some((200, "")));
    let report = report(&answered, RunKind::Check, &silent());
    assert_eq!(control_plane(&report), Status::Success);
    assert!(report.diagnosis.findings.iter().all(|finding| finding.code != Code::OwnEndpointSilent));
}

#[test]
fn an_answer_that_says_nothing_of_3443_leaves_the_packets_word() {
    for (status, code) in [(403, "AuthorizationFailed"), (429, ""), (500, "InternalServerError")] {
        let told = network("ApiManagement", Some((status, code)));
        assert_eq!(control_plane(&report(&told, RunKind::Check, &silent())), silent(), "{status}");
        assert_eq!(
            control_plane(&report(&told, RunKind::Check, &Status::Success)),
            Status::Success,
            "{status}"
        );
    }
}

#[test]
fn the_rule_that_shuts_it_out_accounts_for_the_call() {
    let shut = network("AzureTrafficManager", Some((500, "ManagementApiRequestFailed")));
    for kind in [RunKind::Check, RunKind::Review] {
        let report = report(&shut, kind, &silent());
        let call =
            report.diagnosis.findings.iter().find(|one| one.code == Code::ControlPlaneUnreachable).unwrap();
        assert_eq!(call.explained_by, Some(Code::NsgRuleMissing), "{kind}: {:#?}", report.diagnosis.findings);
    }
}

#[test]
fn a_missing_group_accounts_for_the_call() {
    let mut bare = network("ApiManagement", Some((500, "ManagementApiRequestFailed")));
    bare.groups.clear();
    bare.subnets[0].group = apim_probe_checks::network::Field::Absent;
    let report = report(&bare, RunKind::Check, &silent());
    let call =
        report.diagnosis.findings.iter().find(|one| one.code == Code::ControlPlaneUnreachable).unwrap();
    assert_eq!(call.explained_by, Some(Code::NsgMissing), "{:#?}", report.diagnosis.findings);
}

#[test]
fn beside_packets_what_azure_refused_leaves_no_verdict_open() {
    let refusal = Refusal { kind: "network-security-group".to_owned(), ..Refusal::default() };
    let nothing = Network { refused: vec![refusal], ..Network::default() };
    let verdict = |network: &Network, kind| report(network, kind, &Status::Success).summary;
    let (with, without) = (verdict(&nothing, RunKind::Check), verdict(&Network::default(), RunKind::Check));
    assert_eq!((with.required.undecided, with.optional.undecided), (0, 0));
    assert!(without.required.undecided > 0, "files that were named and say nothing do leave it open");
    // A review has nothing else to go by.
    assert!(verdict(&nothing, RunKind::Review).required.undecided > 0);
}
