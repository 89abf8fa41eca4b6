//! One good estate with an Application Gateway, and the single mistakes in it that `mistakes.toml` lists.

use apim_probe_checks::catalogue::embedded;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::Network;
use apim_probe_checks::network::choose::Chosen;
use apim_probe_checks::network::configuration::{Choice, add_settings};
use apim_probe_checks::network::read::Reader;
use apim_probe_checks::network::told::{Typed, fill_in};
use apim_probe_checks::outcome::{Outcome, SkipReason};
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::report::Report;
use apim_probe_checks::run::RunKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::judged::{self, AT};

const ESTATE: &str = include_str!("estate.json");
const MISTAKES: &str = include_str!("mistakes.toml");

#[derive(Deserialize)]
struct Mistakes {
    case: Vec<Case>,
}

/// Changes of the good estate, and what comes of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) set: Vec<Set>,
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    /// `error gateway probe-path,probe-host`; `all` for what concerns the whole gateway.
    #[serde(default)]
    pub(crate) unfit: Vec<String>,
    /// `error gateway status`.
    #[serde(default)]
    pub(crate) health: Vec<String>,
    /// What health says is explained by what is unfit.
    #[serde(default)]
    pub(crate) folded: bool,
    /// A part of one of the assumptions.
    pub(crate) assumes: Option<String>,
    /// A part of the first finding's reasons.
    pub(crate) says: Option<String>,
    /// A part of its commands.
    pub(crate) commands: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Set {
    pub(crate) at: String,
    to: Value,
}

impl Case {
    /// The documents as files.
    fn estate(&self) -> Map<String, Value> {
        let mut estate: Value = serde_json::from_str(ESTATE).expect("JSON");
        for Set { at, to } in &self.set {
            let (parent, key) = at.rsplit_once('/').expect("a pointer");
            match estate.pointer_mut(parent).unwrap_or_else(|| panic!("{}: {at}", self.name)) {
                Value::Object(object) => drop(object.insert(key.to_owned(), to.clone())),
                Value::Array(list) => {
                    assert_eq!(key, list.len().to_string(), "{}: {at}", self.name);
                    list.push(to.clone());
                }
                other => panic!("{}: {at}: {other}", self.name),
            }
        }
        // From behind, so that places in lists stay what they are.
        for at in &self.remove {
            let (parent, key) = at.rsplit_once('/').expect("a pointer");
            match estate.pointer_mut(parent).unwrap_or_else(|| panic!("{}: {at}", self.name)) {
                Value::Object(object) => drop(object.remove(key)),
                Value::Array(list) => drop(list.remove(key.parse().expect("a place"))),
                other => panic!("{}: {at}: {other}", self.name),
            }
        }
        let Value::Object(documents) = estate else { panic!("an object") };
        documents
    }

    pub(crate) fn network(&self) -> Network {
        self.network_as(Clone::clone)
    }

    /// The documents as a tool writes them.
    pub(crate) fn network_as(&self, dialect: fn(&Value) -> Value) -> Network {
        let mut reader = Reader::default();
        for (name, document) in self.estate() {
            let bytes = serde_json::to_vec(&dialect(&document)).expect("JSON");
            reader
                .add(&format!("{name}.json"), bytes)
                .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        }
        reader.end().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    pub(crate) fn report(&self) -> Report {
        report(&self.network())
    }
}

/// A review of documents alone.
pub(crate) fn report(network: &Network) -> Report {
    let catalogue = embedded();
    let chosen = Chosen::new(network, Choice::default().wish()).expect("one subnet");
    let mut instance = Instance::default();
    fill_in(&mut instance, Typed::default(), &chosen, catalogue);
    let (mut plan, _) = Plan::for_review(catalogue, &instance).expect("a plan");
    add_settings(&mut plan, &chosen, &Choice::default());
    let outcome =
        |check: &Check| Outcome::skipped(check.skip_reason().unwrap_or(SkipReason::NotCheckable), AT);
    judged::report(network, (RunKind::Review, plan), outcome, Vec::new()).expect("one subnet")
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    toml::from_str::<Mistakes>(MISTAKES).unwrap_or_else(|error| panic!("{error}")).case
}
