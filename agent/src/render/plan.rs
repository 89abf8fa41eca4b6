//! The plan for people: the report's table without a result.

use apim_probe_checks::catalogue::{Catalogue, Role};
use apim_probe_checks::plan::{Check, Origin, Plan};
use apim_probe_checks::rule;

mod csv;

pub use csv::render as csv;

use super::human::{columns, elide, pad, wrap};
use super::{Style, Verbosity, phrases};

/// What a plan does not show unless asked.
const MORE: &str = "-v adds where each target comes from, the rule that lets it through and its sources, and the optional \
                    checks that will not be run.";

/// The plan as a table.
pub fn human(catalogue: &Catalogue, plan: &Plan, style: Style) -> String {
    let instance = &plan.instance;
    let region = instance.region.as_deref().unwrap_or("region unknown");
    let place = format!(
        "Dry run for {region}, {} cloud, {} mode; no packets sent.",
        instance.cloud, instance.vnet_mode
    );
    let mut lines = wrap(&place, style.width, "");
    if let Some(note) = phrases::subnet_note(instance.profile) {
        lines.extend(wrap(note, style.width, ""));
    }
    for (title, optional) in [("Required", false), ("Optional", true)] {
        let checks: Vec<&Check> = plan.checks.iter().filter(|check| check.is_optional == optional).collect();
        let run = checks.iter().filter(|check| check.skip.is_none()).count();
        lines.push(String::new());
        lines.push(format!("{title}: {run} to run, {} skipped", checks.len() - run));
        let listed = checks
            .into_iter()
            .filter(|check| check.skip.is_none() || !optional || style.verbosity == Verbosity::Verbose);
        for check in listed {
            lines.push(row(check, style));
            if style.verbosity == Verbosity::Verbose {
                lines.extend(wrap(&style.shown(&grounds(catalogue, check)), style.width, "      "));
            }
        }
    }
    if style.verbosity != Verbosity::Verbose {
        lines.push(String::new());
        lines.extend(wrap(MORE, style.width, ""));
    }
    lines.join("\n") + "\n"
}

/// Where the target comes from, the rule that lets it through, and the documents behind it.
fn grounds(catalogue: &Catalogue, check: &Check) -> String {
    let origin = match check.origin {
        Origin::Flag => "from an option",
        Origin::NetworkStatus => "from NetworkStatus",
        Origin::Metadata => "from the metadata service",
        Origin::Catalogue => "built-in",
        Origin::Fallback => "the region's shared endpoint (fallback)",
        Origin::System => "configured on this machine",
    };
    let origin = if check.skip.is_some() { None } else { Some(origin.to_owned()) };
    let rule = rule::of_check(check);
    let sources = sources(catalogue, check);
    let sources = (!sources.is_empty()).then(|| format!("sources: {sources}"));
    origin.into_iter().chain(rule).chain(sources).collect::<Vec<_>>().join("; ")
}

/// Codes of the documents behind a check, with their dates.
fn sources(catalogue: &Catalogue, check: &Check) -> String {
    let dated = |code: &String| match catalogue.sources.get(code).and_then(|source| source.date.as_ref()) {
        Some(date) => format!("{code} ({date})"),
        None => code.clone(),
    };
    check.sources.iter().map(dated).collect::<Vec<_>>().join(", ")
}

fn row(check: &Check, style: Style) -> String {
    let (mark, ending) = match check.skip {
        Some(reason) => ("-", phrases::skip_words(reason).to_owned()),
        None => ("*", format!("{} {}", check.protocol, check.tag().unwrap_or(""))),
    };
    let ending = elide(&ending, style.width / 2);
    let room = style.width - 6 - columns(&ending);
    let name = pad(&check.endpoint, columns(&check.endpoint).max(20).min(room.saturating_sub(12)));
    let room = room - columns(&name);
    // A row without a host is told by its id; a label of NetworkStatus has no other name.
    let is_named = check.host.is_some() || check.role() == Role::Custom;
    let target = if is_named { style.shown(&check.target()) } else { String::new() };
    format!("  {mark} {name} {} {ending}", pad(&target, room)).trim_end().to_owned()
}

/// The plan as a Markdown table.
pub fn markdown(catalogue: &Catalogue, plan: &Plan) -> String {
    let mut text = String::from(
        "| Check | Target | Protocol | Required | From | Rule | Sources |\n|---|---|---|---|---|---|---|\n",
    );
    for check in &plan.checks {
        let target = match check.skip {
            Some(reason) => format!("not run: {}", phrases::skip_words(reason)),
            None => check.target(),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            check.endpoint,
            super::markdown::cell(&target),
            check.protocol,
            if check.is_optional { "no" } else { "yes" },
            check.origin,
            super::markdown::cell(&rule::of_check(check).unwrap_or_default()),
            super::markdown::cell(&sources(catalogue, check)),
        ));
    }
    text
}
