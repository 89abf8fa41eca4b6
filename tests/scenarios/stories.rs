//! The syllabus: every story that was reported and every rule that was drawn from them is a recorded run, a network of the
//! lab, or listed with the reason why it cannot be seen from inside the subnet.

use std::collections::{BTreeMap, BTreeSet};

use apim_probe_checks::diagnose::{Code, Confidence, Finding};
use serde::Deserialize;

use crate::cases;

#[derive(Deserialize)]
struct Unseen {
    unseen: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Rules {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    evidence: Evidence,
    finding: Option<Code>,
    case: Option<String>,
    lab: Option<String>,
    netns: Option<String>,
    reason: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Evidence {
    Reported,
    Documented,
    Inferred,
}

/// Tests that run the program in a network.
const NETNS: [&str; 2] = [include_str!("../netns/machine.rs"), include_str!("../netns/judgement.rs")];

fn rules() -> Vec<Rule> {
    toml::from_str::<Rules>(include_str!("stories/rules.toml")).unwrap().rule
}

/// The findings of the one recorded run whose name begins so.
fn findings(start: &str) -> Vec<Finding> {
    let mut named: Vec<_> = cases()
        .into_iter()
        .filter(|case| case.name == start || case.name.starts_with(&format!("{start}: ")))
        .collect();
    assert_eq!(named.len(), 1, "runs named `{start}`");
    let run = named.remove(0).network.sources();
    crate::judged(run).findings
}

#[test]
fn each_of_the_43_stories_is_a_run_or_has_its_reason() {
    let unseen = toml::from_str::<Unseen>(include_str!("stories/unseen.toml")).unwrap().unseen;
    let is_story = |name: &str| name.starts_with('F') && name[1..].chars().all(|c| c.is_ascii_digit());
    let told = cases();
    let told = told.iter().filter_map(|case| case.name.split_once(": ")).filter(|(id, _)| is_story(id));
    let mut ids: Vec<String> = told.map(|(id, _)| id.to_owned()).chain(unseen.keys().cloned()).collect();
    ids.sort();
    // The collection has no number 12.
    let wanted: Vec<String> = (1..=44).filter(|id| *id != 12).map(|id| format!("F{id:02}")).collect();
    assert_eq!(ids, wanted);
    assert!(unseen.values().all(|reason| reason.len() > 30));
    for case in cases().iter().filter(|case| case.name.split_once(": ").is_some_and(|(id, _)| is_story(id))) {
        assert_eq!(case.roots.iter().map(|root| root.split(' ').nth(1)).collect::<BTreeSet<_>>().len(), 1);
    }
}

#[test]
fn each_of_the_50_rules_is_tried_or_has_its_reason() {
    let rules = rules();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let wanted: Vec<String> = (1..=50).map(|id| format!("D{id:02}")).collect();
    assert_eq!(ids, wanted);
    for rule in &rules {
        let tried = rule.case.is_some() || rule.lab.is_some() || rule.netns.is_some();
        assert_eq!((rule.finding.is_some(), rule.reason.is_none()), (tried, tried), "{}", rule.id);
        if let Some(lab) = &rule.lab {
            assert!(apim_probe_lab::scenario::named(lab).is_ok(), "{}: {lab}", rule.id);
            assert!(
                NETNS.iter().any(|tests| tests.contains(&format!("\"{lab}\""))) || is_in_main(lab),
                "{lab}"
            );
        }
        if let Some(test) = &rule.netns {
            assert!(NETNS.iter().any(|tests| tests.contains(&format!("fn {test}()"))), "{}: {test}", rule.id);
        }
    }
}

fn is_in_main(lab: &str) -> bool {
    include_str!("../netns/main.rs").contains(&format!("\"{lab}\""))
}

#[test]
fn what_was_inferred_and_never_tried_in_a_network_is_not_said_with_high_confidence() {
    for rule in rules() {
        let (Some(code), Some(case)) = (rule.finding, &rule.case) else { continue };
        let found: Vec<Finding> = findings(case).into_iter().filter(|finding| finding.code == code).collect();
        assert!(!found.is_empty(), "{}: no {code} in `{case}`", rule.id);
        let tried = rule.lab.is_some() || rule.netns.is_some();
        if rule.evidence == Evidence::Inferred && !tried {
            assert!(
                found.iter().all(|finding| finding.confidence != Confidence::High),
                "{}: {code}",
                rule.id
            );
        }
    }
}
