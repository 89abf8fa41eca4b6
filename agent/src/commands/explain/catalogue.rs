//! What the catalogue knows of a word: an endpoint id, a group, a service tag or a host name.

use std::collections::BTreeSet;

use apim_probe_checks::catalogue::{self, Catalogue, Direction, Endpoint, RunWhen, Source};
use apim_probe_checks::diagnose::{Code, inbound_rule, outbound_rule};
use apim_probe_checks::fix::{Scope, SecurityRule, az};
use apim_probe_checks::outcome::Cause;
use apim_probe_checks::security_rule;

use crate::render::plain_text;

/// The text for `word`; `None` where the catalogue does not know it.
pub(super) fn explain(catalogue: &Catalogue, word: &str) -> Option<String> {
    if let Some(row) = catalogue.endpoint(word) {
        return Some(endpoint(catalogue, row));
    }
    let rows = |wanted: &dyn Fn(&Endpoint) -> bool| -> Vec<&Endpoint> {
        catalogue.endpoints.iter().filter(|row| wanted(row)).collect()
    };
    let group = rows(&|row| row.group == word);
    if !group.is_empty() {
        return Some(list(&format!("{word}: a group of {} endpoints", group.len()), &group));
    }
    let tagged = rows(&|row| row.tags().any(|tag| tag.eq_ignore_ascii_case(word)));
    if !tagged.is_empty() {
        return Some(list(&format!("{word}: a service tag of {} endpoints", tagged.len()), &tagged));
    }
    // As it is written: an endpoint has the name of one in small letters.
    if let Some(source) = catalogue.sources.get(word) {
        return Some(document(catalogue, word, source));
    }
    let host = word.trim_end_matches('.').to_ascii_lowercase();
    let named = rows(&|row| catalogue.hosts_of(row).contains(&host));
    let named = if named.is_empty() {
        rows(&|row| catalogue.hosts_of(row).iter().any(|known| fits(known, &host)))
    } else {
        named
    };
    let texts: Vec<String> = named.into_iter().map(|row| endpoint(catalogue, row)).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// The code, id, group, service tag or host name nearest to `word`.
pub(super) fn nearest(catalogue: &Catalogue, word: &str) -> Option<String> {
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let mut known: Vec<String> =
        codes.chain(Cause::ALL.iter().map(|cause| cause.as_str())).map(str::to_owned).collect();
    for row in &catalogue.endpoints {
        known.extend([row.id.clone(), row.group.clone()]);
        known.extend(row.tags().map(str::to_owned));
        known.extend(catalogue.hosts_of(row));
    }
    let lower: Vec<String> = known.iter().map(|topic| topic.to_ascii_lowercase()).collect();
    catalogue::nearest(word, lower.iter().map(String::as_str).zip(known))
}

/// True where `host` fits a template, label by label: a placeholder stands for letters, digits and hyphens.
fn fits(template: &str, host: &str) -> bool {
    if let Some(domain) = template.strip_prefix('*') {
        return host.len() > domain.len() && host.ends_with(domain);
    }
    let (labels, given) = (template.split('.'), host.split('.'));
    template.contains('.')
        && labels.clone().count() == given.clone().count()
        && labels.zip(given).all(label_fits)
}

fn label_fits((template, label): (&str, &str)) -> bool {
    match (template.split_once('{'), template.rsplit_once('}')) {
        (Some((start, _)), Some((_, end))) => {
            label.len() > start.len() + end.len() && label.starts_with(start) && label.ends_with(end)
        }
        _ => template == label,
    }
}

fn list(title: &str, rows: &[&Endpoint]) -> String {
    let mut lines = vec![title.to_owned()];
    for row in rows {
        lines.push(String::new());
        lines.push(format!("{} ({}): {}", row.id, requirement(row), row.purpose));
        lines.push(format!("  Without it: {}", row.without));
        lines.push(format!("  Rule: {}", rule_of(row)));
    }
    lines.push(String::new());
    lines.push("`apim-probe explain ID` says more about each.".to_owned());
    lines.join("\n") + "\n"
}

/// A document behind rows: what it is, where, of when, and for which endpoints.
fn document(catalogue: &Catalogue, code: &str, source: &Source) -> String {
    let rows = catalogue.endpoints.iter().filter(|row| row.sources.iter().any(|known| known == code));
    let ids: Vec<&str> = rows.map(|row| row.id.as_str()).collect();
    let mut lines = vec![format!("{code}: a source of the catalogue"), String::new(), source.title.clone()];
    lines.push(source.location.clone());
    lines.extend(source.date.iter().map(|date| format!("Edition of {date}")));
    lines.push(String::new());
    lines.push(format!(
        "Endpoints that it documents: {}",
        if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
    ));
    lines.join("\n") + "\n"
}

fn requirement(row: &Endpoint) -> &'static str {
    match (row.required, row.documented_required) {
        (true, _) => "required",
        (false, true) => "optional; the reference calls it required",
        (false, false) => "optional",
    }
}

/// Who says so.
fn authority(row: &Endpoint) -> String {
    match (&row.resource_type, row.documented_required) {
        (Some(kind), true) if row.required => format!("NetworkStatus, as {kind}, and the newest reference"),
        (Some(kind), _) => format!("NetworkStatus, as {kind}"),
        (None, true) if row.required => "the newest reference".to_owned(),
        (None, true) => "NetworkStatus does not report it".to_owned(),
        (None, false) => "no source requires it".to_owned(),
    }
}

/// The rule of a network security group that allows the row.
fn rule_of(row: &Endpoint) -> String {
    if row.run == RunWhen::Off {
        return "none: nothing in the subnet uses it today".to_owned();
    }
    let ports = ports(row, |port| port.split('/').next().unwrap_or(port).to_owned());
    security_rule::allow(row.direction, row.transport, &ports, row.service_tag.as_deref())
}

/// The commands that add the rule; none where the platform or the network's own default rules allow it.
fn commands(row: &Endpoint) -> Vec<String> {
    let tag = row.service_tag.as_deref().unwrap_or("Internet");
    let default = tag.starts_with("AzurePlatform") || tag.starts_with("VirtualNetwork");
    if row.run == RunWhen::Off || default {
        return Vec::new();
    }
    let numbers: BTreeSet<u16> = row.ports.iter().map(|port| port.number).collect();
    let numbers: Vec<u16> = numbers.into_iter().collect();
    let rules: Vec<SecurityRule> = match row.direction {
        _ if numbers.is_empty() => Vec::new(),
        Direction::Outbound => {
            row.rule_tags().map(|tag| outbound_rule(tag, &numbers, row.transport)).collect()
        }
        Direction::Inbound if row.service_tag.is_some() => vec![inbound_rule(tag, &numbers)],
        Direction::Inbound | Direction::Both => Vec::new(),
    };
    rules.iter().map(|rule| az::security_rule(rule, &Scope::default())).collect()
}

fn ports(row: &Endpoint, shown: impl Fn(&str) -> String) -> String {
    let ports: Vec<String> = row.ports.iter().map(|port| shown(&String::from(*port))).collect();
    if ports.is_empty() { row.documented_ports.clone().unwrap_or_default() } else { ports.join(", ") }
}

fn endpoint(catalogue: &Catalogue, row: &Endpoint) -> String {
    let mut lines = vec![format!("{}: {}", row.id, row.name), String::new(), row.purpose.clone()];
    lines.push(format!("Without it: {}", row.without));
    lines.push(format!("Requirement: {} ({})", requirement(row), authority(row)));
    lines.extend(row.requirement_note.clone());
    lines.push(String::new());
    let hosts = catalogue.hosts_of(row);
    let hosts = if hosts.is_empty() { "no host is known".to_owned() } else { hosts.join(", ") };
    lines.push(format!("Hosts: {hosts}"));
    lines.push(format!("Ports: {} ({}, {})", ports(row, str::to_owned), row.transport, row.direction));
    lines.push(format!("Service tag: {}", row.service_tag.as_deref().unwrap_or("none")));
    lines.push(format!("Rule: {}", rule_of(row)));
    lines.extend(commands(row).iter().flat_map(|command| plain_text::command(command)));
    lines.push(format!("Run: {}", row.run));
    lines.extend(row.history.iter().map(|history| format!("History: {history}")));
    lines.push("Sources:".to_owned());
    let sources = row.sources.iter().filter_map(|code| catalogue.sources.get(code));
    lines.extend(sources.map(|source| format!("  {}, {}", source.title, source.location)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_group_tag_and_host_is_explained() {
        let catalogue = catalogue::embedded();
        for row in &catalogue.endpoints {
            let words = [row.id.clone(), row.group.clone()].into_iter();
            for word in words.chain(row.tags().map(str::to_owned)).chain(catalogue.hosts_of(row)) {
                let text = explain(catalogue, &word).unwrap_or_else(|| panic!("{word} is unknown"));
                assert!(text.contains("Rule: ") && text.contains("Without it: "), "{word}: {text}");
            }
        }
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        let catalogue = catalogue::embedded();
        let topic = |word| nearest(catalogue, word);
        for (typed, meant) in [
            ("dns-silent", "dns-server-silent"),
            ("conect-timeout", "connect-timeout"),
            ("cert-expird", "cert-expired"),
            ("tls-inspection", "tls-interception"),
            ("flakey", "flaky"),
            ("AzureMonitr", "AzureMonitor"),
            ("storage-blb", "storage-blob"),
        ] {
            assert_eq!(topic(typed).as_deref(), Some(meant), "{typed}");
        }
        assert_eq!(topic("zzzzzz"), None);
    }

    #[test]
    fn every_source_of_a_report_is_resolved_to_title_place_and_date() {
        let catalogue = catalogue::embedded();
        for code in catalogue.endpoints.iter().flat_map(|row| &row.sources) {
            let source = &catalogue.sources[code];
            let text = explain(catalogue, code).unwrap_or_else(|| panic!("{code} is unknown"));
            assert!(text.contains(&source.title) && text.contains(&source.location), "{text}");
            assert!(source.date.iter().all(|date| text.contains(date.as_str())), "{text}");
        }
    }

    #[test]
    fn a_name_finds_the_template_that_it_fits() {
        let catalogue = catalogue::embedded();
        let text = |word| explain(catalogue, word).unwrap_or_default();
        assert!(text("apimst1.blob.core.windows.net").contains("storage-blob"));
        assert!(text("apimst1.blob.core.chinacloudapi.cn.").contains("storage-blob"));
        assert!(
            text("storage-blob")
                .contains("required (NetworkStatus, as BlobStorage, and the newest reference)")
        );
        assert!(text("captcha").contains("optional (NetworkStatus, as CaptchaEndpoint)"));
        let rule = text("sql-database").replace(" \\\n     ", "");
        assert!(
            rule.contains("az network nsg rule create") && rule.contains("--destination-port-ranges 1433"),
            "{rule}"
        );
        assert!(text("controlplane-inbound").contains("--direction Inbound"));
        assert!(!text("own-gateway").contains("az network") && !text("imds").contains("az network"));
        assert!(text("OCSP.msocsp.com").contains("nothing in the subnet uses it today"));
        assert_eq!(explain(catalogue, "host.example"), None);
    }
}
