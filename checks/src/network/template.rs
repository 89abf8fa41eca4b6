//! Reads ARM templates, `bicep build` output among them: what they ask for, as far as it is literal.
//!
//! `parameters()` and `variables()` with values, `concat`, `format`, `resourceId` and `toLower` are evaluated; what any
//! other function would give is known to Azure alone, and so it stays unknown here.

use std::rc::Rc;

use crate::network::read::Collector;
use crate::network::read::json::Object;
use crate::network::read::kind::{Part, Shape, of_type};
use crate::network::read::notes::Notes;
use crate::network::{DocumentKind as Kind, ResourceId};

mod expression;
mod scope;

use scope::Scope;

/// Templates inside of templates, and resources inside of resources, that are followed.
const DEEPEST: u32 = 8;

/// Reads a template. `parameters` is the parameter file, where one was given.
pub(super) fn read<'a>(
    template: &Object<'a>,
    parameters: Option<&Object<'a>>,
    collector: &mut Collector,
    notes: &mut Notes<'a>,
) {
    let given = parameters.map(|file| file.object("parameters").unwrap_or_else(|| file.clone()));
    let scope = Scope::new(template, given.as_ref());
    let mut walk = Walk { collector, notes, depth: 0 };
    walk.resources(template, &scope, None);
}

/// A resource around those that are read.
#[derive(Clone)]
struct Around {
    kind: String,
    id: ResourceId,
}

struct Walk<'w, 'a> {
    collector: &'w mut Collector,
    notes: &'w mut Notes<'a>,
    depth: u32,
}

impl<'a> Walk<'_, 'a> {
    fn resources(&mut self, of: &Object<'a>, scope: &Rc<Scope<'a>>, around: Option<&Around>) {
        let Some(list) = of.own("resources") else { return };
        if self.depth >= DEEPEST {
            return self.notes.pass(&list, "nested too deep");
        }
        self.depth += 1;
        // A list, or in newer templates an object with a name for each.
        let items: Box<dyn Iterator<Item = _>> = match list.object() {
            Some(named) => {
                let nodes: Vec<_> = named.members().map(|(_, node)| node).collect();
                Box::new(nodes.into_iter())
            }
            None => Box::new(list.list()),
        };
        for node in items {
            match node.with_expressions(Some(Scope::expressions(scope))).object() {
                Some(resource) => self.resource(&resource, scope, around),
                None => self.notes.expected(&node, "a resource"),
            }
        }
        self.depth -= 1;
    }

    fn resource(&mut self, resource: &Object<'a>, scope: &Rc<Scope<'a>>, around: Option<&Around>) {
        if resource.own("existing").is_some_and(|node| node.boolean() == Some(true))
            || !self.is_deployed(resource)
        {
            return;
        }
        let Some(written) = resource.own("type").and_then(|node| node.string()) else {
            return self.notes.pass(&resource.to_node(), "a resource without a type");
        };
        let kind = match around {
            Some(around) if !written.contains('.') => format!("{}/{written}", around.kind),
            _ => written.into_owned(),
        };
        if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
            return self.deployment(resource, scope);
        }
        let shape = of_type(&kind);
        if shape.is_none() && !kind.to_ascii_lowercase().starts_with("microsoft.network/virtualnetworks/") {
            return;
        }
        let Some(id) = self.id(resource, &kind, around) else { return };
        self.shaped(shape, resource, &kind, &id);
        self.resources(resource, scope, Some(&Around { kind, id }));
    }

    fn shaped(&mut self, shape: Option<Shape>, resource: &Object<'a>, kind: &str, id: &ResourceId) {
        match shape {
            Some(Shape::Document(of)) => {
                self.collector.resource(of, resource, Some(id.clone()), self.notes);
                if of == Kind::Service {
                    self.collector.network().services.iter_mut().for_each(|one| one.planned |= one.id == *id);
                }
            }
            Some(Shape::Part(Part::SecurityRule)) => {
                self.collector.rule_of(id.parent().unwrap_or_default(), resource, self.notes);
            }
            Some(Shape::Part(Part::Route)) => {
                self.collector.route_of(id.parent().unwrap_or_default(), resource, self.notes);
            }
            _ if kind.eq_ignore_ascii_case("Microsoft.Network/virtualNetworks/virtualNetworkPeerings") => {
                self.collector.peering_of(id.parent().unwrap_or_default(), resource, self.notes);
            }
            _ => {}
        }
    }

    /// False where the resource will not be there, or nobody can tell: then whatever hangs on it is unknown.
    fn is_deployed(&mut self, resource: &Object<'a>) -> bool {
        if let Some(node) = resource.own("copy") {
            self.notes.pass(&node, "a copy loop is not evaluated");
            return false;
        }
        let Some(node) = resource.own("condition") else { return true };
        node.boolean().unwrap_or_else(|| {
            self.notes.expected(&node, "a literal condition");
            false
        })
    }

    /// The id that the resource will have, as far as the template tells: without subscription and resource group.
    fn id(&mut self, resource: &Object<'a>, kind: &str, around: Option<&Around>) -> Option<ResourceId> {
        let node = resource.own("name")?;
        let Some(name) = node.string() else {
            self.notes.expected(&node, "a literal name");
            return None;
        };
        match around {
            Some(around) => {
                let last = kind.rsplit('/').next().unwrap_or_default();
                Some(ResourceId(format!("{}/{last}/{name}", around.id)))
            }
            None => {
                let names: Vec<&str> = name.split('/').collect();
                let id = scope::resource_id("", kind, &names);
                if id.is_none() {
                    self.notes.pass(&node, "the name does not fit the type");
                }
                id.map(ResourceId)
            }
        }
    }

    /// A nested deployment: a template in a resource, with a scope of its own or of the outer one.
    fn deployment(&mut self, resource: &Object<'a>, outer: &Rc<Scope<'a>>) {
        let Some(properties) = resource.object("properties") else { return };
        let Some(node) = properties.own("template") else {
            return self.notes.pass(&resource.to_node(), "a linked template is not read: give its file");
        };
        let options = properties.object("expressionEvaluationOptions");
        let is_inner = options
            .and_then(|options| options.text("scope"))
            .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        // Expressions of the inner template are not those of the outer one.
        let template = node.with_expressions(None);
        let Some(template) = template.object() else { return self.notes.expected(&node, "a template") };
        let scope = if is_inner {
            Scope::new(&template, properties.object("parameters").as_ref())
        } else {
            Rc::clone(outer)
        };
        self.resources(&template, &scope, None);
    }
}
