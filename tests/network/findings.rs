//! Findings of configuration: where they fire, where they must not, and what they explain. Cases as data, one file a theme.

use std::collections::BTreeSet;

use apim_probe_checks::catalogue::{VnetMode, embedded};
use apim_probe_checks::diagnose::{Code, Finding};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::choose::Chosen;
use apim_probe_checks::network::configuration::{Choice, add_settings};
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::network::{Field, Network, Place};
use apim_probe_checks::outcome::{Cause, Failure, Outcome, Stage, Status, Step};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::Report;
use apim_probe_checks::run::RunKind;
use serde::Deserialize;

use crate::commands;
use crate::judged::{self, AT};
use crate::notation::Written;

const THEMES: &[(&str, &str)] = &[
    ("rules", include_str!("findings/rules.toml")),
    ("routes", include_str!("findings/routes.toml")),
    ("settings", include_str!("findings/settings.toml")),
    ("packets", include_str!("findings/packets.toml")),
];

#[derive(Deserialize)]
struct Theme {
    case: Vec<Case>,
}

/// A network, packets where there were any, and the findings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    network: Written,
    /// External unless said.
    #[serde(default)]
    internal: bool,
    /// The subnet is private.
    #[serde(default)]
    private: bool,
    /// The option that was typed against the documents.
    #[serde(default)]
    typed: Option<String>,
    /// `sql-database connect-timeout`: how checks end; all others pass. Without the key nothing was sent.
    packets: Option<Vec<String>>,
    /// `error nsg-rule-denies`, sorted.
    roots: Vec<String>,
    /// Codes of folded findings, each once, sorted.
    #[serde(default)]
    folded: Vec<String>,
    /// Codes that the case looks like and that are not found.
    #[serde(default)]
    not: Vec<Code>,
    /// Parts of the first root's title, detail and commands.
    #[serde(default)]
    says: Vec<String>,
    /// Endpoints of the checks that the first root accounts for, sorted; not compared where not given.
    affects: Option<Vec<String>>,
}

impl Case {
    fn report(&self) -> Report {
        let catalogue = embedded();
        let mode = if self.internal { VnetMode::Internal } else { VnetMode::External };
        let instance = Instance {
            vnet_mode: mode,
            region: Some("westeurope".into()),
            service: Some("shop".into()),
            storage_accounts: vec!["shopst".into()],
            sql_servers: vec!["shopsql".into()],
            key_vaults: vec!["apikv-shop".into()],
            event_hubs: vec!["shophub".into()],
            dns_servers: vec!["168.63.129.16:53".parse().expect("an address")],
            ..Instance::default()
        };
        let network = self.network();
        let (kind, plan) = match self.packets {
            Some(_) => (RunKind::Check, Plan::new(catalogue, &instance)),
            None => (RunKind::Review, Plan::for_review(catalogue, &instance).map(|(plan, _)| plan)),
        };
        let mut plan = plan.expect("a plan");
        let chosen = Chosen::new(&network, Choice::default().wish());
        let chosen = chosen.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        add_settings(&mut plan, &chosen, &Choice::default());
        let typed = self.typed.iter().map(|typed| Disagreement {
            option: "--region".into(),
            typed: typed.clone(),
            told: "westeurope".into(),
            place: Place { file: "vnet.json".into(), ..Place::default() },
        });
        let report = judged::report(&network, (kind, plan), |check| self.outcome(check), typed.collect());
        report.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn network(&self) -> Network {
        let mut network = self.network.read();
        if self.private {
            network.subnets[0].default_outbound_access = Field::Given(false);
        }
        network
    }

    /// How a check ends: as the case says, else well; what cannot be probed is skipped.
    fn outcome(&self, check: &Check) -> Outcome {
        if let Some(reason) = check.skip_reason() {
            return Outcome::skipped(reason, AT);
        }
        let lines = self.packets.iter().flatten().filter_map(|line| line.split_once(' '));
        let cause = lines
            .filter(|(endpoint, _)| *endpoint == check.endpoint || *endpoint == "*")
            .map(|(_, cause)| cause)
            .next_back();
        let cause = cause.filter(|cause| *cause != "ok").map(|cause| Cause::parse(cause).expect("a cause"));
        let stage = match cause {
            Some(Cause::DnsNxdomain) => Stage::Resolve,
            Some(Cause::ExchangeTimeout) => Stage::Exchange,
            _ => Stage::Connect,
        };
        let status = cause
            .map_or(Status::Success, |cause| Status::Failure(Failure::new(stage, cause, "as the case says")));
        let step = Step {
            stage,
            start_ms: 0.0,
            duration_ms: 1.0,
            server: None,
            address: None,
            attempts: None,
            cause,
            detail: None,
            icmp: None,
            hops: Vec::new(),
        };
        Outcome { steps: vec![step], ..Outcome::bare(status, AT) }
    }

    fn faults(&self) -> Vec<String> {
        let report = self.report();
        let mut roots: Vec<&Finding> = report.diagnosis.roots().collect();
        let mut shown: Vec<String> =
            roots.iter().map(|root| format!("{} {}", root.severity, root.code)).collect();
        shown.sort();
        let folded = report.diagnosis.findings.iter().filter(|finding| finding.explained_by.is_some());
        let folded: BTreeSet<String> = folded.map(|finding| finding.code.to_string()).collect();
        let mut faults = Vec::new();
        if shown != self.roots || !folded.iter().eq(&self.folded) {
            let titles: Vec<&str> = roots.iter().map(|root| root.title.as_str()).collect();
            faults.push(format!("roots {shown:?}, folded {folded:?}: {titles:?}"));
        }
        let found = |code: &&Code| report.diagnosis.findings.iter().any(|finding| finding.code == **code);
        faults.extend(self.not.iter().filter(found).map(|code| format!("{code} fires")));
        roots.retain(|root| root.code.is_of_configuration());
        let Some(first) = roots.first() else { return faults };
        let text = format!(
            "{} {} {} {}",
            first.title,
            first.detail,
            first.remedy.summary,
            first.remedy.commands().collect::<Vec<_>>().join(" ")
        );
        faults.extend(
            self.says
                .iter()
                .filter(|part| !text.contains(part.as_str()))
                .map(|part| format!("`{part}` is not in: {text}")),
        );
        let endpoints: BTreeSet<&str> =
            first.affects.iter().map(|id| id.as_str().split('/').next().unwrap_or_default()).collect();
        if self.affects.as_ref().is_some_and(|affects| !endpoints.iter().eq(affects)) {
            faults.push(format!("affects {endpoints:?}"));
        }
        faults
    }
}

fn cases() -> Vec<(&'static str, Case)> {
    let read = |(theme, text): &(&'static str, &str)| {
        let cases: Theme = toml::from_str(text).unwrap_or_else(|error| panic!("{theme}: {error}"));
        cases.case.into_iter().map(|case| (*theme, case)).collect::<Vec<_>>()
    };
    THEMES.iter().flat_map(read).collect()
}

#[test]
fn every_case_has_its_findings() {
    let wrong: Vec<String> = cases()
        .iter()
        .flat_map(|(theme, case)| {
            case.faults().into_iter().map(move |fault| format!("{theme}: {}: {fault}", case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_of_configuration_fires_and_every_finding_names_its_page() {
    let mut fired: BTreeSet<Code> = BTreeSet::new();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    for (_, case) in cases() {
        for finding in case.report().diagnosis.findings {
            wrong.extend(commands::faults(&finding));
            assert!(finding.title.ends_with('.'), "{}", finding.title);
            assert!(!finding.remedy.summary.is_empty(), "{}", finding.code);
            fired.insert(finding.code);
        }
    }
    // The two of an Application Gateway have cases of their own, in `gateway`.
    fired.extend([Code::GatewayUnfit, Code::GatewayBackendUnhealthy]);
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.into_iter().collect::<Vec<_>>().join("\n"));
    // Settings of subnet, deployment, instance and DNS are tried one by one in `settings`; here one of each is enough.
    let missing: Vec<&Code> =
        Code::ALL.iter().filter(|code| code.is_of_configuration() && !fired.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Three cases a code: it fires, it must not, and it is the root of what packets tell, or folded itself. Of settings nothing is folded
/// but what they shut out, in `control_plane`: their checks are theirs alone.
#[test]
fn every_code_of_configuration_has_a_case_in_which_it_fires_must_not_and_is_told_from_consequences() {
    let cases = cases();
    let fires = |case: &Case, code: &Code| case.roots.iter().any(|root| root.ends_with(&format!(" {code}")));
    let of_gateway = [Code::GatewayUnfit, Code::GatewayBackendUnhealthy];
    for code in Code::ALL.iter().filter(|code| code.is_of_configuration() && !of_gateway.contains(code)) {
        assert!(cases.iter().any(|(_, case)| fires(case, code)), "{code} fires nowhere");
        assert!(cases.iter().any(|(_, case)| case.not.contains(code)), "{code} must never be silent");
    }
    for code in [
        Code::AdminRuleDenies,
        Code::NsgRuleDenies,
        Code::NsgRuleMissing,
        Code::NicRuleDenies,
        Code::RouteDrops,
        Code::RouteToAppliance,
    ] {
        let explains = |case: &Case| fires(case, &code) && !case.folded.is_empty();
        assert!(cases.iter().any(|(_, case)| explains(case)), "{code} explains nothing");
    }
}

/// Documents that name group, table, network and their resource groups leave none of them open.
#[test]
fn what_documents_name_is_filled_in() {
    let mut checked = BTreeSet::new();
    for (_, case) in cases() {
        let report = case.report();
        let Some(network) = &report.network else { continue };
        let names = &network.judgement.names;
        let known = [
            ("<NSG_NAME>", names.security_group.is_some()),
            ("<ROUTE_TABLE>", names.route_table.is_some()),
            ("<VNET_NAME>", names.virtual_network.is_some()),
            ("<SUBNET_NAME>", names.subnet.is_some()),
        ];
        for finding in report.diagnosis.findings.iter().filter(|finding| finding.code.is_of_configuration()) {
            let commands: Vec<&str> =
                finding.remedy.commands().filter(|line| !line.starts_with("apim-probe ")).collect();
            for (open, _) in known.iter().filter(|(_, is_known)| *is_known) {
                let left: Vec<&&str> = commands.iter().filter(|line| line.contains(open)).collect();
                assert!(left.is_empty(), "{} {}: {left:?}", case.name, finding.code);
                checked.insert(finding.code);
            }
        }
    }
    for code in [Code::AdminRuleDenies, Code::NsgRuleDenies, Code::NsgRuleMissing, Code::RouteDrops] {
        assert!(checked.contains(&code), "{code}: {checked:?}");
    }
}

#[test]
fn judging_twice_gives_the_same() {
    for (_, case) in cases() {
        assert_eq!(case.report(), case.report(), "{}", case.name);
    }
}
