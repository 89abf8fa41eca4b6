//! Reads lists of service tags: the weekly file, and the answer of the API.

use std::collections::BTreeMap;

use crate::network::read::json::Object;
use crate::network::read::notes::{Notes, prefix};
use crate::network::{Field, ServiceTag, ServiceTags};

/// A whole list.
pub(super) fn list<'a>(object: &Object<'a>, notes: &mut Notes<'a>) -> ServiceTags {
    let mut tags = BTreeMap::new();
    notes.each_object(object, "values", |notes, one| insert(&mut tags, one, notes));
    ServiceTags {
        place: notes.place_of_object(object),
        cloud: object.text("cloud").map(std::borrow::Cow::into_owned),
        change_number: object.get("changeNumber").and_then(|node| node.number()),
        tags,
    }
}

/// Adds one tag of a list; of two entries with one name the first counts.
pub(super) fn insert<'a>(
    tags: &mut BTreeMap<String, ServiceTag>,
    object: &Object<'a>,
    notes: &mut Notes<'a>,
) {
    let Some(name) = ["name", "id"].into_iter().find_map(|key| object.text(key)) else {
        notes.pass(&object.to_node(), "a service tag without a name");
        return;
    };
    let mut prefixes = Vec::new();
    let missing = notes.each_text(object, &["addressPrefixes"], "a prefix", |text| {
        let read = prefix(text);
        prefixes.extend(read);
        read.is_some()
    });
    prefixes.shrink_to_fit();
    let features = match notes.texts(object, &["networkFeatures"]) {
        Field::Given(features) => Some(features),
        Field::Absent | Field::Unreadable => None,
    };
    let tag = ServiceTag { name: name.to_string(), prefixes, incomplete: missing.is_some(), features };
    tags.entry(name.to_ascii_lowercase()).or_insert(tag);
}
