//! Checks that passed at the second look only, and those of the same run that chance alone explains.

use std::collections::BTreeSet;

use crate::plan::CheckId;
use crate::run::Run;

use crate::diagnose::arrivals::{limited, lost_by_chance};
use crate::diagnose::view::{Seen, a_host_or_count, count, finding, hosts, ids, risk, run_checks, seen_at};
use crate::diagnose::{Code, Confidence, Finding, Remedy, Rule};

/// It failed first and succeeded on the second look.
pub const RULE: Rule = Rule { code: Code::Flaky, find: flaky };

fn flaky(run: &Run) -> Vec<Finding> {
    let limited: BTreeSet<&CheckId> =
        limited(run).into_iter().flat_map(|limited| limited.checks).map(|(check, _)| &check.id).collect();
    let is_left = |(check, _): &Seen<'_>| !limited.contains(&check.id);
    let lucky: Vec<Seen<'_>> =
        run_checks(run).filter(|(_, outcome)| outcome.recovered).filter(is_left).collect();
    let unlucky: Vec<Seen<'_>> = lost_by_chance(run).into_iter().filter(is_left).collect();
    if lucky.is_empty() && unlucky.is_empty() {
        return Vec::new();
    }
    let all: Vec<Seen<'_>> = lucky.iter().chain(&unlucky).copied().collect();
    let names = hosts(all.iter().copied());
    let title = match unlucky.len() {
        0 => format!(
            "Packets are lost on the way: {} failed first and passed on the second look.",
            a_host_or_count(&names)
        ),
        _ => {
            format!("Packets are lost on the way, whatever the target: {} met that.", a_host_or_count(&names))
        }
    };
    let rest = match unlucky.len() {
        0 => String::new(),
        number => format!(
            "{} had no answer at all, which so much loss brings about by chance: nothing can be said of them. ",
            count(number, "check")
        ),
    };
    let detail =
        format!("{}{rest}Several runs without it, under load too, would disprove it.", seen_at(&names));
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
    vec![risk(finding(Code::Flaky, Confidence::Medium, title, detail, ids(all), fix))]
}
