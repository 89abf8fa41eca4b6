//! The plan for people: the report's table without a result.

use apim_probe_checks::plan::{Check, Plan};

use super::escape::display_safe;
use super::human::{elide, wrap};
use super::{Style, Verbosity, words};

/// The plan as a table.
pub fn human(plan: &Plan, style: Style) -> String {
    let instance = &plan.instance;
    let region = instance.region.as_deref().unwrap_or("region unknown");
    let mut lines = vec![format!(
        "Plan for {region}, {} cloud, {} mode: nothing has been sent.",
        instance.cloud, instance.vnet_mode
    )];
    if let Some(note) = words::subnet_note(instance.profile) {
        lines.extend(wrap(note, style.width, ""));
    }
    for (title, optional) in [("Required", false), ("Optional", true)] {
        let checks: Vec<&Check> = plan.checks.iter().filter(|check| check.is_optional == optional).collect();
        let run = checks.iter().filter(|check| check.skip.is_none()).count();
        lines.push(String::new());
        lines.push(format!("{title}: {run} to be run, {} not", checks.len() - run));
        let listed = checks
            .into_iter()
            .filter(|check| check.skip.is_none() || !optional || style.verbosity == Verbosity::Verbose);
        lines.extend(listed.map(|check| row(check, style)));
    }
    let hidden = plan.checks.iter().any(|check| check.is_optional && check.skip.is_some());
    if hidden && style.verbosity != Verbosity::Verbose {
        lines.push(String::new());
        lines.extend(wrap("Optional checks that will not be run are listed with -v.", style.width, ""));
    }
    lines.join("\n") + "\n"
}

fn row(check: &Check, style: Style) -> String {
    let name = format!("{:<20}", check.endpoint);
    let (mark, ending) = match check.skip {
        Some(reason) => ("-", words::skip_words(reason).to_owned()),
        None => ("*", format!("{} {}", check.protocol, check.service_tag.as_deref().unwrap_or(""))),
    };
    let room = style.width.saturating_sub(4 + name.chars().count() + 2 + ending.chars().count());
    // A row without a host is told by its id; a label of NetworkStatus has no other name.
    let is_named = check.host.is_some() || check.endpoint == "custom";
    let target = if is_named { elide(&display_safe(&check.target()), room) } else { String::new() };
    format!("  {mark} {name} {target:<room$} {ending}").trim_end().to_owned()
}

/// The plan as a Markdown table.
pub fn markdown(plan: &Plan) -> String {
    let mut text = String::from(
        "| Check | Target | Protocol | Service tag | Required | From | Sources |\n|---|---|---|---|---|---|---|\n",
    );
    for check in &plan.checks {
        let target = match check.skip {
            Some(reason) => format!("not run: {}", words::skip_words(reason)),
            None => check.target(),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            check.endpoint,
            super::markdown::cell(&target),
            check.protocol,
            super::markdown::cell(check.service_tag.as_deref().unwrap_or("")),
            if check.is_optional { "no" } else { "yes" },
            check.origin,
            check.sources.join(", "),
        ));
    }
    text
}
