//! One walk through the estate: every document is asked for once.

use std::cell::RefCell;
use std::collections::BTreeSet;

use apim_probe_checks::network::{DocumentKind as Kind, ResourceId};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::arm::Arm;
use crate::bundle::{Bundle, Document, Refusal};
use crate::call::call;
use crate::estate::subject::{Fetched, Note};
use crate::reason::Reason;

/// What was got so far.
pub(super) struct Walk<'a> {
    pub(super) arm: &'a Arm,
    bundle: RefCell<Bundle>,
    notes: RefCell<Vec<Note>>,
    asked: RefCell<BTreeSet<(Kind, String)>>,
    known: RefCell<Option<oneshot::Sender<Fetched>>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(arm: &'a Arm, known: Option<oneshot::Sender<Fetched>>) -> Self {
        Self {
            arm,
            bundle: RefCell::default(),
            notes: RefCell::default(),
            asked: RefCell::default(),
            known: RefCell::new(known),
        }
    }

    /// Tells what is known once the instance is, and that it is in `subnet`.
    pub(super) fn tell(&self, subnet: Option<ResourceId>) {
        let Some(known) = self.known.take() else { return };
        let mut bundle = self.bundle.borrow().clone();
        bundle.sort();
        // Whoever asked may not wait for it any more.
        let _ = known.send(Fetched { bundle, notes: Vec::new(), subnet });
    }

    /// Everything, in order.
    pub(super) fn end(self) -> (Bundle, Vec<Note>) {
        let mut bundle = self.bundle.into_inner();
        bundle.sort();
        (bundle, self.notes.into_inner())
    }

    /// Asks for a document and keeps it; `None` where it was not got, or was asked for before.
    pub(super) async fn get(&self, kind: Kind, path: &str) -> Option<Value> {
        if !self.is_new(kind, path) {
            return None;
        }
        let ended = self.arm.document(kind, path).await;
        self.bundle.borrow_mut().keep(ended)
    }

    /// Asks for a list of which only some entries are to be kept; a refusal is kept.
    pub(super) async fn list(&self, kind: Kind, path: &str) -> Vec<Value> {
        if !self.is_new(kind, path) {
            return Vec::new();
        }
        match self.arm.document(kind, path).await {
            Ok(document) => entries(document.body),
            Err(refusal) => {
                self.bundle.borrow_mut().refused.push(refusal);
                Vec::new()
            }
        }
    }

    /// Keeps a document, or its refusal.
    pub(super) fn keep(&self, ended: Result<Document, Refusal>) {
        self.bundle.borrow_mut().keep(ended);
    }

    /// Keeps that a document cannot even be asked for.
    pub(super) fn refuse(&self, kind: Kind, id: &str, reason: Reason) {
        let action = call(kind).action.to_owned();
        self.keep(Err(Refusal { kind, id: id.to_owned(), action, status: None, reason }));
    }

    /// Says that there is no instance, which nobody can tell where a list of them was refused: the refusal then says so.
    pub(super) fn note_absence(&self, note: Note) {
        if self.bundle.borrow().refused.iter().all(|refusal| refusal.kind != Kind::Service) {
            self.note(note);
        }
    }

    pub(super) fn note(&self, note: Note) {
        self.notes.borrow_mut().push(note);
    }

    fn is_new(&self, kind: Kind, path: &str) -> bool {
        self.asked.borrow_mut().insert((kind, path.to_ascii_lowercase()))
    }
}

/// The entries of a list.
pub(super) fn entries(mut body: Value) -> Vec<Value> {
    body.get_mut("value").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default()
}
