//! Private DNS zones that hold a name of the instance, or names of private endpoints.

use std::collections::BTreeSet;

use apim_probe_checks::network::DocumentKind as Kind;
use serde_json::Value;

use crate::arm;
use crate::estate::ids::id_at;
use crate::estate::walk::{Walk, entries};

impl Walk<'_> {
    /// The zones of these subscriptions, with links and address records.
    pub(super) async fn zones(&self, subscriptions: &[String], names: &BTreeSet<String>) {
        for subscription in subscriptions {
            let path = format!("/subscriptions/{subscription}/providers/Microsoft.Network/privateDnsZones");
            for zone in self.list(Kind::PrivateZone, &path).await {
                let Some(id) = id_at(&zone, "/id").filter(|id| is_asked(id.name(), names)) else { continue };
                self.keep(Ok(arm::document(Kind::PrivateZone, id.as_str(), zone)));
                self.get(Kind::ZoneLink, &format!("{id}/virtualNetworkLinks")).await;
                let path = format!("{id}/ALL");
                let ended = self.arm.document(Kind::RecordSet, &path).await;
                self.keep(ended.map(|mut document| {
                    let records = entries(document.body.take()).into_iter().filter(is_address).collect();
                    document.body = serde_json::json!({ "value": Value::Array(records) });
                    document
                }));
            }
        }
    }
}

/// True for a zone around a name of the instance, and for those of private endpoints.
fn is_asked(zone: &str, names: &BTreeSet<String>) -> bool {
    let zone = zone.to_ascii_lowercase();
    let is_in = |name: &String| *name == zone || name.ends_with(&format!(".{zone}"));
    zone.starts_with("privatelink.") || names.iter().any(is_in)
}

/// True for an A or CNAME record.
fn is_address(record: &Value) -> bool {
    let kind = record["type"].as_str().and_then(|kind| kind.rsplit('/').next()).unwrap_or_default();
    matches!(kind, "A" | "CNAME")
}
