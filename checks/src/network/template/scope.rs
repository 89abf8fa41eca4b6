//! What the names in a template's expressions stand for, and what its functions give.

use std::cell::Cell;
use std::rc::Rc;

use crate::network::read::json::{Evaluated, Expressions, Node, Object};
use crate::network::template::expression::{Expression, parse};

/// Parameters and variables of one template.
pub(super) struct Scope<'a> {
    /// Values that were given.
    given: Option<Object<'a>>,
    /// Declarations with their defaults.
    parameters: Option<Object<'a>>,
    variables: Option<Object<'a>>,
    /// Evaluations that may still be made: a variable of variables of variables must end.
    fuel: Cell<u32>,
    /// Evaluations inside of each other at this moment.
    depth: Cell<u32>,
}

/// Evaluations of one template at most.
const FUEL: u32 = 200_000;

/// Evaluations inside of each other at most.
const DEEPEST: u32 = 32;

/// Bytes of one text at most: longer than any id or name.
const MAX_VALUE_BYTES: usize = 16 * 1024;

impl<'a> Scope<'a> {
    /// The scope of a template with these values for its parameters.
    #[must_use]
    pub(super) fn new(template: &Object<'a>, given: Option<&Object<'a>>) -> Rc<Self> {
        Rc::new(Self {
            given: given.cloned(),
            parameters: template.object("parameters"),
            variables: template.object("variables"),
            fuel: Cell::new(FUEL),
            depth: Cell::new(0),
        })
    }

    /// The scope as values use it.
    #[must_use]
    pub(super) fn expressions(scope: &Rc<Self>) -> Expressions<'a> {
        let scope = Rc::clone(scope);
        Rc::new(move |text| scope.evaluate(text))
    }

    /// The value of a text; `None` where it is no expression.
    fn evaluate(self: &Rc<Self>, text: &str) -> Option<Evaluated<'a>> {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        // Two brackets stand for one that is meant.
        if inner.starts_with('[') {
            return Some(Evaluated::Text(text[1..].to_owned()));
        }
        let Some(expression) = parse(inner) else {
            return Some(Evaluated::NotLiteral("an expression that cannot be read".into()));
        };
        if self.fuel.get() == 0 || self.depth.get() >= DEEPEST {
            return Some(Evaluated::NotLiteral("an expression that never ends".into()));
        }
        self.fuel.set(self.fuel.get() - 1);
        self.depth.set(self.depth.get() + 1);
        let value = self.value(&expression);
        self.depth.set(self.depth.get() - 1);
        Some(value.unwrap_or_else(Evaluated::NotLiteral))
    }

    fn value(self: &Rc<Self>, expression: &Expression) -> Result<Evaluated<'a>, String> {
        match expression {
            Expression::Text(text) => Ok(Evaluated::Text(text.clone())),
            Expression::Number(number) => Ok(Evaluated::Text(number.to_string())),
            Expression::Member(of, name) => self.member(of, name),
            Expression::Call(name, arguments) => {
                match (name.to_ascii_lowercase().as_str(), arguments.as_slice()) {
                    ("parameters", [name]) => self.parameter(&self.text(name)?),
                    ("variables", [name]) => self.variable(&self.text(name)?),
                    ("tolower", [text]) => Ok(Evaluated::Text(self.text(text)?.to_lowercase())),
                    ("concat", parts) => self.concat(parts),
                    ("format", [pattern, values @ ..]) => self.format(pattern, values),
                    ("resourceid", arguments) => self.resource_id(arguments),
                    _ => Err(format!("{name}() is known to Azure alone")),
                }
            }
        }
    }

    fn text(self: &Rc<Self>, expression: &Expression) -> Result<String, String> {
        match self.value(expression)? {
            Evaluated::Text(text) => Ok(text),
            Evaluated::NotLiteral(reason) => Err(reason),
            Evaluated::Value(node) => match (node.text(), node.not_literal()) {
                (Some(text), _) => Ok(text.into_owned()),
                (None, Some(reason)) => Err(reason.to_owned()),
                (None, None) => Err(format!("expected text, got {}", node.shape())),
            },
        }
    }

    fn parameter(self: &Rc<Self>, name: &str) -> Result<Evaluated<'a>, String> {
        if let Some(given) = self.given.as_ref().and_then(|given| given.own(name)) {
            let value = given.object().and_then(|object| object.own("value"));
            let is_reference = given.object().is_some_and(|object| object.has("reference"));
            return match value {
                Some(value) => Ok(Evaluated::Value(value)),
                None if is_reference => Err(format!("parameter `{name}` is a secret of a key vault")),
                None => Ok(Evaluated::Value(given)),
            };
        }
        let declared = self.parameters.as_ref().and_then(|declared| declared.own(name)?.object());
        let default = declared.and_then(|declared| {
            declared.members().find(|(key, _)| key.eq_ignore_ascii_case("defaultValue")).map(|(_, node)| node)
        });
        match default {
            Some(default) => self.literal(&default),
            None => Err(format!("parameter `{name}` has no default: give it with --parameters")),
        }
    }

    fn variable(self: &Rc<Self>, name: &str) -> Result<Evaluated<'a>, String> {
        let found = self.variables.as_ref().and_then(|variables| {
            variables.members().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, node)| node)
        });
        match found {
            Some(node) => self.literal(&node),
            None => Err(format!("there is no variable `{name}` with a literal value")),
        }
    }

    /// A declared value, its own expressions evaluated here.
    fn literal(self: &Rc<Self>, node: &Node<'a>) -> Result<Evaluated<'a>, String> {
        let value = node.with_expressions(Some(Self::expressions(self)));
        match value.not_literal() {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(Evaluated::Value(value)),
        }
    }

    fn member(self: &Rc<Self>, of: &Expression, name: &Expression) -> Result<Evaluated<'a>, String> {
        let Evaluated::Value(node) = self.value(of)? else {
            return Err("a member of a text".into());
        };
        let name = self.text(name)?;
        let found = match name.parse::<usize>() {
            Ok(place) => node.items().and_then(|mut items| items.nth(place)),
            Err(_) => node.object().and_then(|object| {
                object.members().find(|(key, _)| key.eq_ignore_ascii_case(&name)).map(|(_, node)| node)
            }),
        };
        match found {
            Some(found) if found.not_literal().is_none() => Ok(Evaluated::Value(found)),
            Some(found) => Err(found.not_literal().unwrap_or_default().to_owned()),
            None => Err(format!("there is no member `{name}`")),
        }
    }

    fn concat(self: &Rc<Self>, parts: &[Expression]) -> Result<Evaluated<'a>, String> {
        let mut text = String::new();
        for part in parts {
            text.push_str(&self.text(part)?);
            if text.len() > MAX_VALUE_BYTES {
                return Err("a text that grows too long".into());
            }
        }
        Ok(Evaluated::Text(text))
    }

    /// `format('{0}-nsg', 'x')`; a format behind a number (`{0:x}`) is another matter.
    fn format(self: &Rc<Self>, pattern: &Expression, values: &[Expression]) -> Result<Evaluated<'a>, String> {
        let pattern = self.text(pattern)?;
        let mut text = String::new();
        let mut rest = pattern.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let doubled = from.starts_with("{{") || from.starts_with("}}");
            if doubled {
                text.push_str(&from[..1]);
                rest = &from[2..];
            } else {
                let (place, behind) = from[1..].split_once('}').ok_or("a format that cannot be read")?;
                let value = place.parse::<usize>().ok().and_then(|place| values.get(place));
                text.push_str(&self.text(value.ok_or("a format that cannot be read")?)?);
                rest = behind;
            }
            if text.len() > MAX_VALUE_BYTES {
                return Err("a text that grows too long".into());
            }
        }
        text.push_str(rest);
        Ok(Evaluated::Text(text))
    }

    /// `resourceId([subscription], [group], type, names…)`.
    fn resource_id(self: &Rc<Self>, arguments: &[Expression]) -> Result<Evaluated<'a>, String> {
        let texts = arguments.iter().map(|one| self.text(one)).collect::<Result<Vec<_>, _>>()?;
        let at = texts.iter().position(|text| text.contains('/')).ok_or("resourceId() without a type")?;
        let before = match &texts[..at] {
            [] => String::new(),
            [group] => format!("/resourceGroups/{group}"),
            [subscription, group] => format!("/subscriptions/{subscription}/resourceGroups/{group}"),
            _ => return Err("resourceId() with too many arguments".into()),
        };
        let names: Vec<&str> = texts[at + 1..].iter().map(String::as_str).collect();
        let id = resource_id(&before, &texts[at], &names);
        id.map(Evaluated::Text).ok_or_else(|| "resourceId() whose names do not fit its type".into())
    }
}

/// The id of a resource of this type with these names, behind what goes before its provider.
#[must_use]
pub(super) fn resource_id(before: &str, kind: &str, names: &[&str]) -> Option<String> {
    let mut segments = kind.split('/');
    let mut id = format!("{before}/providers/{}", segments.next()?);
    let mut names = names.iter();
    for segment in segments {
        let name = names.next().filter(|name| !name.is_empty())?;
        id.push_str(&format!("/{segment}/{name}"));
    }
    names.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that the member `x` of a template's `resources` object gives, or why it gives none.
    fn gives(template: &str, parameters: &str) -> String {
        let (template, given) = (Node::root(template, None), Node::root(parameters, None));
        let template = template.object().unwrap();
        let scope = Scope::new(&template, given.object().as_ref());
        let node = template.own("x").unwrap().with_expressions(Some(Scope::expressions(&scope)));
        match node.text() {
            Some(text) => text.into_owned(),
            None => format!("! {}", node.not_literal().unwrap_or_else(|| node.shape())),
        }
    }

    #[test]
    fn the_functions_of_the_contract_are_evaluated() {
        let declared = r#""parameters":{"name":{"type":"string","defaultValue":"Apim"},"deep":{"defaultValue":{"a":["x","y"]}}},
            "variables":{"nsg":"[concat(parameters('name'),'-nsg')]"}"#;
        let id = "/providers/Microsoft.Network/virtualNetworks/v/subnets/s";
        for (expression, expected) in [
            ("[parameters('NAME')]", "Apim"),
            ("[variables('nsg')]", "Apim-nsg"),
            ("[toLower(variables('nsg'))]", "apim-nsg"),
            ("[format('{0}/{1}{{}}', 'v', parameters('deep').a[1])]", "v/y{}"),
            ("[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')]", id),
            (
                "[resourceId('rg', 'Microsoft.Network/routeTables', 'r')]",
                "/resourceGroups/rg/providers/Microsoft.Network/routeTables/r",
            ),
            ("[[not an expression]", "[not an expression]"),
            ("plain", "plain"),
            ("[uniqueString('a')]", "! uniqueString() is known to Azure alone"),
            ("[parameters('none')]", "! parameter `none` has no default: give it with --parameters"),
        ] {
            let template = format!(r#"{{{declared},"x":"{expression}"}}"#);
            assert_eq!(gives(&template, "{}"), expected, "{expression}");
        }
    }

    #[test]
    fn given_values_win_over_defaults_in_each_shape_of_a_parameter_file() {
        let template = r#"{"parameters":{"p":{"defaultValue":"d"}},"x":"[parameters('p')]"}"#;
        assert_eq!(gives(template, r#"{"p":{"value":"given"}}"#), "given");
        assert_eq!(gives(template, r#"{"p":"plain"}"#), "plain");
        assert!(gives(template, r#"{"p":{"reference":{"keyVault":{}}}}"#).starts_with("! "));
    }

    #[test]
    fn what_refers_to_itself_ends() {
        let loops = r#"{"variables":{"a":"[variables('b')]","b":"[concat(variables('a'),variables('a'))]"},"x":"[variables('a')]"}"#;
        assert_eq!(gives(loops, "{}"), "! an expression that never ends");
    }
}
