//! Every row of the catalogue against the facts that were gathered apart from it.

use std::collections::{BTreeMap, BTreeSet};

use apim_probe_checks::catalogue::{self, Catalogue, Endpoint, RunWhen};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fact {
    id: String,
    hosts: BTreeMap<String, BTreeSet<String>>,
    ports: BTreeSet<String>,
    transport: String,
    direction: String,
    required: bool,
    documented_required: bool,
    resource_type: Option<String>,
    tag: Option<String>,
    modes: BTreeSet<String>,
    off: bool,
}

#[derive(Deserialize)]
struct Deviation {
    id: String,
    field: String,
}

/// The fields of a row that can be compared, by name.
type Fields = BTreeMap<String, Value>;

fn of_fact(fact: &Fact) -> Fields {
    let mut fields = Fields::from([
        ("ports".to_owned(), json!(fact.ports)),
        ("transport".to_owned(), json!(fact.transport)),
        ("direction".to_owned(), json!(fact.direction)),
        ("required".to_owned(), json!(fact.required)),
        ("documentedRequired".to_owned(), json!(fact.documented_required)),
        ("resourceType".to_owned(), json!(fact.resource_type)),
        ("tag".to_owned(), json!(fact.tag)),
        ("modes".to_owned(), json!(fact.modes)),
        ("off".to_owned(), json!(fact.off)),
    ]);
    fields.extend(fact.hosts.iter().map(|(cloud, hosts)| (format!("hosts.{cloud}"), json!(hosts))));
    fields
}

fn of_row(catalogue: &Catalogue, row: &Endpoint) -> Fields {
    let modes: BTreeSet<&str> = row.modes.iter().map(|mode| mode.as_str()).collect();
    let mut fields = Fields::from([
        ("ports".to_owned(), json!(ports(row))),
        ("transport".to_owned(), json!(row.transport.as_str())),
        ("direction".to_owned(), json!(row.direction.as_str())),
        ("required".to_owned(), json!(row.required)),
        ("documentedRequired".to_owned(), json!(row.documented_required)),
        ("resourceType".to_owned(), json!(row.resource_type)),
        ("tag".to_owned(), json!(row.service_tag)),
        ("modes".to_owned(), json!(modes)),
        ("off".to_owned(), json!(row.run == RunWhen::Off)),
    ]);
    for cloud in catalogue.clouds.values() {
        let filled = cloud.hosts.get(&row.id).unwrap_or(&row.hosts).iter().map(|host| {
            cloud
                .suffixes
                .iter()
                .fold(host.clone(), |host, (key, suffix)| host.replace(&format!("{{suffix.{key}}}"), suffix))
        });
        fields.insert(format!("hosts.{}", cloud.id), json!(filled.collect::<BTreeSet<_>>()));
    }
    fields
}

fn ports(row: &Endpoint) -> BTreeSet<String> {
    let documented = row.documented_ports.iter().flat_map(|ports| ports.split(", ")).map(str::to_owned);
    row.ports.iter().map(|port| port.number.to_string()).chain(documented).collect()
}

#[test]
fn every_row_is_as_the_facts_say_but_for_the_listed_deviations() {
    let catalogue = catalogue::embedded();
    let facts: Vec<Fact> = serde_json::from_str(include_str!("facts.json")).unwrap();
    let deviations: Vec<Deviation> = serde_json::from_str(include_str!("deviations.json")).unwrap();
    let listed: BTreeSet<String> = deviations.iter().map(|one| format!("{} {}", one.id, one.field)).collect();
    let ids: BTreeSet<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    let rows: BTreeSet<&str> = catalogue.endpoints.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, rows);
    let mut found = BTreeSet::new();
    for fact in &facts {
        let (expected, is) = (of_fact(fact), of_row(catalogue, catalogue.endpoint(&fact.id).unwrap()));
        assert!(expected.keys().eq(is.keys()), "{}: other fields", fact.id);
        let differ = expected.iter().filter(|(field, value)| is[*field] != **value);
        found.extend(differ.map(|(field, _)| format!("{} {field}", fact.id)));
    }
    assert_eq!(found, listed, "left: what differs; right: what deviations.json argues for");
}

/// A fork may vanish or be changed by its owner; of Microsoft's documents Microsoft's own place is the one to read.
#[test]
fn documents_of_microsoft_are_linked_at_microsofts_own_places() {
    for (code, source) in &catalogue::embedded().sources {
        let Some(rest) = source.location.strip_prefix("https://github.com/") else { continue };
        let (owner, path) = rest.split_once('/').expect("an owner and a repository");
        assert!(
            owner == "MicrosoftDocs" || !path.contains("azure-docs"),
            "{code} points to a copy of Microsoft's documents: {}",
            source.location
        );
    }
}
