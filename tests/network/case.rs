//! A case: a network in a short notation, questions, and what is expected of each.

use apim_probe_checks::network::Network;
use apim_probe_checks::network::assume::Assumption;
use apim_probe_checks::network::choose::{Chosen, Wish};
use apim_probe_checks::network::decision::{Decision, NearMiss, RouteRef, RuleRef};
use apim_probe_checks::network::judge::Judge;
use serde::Deserialize;

use crate::notation::{Written, flow};

/// The cases of one file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Theme {
    pub case: Vec<Case>,
}

/// A network and the questions that are put to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub name: String,
    /// What is typed as `--region`.
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub network: Written,
    pub ask: Vec<Question>,
    /// Parts of sentences that the assumptions hold.
    #[serde(default)]
    pub assume: Vec<String>,
}

/// A flow and its decision. What is not given is expected to be absent, but for `assume`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// `out tcp 443 Storage`, `in udp 4290 peers`, `out tcp 1433 20.1.2.3@Sql`.
    pub flow: String,
    /// `denied by rule`.
    pub is: String,
    #[serde(default)]
    pub admin: Option<String>,
    #[serde(default)]
    pub nsg: Option<String>,
    #[serde(default)]
    pub nic: Option<String>,
    /// `0.0.0.0/0 Internet`, `egress 0.0.0.0/0 VirtualAppliance`; not compared where not given.
    #[serde(default)]
    pub route: Option<String>,
    /// `AllowSql 110 port 1443, needs 1433`.
    #[serde(default)]
    pub near: Option<String>,
    /// A part of its sentence.
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub assume: Vec<String>,
}

impl Case {
    pub(crate) fn title(&self) -> &str {
        &self.name
    }

    fn judge<'a>(&self, network: &'a Network) -> Judge<'a> {
        let wish = Wish { region: self.region.as_deref(), ..Wish::default() };
        let chosen = Chosen::new(network, wish).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        Judge::new(&chosen, self.region.as_deref())
    }

    pub(crate) fn decisions(&self) -> Vec<Decision> {
        let network = self.network.read();
        let judge = self.judge(&network);
        self.ask.iter().map(|question| judge.decide(&flow(&question.flow))).collect()
    }

    /// What is not as expected.
    pub(crate) fn faults(&self) -> Vec<String> {
        let network = self.network.read();
        let judge = self.judge(&network);
        let mut faults = missing(&self.assume, &sentences(judge.assumptions()));
        for question in &self.ask {
            let decision = judge.decide(&flow(&question.flow));
            faults.extend(
                question.faults(&decision).into_iter().map(|fault| format!("{}: {fault}", question.flow)),
            );
        }
        faults
    }
}

impl Question {
    fn faults(&self, decision: &Decision) -> Vec<String> {
        let rule = |rule: &Option<RuleRef>| rule.as_ref().map(shown_rule);
        let mut faults = Vec::new();
        let mut compare = |what: &str, expected: Option<&str>, got: Option<String>| {
            if expected != got.as_deref() {
                let text = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
                faults.push(format!("{what}: expected {}, got {}", text(expected), text(got.as_deref())));
            }
        };
        compare("is", Some(&self.is), Some(format!("{} by {}", decision.ruling, decision.by)));
        if !decision.sentence().contains(&self.says) {
            compare("says", Some(&self.says), Some(decision.sentence()));
        }
        compare("admin", self.admin.as_deref(), rule(&decision.admin));
        compare("nsg", self.nsg.as_deref(), rule(&decision.nsg));
        compare("nic", self.nic.as_deref(), rule(&decision.nic));
        compare("near", self.near.as_deref(), decision.near_miss.as_ref().map(shown_near));
        if self.route.is_some() {
            compare("route", self.route.as_deref(), decision.route.as_ref().map(shown_route));
        }
        faults.extend(missing(&self.assume, &sentences(&decision.assumptions)));
        faults
    }
}

fn sentences(assumptions: &[Assumption]) -> Vec<String> {
    assumptions.iter().map(ToString::to_string).collect()
}

fn missing(expected: &[String], got: &[String]) -> Vec<String> {
    let absent = expected.iter().filter(|part| !got.iter().any(|sentence| sentence.contains(part.as_str())));
    absent.map(|part| format!("no assumption says `{part}`, but {got:?}")).collect()
}

fn shown_rule(rule: &RuleRef) -> String {
    let name = rule.name.clone().unwrap_or_else(|| "(end of the list)".to_owned());
    let priority = rule.priority.map(|priority| format!(" {priority}")).unwrap_or_default();
    format!("{name}{priority}")
}

fn shown_near(near: &NearMiss) -> String {
    let priority = near.priority.map(|priority| priority.to_string()).unwrap_or_default();
    format!("{} {priority} {} {}, needs {}", near.name, near.field, near.has, near.needs)
}

fn shown_route(route: &RouteRef) -> String {
    let name = route.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    format!("{name}{} {}", route.prefix, route.next_hop)
}
