//! What was tried for a check, in a report.

use std::net::IpAddr;

use super::server::AnswererDoc;
use apim_probe_checks::outcome::{Cause, Hop, Icmp, Stage, Step};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepDoc {
    stage: Stage,
    #[serde(default)]
    start_ms: f64,
    #[serde(default)]
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<AnswererDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<IcmpDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hops: Vec<HopDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HopDoc {
    ttl: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_ms: Option<f64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct IcmpDoc {
    #[serde(rename = "type")]
    kind: u8,
    code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<IpAddr>,
}

impl From<&Step> for StepDoc {
    fn from(step: &Step) -> Self {
        let Step { stage, start_ms, duration_ms, server, address, attempts, cause, detail, icmp, hops } =
            step.clone();
        let hops = hops.into_iter().map(|Hop { ttl, from, rtt_ms }| HopDoc { ttl, from, rtt_ms }).collect();
        let server = server.map(AnswererDoc);
        let icmp = icmp.map(|Icmp { kind, code, from }| IcmpDoc { kind, code, from });
        Self { stage, start_ms, duration_ms, server, address, attempts, cause, detail, icmp, hops }
    }
}

impl From<StepDoc> for Step {
    fn from(doc: StepDoc) -> Self {
        let StepDoc { stage, start_ms, duration_ms, server, address, attempts, cause, detail, icmp, hops } =
            doc;
        let hops = hops.into_iter().map(|HopDoc { ttl, from, rtt_ms }| Hop { ttl, from, rtt_ms }).collect();
        let server = server.map(|AnswererDoc(answerer)| answerer);
        let icmp = icmp.map(|IcmpDoc { kind, code, from }| Icmp { kind, code, from });
        Self { stage, start_ms, duration_ms, server, address, attempts, cause, detail, icmp, hops }
    }
}
