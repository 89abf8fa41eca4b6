//! A bundle of `fetch`: documents, each with its kind, what was refused, and Azure's own call.

use super::{Collector, DEEPEST, network_of};
use crate::network::read::json::{Node, Object};
use crate::network::read::notes::Notes;
use crate::network::{AdminRules, ControlPlane, DocumentKind as Kind, Refusal, ResourceId};

impl Collector {
    /// Reads what `fetch` wrote.
    pub(super) fn bundle<'a>(&mut self, bundle: &Object<'a>, notes: &mut Notes<'a>) {
        notes.each_object(bundle, "documents", |notes, document| {
            let kind = document.text("kind").unwrap_or_default();
            self.own_interface(&kind, document);
            let Some(body) = document.own("body") else {
                // An empty body is null, {} or a list without entries.
                self.empty_body(&kind, document, notes);
                return;
            };
            if kind == Kind::ControlPlane.as_str() {
                self.control_plane(&body, notes);
                return;
            }
            if is_empty_list(&body) && kind != Kind::EffectiveSecurityRules.as_str() {
                self.empty_answer(&kind, document, &body, notes);
                return;
            }
            let admin = self.network.admin_rules.len();
            if self.depth >= DEEPEST {
                return notes.pass(&body, "nested too deep");
            }
            self.depth += 1;
            let is_known = self.value(&body, notes);
            self.depth -= 1;
            if !is_known {
                notes.pass(&body, format!("a document of the unknown kind `{kind}`"));
            }
            let asked = document.text("id").map(|id| ResourceId(id.into_owned()));
            for rules in &mut self.network.admin_rules[admin..] {
                rules.virtual_network =
                    rules.virtual_network.take().or_else(|| asked.as_ref().and_then(network_of));
            }
        });
        notes.each_object(bundle, "refused", |_, one| {
            self.own_interface(&one.text("kind").unwrap_or_default(), one);
            let text = |key| one.text(key).unwrap_or_default().into_owned();
            let status = one.get("status").and_then(|node| node.number()?.try_into().ok());
            let (kind, id, action, reason) = (text("kind"), text("id"), text("action"), text("reason"));
            self.network.refused.push(Refusal { kind, id, action, status, reason });
        });
    }

    /// Keeps whose effective rules or routes were asked for.
    fn own_interface(&mut self, kind: &str, asked: &Object<'_>) {
        if matches!(Kind::parse(kind), Some(Kind::EffectiveSecurityRules | Kind::EffectiveRoutes)) {
            let id = asked.text("id").and_then(|id| Some(ResourceId(id.rsplit_once('/')?.0.to_owned())));
            self.network.own_interface = id.or(self.network.own_interface.take());
        }
    }

    /// A list without entries, of which the bundle tells what it would list: outside of one it means effective rules.
    fn empty_answer<'a>(
        &mut self,
        kind: &str,
        document: &Object<'a>,
        body: &Node<'a>,
        notes: &mut Notes<'a>,
    ) {
        let Some(kind) = Kind::parse(kind) else {
            return notes.pass(body, format!("of the unknown kind `{kind}`"));
        };
        let place = notes.place(body);
        self.document(kind, "", place.clone());
        if kind == Kind::AdminRules {
            let asked = document.text("id").map(|id| ResourceId(id.into_owned()));
            let virtual_network = asked.as_ref().and_then(network_of);
            self.network.admin_rules.push(AdminRules { place, virtual_network, ..AdminRules::default() });
        }
    }

    fn empty_body<'a>(&mut self, kind: &str, document: &Object<'a>, notes: &mut Notes<'a>) {
        if kind == Kind::EffectiveSecurityRules.as_str() && document.has("body") {
            self.document(Kind::EffectiveSecurityRules, "", notes.place_of_object(document));
            self.network.effective_groups.get_or_insert_default();
        }
    }

    fn control_plane<'a>(&mut self, body: &Node<'a>, notes: &mut Notes<'a>) {
        let Some(object) = body.object() else { return notes.expected(body, "an object") };
        let status = object.get("status").and_then(|node| node.number()?.try_into().ok());
        let Some(status) = status else { return notes.expected(body, "an object with status") };
        let code = object.text("code").map(std::borrow::Cow::into_owned);
        self.document(Kind::ControlPlane, "", notes.place(body));
        self.network.control_plane = Some(ControlPlane { status, code });
    }
}

/// True for a list, bare or under `value`, that has no entries.
fn is_empty_list(body: &Node<'_>) -> bool {
    let listed = body.object().and_then(|object| {
        let mut members = object.members();
        members.find(|(name, _)| name.eq_ignore_ascii_case("value")).map(|(_, list)| list)
    });
    let list = listed.as_ref().unwrap_or(body);
    list.items().is_some_and(|mut items| items.next().is_none())
}
