//! Reads exported or planned configuration into a [`Network`]: any dialect, any order, as far as each document goes.
//!
//! A file is read whole and let go of; what stays is the model. Nothing here judges, and nothing is guessed: what cannot be
//! read is noted with its place, and the model says so where it matters.

use crate::network::{Network, template, terraform};

mod collect;
mod error;
mod estate;
mod gateway;
pub mod json;
pub mod kind;
pub mod merge;
pub mod notes;
mod planned;
mod portal;
mod routing;
mod scan;
mod security;
mod service;
mod tags;
pub mod text;
mod zones;

pub use collect::{Collector, id_of};
pub use error::{LARGEST_FILE, LARGEST_TOTAL, MOST_RULES, ReadError};

/// Reads file after file.
#[derive(Debug, Default)]
pub struct Reader {
    collected: Collector,
    bytes: u64,
    parameters: Option<std::rc::Rc<str>>,
}

impl Reader {
    /// Gives the values of ARM template parameters.
    ///
    /// # Errors
    /// A file that is no parameter file.
    pub fn with_parameters(mut self, file: &str, bytes: Vec<u8>) -> Result<Self, ReadError> {
        let text = decoded(file, bytes)?;
        let documents = split(file, &text)?;
        let is_object = json::Node::root(documents[0], None).object().is_some();
        if documents.len() > 1 || !is_object {
            return Err(ReadError::Unknown {
                file: file.to_owned(),
                what: "expected one parameter file".into(),
            });
        }
        self.parameters = Some(text.into());
        Ok(self)
    }

    /// Reads one file; `file` is its name as given, `-` for standard input.
    ///
    /// # Errors
    /// It is no JSON, nothing in it is known, or a limit is passed.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), ReadError> {
        let size = bytes.len() as u64;
        self.bytes += size;
        if size > LARGEST_FILE {
            return Err(ReadError::TooLarge { file: file.to_owned(), limit: "64 MiB a file" });
        }
        if self.bytes > LARGEST_TOTAL {
            return Err(ReadError::TooLarge { file: file.to_owned(), limit: "512 MiB together" });
        }
        let text = decoded(file, bytes)?;
        let documents = split(file, &text)?;
        let parameters = self.parameters.clone();
        let given = parameters.as_ref().and_then(|text| json::Node::root(text, None).object());
        let mut notes = notes::Notes::new(file, &text);
        let several = documents.len() > 1;
        for (place, document) in documents.into_iter().enumerate() {
            let root = json::Node::root(document, several.then_some(place));
            if !self.document(&root, given.as_ref(), &mut notes) {
                return Err(ReadError::Unknown { file: file.to_owned(), what: described(&root) });
            }
        }
        self.collected.passed_over(notes.end());
        match self.collected.exceeded() {
            Some(limit) => Err(ReadError::TooLarge { file: file.to_owned(), limit }),
            None => Ok(()),
        }
    }

    /// Reads one document; false where it is nothing that is known.
    fn document<'a>(
        &mut self,
        root: &json::Node<'a>,
        parameters: Option<&json::Object<'a>>,
        notes: &mut notes::Notes<'a>,
    ) -> bool {
        let object = root.object();
        match object.as_ref().map(|object| (object, kind::of(object))) {
            Some((object, Some(kind::Shape::Template))) => {
                template::read(object, parameters, &mut self.collected, notes);
                true
            }
            Some((object, Some(kind::Shape::Terraform))) => {
                terraform::read(object, &mut self.collected, notes)
            }
            _ => self.collected.value(root, notes),
        }
    }

    /// Everything that was read, documents of one resource made one.
    ///
    /// # Errors
    /// Two documents of one resource that contradict each other.
    pub fn end(self) -> Result<Network, ReadError> {
        self.collected.end()
    }
}

fn decoded(file: &str, bytes: Vec<u8>) -> Result<String, ReadError> {
    text::decode(bytes).map_err(|error| ReadError::Text { file: file.to_owned(), error })
}

fn split<'a>(file: &str, text: &'a str) -> Result<Vec<&'a str>, ReadError> {
    text::documents(text).map_err(|error| ReadError::Text { file: file.to_owned(), error })
}

/// Keys that are listed of a document nobody knows.
const MOST_KEYS: usize = 12;

fn described(root: &json::Node<'_>) -> String {
    let first = root.items().and_then(|mut items| items.next());
    let (of, object) = match (root.object(), first) {
        (Some(object), _) => ("its top keys are", Some(object)),
        (None, Some(first)) => ("it is a list, the keys of its first entry are", first.object()),
        (None, None) => ("", None),
    };
    match object {
        Some(object) => {
            let keys: Vec<String> = object.keys().take(MOST_KEYS).map(|key| format!("`{key}`")).collect();
            if keys.is_empty() { "it is an empty object".into() } else { format!("{of} {}", keys.join(", ")) }
        }
        None => format!("it is {}", root.shape()),
    }
}
