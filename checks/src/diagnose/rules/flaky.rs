//! Checks that passed at the second look only.

use crate::run::Run;

use crate::diagnose::view::{Seen, a_host_or_count, finding, hosts, ids, risk, run_checks, seen_at};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule};

/// It failed first and succeeded on the second look.
pub const RULE: Rule = Rule { code: Code::Flaky, find: flaky };

fn flaky(run: &Run) -> Vec<Finding> {
    let lucky: Vec<Seen<'_>> = run_checks(run).filter(|(_, outcome)| outcome.recovered).collect();
    if lucky.is_empty() {
        return Vec::new();
    }
    let names = hosts(lucky.iter().copied());
    let title = format!(
        "Packets are lost on the way: {} failed first and passed on the second look.",
        a_host_or_count(&names)
    );
    let detail = format!("{}Several runs without it, under load too, would disprove it.", seen_at(&names));
    let fix = Remedy {
        summary: "Look for exhausted SNAT ports or an overloaded appliance on the way out: both drop new connections under \
                  load only. Run again a few times to see how often it happens."
            .to_owned(),
        commands: vec![
            "az monitor metrics list --resource-group <RESOURCE_GROUP> --resource <FIREWALL> \
             --resource-type Microsoft.Network/azureFirewalls --metrics SNATPortUtilization --interval 5m --output table"
                .to_owned(),
            "for i in 1 2 3 4 5; do apim-probe --exit-zero | tail -n 1; sleep 60; done".to_owned(),
        ],
        doc_url: None,
    };
    vec![risk(finding(Code::Flaky, Confidence::Medium, title, detail, ids(lucky), fix))]
}
