//! Documents that somebody made to do harm: whatever they hold, reading them ends.

use std::fs;

use apim_probe_checks::network::read::{ReadError, Reader};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{file, text};

const NAMES: [&str; 8] = [
    "nsg.rest.json",
    "effective-rules.rest.json",
    "vnet.rest.json",
    "apim.rest.json",
    "bundle.json",
    "template.bicep.json",
    "terraform.plan.json",
    "application-gateway.rest.json",
];

/// Any value at all.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zA-Z0-9./*:\\[\\]()'{}\\\\ -]{0,24}".prop_map(Value::from),
        Just(json!("[parameters('a')]")),
        Just(json!("System.Object[]")),
        Just(json!("0.0.0.0/0")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                prop_oneof![
                    Just("properties".to_owned()),
                    Just("value".to_owned()),
                    Just("id".to_owned()),
                    "[a-z_]{0,12}"
                ],
                inner,
                0..4
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The document with the value at place `at`, counted in reading order, replaced.
fn replaced(value: &Value, at: &mut usize, by: &Value) -> Value {
    if *at == 0 {
        *at = usize::MAX;
        return by.clone();
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter().map(|one| replaced(one, at, by)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, one)| (key.clone(), replaced(one, at, by))).collect())
        }
        other => other.clone(),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn any_value_anywhere_in_a_document_is_read_or_passed_over(
        name in prop::sample::select(&NAMES[..]), place in any::<prop::sample::Index>(), value in any_value(),
    ) {
        let document: Value = serde_json::from_slice(&fs::read(file(name)).unwrap()).unwrap();
        let mut at = place.index(count(&document));
        let _ = text(&replaced(&document, &mut at, &value).to_string());
    }

    #[test]
    fn any_document_ends(value in any_value()) {
        let _ = text(&value.to_string());
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut reader = Reader::default();
        let _ = reader.add("-", bytes);
    }

    #[test]
    fn any_part_of_a_document_ends(name in prop::sample::select(&NAMES[..]), cut in any::<prop::sample::Index>()) {
        let bytes = fs::read(file(name)).unwrap();
        let mut reader = Reader::default();
        let error = reader.add("-", bytes[..cut.index(bytes.len() - 2)].to_vec());
        let is_text_error = matches!(error, Err(ReadError::Text { .. }));
        prop_assert!(is_text_error);
    }
}

#[test]
fn deep_nesting_ends() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(text(&deep).is_err());
    let objects = format!("{}1{}", r#"{"properties":"#.repeat(50_000), "}".repeat(50_000));
    assert!(text(&objects).is_err());
}

#[test]
fn the_limits_of_rules_and_routes_hold() {
    let rule = |number: usize| {
        format!(
            r#"{{"name":"r{number}","access":"Allow","direction":"Inbound","priority":{number},"protocol":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"*"}}"#
        )
    };
    let rules = |count: usize| format!("[{}]", (0..count).map(rule).collect::<Vec<_>>().join(","));
    assert_eq!(text(&rules(20_000)).unwrap().effective_groups.unwrap()[0].rules.len(), 20_000);
    let error = text(&rules(20_001)).unwrap_err();
    assert_eq!(error, ReadError::TooLarge { file: "-".into(), limit: "20,000 rules" });
    let route =
        r#"{"nextHopType":"Internet","source":"Default","state":"Active","addressPrefix":["0.0.0.0/0"]}"#;
    let routes = format!("[{}]", vec![route; 20_001].join(","));
    let error = text(&routes).unwrap_err();
    assert_eq!(error, ReadError::TooLarge { file: "-".into(), limit: "20,000 routes" });
}
