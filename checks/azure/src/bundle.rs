//! What `fetch` writes: the documents as Azure gave them, less what may be secret, and what was refused.

use std::time::SystemTime;

use apim_probe_checks::network::DocumentKind as Kind;
use serde_json::{Value, json};

use crate::call::ORDER;
use crate::reason::Reason;

/// Version of the bundle.
pub const VERSION: &str = "1.0";

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// The path that was asked, without host and query.
    pub id: String,
    /// The version in which it was asked for.
    pub api_version: &'static str,
    /// When it came.
    pub fetched_at: SystemTime,
    /// ARM's answer, its pages joined.
    pub body: Value,
}

/// A document that was asked for and not got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it is.
    pub kind: Kind,
    /// The path that was asked, without host and query.
    pub id: String,
    /// The action that it takes.
    pub action: String,
    /// ARM's status, where it answered.
    pub status: Option<u16>,
    /// Why.
    pub reason: Reason,
}

/// Everything that was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bundle {
    /// What was got.
    pub documents: Vec<Document>,
    /// What was not.
    pub refused: Vec<Refusal>,
}

impl Bundle {
    /// Keeps what one request brought; returns the document's body.
    pub(crate) fn keep(&mut self, ended: Result<Document, Refusal>) -> Option<Value> {
        match ended {
            Ok(document) => {
                let body = document.body.clone();
                self.documents.push(document);
                Some(body)
            }
            Err(refusal) => {
                self.refused.push(refusal);
                None
            }
        }
    }

    /// Puts documents and refusals in the order of the kinds, and in a kind by id without regard to case.
    pub(crate) fn sort(&mut self) {
        let place = |kind: Kind| ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len());
        self.documents.sort_by_cached_key(|one| (place(one.kind), one.id.to_ascii_lowercase()));
        self.refused.sort_by_cached_key(|one| (place(one.kind), one.id.to_ascii_lowercase()));
        self.documents.dedup_by(|a, b| a.kind == b.kind && a.id.eq_ignore_ascii_case(&b.id));
        self.refused.dedup();
    }

    /// The bundle as JSON. Nothing in it is escaped for a terminal: that is the writer's.
    #[must_use]
    pub fn to_json(&self, fetched_at: SystemTime) -> Value {
        let time = |at| humantime::format_rfc3339_millis(at).to_string();
        let documents = self.documents.iter().map(|one| {
            json!({"kind": one.kind, "id": one.id, "apiVersion": one.api_version, "fetchedAt": time(one.fetched_at),
                "body": one.body})
        });
        let refused = self.refused.iter().map(|one| {
            let mut refused =
                json!({"kind": one.kind, "id": one.id, "action": one.action, "reason": one.reason});
            if let Some(status) = one.status {
                refused["status"] = status.into();
            }
            refused
        });
        json!({
            "bundleVersion": VERSION,
            "fetchedAt": time(fetched_at),
            "documents": documents.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
        })
    }
}
