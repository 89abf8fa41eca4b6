//! What was learned about a check, in a report.

use std::net::IpAddr;

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::network::ControlPlane;
use apim_probe_checks::outcome::{
    Address, Answerer, Cause, Certificate, DnsEvidence, Evidence, ExchangeEvidence, PeerEvidence, Scope,
    ServerAnswer, Step, TlsEvidence, Trust, fact,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::server::{AnswererDoc, AskedDoc};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct EvidenceDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    dns: Option<DnsDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<PeerDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<ExchangeDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DnsDoc {
    #[serde(default)]
    addresses: Vec<AddressDoc>,
    #[serde(default)]
    cnames: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<AnswererDoc>,
    /// Always written; the CNAMEs tell where it is absent.
    private_link: Option<bool>,
    #[serde(default)]
    servers: Vec<ServerAnswerDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hosts_file: Vec<IpAddr>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AddressDoc {
    ip: IpAddr,
    /// Always written; the address tells where it is absent.
    scope: Option<Scope>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ServerAnswerDoc {
    server: AskedDoc,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// Written of a server that gave no address; older reports tell it in the words of the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    truncated: Option<bool>,
    #[serde(default)]
    addresses: Vec<IpAddr>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PeerDoc {
    address: IpAddr,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rtt_ms: Option<f64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    small_segments: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct TlsDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<Trust>,
    #[serde(default)]
    chain: Vec<CertificateDoc>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CertificateDoc {
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    issuer: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    not_before: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    not_after: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sha256: String,
    dns_names: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExchangeDoc {
    /// Always written; the check tells where it is absent.
    protocol: Option<SpokenDoc>,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

/// What was spoken: by a probe, or by Azure itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum SpokenDoc {
    Probe(Protocol),
    Azure(AzureDoc),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AzureDoc {
    Arm,
}

impl ExchangeDoc {
    fn speaks(&self, wanted: Protocol) -> bool {
        matches!(self.protocol, Some(SpokenDoc::Probe(spoken)) if spoken == wanted)
    }
}

const ARM_STATUS: &str = "armStatus";
const ARM_CODE: &str = "armCode";

impl From<&Evidence> for EvidenceDoc {
    fn from(evidence: &Evidence) -> Self {
        let Evidence { dns, peer, tls, exchange } = evidence.clone();
        Self {
            dns: dns.map(DnsDoc::from),
            peer: peer.map(PeerDoc::from),
            tls: tls.map(TlsDoc::from),
            exchange: exchange.map(|ExchangeEvidence { protocol, facts }| ExchangeDoc {
                protocol: Some(SpokenDoc::Probe(protocol)),
                facts,
            }),
        }
    }
}

impl EvidenceDoc {
    /// The same with Azure's own call in place of what a probe exchanged.
    pub(crate) fn with_azures_call(self, call: &ControlPlane) -> Self {
        let ControlPlane { status, code } = call;
        let mut facts = Map::from_iter([(ARM_STATUS.to_owned(), Value::from(*status))]);
        facts.extend(code.iter().map(|code| (ARM_CODE.to_owned(), Value::from(code.as_str()))));
        let protocol = Some(SpokenDoc::Azure(AzureDoc::Arm));
        Self { exchange: Some(ExchangeDoc { protocol, facts }), ..self }
    }

    /// Takes Azure's own call out, where it stands in place of what a probe exchanged.
    pub(crate) fn take_azures_call(&mut self) -> Option<ControlPlane> {
        let is_azures = |exchange: &ExchangeDoc| matches!(exchange.protocol, Some(SpokenDoc::Azure(_)));
        let facts = self.exchange.take_if(|exchange| is_azures(exchange))?.facts;
        let status = facts.get(ARM_STATUS)?.as_u64()?.try_into().ok()?;
        Some(ControlPlane { status, code: facts.get(ARM_CODE).and_then(Value::as_str).map(str::to_owned) })
    }

    /// Reports of before `truncated` tell it in a failed step alone: they ask over TCP only what was truncated over UDP.
    pub(crate) fn infer_truncation(&mut self, steps: &[Step]) {
        let over_tcp = |step: &&Step| step.detail.as_ref().is_some_and(|told| told.starts_with("over TCP:"));
        let failed: Vec<&Step> = steps.iter().filter(|step| step.cause.is_some()).filter(over_tcp).collect();
        for answer in self.dns.iter_mut().flat_map(|dns| &mut dns.servers) {
            let asked = Some(Answerer::Server(answer.server.0));
            answer.truncated.get_or_insert_with(|| failed.iter().any(|step| step.server == asked));
        }
        let own = self.exchange.iter_mut().find(|_| failed.iter().any(|step| step.server.is_none()));
        if let Some(own) = own.filter(|own| own.speaks(Protocol::Dns)) {
            own.facts.entry(fact::TRUNCATED).or_insert(Value::Bool(true));
        }
    }

    /// The evidence of a check that was proved with `protocol`.
    pub(crate) fn read(self, protocol: Protocol) -> Evidence {
        let Self { dns, peer, tls, exchange } = self;
        Evidence {
            dns: dns.map(DnsEvidence::from),
            peer: peer.map(PeerEvidence::from),
            tls: tls.map(TlsEvidence::from),
            exchange: exchange.map(|ExchangeDoc { protocol: spoken, facts }| ExchangeEvidence {
                protocol: match spoken {
                    Some(SpokenDoc::Probe(spoken)) => spoken,
                    Some(SpokenDoc::Azure(_)) | None => protocol,
                },
                facts,
            }),
        }
    }
}

impl From<DnsEvidence> for DnsDoc {
    fn from(dns: DnsEvidence) -> Self {
        let DnsEvidence { addresses, cnames, ttl, server, private_link, servers, hosts_file } = dns;
        let of_address = |Address { ip, scope }| AddressDoc { ip, scope: Some(scope) };
        let of_server = |ServerAnswer { server, cause, truncated, addresses }| ServerAnswerDoc {
            server: AskedDoc(server),
            cause,
            truncated: (truncated || cause.is_some()).then_some(truncated),
            addresses,
        };
        Self {
            addresses: addresses.into_iter().map(of_address).collect(),
            cnames,
            ttl,
            server: server.map(AnswererDoc),
            private_link: Some(private_link),
            servers: servers.into_iter().map(of_server).collect(),
            hosts_file,
        }
    }
}

impl From<DnsDoc> for DnsEvidence {
    fn from(doc: DnsDoc) -> Self {
        let DnsDoc { addresses, cnames, ttl, server, private_link, servers, hosts_file } = doc;
        let is_linked = || cnames.iter().any(|name| name.contains("privatelink."));
        let of_address =
            |AddressDoc { ip, scope }| Address { ip, scope: scope.unwrap_or_else(|| Scope::of(ip)) };
        let of_server = |ServerAnswerDoc { server: AskedDoc(server), cause, truncated, addresses }| {
            ServerAnswer { server, cause, truncated: truncated.unwrap_or_default(), addresses }
        };
        Self {
            private_link: private_link.unwrap_or_else(is_linked),
            addresses: addresses.into_iter().map(of_address).collect(),
            cnames,
            ttl,
            server: server.map(|AnswererDoc(answerer)| answerer),
            servers: servers.into_iter().map(of_server).collect(),
            hosts_file,
        }
    }
}

impl From<PeerEvidence> for PeerDoc {
    fn from(peer: PeerEvidence) -> Self {
        let PeerEvidence { address, port, local_address, rtt_ms, small_segments } = peer;
        Self { address, port, local_address, rtt_ms, small_segments }
    }
}

impl From<PeerDoc> for PeerEvidence {
    fn from(doc: PeerDoc) -> Self {
        let PeerDoc { address, port, local_address, rtt_ms, small_segments } = doc;
        Self { address, port, local_address, rtt_ms, small_segments }
    }
}

impl From<TlsEvidence> for TlsDoc {
    fn from(tls: TlsEvidence) -> Self {
        let TlsEvidence { version, cipher, alpn, trust, chain } = tls;
        let chain = chain.into_iter().map(CertificateDoc::from).collect();
        Self { version, cipher, alpn, trust, chain }
    }
}

impl From<TlsDoc> for TlsEvidence {
    fn from(doc: TlsDoc) -> Self {
        let TlsDoc { version, cipher, alpn, trust, chain } = doc;
        let chain = chain.into_iter().map(Certificate::from).collect();
        Self { version, cipher, alpn, trust, chain }
    }
}

impl From<Certificate> for CertificateDoc {
    fn from(certificate: Certificate) -> Self {
        let Certificate { subject, issuer, not_before, not_after, sha256, dns_names } = certificate;
        Self { subject, issuer, not_before, not_after, sha256, dns_names }
    }
}

impl From<CertificateDoc> for Certificate {
    fn from(doc: CertificateDoc) -> Self {
        let CertificateDoc { subject, issuer, not_before, not_after, sha256, dns_names } = doc;
        Self { subject, issuer, not_before, not_after, sha256, dns_names }
    }
}
