//! The judgement: recorded runs in short-hand, each with the findings that it must have and no others; and random runs.

#![allow(clippy::unwrap_used)] // a fixture that cannot be read is the test's failure

mod commands;
mod notes;
mod random;
mod remedies;
mod short;
mod stories;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use apim_probe_checks::diagnose::{Code, Confidence, Diagnosis};
use apim_probe_checks::facts::Sources;
use apim_probe_checks::outcome::{Stage, Status};
use apim_probe_checks::report::{ExitPolicy, Report};
use serde::Deserialize;

use crate::short::Network;

/// The recorded runs of one file.
#[derive(Deserialize)]
struct Theme {
    case: Vec<Case>,
}

/// One recorded run and what must be said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// A finding that must not fire here, although it looks like it.
    not: Option<Code>,
    #[serde(flatten)]
    network: Network,
    /// `severity code` of every finding at the top level.
    #[serde(default)]
    roots: Vec<String>,
    /// What the title of some finding says.
    says: Option<String>,
    /// Codes of every finding that another accounts for.
    #[serde(default)]
    folded: Vec<Code>,
}

/// True for a finding that packets alone can give. Those of configuration, and of Azure's own call, need documents: their cases are
/// in `tests/network`. What packets tell of an Application Gateway has its file here beside.
fn is_of_packets(code: Code) -> bool {
    !code.is_of_configuration() && code != Code::ControlPlaneUnreachable || code == Code::GatewayUnfit
}

/// A file or folder of the project.
fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn files_in(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(project(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

/// The recorded runs of one file.
fn set(path: &Path) -> Vec<Case> {
    let theme: Theme = toml::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    theme.case
}

fn cases() -> Vec<Case> {
    let mut files = [files_in("tests/scenarios"), files_in("tests/scenarios/findings")].concat();
    files.retain(|path| !path.ends_with("base.toml"));
    files.iter().flat_map(|path| set(path)).collect()
}

/// What is said of a recorded run.
fn judged(sources: impl Into<Sources>) -> Diagnosis {
    Report::new(sources, ExitPolicy::default()).diagnosis
}

fn roots(diagnosis: &Diagnosis) -> Vec<String> {
    let mut roots: Vec<String> =
        diagnosis.roots().map(|finding| format!("{} {}", finding.severity, finding.code)).collect();
    roots.sort();
    roots
}

fn folded(diagnosis: &Diagnosis) -> Vec<Code> {
    let hidden = diagnosis.findings.iter().filter(|finding| finding.explained_by.is_some());
    hidden.map(|finding| finding.code).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn judging_changes_no_fact_and_judging_twice_gives_the_same() {
    for case in cases() {
        let sources = case.network.sources();
        let report = Report::new(sources.clone(), ExitPolicy::default());
        assert_eq!((&report.run, &report.portal), (&sources.run, &sources.portal), "{}", case.name);
        let again = Sources { run: report.run.clone(), network: None, portal: report.portal.clone() };
        assert_eq!(Report::new(again, ExitPolicy::default()), report, "{}", case.name);
    }
}

#[test]
fn every_recorded_run_has_its_findings_and_no_others() {
    let mut wrong = Vec::new();
    for mut case in cases() {
        let diagnosis = judged(case.network.sources());
        case.roots.sort();
        case.folded.sort();
        let (roots, folded) = (roots(&diagnosis), folded(&diagnosis));
        if (&roots, &folded) != (&case.roots, &case.folded) {
            wrong.push(format!(
                "{}:\n  expected {:?} over {:?}\n  found    {roots:?} over {folded:?}",
                case.name, case.roots, case.folded
            ));
        }
        let titles: Vec<&str> = diagnosis.roots().map(|finding| finding.title.as_str()).collect();
        if case.says.as_ref().is_some_and(|says| !titles.iter().any(|title| title.contains(says))) {
            wrong.push(format!("{}: {:?} is not said in {titles:?}", case.name, case.says));
        }
        let fires = |code| diagnosis.findings.iter().any(|finding| finding.code == code);
        if case.not.is_some_and(fires) {
            wrong.push(format!("{}: {:?} fires", case.name, case.not));
        }
    }
    assert!(wrong.is_empty(), "{} runs\n{}", wrong.len(), wrong.join("\n"));
}

impl Case {
    fn fires(&self, code: Code) -> bool {
        self.roots.iter().any(|root| root.ends_with(&format!(" {code}")))
    }

    /// Looks like it and is something else, or is hidden under it.
    fn explains_away(&self, code: Code) -> bool {
        self.folded.contains(&code) || (self.not == Some(code) && !self.roots.is_empty())
    }
}

#[test]
fn every_finding_has_one_file_and_one_set_of_runs_in_which_it_fires_must_not_and_is_explained_away() {
    // Findings of configuration have theirs in `tests/network/findings`, with the documents that they need.
    for code in Code::ALL.iter().filter(|code| is_of_packets(**code)) {
        let rule = format!("checks/src/diagnose/rules/{}.rs", code.as_str().replace('-', "_"));
        assert!(project(&rule).is_file(), "{rule}");
        let set = set(&project(&format!("tests/scenarios/findings/{code}.toml")));
        let others = set.iter().filter(|case| case.not == Some(*code) || case.explains_away(*code)).count();
        let of_it = |case: &Case| case.fires(*code) || case.not == Some(*code) || case.explains_away(*code);
        assert!(set.iter().all(of_it), "{code}: a run of another finding");
        assert!(set.iter().any(|case| case.fires(*code)), "{code} fires nowhere");
        assert!(set.iter().any(|case| case.not == Some(*code)), "{code} must never be silent");
        assert!(set.iter().any(|case| case.explains_away(*code)), "{code} is never explained away");
        assert!(others >= 2, "{code}: one run for two purposes");
    }
}

#[test]
fn every_recorded_run_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let twice: Vec<String> =
        cases().into_iter().map(|case| case.name).filter(|name| !names.insert(name.clone())).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// The portal's own entry fails, this run does not; `age` is how old the entry was.
fn told(age: &str) -> (Confidence, String) {
    let check = format!("own-other apimst2.blob.core.windows.net:443 tag=Storage portal=failure{age} = ok");
    let network: Network = toml::from_str(&format!("checks = ['{check}']")).unwrap();
    let diagnosis = judged(network.sources());
    let finding =
        diagnosis.findings.into_iter().find(|finding| finding.code == Code::PortalDisagrees).unwrap();
    (finding.confidence, finding.detail)
}

#[test]
fn an_old_entry_of_the_portal_counts_for_little() {
    for age in ["", "@14m"] {
        let (confidence, detail) = told(age);
        assert_eq!(confidence, Confidence::Medium);
        assert!(!detail.contains("15 minutes"), "{detail}");
    }
    let (confidence, detail) = told("@3h5m7s");
    assert_eq!(confidence, Confidence::Low);
    assert!(
        detail.contains("One of the portal's entries is 3h 5m old, more than the 15 minutes between"),
        "{detail}"
    );
}

#[test]
fn a_machine_without_a_name_server_has_one_finding_of_its_own() {
    let text = r#"
        bare = true
        dns = []
        checks = ["arm management.azure.com:443 tag=AzureResourceManager = undecided:local-resource"]
    "#;
    let network: Network = toml::from_str(text).unwrap();
    let mut run = network.run();
    for outcome in &mut run.outcomes {
        if let Status::Undecided(Some(failure)) = &mut outcome.status {
            failure.stage = Stage::Resolve;
        }
    }
    let diagnosis = judged(run);
    let found: Vec<&str> = diagnosis.roots().map(|finding| finding.title.as_str()).collect();
    assert_eq!(found, ["This machine has no DNS server configured: 1 check is undecided."]);
    assert_eq!(diagnosis.findings[0].code, Code::LocalLimit);
}

#[test]
fn a_host_without_a_route_is_not_said_to_be_dropped() {
    let title = |cause: &str| -> String {
        let check = format!("storage-new apimst9.blob.core.windows.net:443 tag=Storage = {cause}");
        let network: Network = toml::from_str(&format!("checks = ['{check}']")).unwrap();
        let diagnosis = judged(network.sources());
        diagnosis.roots().map(|finding| finding.title.clone()).collect::<Vec<_>>().join(" ")
    };
    assert!(title("connect-no-route").starts_with("This machine has no route to apimst9."));
    assert!(title("connect-timeout").starts_with("apimst9.blob.core.windows.net does not answer on TCP 443"));
}

#[test]
fn a_record_that_azure_has_is_not_said_to_be_missing_from_the_zone() {
    let told = |azure: &str| -> String {
        let check = format!(
            "keyvault-apim apikv.vault.azure.net:443 = dns-nxdomain cname=apikv.privatelink.vaultcore.azure.net \
             server=10.0.2.4:dns-nxdomain server=168.63.129.16:{azure}"
        );
        let network: Network = toml::from_str(&format!("checks = ['{check}']")).unwrap();
        let diagnosis = judged(network.sources());
        diagnosis.roots().map(|root| format!("{} {}", root.title, root.remedy.summary)).collect()
    };
    for azure in ["20.51.0.1", "dns-nxdomain"] {
        assert!(told(azure).contains("has no record for apikv.vault.azure.net. Add the"), "{}", told(azure));
    }
    assert!(
        told("10.1.0.6").starts_with("DNS server 10.0.2.4 does not find the record"),
        "{}",
        told("10.1.0.6")
    );
    assert!(told("10.1.0.6").contains("Let 10.0.2.4 forward"), "{}", told("10.1.0.6"));
}
