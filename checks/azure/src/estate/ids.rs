//! Resource ids out of Azure's answers: what leads elsewhere is not followed.

use apim_probe_checks::network::ResourceId;
use serde_json::Value;

/// The id at a place of an answer, where it is one: what leads elsewhere is not followed.
pub(super) fn id_at(value: &Value, pointer: &str) -> Option<ResourceId> {
    value.pointer(pointer)?.as_str().and_then(id)
}

/// The id, where the text is one.
pub(super) fn id(text: &str) -> Option<ResourceId> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.()~".contains(c);
    let lower = text.to_ascii_lowercase();
    let is_id = lower.starts_with("/subscriptions/")
        && text.len() <= 1024
        && text.chars().all(is_plain)
        && !text.split('/').any(|part| part == "..");
    is_id.then(|| ResourceId(text.trim_end_matches('/').to_owned()))
}
