//! Every JSON report against the published schema, by an independent validator.

use apim_probe::render::Format;
use apim_probe::report_file;
use serde_json::Value;

use crate::{configured, options, render, reports};

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
    let all = reports::all().into_iter().map(|(name, report)| (name.to_owned(), report));
    for (name, report) in all.chain(configured::reports()) {
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
    let report = reports::named("healthy");
    let mut value: Value = serde_json::from_str(&render(&report, &options(Format::Json))).unwrap();
    value["schemaVersion"] = "1.7".into();
    value["checks"][0]["weather"] = "fine".into();
    assert!(validator.is_valid(&value));
    assert!(report_file::read::from_json(&value.to_string()).is_ok());
    value["checks"][0]["status"] = "fine".into();
    assert!(!validator.is_valid(&value));
}

/// Every property of every object of the schema, with its path.
fn properties(node: &Value, path: &str, all: &mut Vec<(String, Value)>) {
    match node {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "properties" {
                    let keys = value.as_object().unwrap().iter();
                    all.extend(keys.map(|(name, property)| (format!("{path}.{name}"), property.clone())));
                }
                properties(value, &format!("{path}/{key}"), all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, path, all)),
        _ => {}
    }
}

#[test]
fn every_key_is_described_with_its_unit_and_an_example_that_is_valid() {
    let schema: Value = serde_json::from_str(&report_file::schema()).unwrap();
    let mut all = Vec::new();
    properties(&schema, "", &mut all);
    // Conditions repeat keys that are described elsewhere.
    all.retain(|(path, _)| !path.contains("/allOf/"));
    assert!(all.len() > 150, "{}", all.len());
    let mut wanting = Vec::new();
    for (path, property) in &all {
        let description = property["description"].as_str().unwrap_or_default();
        if description.len() < 10 {
            wanting.push(format!("{path} has no description"));
        }
        if path.ends_with("Ms") && !description.contains("illiseconds") {
            wanting.push(format!("{path} does not name its unit"));
        }
        // An object, a list of objects and what is defined elsewhere show themselves by their keys.
        let is_nested = |node: &Value| {
            let target =
                node["$ref"].as_str().and_then(|target| schema.pointer(target.trim_start_matches('#')));
            node.get("properties").is_some()
                || target.is_some_and(|target| target.get("properties").is_some())
        };
        if is_nested(property) || is_nested(&property["items"]) {
            continue;
        }
        let Some(example) = property["examples"].get(0) else {
            wanting.push(format!("{path} has no example"));
            continue;
        };
        let mut alone = property.clone();
        alone["$defs"] = schema["$defs"].clone();
        if !jsonschema::validator_for(&alone).unwrap().is_valid(example) {
            wanting.push(format!("the example of {path} is not valid"));
        }
    }
    assert!(wanting.is_empty(), "{wanting:#?}");
}
