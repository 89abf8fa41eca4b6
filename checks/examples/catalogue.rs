//! Prints the embedded catalogue as Markdown; `scripts/catalogue` writes it to `docs/catalogue.md`.

#![expect(clippy::disallowed_methods, reason = "it prints")]

use std::fmt::Write as _;
use std::io::{self, Write};

use apim_probe_checks::catalogue::{self, Catalogue, Cloud, Endpoint};
use serde::Deserialize;

const DEVIATIONS: &str = include_str!("../../tests/catalogue/deviations.json");

fn main() -> io::Result<()> {
    let text = markdown(catalogue::embedded(), &deviations()?);
    io::stdout().write_all(text.as_bytes())
}

fn markdown(catalogue: &Catalogue, deviations: &str) -> String {
    let mut text = format!(
        "# Catalogue\n\n<!-- Written by scripts/catalogue; edit checks/catalogue/ and run it again. -->\n\n\
         Version {}, sources read on {}: {} endpoints, {} clouds, {} regions. `apim-probe explain ID` says more about a row.\n",
        catalogue.version,
        catalogue.sourced_at,
        catalogue.endpoints.len(),
        catalogue.clouds.len(),
        catalogue.regions.len()
    );
    let mut group = "";
    for row in &catalogue.endpoints {
        if row.group != group {
            group = &row.group;
            text += &format!(
                "\n## {group}\n\n| Id | Hosts | Ports | Tag | Required | Resource type | Modes | Profiles | Run | Purpose | Sources |\n\
                 |---|---|---|---|---|---|---|---|---|---|---|\n"
            );
        }
        text += &endpoint(row);
    }
    for cloud in catalogue.clouds.values() {
        text += &differences(cloud);
    }
    text + &regions(catalogue) + deviations + &sources(catalogue)
}

fn endpoint(row: &Endpoint) -> String {
    let ports: Vec<String> = row.ports.iter().map(|port| String::from(*port)).collect();
    let ports =
        if ports.is_empty() { row.documented_ports.clone().unwrap_or_default() } else { ports.join(", ") };
    let required = match (row.required, row.documented_required) {
        (true, _) => "yes",
        (false, true) => "no (documented as required)",
        (false, false) => "no",
    };
    let cells = [
        code([&row.id]),
        code(&row.hosts),
        format!("{ports} {} {}", row.transport, row.direction),
        row.service_tag.clone().unwrap_or_default(),
        required.to_owned(),
        row.resource_type.clone().unwrap_or_default(),
        words(&row.modes),
        words(&row.profiles),
        row.run.to_string(),
        row.purpose.clone(),
        row.sources.join(", "),
    ];
    table_row(&cells)
}

fn differences(cloud: &Cloud) -> String {
    let mut text = format!("\n## Cloud: {}\n\n| Placeholder | Suffix |\n|---|---|\n", cloud.name);
    for (key, suffix) in &cloud.suffixes {
        text += &table_row(&[code([&format!("{{suffix.{key}}}")]), code([suffix])]);
    }
    if !cloud.hosts.is_empty() {
        text += "\n| Id | Hosts in this cloud |\n|---|---|\n";
    }
    for (id, hosts) in &cloud.hosts {
        let hosts = if hosts.is_empty() { "not in this cloud".to_owned() } else { code(hosts) };
        text += &table_row(&[code([id]), hosts]);
    }
    text
}

fn regions(catalogue: &Catalogue) -> String {
    let mut text = "\n## Regions\n\n| Id | Name | Cloud | SQL control ring |\n|---|---|---|---|\n".to_owned();
    for region in &catalogue.regions {
        let derived = if region.sql.is_none() { " (derived)" } else { "" };
        let ring = format!("{}{derived}", region.sql_control());
        text += &table_row(&[code([&region.id]), region.name.clone(), region.cloud.clone(), ring]);
    }
    text
}

/// Where a row departs from the facts of `tests/catalogue/facts.json`, and why.
#[derive(Deserialize)]
struct Deviation {
    id: String,
    field: String,
    why: String,
}

fn deviations() -> io::Result<String> {
    let listed: Vec<Deviation> = serde_json::from_str(DEVIATIONS)?;
    let mut text = "\n## Deviations\n\nA test compares every row with the facts gathered apart from it \
                    (`tests/catalogue/facts.json`). These differ on purpose:\n\n| Id | Field | Why |\n|---|---|---|\n"
        .to_owned();
    for one in &listed {
        text += &table_row(&[code([&one.id]), code([&one.field]), one.why.clone()]);
    }
    Ok(text)
}

fn sources(catalogue: &Catalogue) -> String {
    let mut text = "\n## Sources\n\n| Code | Title | Date | Where |\n|---|---|---|---|\n".to_owned();
    for (key, source) in &catalogue.sources {
        let date = source.date.clone().unwrap_or_default();
        text += &table_row(&[key.clone(), source.title.clone(), date, source.location.clone()]);
    }
    text
}

/// A table row; what would end a cell or the row is escaped.
fn table_row(cells: &[String]) -> String {
    let mut row = String::new();
    for cell in cells {
        let _ = write!(row, "| {} ", cell.replace('|', "\\|").replace('\n', " "));
    }
    row + "|\n"
}

fn code<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{}`", word.as_ref())).collect();
    words.join(", ")
}

fn words<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    words.join(", ")
}
