//! What a catalogue must be to be shipped. The build of the checks asks, so that a bad row fails it; so do the tests.

use std::collections::BTreeSet;

use crate::{CUSTOM, Catalogue, Endpoint, Placeholder, Role, RunWhen};

/// Placeholders whose names a flag gives.
const GIVEN: [Placeholder; 11] = [
    Placeholder::Storage,
    Placeholder::SqlServer,
    Placeholder::ApimKeyVault,
    Placeholder::KeyVault,
    Placeholder::EventHub,
    Placeholder::Redis,
    Placeholder::ManagedRedis,
    Placeholder::Service,
    Placeholder::Region,
    Placeholder::SqlRegion,
    Placeholder::Cluster,
];

/// Every fault of a catalogue, each with the row that it is in.
#[must_use]
pub fn faults(catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    for row in &catalogue.endpoints {
        if !ids.insert(row.id.as_str()) {
            faults.push(format!("endpoint `{}` stands twice", row.id));
        }
        faults.extend(
            row_faults(catalogue, row).into_iter().map(|fault| format!("endpoint `{}`: {fault}", row.id)),
        );
    }
    for cloud in catalogue.clouds.values() {
        for (id, hosts) in &cloud.hosts {
            if catalogue.endpoint(id).is_none() {
                faults
                    .push(format!("cloud `{}` replaces the hosts of `{id}`, which does not exist", cloud.id));
            }
            faults.extend(hosts.iter().filter_map(|host| host_fault(catalogue, host)));
            if hosts.iter().any(|host| host.starts_with('*')) && !goes_without_probe(catalogue, id, hosts) {
                faults.push(format!(
                    "cloud `{}`: a wildcard for the required `{id}` leaves nothing to probe",
                    cloud.id
                ));
            }
        }
    }
    for issuer in catalogue.issuers.iter().filter(|one| !catalogue.sources.contains_key(&one.source)) {
        faults.push(format!("issuer `{}`: the source `{}` does not exist", issuer.name, issuer.source));
    }
    for one in catalogue.subordinates.iter().filter(|one| !catalogue.sources.contains_key(&one.source)) {
        faults.push(format!("subordinate `{}`: the source `{}` does not exist", one.name, one.source));
    }
    let mut regions = BTreeSet::new();
    for region in &catalogue.regions {
        if !regions.insert(region.id.as_str()) {
            faults.push(format!("region `{}` stands twice", region.id));
        }
        if !catalogue.clouds.contains_key(&region.cloud) {
            faults.push(format!("region `{}` is in the unknown cloud `{}`", region.id, region.cloud));
        }
    }
    faults
}

fn row_faults(catalogue: &Catalogue, row: &Endpoint) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |fine: bool, fault: &str| {
        if !fine {
            faults.push(fault.to_owned());
        }
    };
    check(is_word(&row.id), "the id is not kebab-case");
    check(is_word(&row.group), "the group is not kebab-case");
    check(is_sentence(&row.purpose) && is_sentence(&row.without), "purpose and without must be sentences");
    check(!row.name.is_empty(), "the name is empty");
    check(
        row.id != CUSTOM && row.group != CUSTOM && row.role != Role::Custom,
        "`custom` stands for what no row describes",
    );
    check(!needs_a_flag(row) || row.named_by.is_some(), "a flag gives its names: named_by must say which");
    check(
        row.service_endpoint.as_ref().is_none_or(|name| name.starts_with("Microsoft.")),
        "a service endpoint is named Microsoft.…",
    );
    check(!row.modes.is_empty() && !row.profiles.is_empty(), "it applies nowhere");
    check(!row.sources.is_empty(), "it names no source");
    check(
        row.ports.is_empty() != row.documented_ports.is_none(),
        "either ports or documented_ports must be given",
    );
    check(
        matches!(row.confidence.as_str(), "high" | "medium" | "low"),
        "confidence is not high, medium or low",
    );
    check(
        (row.run == RunWhen::Fallback) != row.fallback_for.is_empty(),
        "only a fallback stands in for rows",
    );
    check(
        (row.run == RunWhen::Gateway) == row.publishes.is_some(),
        "rows of an Application Gateway, and no others, say which endpoint they are about",
    );
    let paths = row.request.iter().chain(&row.or_request).chain(row.requests.values());
    check(
        paths.clone().all(|path| path.starts_with('/') && path.chars().all(|c| c.is_ascii_graphic())),
        "a request must start with / and hold no blanks",
    );
    let wild = row.hosts.iter().any(|host| host.starts_with('*'));
    check(!wild || !row.probe_hosts.is_empty() || row.run == RunWhen::Off, "a wildcard needs probe_hosts");
    for source in row.sources.iter().filter(|source| !catalogue.sources.contains_key(*source)) {
        faults.push(format!("the source `{source}` does not exist"));
    }
    for other in row.replaces.iter().filter(|other| catalogue.endpoint(other).is_none()) {
        faults.push(format!("it replaces `{other}`, which does not exist"));
    }
    for other in row.fallback_for.iter().filter(|other| catalogue.endpoint(other).is_none()) {
        faults.push(format!("it stands in for `{other}`, which does not exist"));
    }
    faults.extend(row.hosts.iter().chain(&row.probe_hosts).filter_map(|host| host_fault(catalogue, host)));
    faults
}

/// True where a cloud's wildcard hinders nothing: a host beside it can be probed, or the row is optional and is then
/// skipped as not checkable, since no source names a host.
fn goes_without_probe(catalogue: &Catalogue, id: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|host| !host.starts_with('*')) || catalogue.endpoint(id).is_some_and(|row| !row.required)
}

fn needs_a_flag(row: &Endpoint) -> bool {
    let mut templates = row.hosts.iter().chain(&row.probe_hosts);
    let is_run = !matches!(row.run, RunWhen::Info | RunWhen::Off);
    is_run && templates.any(|host| GIVEN.iter().any(|given| host.contains(&format!("{{{given}}}"))))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.chars().next().is_some_and(char::is_uppercase)
}

/// What is wrong with a host template, in any cloud.
fn host_fault(catalogue: &Catalogue, template: &str) -> Option<String> {
    let mut rest = template;
    let mut bare = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            return Some(format!("`{template}` has an open brace"));
        };
        let known = match name.strip_prefix("suffix.") {
            Some(suffix) => catalogue.clouds.values().all(|cloud| cloud.suffixes.contains_key(suffix)),
            None => Placeholder::parse(name).is_some(),
        };
        if !known {
            return Some(format!("`{template}` names the unknown placeholder `{name}`"));
        }
        bare.push_str(before);
        bare.push('x');
        rest = tail;
    }
    bare.push_str(rest);
    let bare = bare.strip_prefix("*.").unwrap_or(&bare);
    let fine = bare.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    });
    (!fine).then(|| format!("`{template}` is not a host name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::shipped;

    fn fault_of(spoil: impl FnOnce(&mut Catalogue)) -> String {
        let mut catalogue = shipped();
        spoil(&mut catalogue);
        faults(&catalogue).join("\n")
    }

    #[test]
    fn the_shipped_catalogue_has_no_fault() {
        assert_eq!(fault_of(|_| {}), "");
    }

    #[test]
    fn every_kind_of_bad_row_is_named() {
        let row = |spoil: fn(&mut Endpoint)| fault_of(|catalogue| spoil(&mut catalogue.endpoints[0]));
        assert!(row(|row| row.id = "storage-table".into()).contains("stands twice"));
        assert!(row(|row| row.id = "Storage Blob".into()).contains("kebab-case"));
        assert!(row(|row| row.purpose = String::new()).contains("sentences"));
        assert!(row(|row| row.sources = vec!["X".into()]).contains("source `X` does not exist"));
        assert!(row(|row| row.sources.clear()).contains("names no source"));
        assert!(row(|row| row.hosts = vec!["{who}.example".into()]).contains("unknown placeholder `who`"));
        assert!(row(|row| row.hosts = vec!["{suffix.nothing}".into()]).contains("unknown placeholder"));
        assert!(row(|row| row.hosts = vec!["a b".into()]).contains("not a host name"));
        assert!(row(|row| row.hosts = vec!["{storage".into()]).contains("open brace"));
        assert!(row(|row| row.hosts = vec!["*.example".into()]).contains("probe_hosts"));
        assert!(row(|row| row.ports.clear()).contains("ports"));
        assert!(row(|row| row.request = Some("x y".into())).contains("request"));
        assert!(row(|row| row.confidence = "sure".into()).contains("confidence"));
        assert!(row(|row| row.fallback_for = vec!["x".into()]).contains("stands in for `x`"));
        assert!(row(|row| row.replaces = vec!["x".into()]).contains("it replaces `x`"));
        assert!(row(|row| row.named_by = None).contains("named_by"));
        assert!(row(|row| row.role = Role::Custom).contains("`custom`"));
        assert!(row(|row| row.service_endpoint = Some("Storage".into())).contains("Microsoft."));
        assert!(row(|row| row.modes.clear()).contains("applies nowhere"));
    }

    #[test]
    fn a_fallback_must_stand_in_for_a_row() {
        let fault = fault_of(|catalogue| {
            let row = catalogue.endpoints.iter_mut().find(|row| row.run == RunWhen::Fallback);
            row.expect("a fallback").fallback_for.clear();
        });
        assert!(fault.contains("only a fallback stands in for rows"), "{fault}");
    }

    #[test]
    fn an_issuer_must_name_a_source_that_exists() {
        let fault = fault_of(|catalogue| catalogue.issuers[0].source = "X".into());
        assert!(fault.contains("the source `X` does not exist"), "{fault}");
    }

    #[test]
    fn a_wildcard_of_a_cloud_needs_a_host_beside_it() {
        let fault = |hosts: &[&str]| {
            fault_of(|catalogue| {
                let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
                catalogue.clouds.get_mut("china").unwrap().hosts.insert("monitor-gcs".into(), hosts);
            })
        };
        assert!(fault(&["*.example.cn"]).contains("nothing to probe"));
        assert_eq!(fault(&["*.example.cn", "a.example.cn"]), "");
    }

    #[test]
    fn a_region_must_be_unique_and_in_a_known_cloud() {
        assert!(
            fault_of(|catalogue| catalogue.regions[0].cloud = "mars".into()).contains("unknown cloud `mars`")
        );
        assert!(fault_of(|catalogue| catalogue.regions[0].id = "eastus2".into()).contains("stands twice"));
        assert!(
            fault_of(|catalogue| {
                catalogue.clouds.get_mut("public").unwrap().hosts.insert("nothing".into(), vec![]);
            })
            .contains("does not exist")
        );
    }
}
