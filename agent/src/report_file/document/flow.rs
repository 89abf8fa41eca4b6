//! The flows of a check in a report: what each asks of the configuration, and its decision where it is another than the check's.

use std::net::IpAddr;

use apim_probe_checks::network::decision::Decision;
use apim_probe_checks::network::{PortRange, Way};
use apim_probe_checks::plan::flow::{Carrier, Flow, NearEnd, OtherEnd};
use serde::{Deserialize, Serialize};

use super::configuration::DecisionDoc;
use super::judged::texts;

/// One flow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlowDoc {
    direction: Way,
    transport: CarrierDoc,
    ports: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    to_first_usable: bool,
    other: OtherDoc,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<String>,
    /// Absent where it is the check's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<Box<DecisionDoc>>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CarrierDoc {
    Tcp,
    Udp,
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
            transport: match flow.transport {
                Carrier::Tcp => CarrierDoc::Tcp,
                Carrier::Udp => CarrierDoc::Udp,
            },
            ports: flow.ports.to_string(),
            to_first_usable: flow.near == NearEnd::FirstUsable,
            other,
            tag,
            addresses: texts(addresses),
            decision: (decision != of_check).then(|| Box::new(DecisionDoc::from(decision))),
        }
    }

    /// The flow and its decision; `None` for a range of ports that is none.
    pub(crate) fn read(self, of_check: &Decision) -> Option<(Flow, Decision)> {
        let addresses: Vec<IpAddr> = self.addresses.iter().filter_map(|text| text.parse().ok()).collect();
        let other = match self.other {
            OtherDoc::Addresses => OtherEnd::Addresses(addresses, self.tag),
            OtherDoc::Tag => OtherEnd::Tag(self.tag.unwrap_or_default()),
            OtherDoc::Peers => OtherEnd::Peers,
            OtherDoc::Internet => OtherEnd::Internet,
            OtherDoc::Anywhere => OtherEnd::Anywhere,
        };
        let flow = Flow {
            direction: self.direction,
            transport: match self.transport {
                CarrierDoc::Tcp => Carrier::Tcp,
                CarrierDoc::Udp => Carrier::Udp,
            },
            ports: PortRange::read(&self.ports)?,
            near: if self.to_first_usable { NearEnd::FirstUsable } else { NearEnd::Subnet },
            other,
        };
        let decision = self.decision.map(|decision| Decision::from(*decision));
        Some((flow, decision.unwrap_or_else(|| of_check.clone())))
    }
}
