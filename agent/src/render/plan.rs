//! The plan for people: the report's table without a result.

use apim_probe_checks::catalogue::{Catalogue, Role};
use apim_probe_checks::plan::{Check, GatewayPath, Origin, Plan};
use apim_probe_checks::security_rule;

mod csv;

pub(super) use csv::render as csv;

use super::human::{columns, pad, wrap};
use super::{Style, Verbosity, phrases};

/// What a plan does not show unless asked.
const MORE: &str = "-v adds where each target comes from, the rule that lets it through and its sources, and the optional \
                    checks that will not be run.";

/// Columns of a check's name.
const NAME: usize = 20;

/// Columns that a row has beside its name and target: mark, gaps, protocol and the shorter service tags.
const BESIDE: usize = 20;

/// Whose DNS servers a plan lists.
const RESOLVER: &str = "dns-vnet: the DNS servers of this machine, or of --dns-server. On a workstation they are not those of the subnet.";

/// The plan as a table.
pub(super) fn human(catalogue: &Catalogue, plan: &Plan, style: Style) -> String {
    let instance = &plan.instance;
    let region = instance.region.as_deref().unwrap_or("region unknown");
    let place = format!(
        "Dry run for {region}, {} cloud, {} mode; no packets sent.",
        instance.cloud, instance.vnet_mode
    );
    let mut lines = wrap(&place, style, "");
    if let Some(note) = phrases::subnet_note(instance.profile) {
        lines.extend(wrap(note, style, ""));
    }
    for (title, optional) in [("Required", false), ("Optional", true)] {
        let checks: Vec<&Check> =
            plan.checks.iter().filter(|check| check.is_optional() == optional).collect();
        let run = checks.iter().filter(|check| check.skip_reason().is_none()).count();
        lines.push(String::new());
        lines.push(format!("{title}: {run} to run, {} skipped", checks.len() - run));
        let listed = checks.into_iter().filter(|check| {
            check.skip_reason().is_none() || !optional || style.verbosity == Verbosity::Verbose
        });
        let listed: Vec<&Check> = listed.collect();
        let targets = listed.iter().map(|check| columns(&style.shown(&check.target())));
        let room = targets.filter(|length| NAME + BESIDE + length <= style.width).max().unwrap_or(0);
        for check in listed {
            lines.extend(row(check, room, style));
            if style.verbosity == Verbosity::Verbose {
                lines.extend(wrap(&style.shown(&grounds(catalogue, check)), style, "      "));
            }
        }
    }
    if plan.checks.iter().any(|check| check.role() == Role::NameServer && check.host().is_some()) {
        lines.push(String::new());
        lines.extend(wrap(RESOLVER, style, ""));
    }
    if style.verbosity != Verbosity::Verbose {
        lines.push(String::new());
        lines.extend(wrap(MORE, style, ""));
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
    let origin = if check.skip_reason().is_some() { None } else { Some(origin.to_owned()) };
    let via = check.gateway.as_ref().and_then(GatewayPath::via).map(|via| format!("dialled at {via}"));
    let rule = security_rule::of_check(check);
    let sources = sources(catalogue, check);
    let sources = (!sources.is_empty()).then(|| format!("sources: {sources}"));
    origin.into_iter().chain(via).chain(rule).chain(sources).collect::<Vec<_>>().join("; ")
}

/// Codes of the documents behind a check, with their dates.
fn sources(catalogue: &Catalogue, check: &Check) -> String {
    let dated = |code: &String| match catalogue.sources.get(code).and_then(|source| source.date.as_ref()) {
        Some(date) => format!("{code} ({date})"),
        None => code.clone(),
    };
    check.sources.iter().map(dated).collect::<Vec<_>>().join(", ")
}

/// A row with the whole target in at least `room` columns; protocol and service tag, or why it is not run, have a line of their own where they do
/// not fit beside it.
fn row(check: &Check, room: usize, style: Style) -> Vec<String> {
    let (mark, ending) = match check.skip_reason() {
        Some(reason) => ("-", phrases::skip_words(reason).to_owned()),
        None => ("*", format!("{} {}", check.protocol, check.tag().unwrap_or(""))),
    };
    let ending = match check.origin {
        Origin::System if check.skip_reason().is_none() => "dns, configured here".to_owned(),
        _ => style.shown(ending.trim_end()),
    };
    // A row without a host is told by its id; a label of NetworkStatus has no other name.
    let is_named = check.host().is_some() || check.role() == Role::Custom;
    let target = if is_named { style.shown(&check.target()) } else { String::new() };
    let name = style.shown(&check.endpoint);
    let row = format!(
        "  {mark} {} {}",
        pad(&name, columns(&name).max(NAME)),
        pad(&target, columns(&target).max(room))
    );
    if columns(&row) + 2 + columns(&ending) <= style.width {
        return vec![format!("{row}  {ending}").trim_end().to_owned()];
    }
    let row = row.trim_end().to_owned();
    let row = if columns(&row) <= style.width { vec![row] } else { wrap(&row, style, "  ") };
    row.into_iter().chain(wrap(&ending, style, "      ")).collect()
}

/// The plan as a Markdown table.
pub(super) fn markdown(catalogue: &Catalogue, plan: &Plan) -> String {
    let mut text = String::from(
        "| Check | Target | Protocol | Required | From | Rule | Sources |\n|---|---|---|---|---|---|---|\n",
    );
    for check in &plan.checks {
        let target = match check.skip_reason() {
            Some(reason) => format!("not run: {}", phrases::skip_words(reason)),
            None => check.target(),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            check.endpoint,
            super::markdown::cell(&target),
            check.protocol,
            if check.is_optional() { "no" } else { "yes" },
            check.origin,
            super::markdown::cell(&security_rule::of_check(check).unwrap_or_default()),
            super::markdown::cell(&sources(catalogue, check)),
        ));
    }
    text
}
