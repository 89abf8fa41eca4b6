//! A JSON document that is looked into where somebody asks: nothing of it is copied but what is read.
//!
//! Documents may be as large as 64 MiB and memory is bounded by a multiple of that, so no tree is built. serde_json checks
//! the syntax once; after that a value is a part of the text, an object the places of its members, a list is walked through.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use crate::network::read::scan::{Walk, is_blank, string};

/// Members that are looked at in one object: real ones have fewer than a hundred.
const MOST_MEMBERS: usize = 50_000;

/// Evaluates the text of a string that begins with `[`; `None` where it is plain text.
pub type Expressions<'a> = Rc<dyn Fn(&str) -> Option<Evaluated<'a>> + 'a>;

/// What an expression gave.
#[derive(Debug, Clone)]
pub enum Evaluated<'a> {
    /// A value that stands elsewhere.
    Value(Node<'a>),
    /// A text that was put together.
    Text(String),
    /// Nothing that the document alone tells; why not, as a clause.
    NotLiteral(String),
}

/// One value of a document, with where it is written.
#[derive(Clone)]
pub struct Node<'a> {
    form: Form<'a>,
    /// The text at the place where it is written; not that of the value where an expression led elsewhere.
    site: &'a str,
    path: Path<'a>,
    expressions: Option<Expressions<'a>>,
}

#[derive(Clone)]
enum Form<'a> {
    /// JSON as written.
    Written(&'a str),
    /// What an expression gave.
    Text(String),
    /// Why an expression gave nothing.
    NotLiteral(String),
}

/// The way from the root of the document to a value, last step first.
type Path<'a> = Option<Rc<Step<'a>>>;

struct Step<'a> {
    before: Path<'a>,
    name: Name<'a>,
}

enum Name<'a> {
    Key(Cow<'a, str>),
    Place(usize),
}

/// An object: its members in their order.
#[derive(Clone)]
pub struct Object<'a> {
    raw: &'a str,
    members: Vec<(Cow<'a, str>, &'a str)>,
    site: &'a str,
    path: Path<'a>,
    expressions: Option<Expressions<'a>>,
    properties: Option<Box<Self>>,
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

impl<'a> Node<'a> {
    /// The root of a document whose syntax is right; `place` is its number where several stand one after the other.
    #[must_use]
    pub fn root(text: &'a str, place: Option<usize>) -> Self {
        let text = text.trim_matches(is_blank);
        let path = place.map(|place| Rc::new(Step { before: None, name: Name::Place(place) }));
        Self { form: Form::Written(text), site: text, path, expressions: None }
    }

    /// The same value, its expressions evaluated so.
    #[must_use]
    pub fn with_expressions(&self, expressions: Option<Expressions<'a>>) -> Self {
        Self::new(self.site, self.path.clone(), expressions)
    }

    fn new(site: &'a str, path: Path<'a>, expressions: Option<Expressions<'a>>) -> Self {
        let evaluate = expressions.as_ref().filter(|_| site.starts_with("\"["));
        let evaluated = evaluate.and_then(|evaluate| evaluate(&string(site)?));
        let form = match evaluated {
            None => Form::Written(site),
            Some(Evaluated::Text(text)) => Form::Text(text),
            Some(Evaluated::NotLiteral(reason)) => Form::NotLiteral(reason),
            // The value's own expressions are those of the place where it stands.
            Some(Evaluated::Value(value)) => {
                return Self { site, path, ..value };
            }
        };
        Self { form, site, path, expressions }
    }

    /// Null, an empty text, an empty list or an empty object.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match &self.form {
            Form::Text(text) => text.is_empty(),
            Form::NotLiteral(_) => false,
            Form::Written(raw) => {
                let inner = |open, close| raw.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
                let inner = inner('[', ']').or_else(|| inner('{', '}')).or_else(|| inner('"', '"'));
                *raw == "null" || inner.is_some_and(|inner| inner.trim_matches(is_blank).is_empty())
            }
        }
    }

    /// Why an expression has no value here; `None` where this is a value.
    #[must_use]
    pub fn not_literal(&self) -> Option<&str> {
        match &self.form {
            Form::NotLiteral(reason) => Some(reason),
            Form::Written(_) | Form::Text(_) => None,
        }
    }

    /// The text of a string, or a number or truth value as text.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match &self.form {
            Form::Text(text) => Some(Cow::Owned(text.clone())),
            Form::NotLiteral(_) => None,
            Form::Written(raw) if raw.starts_with('"') => string(raw),
            Form::Written(raw) if raw.starts_with(['{', '[']) || *raw == "null" => None,
            Form::Written(raw) => Some(Cow::Borrowed(raw)),
        }
    }

    /// The text of a string and of nothing else.
    #[must_use]
    pub fn string(&self) -> Option<Cow<'a, str>> {
        match &self.form {
            Form::Written(raw) if !raw.starts_with('"') => None,
            _ => self.text(),
        }
    }

    /// True and false, also as the texts that some write.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        let text = self.text()?;
        [("true", true), ("false", false)]
            .into_iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word))
            .map(|(_, value)| value)
    }

    /// A whole number, also as text.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.text()?.trim().parse().ok()
    }

    /// The members, where this is an object.
    #[must_use]
    pub fn object(&self) -> Option<Object<'a>> {
        match self.form {
            Form::Written(raw) if raw.starts_with('{') => {
                Some(Object::new(raw, self.site, self.path.clone(), self.expressions.clone()))
            }
            _ => None,
        }
    }

    /// The items, where this is a list.
    pub fn items(&self) -> Option<impl Iterator<Item = Self> + use<'a>> {
        let Form::Written(raw) = self.form else { return None };
        let body = raw.strip_prefix('[')?;
        let (path, expressions) = (self.path.clone(), self.expressions.clone());
        let items = Walk::new(body).enumerate();
        Some(items.map(move |(place, site)| {
            let step = Step { before: path.clone(), name: Name::Place(place) };
            Self::new(site, Some(Rc::new(step)), expressions.clone())
        }))
    }

    /// The items of a list, or the one value that stands where a list could; nothing where it is absent.
    pub fn list(&self) -> impl Iterator<Item = Self> + use<'a> {
        let items = self.items();
        let alone = (items.is_none() && !self.is_absent()).then(|| self.clone());
        items.into_iter().flatten().chain(alone)
    }

    /// What it is, for a sentence: `a list`.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match &self.form {
            Form::Text(_) => "text",
            Form::NotLiteral(_) => "an expression",
            Form::Written(raw) => match raw.as_bytes().first() {
                Some(b'{') => "an object",
                Some(b'[') => "a list",
                Some(b'"') => "text",
                Some(b't' | b'f') => "a truth value",
                Some(b'n') => "null",
                _ => "a number",
            },
        }
    }

    /// JSON pointer of the place where it is written.
    #[must_use]
    pub fn pointer(&self) -> String {
        pointer(self.path.as_ref())
    }

    /// The text at the place where it is written.
    #[must_use]
    pub fn site(&self) -> &'a str {
        self.site
    }
}

impl<'a> Object<'a> {
    fn new(raw: &'a str, site: &'a str, path: Path<'a>, expressions: Option<Expressions<'a>>) -> Self {
        let mut object = Self { raw, members: members(raw), site, path, expressions, properties: None };
        // One level only: no resource has properties of its properties, and a hostile one would have thousands.
        object.properties = object.own("properties").and_then(|node| match node.form {
            Form::Written(raw) if raw.starts_with('{') => {
                let Node { site, path, expressions, .. } = node;
                Some(Box::new(Self { raw, members: members(raw), site, path, expressions, properties: None }))
            }
            _ => None,
        });
        object
    }

    fn node(&self, key: &Cow<'a, str>, site: &'a str) -> Node<'a> {
        let step = Step { before: self.path.clone(), name: Name::Key(key.clone()) };
        Node::new(site, Some(Rc::new(step)), self.expressions.clone())
    }

    /// The member of this name, whatever its case, that says something; `properties` is not looked through.
    #[must_use]
    pub fn own(&self, key: &str) -> Option<Node<'a>> {
        let named = self.members.iter().filter(|(name, _)| same_key(name, key));
        let found = named.map(|(name, site)| self.node(name, site)).find(|node| !node.is_absent());
        found.or_else(|| self.copied(key))
    }

    /// In a template the list `copy` gives members that loops make (Bicep's `for`): they are there, and nobody evaluates them.
    fn copied(&self, key: &str) -> Option<Node<'a>> {
        self.expressions.as_ref()?;
        let (name, site) = self.members.iter().find(|(name, _)| same_key(name, "copy"))?;
        let mut loops = self.node(name, site).items()?;
        let makes = |one: &Node<'a>| {
            let object = one.object();
            object.is_some_and(|it| {
                it.members.iter().any(|(name, site)| {
                    same_key(name, "name") && string(site).is_some_and(|name| same_key(&name, key))
                })
            })
        };
        loops
            .find(makes)
            .map(|one| Node { form: Form::NotLiteral("a copy loop is not evaluated".into()), ..one })
    }

    /// The member of this name, whatever its case, here or in `properties`, that says something.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.own(key).or_else(|| self.properties.as_ref().and_then(|inner| inner.own(key)))
    }

    /// There is a member of this name, here or in `properties`, even if it is null or empty.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(name, _)| same_key(name, key))
            || self.properties.as_ref().is_some_and(|inner| inner.has(key))
    }

    /// There is a member of one of these names.
    #[must_use]
    pub fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// The text of a member.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key).and_then(|node| node.text())
    }

    /// The object that a member is.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Self> {
        self.get(key).and_then(|node| node.object())
    }

    /// The keys in their order; `properties` is not looked through.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(key, _)| &**key)
    }

    /// The members in their order; `properties` is not looked through.
    pub fn members(&self) -> impl Iterator<Item = (&str, Node<'a>)> {
        self.members.iter().map(|(key, site)| (&**key, self.node(key, site)))
    }

    /// The object as a value.
    #[must_use]
    pub fn to_node(&self) -> Node<'a> {
        Node {
            form: Form::Written(self.raw),
            site: self.site,
            path: self.path.clone(),
            expressions: self.expressions.clone(),
        }
    }

    /// JSON pointer of the place where it is written.
    #[must_use]
    pub fn pointer(&self) -> String {
        pointer(self.path.as_ref())
    }

    /// The text at the place where it is written.
    #[must_use]
    pub fn site(&self) -> &'a str {
        self.site
    }
}

fn members(raw: &str) -> Vec<(Cow<'_, str>, &str)> {
    let mut walk = Walk::new(raw.strip_prefix('{').unwrap_or_default());
    let mut members = Vec::new();
    while members.len() < MOST_MEMBERS {
        let Some(key) = walk.next() else { break };
        walk.skip_colon();
        let Some(value) = walk.next() else { break };
        members.push((string(key).unwrap_or_default(), value));
    }
    members
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at `{}`", self.shape(), self.pointer())
    }
}

/// Keys are the same whatever their case, and whether words are joined as `addressPrefix` or, by Terraform, `address_prefix`.
#[must_use]
pub fn same_key(a: &str, b: &str) -> bool {
    let letters = |key: &'_ str| -> Vec<u8> { key.bytes().filter(|byte| *byte != b'_').collect() };
    if a.len() == b.len() {
        return a.eq_ignore_ascii_case(b);
    }
    (a.contains('_') || b.contains('_')) && letters(a).eq_ignore_ascii_case(&letters(b))
}

fn pointer(path: Option<&Rc<Step<'_>>>) -> String {
    let mut steps = Vec::new();
    let mut at = path;
    while let Some(step) = at {
        steps.push(&step.name);
        at = step.before.as_ref();
    }
    let mut text = String::new();
    for name in steps.into_iter().rev() {
        text.push('/');
        match name {
            Name::Place(place) => text.push_str(&place.to_string()),
            Name::Key(key) => text.push_str(&key.replace('~', "~0").replace('/', "~1")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node<'_> {
        Node::root(text, None)
    }

    #[test]
    fn keys_are_the_same_in_every_case_and_properties_are_looked_through() {
        let node = root(r#"{"Name":"a","Properties":{"ADDRESSPrefix":["10.0.0.0/24"],"name":"b"}}"#);
        let object = node.object().unwrap();
        assert_eq!(object.text("name").as_deref(), Some("a"));
        let prefix = object.get("addressPrefix").unwrap();
        assert_eq!(prefix.pointer(), "/Properties/ADDRESSPrefix");
        let first = prefix.list().next().unwrap();
        assert_eq!(first.pointer(), "/Properties/ADDRESSPrefix/0");
        assert_eq!(first.text().as_deref(), Some("10.0.0.0/24"));
    }

    #[test]
    fn null_and_empty_values_are_absent_and_a_later_one_of_the_name_counts() {
        let text = r#"{"a":null,"b":"","c":[ ],"d":{},"e":[1],"A":{"x":1}}"#;
        let object = root(text).object().unwrap();
        assert!(["b", "c", "d", "none"].iter().all(|key| object.get(key).is_none()));
        assert_eq!(object.get("a").unwrap().shape(), "an object");
        assert!(object.has("b") && !object.has("none"));
        assert_eq!(object.get("e").unwrap().list().next().unwrap().number(), Some(1));
    }

    #[test]
    fn one_value_stands_where_a_list_could() {
        let node = root(r#"{"x":"443"}"#);
        assert_eq!(node.object().unwrap().get("x").unwrap().list().count(), 1);
    }

    #[test]
    fn escapes_are_undone_and_half_a_pair_does_not_stop_anything() {
        let text = r#"["a\u0041\"\\\/\n\ud83d\ude00","\ud83d!","\u00e9"]"#;
        let items: Vec<String> = root(text).list().map(|node| node.text().unwrap().into_owned()).collect();
        assert_eq!(items, ["aA\"\\/\n😀", "\u{fffd}!", "é"]);
    }

    #[test]
    fn pointers_escape_slashes_and_tildes() {
        let node = root(r#"{"a/b":{"~":[0,{"k":true}]}}"#);
        let inner = node.object().unwrap().own("a/b").unwrap().object().unwrap();
        let leaf = inner.own("~").unwrap().list().nth(1).unwrap().object().unwrap().own("k").unwrap();
        assert_eq!((leaf.pointer().as_str(), leaf.boolean()), ("/a~1b/~0/1/k", Some(true)));
    }

    proptest::proptest! {
        #[test]
        fn every_value_that_serde_json_reads_is_found_again(words in proptest::collection::vec(".{0,8}", 0..20)) {
            let text = serde_json::to_string_pretty(&serde_json::json!({ "list": words, "n": -1.5e3 })).unwrap();
            let object = root(&text).object().unwrap();
            let found: Vec<String> = object.own("list").iter().flat_map(|node| node.items().unwrap())
                .map(|node| node.text().unwrap().into_owned()).collect();
            proptest::prop_assert_eq!(found, words);
            let number = object.own("n").unwrap().text().unwrap().into_owned();
            proptest::prop_assert_eq!(number, "-1500.0");
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let node = root(&text);
            let _ = (node.text(), node.list().count(), node.is_absent());
            if let Some(object) = node.object() {
                object.members().for_each(|(_, node)| { node.list().count(); });
            }
        }
    }
}
