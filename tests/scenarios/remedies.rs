//! Every remedy can be pasted: its commands are whole, `az` knows them, and what is not known is a placeholder.

use std::collections::BTreeSet;

use apim_probe_checks::diagnose::{Code, Finding, StepKind};

use crate::{cases, commands};

fn findings() -> Vec<Finding> {
    let judged = cases().into_iter().flat_map(|case| {
        let run = case.network.sources();
        crate::judged(run).findings
    });
    judged.collect()
}

#[test]
fn every_command_of_every_remedy_can_be_pasted_and_opens_no_more_than_it_must() {
    let mut used = BTreeSet::new();
    let mut wrong = BTreeSet::new();
    for finding in findings() {
        used.insert(finding.code);
        wrong.extend(commands::faults(&finding));
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
    let packets: BTreeSet<Code> =
        Code::ALL.iter().copied().filter(|code| crate::is_of_packets(*code)).collect();
    assert_eq!(used, packets);
}

/// Azure itself names the rule and the route behind what is dropped: those looks stand first, with the real addresses.
#[test]
fn what_is_dropped_is_first_looked_at_with_its_own_addresses() {
    let dropped = [Code::ServiceTagBlocked, Code::PortBlocked, Code::OutboundAllBlocked, Code::HostBlocked];
    let mut seen = BTreeSet::new();
    for finding in findings().into_iter().filter(|finding| dropped.contains(&finding.code)) {
        let steps = &finding.remedy.steps;
        if steps[0].command.starts_with("ip route") || steps[0].command.contains("list-effective-nsg") {
            continue;
        }
        let first = &steps[0].command;
        if finding.title.contains("routing loop") {
            // No rule does that: the route is looked at.
            assert!(first.starts_with("az network watcher show-next-hop ") && !first.contains("--dest-ip <"));
            continue;
        }
        assert!(first.starts_with("az network watcher test-ip-flow "), "{}: {first}", finding.code);
        let is_real = first.contains(" --remote ") && !first.contains("--remote <");
        assert!(is_real, "{}: {first}", finding.code);
        assert!(steps.iter().any(|step| step.command.starts_with("az network watcher show-next-hop ")));
        let changes = steps.iter().filter(|step| step.kind == StepKind::Change);
        assert!(changes.clone().all(|step| step.when.is_some()), "{}: an unconditional change", finding.code);
        seen.insert(finding.code);
    }
    assert_eq!(seen.len(), dropped.len(), "{seen:?}");
}

#[test]
fn what_belongs_to_forced_tunneling_alone_says_so() {
    for finding in findings() {
        for step in &finding.remedy.steps {
            let tunneled = ["--service-endpoints", "--next-hop-type Internet"];
            if tunneled.iter().any(|words| step.command.contains(words)) {
                let when = step.when.as_deref().unwrap_or_default();
                assert_eq!(when, "Under forced tunneling only", "{}: {}", finding.code, step.command);
                let found = [Code::OutboundAllBlocked, Code::TlsInterception].contains(&finding.code);
                assert!(found, "{}: {}", finding.code, step.command);
            }
        }
    }
}

#[test]
fn a_title_that_has_found_a_rule_does_not_send_the_reader_to_the_routes_first() {
    let title = |finding: &Finding| finding.title.ends_with("UDP passes: a rule drops it.");
    let found = findings().into_iter().find(title).expect("a run in which datagrams pass");
    let commands: Vec<&str> = found.remedy.commands().collect();
    assert!(commands[0].contains("test-ip-flow"), "{commands:?}");
    let of_routes = ["route-table", "--service-endpoints", "--nat-gateway"];
    assert!(!commands.iter().any(|line| of_routes.iter().any(|words| line.contains(words))), "{commands:?}");
}

#[test]
fn nothing_that_gets_out_may_be_a_private_subnet() {
    let open = |finding: &Finding| finding.title.contains("a private subnet");
    let found = findings().into_iter().find(open).expect("a run in which nothing gets out");
    assert!(found.detail.contains("since 31 March 2026"), "{}", found.detail);
    let look = found.remedy.commands().any(|line| {
        line.starts_with("az network vnet subnet show ") && line.contains("defaultOutboundAccess")
    });
    assert!(look, "{:?}", found.remedy.steps);
}

#[test]
fn every_finding_is_told_in_sentences() {
    for finding in findings() {
        for text in [&finding.title, &finding.detail, &finding.remedy.summary] {
            assert!(
                text.ends_with('.') && !text.contains("  ") && !text.contains(" ."),
                "{}: {text}",
                finding.code
            );
        }
        assert!(!finding.title.trim_end_matches('.').contains(". "), "two sentences: {}", finding.title);
        // The project has no home yet: nobody else's place is linked.
        assert_eq!(finding.remedy.doc_url, None, "{}", finding.code);
    }
}

#[test]
fn what_the_run_knows_is_filled_in() {
    let commands: Vec<String> =
        findings().iter().flat_map(|finding| finding.remedy.commands()).map(str::to_owned).collect();
    let has = |words: &str| commands.iter().any(|line| line.contains(words));
    for words in [
        "--destination-address-prefixes Sql --destination-port-ranges 1433",
        "--destination-address-prefixes AzureMonitor --destination-port-ranges 1886",
        "--protocol Udp",
        "--protocol TCP --local 10.0.1.4:60000 --remote ",
        "--address-prefix ApiManagement --next-hop-type Internet",
        "--zone-name privatelink.blob.core.windows.net --record-set-name apimst",
        "--target-fqdns apikv.vault.azure.net",
        "privateIPAddress=='10.1.0.5'",
        "--rule-type NetworkRule --source-addresses <SUBNET_PREFIX> --ip-protocols UDP",
        "--ip-protocols TCP --destination-addresses EventHub --destination-ports 5671",
        "dig @10.0.2.4 ",
        "--ipv4-address 10.0.0.5",
        "--source-address-prefixes ApiManagement --destination-address-prefixes VirtualNetwork \
         --destination-port-ranges 3443",
        "https://shoebox2.monitor.azure.com:1886/",
    ] {
        assert!(has(words), "no command with `{words}`");
    }
}
