//! Every JSON report against the published schema, by an independent validator.

use apim_probe::render::{Format, render};
use apim_probe::report_file;
use serde_json::Value;

use crate::{options, reports};

/// The schema with every object closed: a reader must accept unknown keys, this program may not write any.
fn closed() -> Value {
    let mut schema: Value = serde_json::from_str(&report_file::schema()).unwrap();
    close(&mut schema);
    schema
}

fn close(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.contains_key("properties") && map.get("type") == Some(&"object".into()) {
                map.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn the_schema_is_a_schema() {
    let schema = serde_json::from_str(&report_file::schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
}

#[test]
fn every_report_is_valid_and_has_no_undocumented_key() {
    let validator = jsonschema::validator_for(&closed()).unwrap();
    for (name, report) in reports::all() {
        let value: Value = serde_json::from_str(&render(&report, &options(Format::Json))).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn a_later_minor_version_with_more_keys_is_valid() {
    let open = serde_json::from_str(&report_file::schema()).unwrap();
    let validator = jsonschema::validator_for(&open).unwrap();
    let (_, report) = reports::all().remove(0);
    let mut value: Value = serde_json::from_str(&render(&report, &options(Format::Json))).unwrap();
    value["schemaVersion"] = "1.7".into();
    value["checks"][0]["weather"] = "fine".into();
    assert!(validator.is_valid(&value));
    assert!(report_file::read::from_json(&value.to_string()).is_ok());
    value["checks"][0]["status"] = "fine".into();
    assert!(!validator.is_valid(&value));
}
