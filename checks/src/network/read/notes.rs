//! Reading single fields: what is there, what is not, and what had to be passed over.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::network::read::json::{Node, Object};
use crate::network::read::text::Lines;
use crate::network::{Field, Location, PassedOver, Place, ResourceId};

/// Parts that are named one by one; of more only the number is told.
const MOST_NAMED: usize = 200;

/// Entries of lists that any file may have, and the bytes of it for which it may have one more.
const FEWEST_ENTRIES: usize = 100_000;
const BYTES_AN_ENTRY: usize = 16;

/// Entries of a list that are compared with each other; longer ones are Azure's own and repeat nothing.
pub const MOST_COMPARED: usize = 256;

/// Characters of a value that a reason quotes at most.
const MOST_QUOTED: usize = 60;

/// Where a file is being read, and what could not be read of it.
#[derive(Debug)]
pub struct Notes<'a> {
    file: String,
    lines: Lines<'a>,
    passed_over: Vec<PassedOver>,
    unnamed: usize,
    /// Entries of lists that may still be kept.
    entries: usize,
}

impl<'a> Notes<'a> {
    /// Notes on a file with this text.
    #[must_use]
    pub fn new(file: &str, text: &'a str) -> Self {
        let entries = FEWEST_ENTRIES + text.len() / BYTES_AN_ENTRY;
        Self { file: file.to_owned(), lines: Lines::new(text), passed_over: Vec::new(), unnamed: 0, entries }
    }

    /// Everything that was passed over.
    #[must_use]
    pub fn end(mut self) -> Vec<PassedOver> {
        if self.unnamed > 0 {
            let place = Place { file: self.file, ..Place::default() };
            self.passed_over
                .push(PassedOver { place, reason: format!("{} more parts could not be read", self.unnamed) });
        }
        self.passed_over
    }

    /// The place of a value.
    #[must_use]
    pub fn place(&self, node: &Node<'a>) -> Place {
        self.place_of(node.pointer(), node.site())
    }

    /// The place of an object; its line is that of its name, where it has one.
    #[must_use]
    pub fn place_of_object(&self, object: &Object<'a>) -> Place {
        let name = object.own("name").map(|name| name.site());
        let place = self.place_of(object.pointer(), name.unwrap_or(object.site()));
        if place.line.is_some() { place } else { self.place_of(place.pointer, object.site()) }
    }

    fn place_of(&self, pointer: String, site: &str) -> Place {
        Place { file: self.file.clone(), pointer, line: self.lines.line(site) }
    }

    /// Notes that a value was passed over.
    pub fn pass(&mut self, node: &Node<'a>, reason: impl Into<String>) {
        self.pass_at(self.place(node), reason.into());
    }

    /// Notes that an object does not say what is needed of it.
    pub fn pass_object(&mut self, object: &Object<'a>, reason: String) {
        self.pass_at(self.place_of_object(object), reason);
    }

    fn pass_at(&mut self, place: Place, reason: String) {
        if self.passed_over.len() >= MOST_NAMED {
            self.unnamed += 1;
            return;
        }
        self.passed_over.push(PassedOver { place, reason });
    }

    /// Notes that a value is not what was expected there.
    pub fn expected(&mut self, node: &Node<'a>, what: &str) {
        let reason = match node.string() {
            _ if node.not_literal().is_some() => node.not_literal().unwrap_or_default().to_owned(),
            Some(text) if is_cut(&text) => CUT.to_owned(),
            Some(text) => format!("expected {what}, got `{}`", quoted(&text)),
            None => format!("expected {what}, got {}", node.shape()),
        };
        self.pass(node, reason);
    }

    /// A field that `read` understands.
    pub fn field<T>(
        &mut self,
        object: &Object<'a>,
        key: &str,
        what: &str,
        read: impl Fn(&Node<'a>) -> Option<T>,
    ) -> Field<T> {
        let Some(node) = object.get(key) else { return Field::Absent };
        match read(&node) {
            Some(value) if !node.text().is_some_and(|text| is_cut(&text)) => Field::Given(value),
            _ => {
                self.expected(&node, what);
                Field::Unreadable
            }
        }
    }

    /// A field that is text.
    pub fn text(&mut self, object: &Object<'a>, key: &str) -> Field<String> {
        self.field(object, key, "text", |node| node.text().map(std::borrow::Cow::into_owned))
    }

    /// A field that is true or false.
    pub fn boolean(&mut self, object: &Object<'a>, key: &str) -> Field<bool> {
        self.field(object, key, "true or false", Node::boolean)
    }

    /// A field that is a whole number.
    pub fn number(&mut self, object: &Object<'a>, key: &str) -> Field<u32> {
        self.field(object, key, "a whole number", |node| node.number()?.try_into().ok())
    }

    /// A field that is an Azure location.
    pub fn location(&mut self, object: &Object<'a>, key: &str) -> Field<Location> {
        self.field(object, key, "a location", |node| node.text().map(|text| Location::new(&text)))
    }

    /// A field that names a resource: an object with an `id`, or the id itself.
    pub fn id(&mut self, object: &Object<'a>, key: &str) -> Field<ResourceId> {
        let Some(node) = object.get(key) else { return Field::Absent };
        let Some(inner) = node.object() else {
            return self.field(object, key, "a resource id", |node| resource_id(node));
        };
        // Azure PowerShell writes an object of nothing but nulls where there is none.
        self.field(&inner, "id", "a resource id", |node| resource_id(node))
    }

    /// Ids of a list of resources.
    pub fn ids(&mut self, object: &Object<'a>, key: &str) -> Vec<ResourceId> {
        let mut ids = Vec::new();
        for node in object.get(key).iter().flat_map(Node::list) {
            let id = match node.object() {
                Some(inner) => inner.get("id").and_then(|id| resource_id(&id)),
                None => resource_id(&node),
            };
            match id {
                Some(id) if self.spend() => ids.push(id),
                Some(_) => break,
                None => self.expected(&node, "a resource id"),
            }
        }
        ids
    }

    /// Takes one more entry of a list, unless the file has had its share: memory is bounded by the size of the file.
    fn spend(&mut self) -> bool {
        self.entries = self.entries.saturating_sub(1);
        self.entries > 0
    }

    /// Calls `take` with each text under these keys, which returns whether it could read it. The place of the first that
    /// could not be read.
    pub fn each_text(
        &mut self,
        object: &Object<'a>,
        keys: &[&str],
        what: &str,
        mut take: impl FnMut(&str) -> bool,
    ) -> Option<Place> {
        let mut missing = None;
        for node in keys.iter().filter_map(|key| object.get(key)).flat_map(|node| node.list()) {
            // PowerShell joins a list beyond its depth with blanks.
            let is_read = match node.text() {
                Some(text) if !is_cut(&text) && self.spend() => {
                    text.split([' ', ',']).filter(|word| !word.is_empty()).all(&mut take)
                }
                _ => false,
            };
            if !is_read {
                missing.get_or_insert_with(|| self.place(&node));
                self.expected(&node, what);
            }
            if self.entries == 0 {
                break;
            }
        }
        missing
    }

    /// Texts under these keys together, each once; one that is none makes the field unreadable.
    pub fn texts(&mut self, object: &Object<'a>, keys: &[&str]) -> Field<Vec<String>> {
        self.all(object, keys, "text", |text| Some(text.to_owned()))
    }

    /// Values under these keys together, each once; one that cannot be read makes the field unreadable.
    pub fn all<T: PartialEq>(
        &mut self,
        object: &Object<'a>,
        keys: &[&str],
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Field<Vec<T>> {
        let mut values: Vec<T> = Vec::new();
        let missing = self.each_text(object, keys, what, |text| {
            let Some(value) = read(text) else { return false };
            if values.len() > MOST_COMPARED || !values.contains(&value) {
                values.push(value);
            }
            true
        });
        match missing {
            Some(_) => Field::Unreadable,
            None if values.is_empty() => Field::Absent,
            None => Field::Given(values),
        }
    }

    /// Prefixes, singular and plural keys together.
    pub fn prefixes(&mut self, object: &Object<'a>, keys: &[&str]) -> Field<Vec<IpNet>> {
        self.all(object, keys, "a prefix", prefix)
    }

    /// Calls `take` with each object of a list; the place of the first entry that is none.
    pub fn each_object(
        &mut self,
        object: &Object<'a>,
        key: &str,
        mut take: impl FnMut(&mut Self, &Object<'a>),
    ) -> Option<Place> {
        let mut missing = None;
        for node in object.get(key).iter().flat_map(Node::list) {
            match node.object() {
                Some(object) => take(self, &object),
                None => {
                    missing.get_or_insert_with(|| self.place(&node));
                    self.expected(&node, "an object");
                }
            }
        }
        missing
    }
}

/// What is said of a value that PowerShell wrote as the name of its type.
const CUT: &str = "cut by the depth of ConvertTo-Json: export it with -Depth 20";

/// True where PowerShell wrote the name of a type, or `@{…}`, in place of a value that lay too deep.
#[must_use]
pub fn is_cut(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("@{") || text.starts_with("System.") || text.starts_with("Microsoft.Azure.")
}

/// A prefix, or an address as a prefix of itself; host bits are cleared.
#[must_use]
pub fn prefix(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().map(|prefix| prefix.trunc()).or_else(address)
}

fn resource_id(node: &Node<'_>) -> Option<ResourceId> {
    let text = node.string()?;
    (text.starts_with('/') && !text.contains(char::is_control)).then(|| ResourceId(text.into_owned()))
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(MOST_QUOTED).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
