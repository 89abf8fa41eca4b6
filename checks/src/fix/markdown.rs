//! Changes as Markdown tables, a table a kind of change: for the request that somebody else carries out.

use super::{Fix, csv};

/// The title of each kind, and the columns of [`csv::COLUMNS`] that it has.
const KINDS: [(&str, &str, &[usize]); 11] = [
    ("security-rule", "Security rules of the subnet's network security group", &[2, 3, 1, 4, 5, 6, 7, 8, 9]),
    ("route", "Routes of the subnet's route table", &[1, 6, 7, 9]),
    ("service-endpoint", "Service endpoints of the subnet (the whole list)", &[1, 9]),
    ("dns-record", "Records in the network's DNS", &[1, 7, 9]),
    ("gateway-listener", "Listeners of Application Gateway", &[1, 5, 6, 8, 7, 9]),
    ("gateway-rule", "Rules of Application Gateway", &[3, 1, 6, 7, 9]),
    ("gateway-settings", "Backend settings of Application Gateway", &[1, 5, 6, 8, 7, 9]),
    ("gateway-probe", "Health probes of Application Gateway", &[1, 7, 9]),
    ("gateway-pool", "Backend pools of Application Gateway", &[1, 7, 9]),
    ("firewall-application-rule", "Application rules of the firewall", &[1, 5, 6, 7, 8, 9]),
    ("firewall-network-rule", "Network rules of the firewall", &[1, 5, 6, 7, 8, 9]),
];

/// The tables, those that are empty left out.
#[must_use]
pub fn render(fixes: &[Fix]) -> String {
    let rows: Vec<csv::Row> = fixes.iter().flat_map(csv::rows).collect();
    let mut text = String::from("# What API Management needs of the network\n");
    for (kind, title, columns) in KINDS {
        let of_kind: Vec<&csv::Row> = rows.iter().filter(|row| row[0] == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {title}\n\n"));
        let heads: Vec<String> = columns.iter().map(|&column| head(kind, csv::COLUMNS[column])).collect();
        text.push_str(&format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(columns.len())));
        for row in of_kind {
            let cells: Vec<String> = columns.iter().map(|&column| cell(&row[column])).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    text
}

/// The name of a column, as a reader of this kind expects it.
fn head(kind: &str, column: &str) -> String {
    match (kind, column) {
        ("route", "source") => "prefix".to_owned(),
        ("route", "destination") => "next hop".to_owned(),
        ("dns-record" | "gateway-pool", "destination") => "address".to_owned(),
        ("gateway-listener" | "gateway-settings", "source") => "host".to_owned(),
        ("gateway-listener", "destination") => "rule".to_owned(),
        ("gateway-rule", "source") => "listener".to_owned(),
        ("gateway-rule", "destination") => "settings and pool".to_owned(),
        ("gateway-settings", "destination") => "probe".to_owned(),
        ("gateway-probe", "destination") => "asks".to_owned(),
        _ => column.to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace(['\n', '\r'], " ")
}
