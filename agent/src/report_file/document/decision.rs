//! The decision of a check in a report, and its flows: what each asks of the configuration, and its decision where it is another
//! than the check's.

use std::net::IpAddr;

use apim_probe_checks::network::decision::{
    By, Covers, Decision, Field, NearMiss, RouteRef, RuleRef, Ruling,
};
use apim_probe_checks::network::judgement::Judgement;
use apim_probe_checks::network::{Access, NextHop, PortRange, RouteSource, Way};
use apim_probe_checks::plan::CheckId;
use apim_probe_checks::plan::flow::{Carrier, Flow, NearEnd, OtherEnd};
use serde::{Deserialize, Serialize};

/// What configuration says of one check.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecisionDoc {
    decision: Ruling,
    by: By,
    covers: Covers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    admin: Option<RuleDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nsg: Option<RuleDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nic: Option<RuleDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<RouteDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    near_miss: Option<NearMissDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flows: Vec<FlowDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RuleDoc {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access: Option<Access>,
    direction: Way,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteDoc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    prefix: String,
    source: RouteSource,
    next_hop: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NearMissDoc {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<u32>,
    field: Field,
    has: String,
    needs: String,
}

/// One flow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlowDoc {
    direction: Way,
    transport: Carrier,
    ports: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    to_first_usable: bool,
    other: OtherDoc,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<IpAddr>,
    /// Absent where it is the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<Box<DecisionDoc>>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OtherDoc {
    Addresses,
    Tag,
    Peers,
    Internet,
    Anywhere,
}

impl FlowDoc {
    /// A flow of a check whose decision is `of_check`.
    pub(super) fn of(flow: &Flow, decision: &Decision, of_check: &Decision) -> Self {
        let (other, tag, addresses): (_, _, &[IpAddr]) = match &flow.other {
            OtherEnd::Addresses(addresses, tag) => (OtherDoc::Addresses, tag.clone(), addresses),
            OtherEnd::Tag(tag) => (OtherDoc::Tag, Some(tag.clone()), &[]),
            OtherEnd::Peers => (OtherDoc::Peers, None, &[]),
            OtherEnd::Internet => (OtherDoc::Internet, None, &[]),
            OtherEnd::Anywhere => (OtherDoc::Anywhere, None, &[]),
        };
        Self {
            direction: flow.direction,
            transport: flow.transport,
            ports: flow.ports.to_string(),
            to_first_usable: flow.near == NearEnd::FirstUsable,
            other,
            tag,
            addresses: addresses.to_vec(),
            decision: (decision != of_check).then(|| Box::new(DecisionDoc::from(decision))),
        }
    }

    /// The flow and its decision; `None` for a range of ports that is none.
    pub(crate) fn read(self, of_check: &Decision) -> Option<(Flow, Decision)> {
        let other = match self.other {
            OtherDoc::Addresses => OtherEnd::Addresses(self.addresses, self.tag),
            OtherDoc::Tag => OtherEnd::Tag(self.tag.unwrap_or_default()),
            OtherDoc::Peers => OtherEnd::Peers,
            OtherDoc::Internet => OtherEnd::Internet,
            OtherDoc::Anywhere => OtherEnd::Anywhere,
        };
        let flow = Flow {
            direction: self.direction,
            transport: self.transport,
            ports: PortRange::read(&self.ports)?,
            near: if self.to_first_usable { NearEnd::FirstUsable } else { NearEnd::Subnet },
            other,
        };
        let decision = self.decision.map(|decision| Decision::from(*decision));
        Some((flow, decision.unwrap_or_else(|| of_check.clone())))
    }
}

impl DecisionDoc {
    /// The decision of a check with its flows, or of a setting; `None` where it was not judged.
    pub(super) fn of(judgement: &Judgement, id: &CheckId) -> Option<Self> {
        if let Some(setting) = judgement.settings.iter().find(|it| it.id.as_str() == id.as_str()) {
            return Some(Self {
                decision: if setting.fails() { Ruling::Denied } else { Ruling::Allowed },
                by: By::Setting,
                // It speaks of the subnet's own addresses and of no other end.
                covers: Covers::Addresses,
                admin: None,
                nsg: None,
                nic: None,
                route: None,
                near_miss: None,
                flows: Vec::new(),
            });
        }
        let (decision, flows) = (judgement.decision(id)?, judgement.judged.get(id)?);
        let flows = flows.iter().map(|(flow, its)| FlowDoc::of(flow, its, decision)).collect();
        Some(Self { flows, ..Self::from(decision) })
    }

    /// The flows of the check, each with its decision.
    pub(crate) fn read(mut self) -> Vec<(Flow, Decision)> {
        let flows = std::mem::take(&mut self.flows);
        let decision = Decision::from(self);
        flows.into_iter().filter_map(|flow| flow.read(&decision)).collect()
    }
}

impl From<&Decision> for DecisionDoc {
    fn from(decision: &Decision) -> Self {
        let rule = |rule: &Option<RuleRef>| {
            rule.as_ref().map(|rule| RuleDoc {
                group: rule.group.clone(),
                name: rule.name.clone(),
                priority: rule.priority,
                access: rule.access,
                direction: rule.direction,
            })
        };
        let route = |route: &RouteRef| RouteDoc {
            table: route.table.clone(),
            name: route.name.clone(),
            prefix: route.prefix.clone(),
            source: route.source,
            next_hop: route.next_hop.as_str().to_owned(),
            address: route.address,
        };
        let near = |near: &NearMiss| NearMissDoc {
            group: near.group.clone(),
            name: near.name.clone(),
            priority: near.priority,
            field: near.field,
            has: near.has.clone(),
            needs: near.needs.clone(),
        };
        Self {
            decision: decision.ruling,
            by: decision.by,
            covers: decision.covers,
            admin: rule(&decision.admin),
            nsg: rule(&decision.nsg),
            nic: rule(&decision.nic),
            route: decision.route.as_ref().map(route),
            near_miss: decision.near_miss.as_ref().map(near),
            flows: Vec::new(),
        }
    }
}

impl From<DecisionDoc> for Decision {
    fn from(doc: DecisionDoc) -> Self {
        let rule = |rule: RuleDoc| RuleRef {
            group: rule.group,
            name: rule.name,
            priority: rule.priority,
            access: rule.access,
            direction: rule.direction,
            place: None,
        };
        let route = |route: RouteDoc| RouteRef {
            table: route.table,
            name: route.name,
            prefix: route.prefix,
            source: route.source,
            next_hop: NextHop::read(&route.next_hop),
            address: route.address,
            place: None,
        };
        let near = |near: NearMissDoc| NearMiss {
            group: near.group,
            name: near.name,
            priority: near.priority,
            field: near.field,
            has: near.has,
            needs: near.needs,
            place: None,
        };
        Self {
            ruling: doc.decision,
            by: doc.by,
            covers: doc.covers,
            admin: doc.admin.map(rule),
            nsg: doc.nsg.map(rule),
            nic: doc.nic.map(rule),
            route: doc.route.map(route),
            near_miss: doc.near_miss.map(near),
            assumptions: Vec::new(),
            passed_over: Vec::new(),
        }
    }
}
