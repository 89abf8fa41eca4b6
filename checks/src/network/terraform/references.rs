//! What the attributes of a plan refer to while Azure has not made an id yet: the configuration of `terraform show -json`.

use crate::network::read::json::{Node, Object};

/// Modules, outputs and variables that one reference may go through.
const DEEPEST: usize = 12;

/// An instance of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Modules around it, outermost first, instance keys included: `net`, `subnet["apim"]`.
    pub modules: Vec<String>,
    /// Type and name, `data.` before it where it is read and not made: `azurerm_subnet.apim`.
    pub resource: String,
    /// Key of the instance as written: `0`, `"apim"`.
    pub key: Option<String>,
}

impl Address {
    /// Takes an address such as `module.net["a"].azurerm_subnet.apim[0]` apart.
    #[must_use]
    pub(super) fn parse(written: &str) -> Option<Self> {
        let mut segments = segments(written).into_iter().peekable();
        let mut modules = Vec::new();
        while segments.next_if(|segment| segment == "module").is_some() {
            modules.push(segments.next()?);
        }
        let data = if segments.next_if(|segment| segment == "data").is_some() { "data." } else { "" };
        let kind = segments.next()?;
        let name = segments.next()?;
        let (name, key) = bare(&name);
        Some(Self { modules, resource: format!("{data}{kind}.{name}"), key })
    }
}

/// Parts between dots; a dot between quotes belongs to a key.
fn segments(written: &str) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for c in written.chars() {
        quoted ^= c == '"';
        match parts.last_mut() {
            Some(part) if c != '.' || quoted => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts
}

/// A name without the key behind it, and the key.
fn bare(segment: &str) -> (&str, Option<String>) {
    match segment.split_once('[') {
        Some((name, key)) => (name, key.strip_suffix(']').map(str::to_owned)),
        None => (segment, None),
    }
}

/// The configuration of a plan.
pub(super) struct Configuration<'a> {
    root: Option<Object<'a>>,
}

impl<'a> Configuration<'a> {
    /// The configuration in a plan; a state has none.
    #[must_use]
    pub(super) fn new(plan: &Object<'a>) -> Self {
        Self { root: plan.object("configuration").and_then(|it| it.object("root_module")) }
    }

    /// The resources that an attribute of `of` may refer to, nearest first; `path` leads through blocks to the attribute.
    #[must_use]
    pub(super) fn references(&self, of: &Address, path: &[&str]) -> Vec<Address> {
        let Some(expressions) = self.expressions(of) else { return Vec::new() };
        let Some(attribute) = attribute(expressions, path) else { return Vec::new() };
        let mut found = Vec::new();
        self.follow(&attribute, &of.modules, &mut found, 0);
        found
    }

    /// True where the configuration gives the attribute a value at all.
    #[must_use]
    pub(super) fn is_set(&self, of: &Address, path: &[&str]) -> bool {
        self.expressions(of).and_then(|expressions| attribute(expressions, path)).is_some()
    }

    /// True where the configuration may give an attribute of blocks of this name a value: some block does, or it writes
    /// blocks that are made while it runs (`dynamic`), which nobody lists.
    #[must_use]
    pub(super) fn may_set(&self, of: &Address, block: &str, key: &str) -> bool {
        let Some(expressions) = self.expressions(of) else { return false };
        let Some(blocks) = expressions.own(block) else { return true };
        blocks.list().filter_map(|one| one.object()).any(|one| one.own(key).is_some())
    }

    fn expressions(&self, of: &Address) -> Option<Object<'a>> {
        let module = self.module(&of.modules)?;
        let resources = module.own("resources")?;
        let mut resources = resources.items()?.filter_map(|node| node.object());
        let resource = resources.find(|one| one.text("address").is_some_and(|it| it == of.resource))?;
        resource.object("expressions")
    }

    fn module(&self, path: &[String]) -> Option<Object<'a>> {
        let root = self.root.clone()?;
        path.iter().try_fold(root, |module, name| call(&module, name)?.object("module"))
    }

    fn follow(&self, expression: &Node<'a>, modules: &[String], found: &mut Vec<Address>, depth: usize) {
        let Some(references) = expression.object().and_then(|it| it.own("references")) else { return };
        for reference in references.list().filter_map(|node| node.string()) {
            let parts = segments(&reference);
            match parts.first().map(String::as_str) {
                _ if depth > DEEPEST => {}
                Some("var") => self.variable(&parts, modules, found, depth),
                Some("module") => self.output(&parts, modules, found, depth),
                Some("local" | "each" | "count" | "path" | "self") | None => {}
                Some(_) => {
                    let address =
                        Address::parse(&reference).map(|it| Address { modules: modules.to_vec(), ..it });
                    found.extend(address.filter(|address| !found.contains(address)));
                }
            }
        }
    }

    fn variable(&self, parts: &[String], modules: &[String], found: &mut Vec<Address>, depth: usize) {
        let (Some((name, outer)), Some(variable)) = (modules.split_last(), parts.get(1)) else { return };
        let call = self.module(outer).and_then(|module| call(&module, name));
        let given = call.and_then(|call| call.object("expressions")).and_then(|it| it.own(bare(variable).0));
        if let Some(given) = given {
            self.follow(&given, outer, found, depth + 1);
        }
    }

    fn output(&self, parts: &[String], modules: &[String], found: &mut Vec<Address>, depth: usize) {
        let (Some(module), Some(output)) = (parts.get(1), parts.get(2)) else { return };
        let inner: Vec<String> = modules.iter().chain([module]).cloned().collect();
        let outputs = self.module(&inner).and_then(|it| it.object("outputs"));
        let output = outputs.and_then(|outputs| outputs.own(bare(output).0)).and_then(|it| it.object());
        if let Some(expression) = output.and_then(|output| output.own("expression")) {
            self.follow(&expression, &inner, found, depth + 1);
        }
    }
}

fn call<'a>(module: &Object<'a>, name: &str) -> Option<Object<'a>> {
    module.object("module_calls")?.object(bare(name).0)
}

/// The expression of an attribute; on the way blocks are lists or objects.
fn attribute<'a>(expressions: Object<'a>, path: &[&str]) -> Option<Node<'a>> {
    let (last, blocks) = path.split_last()?;
    let object =
        blocks.iter().try_fold(expressions, |object, block| object.own(block)?.list().next()?.object())?;
    object.own(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_with_modules_and_keys() {
        let read = Address::parse("module.net[\"a.b\"].data.azurerm_subnet.apim[0].id").unwrap();
        assert_eq!(read.modules, ["net[\"a.b\"]"]);
        assert_eq!((read.resource.as_str(), read.key.as_deref()), ("data.azurerm_subnet.apim", Some("0")));
        assert_eq!(Address::parse("module.net"), None);
    }

    #[test]
    fn references_lead_through_variables_and_outputs() {
        let plan = r#"{"configuration":{"root_module":{
          "resources":[{"address":"azurerm_api_management.this","expressions":{"virtual_network_configuration":[{"subnet_id":{"references":["module.net.subnet_id","module.net"]}}]}}],
          "module_calls":{"net":{"expressions":{"group":{"references":["azurerm_network_security_group.g.id"]}},"module":{
            "outputs":{"subnet_id":{"expression":{"references":["azurerm_subnet.s.id","azurerm_subnet.s"]}}},
            "resources":[{"address":"azurerm_subnet_network_security_group_association.a","expressions":{"network_security_group_id":{"references":["var.group"]}}}]}}}}}}"#;
        let plan = Node::root(plan, None).object().unwrap();
        let configuration = Configuration::new(&plan);
        let of =
            |address: &str, path: &[&str]| configuration.references(&Address::parse(address).unwrap(), path);
        let subnet = of("azurerm_api_management.this", &["virtual_network_configuration", "subnet_id"]);
        assert_eq!(subnet, [Address::parse("module.net.azurerm_subnet.s").unwrap()]);
        let group = of(
            "module.net.azurerm_subnet_network_security_group_association.a",
            &["network_security_group_id"],
        );
        assert_eq!(group, [Address::parse("azurerm_network_security_group.g").unwrap()]);
    }
}
