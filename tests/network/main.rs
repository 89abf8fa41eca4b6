//! What the configuration says of a flow: cases as data, one file a theme, and properties that hold for every network.

mod case;
#[path = "../scenarios/commands.rs"]
mod commands;
mod control_plane;
mod documents;
mod findings;
mod gateway;
mod hostile;
mod judged;
mod judgement;
mod notation;
mod properties;
mod reasons;
mod review;
mod settings;
mod templates;

use case::{Case, Theme};

/// The themes, each with its file.
const THEMES: &[(&str, &str)] = &[
    ("addresses", include_str!("cases/addresses.toml")),
    ("admin", include_str!("cases/admin.toml")),
    ("default-rules", include_str!("cases/default-rules.toml")),
    ("effective", include_str!("cases/effective.toml")),
    ("near-miss", include_str!("cases/near-miss.toml")),
    ("platform", include_str!("cases/platform.toml")),
    ("published", include_str!("cases/published.toml")),
    ("routes", include_str!("cases/routes.toml")),
    ("tags", include_str!("cases/tags.toml")),
    ("unreadable", include_str!("cases/unreadable.toml")),
];

fn themes() -> Vec<(&'static str, Theme)> {
    let read = |(name, text): &(&'static str, &str)| {
        (*name, toml::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}")))
    };
    THEMES.iter().map(read).collect()
}

#[test]
fn every_case_is_decided_as_it_says() {
    let mut wrong = Vec::new();
    for (theme, cases) in themes() {
        for case in cases.case {
            wrong.extend(case.faults().into_iter().map(|fault| format!("{theme}: {}: {fault}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_enough_cases_and_every_name_is_used_once() {
    let themes = themes();
    let published =
        themes.iter().find(|(name, _)| *name == "published").map_or(0, |(_, theme)| theme.case.len());
    let mut names: Vec<&str> =
        themes.iter().flat_map(|(_, theme)| theme.case.iter().map(|case| case.name.as_str())).collect();
    assert!(published >= 20, "{published} published rule sets");
    assert!(names.len() >= 60, "{} cases", names.len());
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two cases have one name");
}

/// A decision that names a rule as the blocker must name one that denies.
#[test]
fn every_rule_that_is_said_to_deny_denies() {
    for (theme, cases) in themes() {
        for case in &cases.case {
            for decision in case.decisions() {
                let blames_rule = decision.by == apim_probe_checks::network::decision::By::Rule
                    && decision.ruling == apim_probe_checks::network::decision::Ruling::Denied;
                let access = decision.nsg.as_ref().and_then(|rule| rule.access);
                assert!(
                    !blames_rule || access == Some(apim_probe_checks::network::Access::Deny),
                    "{theme}: {}: {decision:?}",
                    Case::title(case)
                );
            }
        }
    }
}
