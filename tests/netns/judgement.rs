//! The judgement on real runs: judged again from a file it is the same, and the portal's word stands beside it.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{check, command_in, lab, probe, report, roots};

/// A file that goes when the test ends.
pub struct Saved(std::path::PathBuf);

impl Saved {
    /// A file with this text.
    pub fn new(text: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("apim-probe-judged-{}-{number}", std::process::id()));
        std::fs::write(&path, text).expect("a file in the temporary folder");
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().expect("an ASCII path")
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What the run said must be said again of its saved report, with the same exit code.
pub fn is_judged_again(output: &Output, report: &Value) {
    let saved = Saved::new(&output.stdout);
    let again =
        Command::new(probe()).args(["explain", saved.path(), "--format", "json"]).output().expect("explain");
    let judged: Value = serde_json::from_slice(&again.stdout).expect("a report");
    assert_eq!((&judged["findings"], &judged["summary"]), (&report["findings"], &report["summary"]));
    assert_eq!(again.status.code(), output.status.code());
}

#[test]
fn every_scenario_that_is_listed_is_tested() {
    let tests = [
        include_str!("main.rs"),
        include_str!("judgement.rs"),
        include_str!("limits.rs"),
        include_str!("loss.rs"),
        include_str!("machine.rs"),
        include_str!("rejects.rs"),
        include_str!("reports.rs"),
    ];
    let list = Command::new(lab()).arg("--list").output().expect("the list");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 16, "{names:?}");
    for name in names {
        assert!(tests.iter().any(|test| test.contains(&format!("\"{name}\""))), "no test runs `{name}`");
    }
}

/// NetworkStatus of the lab's instance: the vault fails there, SQL does not, and its name servers are others.
const PORTAL: &str = r#"{"dnsServers": ["10.9.9.9"], "connectivityStatus": [
  {"name": "apikv-abc123def456ghi789.vault.azure.net", "status": "failure", "error": "timed out", "resourceType": "AzureKeyVault", "isOptional": false},
  {"name": "apirpsqlabc123def456gh.database.windows.net", "status": "success", "error": "", "resourceType": "SQLDatabase", "isOptional": false}
]}"#;

#[test]
fn the_portal_and_the_machine_stand_side_by_side() {
    let portal = Saved::new(PORTAL.as_bytes());
    let words = ["check", "--format", "json", "--from-network-status", portal.path()];
    let Some(output) = command_in("sql-blocked", &[], &words) else { return };
    let report = report(&output);
    let wanted = ["service-tag-blocked", "portal-disagrees", "portal-disagrees", "portal-disagrees"];
    assert_eq!(roots(&report), wanted, "{:#}", report["findings"]);
    let titles: String =
        report["findings"].as_array().expect("findings").iter().map(|one| one["title"].to_string()).collect();
    for words in ["The portal says that apikv-", "The portal reaches apirpsql", "10.9.9.9, not 10.0.2.4"] {
        assert!(titles.contains(words), "{words}: {titles}");
    }
    assert_eq!(check(&report, "keyvault-apim")["portal"]["status"], "failure");
    is_judged_again(&output, &report);
    let words = ["check", "-v", "--from-network-status", portal.path()];
    let Some(output) = command_in("sql-blocked", &[], &words) else { return };
    let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("portal: failure (timed out); here: success; the fault is on the instance's side"),
        "{text}"
    );
    assert!(text.contains("path: service endpoint (the vault sees the private address 10.0.1.4)"), "{text}");
}
