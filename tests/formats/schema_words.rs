//! The closed lists of the schema are those of the program: a word that only one of them knows is a report that does not
//! validate, or a document that promises too much.

use std::collections::BTreeMap;

use apim_probe::report_file;
use apim_probe_checks::catalogue::{
    self, Direction, Profile, Protocol, Published, Transport, TrustPolicy, VnetMode,
};
use apim_probe_checks::diagnose::{AccessPath, Code, Confidence, Severity, StepKind};
use apim_probe_checks::network::decision::{By, Covers, Field, Ruling};
use apim_probe_checks::network::settings::Gravity;
use apim_probe_checks::network::{Access, DocumentKind, RouteSource, Way};
use apim_probe_checks::outcome::{Cause, Scope, SkipReason, Stage, Trust};
use apim_probe_checks::plan::Origin;
use apim_probe_checks::run::RunKind;
use apim_probe_checks::verdict::{self, Verdict};
use serde_json::{Value, json};

/// Every list of the schema by its place.
fn lists(value: &Value, place: &str, found: &mut BTreeMap<String, Vec<Value>>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Value::Array(words) if key == "enum" => {
                        found.insert(place.to_owned(), words.clone());
                    }
                    _ => lists(inner, &format!("{place}/{key}"), found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| lists(item, &format!("{place}/{at}"), found));
        }
        _ => {}
    }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<Value> {
    all.iter().map(|value| json!(word(*value))).collect()
}

/// What the program can write at each of these places.
fn known() -> BTreeMap<&'static str, Vec<Value>> {
    let profile = words(Profile::ALL, Profile::as_str);
    let clouds = &catalogue::embedded().clouds;
    let signals = [2, 15].map(|signal| json!(verdict::INTERRUPTED + signal));
    let codes =
        [verdict::OK, verdict::FAILED, verdict::UNDECIDED, verdict::OPTIONAL_FAILED].map(|code| json!(code));
    BTreeMap::from([
        ("/properties/catalogue/properties/profile", profile.clone()),
        ("/properties/instance/properties/profile", profile),
        ("/properties/instance/properties/cloud", clouds.keys().map(|id| json!(id)).collect()),
        ("/properties/instance/properties/vnetMode", words(VnetMode::ALL, VnetMode::as_str)),
        ("/properties/host/properties/clock/properties/source", vec![json!("ntp"), json!("http-date")]),
        ("/properties/summary/properties/exitCode", [&codes[..], &signals[..]].concat()),
        ("/$defs/transport", words(Transport::ALL, Transport::as_str)),
        ("/$defs/protocol", words(Protocol::ALL, Protocol::as_str)),
        ("/$defs/direction", words(Direction::ALL, Direction::as_str)),
        ("/properties/run/properties/kind", words(RunKind::ALL, RunKind::as_str)),
        (
            "/properties/configuration/properties/documents/items/properties/kind",
            words(DocumentKind::ALL, DocumentKind::as_str),
        ),
        ("/$defs/securityRule/properties/access", words(Access::ALL, Access::as_str)),
        ("/$defs/securityRule/properties/direction", words(Way::ALL, Way::as_str)),
        ("/$defs/decision/properties/decision", words(Ruling::ALL, Ruling::as_str)),
        ("/$defs/published", words(Published::ALL, Published::as_str)),
        ("/$defs/gravity", words(Gravity::ALL, Gravity::as_str)),
        ("/$defs/decision/properties/flows/items/properties/direction", words(Way::ALL, Way::as_str)),
        (
            "/$defs/decision/properties/flows/items/properties/transport",
            ["tcp", "udp"].map(|word| json!(word)).to_vec(),
        ),
        (
            "/$defs/decision/properties/flows/items/properties/other",
            ["addresses", "tag", "peers", "internet", "anywhere"].map(|word| json!(word)).to_vec(),
        ),
        ("/$defs/decision/properties/by", words(By::ALL, By::as_str)),
        ("/$defs/decision/properties/covers", words(Covers::ALL, Covers::as_str)),
        ("/$defs/decision/properties/route/properties/source", words(RouteSource::ALL, RouteSource::as_str)),
        ("/$defs/decision/properties/nearMiss/properties/field", words(Field::ALL, Field::as_str)),
        ("/$defs/origin", words(Origin::ALL, Origin::as_str)),
        ("/$defs/stage", words(Stage::ALL, Stage::as_str)),
        ("/$defs/cause", words(Cause::ALL, Cause::as_str)),
        ("/$defs/skipReason", words(SkipReason::ALL, SkipReason::as_str)),
        ("/$defs/scope", words(Scope::ALL, Scope::as_str)),
        ("/$defs/verdict", words(Verdict::ALL, Verdict::as_str)),
        ("/$defs/code", words(Code::ALL, Code::as_str)),
        ("/$defs/finding/properties/severity", words(Severity::ALL, Severity::as_str)),
        (
            "/$defs/finding/properties/remedy/properties/steps/items/properties/kind",
            words(StepKind::ALL, StepKind::as_str),
        ),
        ("/$defs/finding/properties/confidence", words(Confidence::ALL, Confidence::as_str)),
        (
            "/$defs/check/properties/status",
            ["success", "failure", "skipped", "undecided"].map(|status| json!(status)).to_vec(),
        ),
        ("/$defs/check/properties/path", words(AccessPath::ALL, AccessPath::as_str)),
        ("/$defs/check/properties/trustPolicy", words(TrustPolicy::ALL, TrustPolicy::as_str)),
        ("/$defs/tls/properties/trust", words(Trust::ALL, Trust::as_str)),
    ])
}

#[test]
fn every_closed_list_of_the_schema_holds_what_the_program_writes_and_no_more() {
    let schema: Value = serde_json::from_str(&report_file::schema()).unwrap();
    let mut written = BTreeMap::new();
    lists(&schema, "", &mut written);
    let known = known();
    let mut wrong = Vec::new();
    for (place, words) in &written {
        match known.get(place.as_str()) {
            None => wrong.push(format!("{place} is not in this test's table: which enum is it?")),
            Some(expected) => {
                let missing: Vec<_> = expected.iter().filter(|word| !words.contains(word)).collect();
                let extra: Vec<_> = words.iter().filter(|word| !expected.contains(word)).collect();
                if !(missing.is_empty() && extra.is_empty()) {
                    wrong.push(format!("{place}: the schema lacks {missing:?}, the program lacks {extra:?}"));
                }
            }
        }
    }
    let absent = known.keys().filter(|place| !written.contains_key(**place));
    wrong.extend(absent.map(|place| format!("{place} is no list of the schema any more")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
