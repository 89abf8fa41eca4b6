//! The rule that would have allowed a denied flow but for one field.

use crate::network::decision::{Field, NearMiss};
use crate::network::known::Known;
use crate::network::resource::Place;
use crate::network::rulebook::{FIRST_DEFAULT, Match, Question, Rule, Rulebook, is_everything};
use crate::network::security::{Access, Address, Side, Way};
use crate::network::side::{Cover, End};
use crate::network::tags::TagName;
use crate::plan::flow::OtherEnd;

/// The written Allow rule of the group that came closest to a flow that `denier` denies; `None` for the end of a list.
#[must_use]
pub fn near_miss(
    book: &Rulebook<'_>,
    question: Question<'_>,
    denier: Option<&Rule<'_>>,
    known: &Known,
) -> Option<NearMiss> {
    let mut candidates: Vec<(Order<'_>, Field, &Rule<'_>)> = Vec::new();
    for rule in book.rules.iter().filter(|rule| is_written(rule)) {
        let field = match rule.written.access.given() {
            Some(Access::Allow) => missed_by(rule, question, denier, known),
            Some(Access::Deny) => denies_exactly(rule, question, denier).then_some(Field::Access),
            _ => None,
        };
        if let Some(field) = field {
            let priority = rule.written.priority.given().copied().unwrap_or(u32::MAX);
            let order = (!names_flow(rule, question, known), field, priority, rule.written.name.as_str());
            candidates.push((order, field, rule));
        }
    }
    let (_, field, rule) = candidates.into_iter().min_by_key(|(order, _, _)| *order)?;
    let (has, needs) = has_and_needs(rule, field, question, denier, known);
    Some(NearMiss {
        group: book.group.clone(),
        name: rule.written.name.clone(),
        priority: rule.written.priority.given().copied(),
        field,
        has,
        needs,
        place: (rule.written.place != Place::default()).then(|| rule.written.place.clone()),
    })
}

/// One that does not name the flow comes later; then by field, priority, name.
type Order<'a> = (bool, Field, u32, &'a str);

fn is_written(rule: &Rule<'_>) -> bool {
    rule.written.priority.given().is_some_and(|priority| *priority < FIRST_DEFAULT)
}

/// The one field by which an Allow rule misses; `None` where it misses by several, or where nobody can tell.
fn missed_by(
    rule: &Rule<'_>,
    question: Question<'_>,
    denier: Option<&Rule<'_>>,
    known: &Known,
) -> Option<Field> {
    let Match { protocol, direction, source, source_ports, destination, ports } =
        rule.compare(question, known);
    let fields = [
        (Field::Protocol, protocol),
        (Field::Direction, direction),
        (Field::Source, source),
        (Field::Destination, destination),
        (Field::Port, ports),
    ];
    if source_ports != Cover::All {
        return None;
    }
    let mut missed = fields.iter().filter(|(_, cover)| *cover != Cover::All);
    match (missed.next(), missed.next()) {
        (None, _) => stands_behind(rule, denier).then_some(Field::Priority),
        (Some((field, Cover::Nothing)), None) => {
            // Behind the denier it would miss by its priority as well.
            let close = !stands_behind(rule, denier) && !is_for_another(rule, *field, question);
            close.then_some(*field)
        }
        _ => None,
    }
}

fn stands_behind(rule: &Rule<'_>, denier: Option<&Rule<'_>>) -> bool {
    denier.is_some_and(|denier| rule.written.priority.given() > denier.written.priority.given())
}

/// True where the wrong field is a far end that is another service's: such a rule is right for its own purpose.
fn is_for_another(rule: &Rule<'_>, field: Field, question: Question<'_>) -> bool {
    let direction = question.flow.direction;
    let is_far =
        matches!((field, direction), (Field::Source, Way::Inbound) | (Field::Destination, Way::Outbound));
    let flow = match question.end {
        End::Tag(tag) | End::Addresses(_, Some(tag)) => tag,
        End::Internet | End::Anywhere => &TagName::Internet,
        End::Peers | End::Addresses(_, None) => &TagName::VirtualNetwork,
    };
    let (terms, _) = rule.far(direction);
    let mut tags = terms.tags().peekable();
    is_far && tags.peek().is_some() && tags.all(|tag| tag.is_another_service_than(flow))
}

/// True where the far end of the rule names the flow's own tag or address, and not just everything.
fn names_flow(rule: &Rule<'_>, question: Question<'_>, known: &Known) -> bool {
    let (terms, _) = rule.far(question.flow.direction);
    match question.end {
        End::Addresses(addresses, tag) => {
            let by_tag = tag.as_ref().is_some_and(|tag| {
                terms.names(tag)
                    && addresses
                        .iter()
                        .any(|address| known.is_public(*address) || *tag == TagName::LoadBalancer)
            });
            by_tag || addresses.iter().any(|address| terms.names_address(*address))
        }
        End::Tag(tag) => terms.names(tag),
        End::Peers => terms.names(&TagName::VirtualNetwork),
        End::Internet | End::Anywhere => false,
    }
}

/// True for the denier itself where it names exactly the flow's tag or address, and its port.
fn denies_exactly(rule: &Rule<'_>, question: Question<'_>, denier: Option<&Rule<'_>>) -> bool {
    let is_denier = denier.is_some_and(|denier| std::ptr::eq(denier, rule));
    let (_, side) = rule.far(question.flow.direction);
    let [far] = side.addresses.as_slice() else { return false };
    let exact = match (&far.address, question.end) {
        (Address::Tag(tag), End::Tag(flow) | End::Addresses(_, Some(flow))) => TagName::read(tag) == *flow,
        (Address::Prefix(prefix), End::Addresses(addresses, _)) => {
            matches!(addresses.as_slice(), [only] if prefix.contains(only) && prefix.prefix_len() == prefix.max_prefix_len())
        }
        _ => false,
    };
    let ports: Vec<_> = rule.written.destination.ports.iter().filter_map(|entry| entry.range).collect();
    is_denier && exact && !is_everything(far) && ports == [question.flow.ports]
}

fn has_and_needs(
    rule: &Rule<'_>,
    field: Field,
    question: Question<'_>,
    denier: Option<&Rule<'_>>,
    known: &Known,
) -> (String, String) {
    let flow = question.flow;
    let priority = |rule: &Rule<'_>| rule.written.priority.given().map(u32::to_string).unwrap_or_default();
    match field {
        Field::Priority => (priority(rule), format!("< {}", denier.map(priority).unwrap_or_default())),
        Field::Access => ("Deny".to_owned(), "Allow".to_owned()),
        Field::Protocol => {
            let needs = flow.transport.protocol().as_str();
            (rule.written.protocol_written.clone(), needs.to_owned())
        }
        Field::Direction => {
            let (has, needs) = match flow.direction {
                Way::Inbound => ("Outbound", "Inbound"),
                Way::Outbound => ("Inbound", "Outbound"),
            };
            (has.to_owned(), needs.to_owned())
        }
        Field::Source => {
            let has = addresses(&rule.written.source);
            let needs = end_of(question, Way::Inbound, &has, known);
            (has, needs)
        }
        Field::Destination => {
            let has = addresses(&rule.written.destination);
            let needs = end_of(question, Way::Outbound, &has, known);
            (has, needs)
        }
        Field::Port => {
            let has: Vec<&str> =
                rule.written.destination.ports.iter().map(|entry| entry.written.as_str()).collect();
            (has.join(", "), flow.ports.to_string())
        }
    }
}

fn addresses(side: &Side) -> String {
    let written = side.addresses.iter().map(ToString::to_string);
    let groups = side.application_groups.iter().map(|group| group.name().to_owned());
    written.chain(groups).collect::<Vec<String>>().join(", ")
}

/// What a side must name: the other end of the flow where `far` is its direction, else the subnet. A tag that it has
/// already (whose list lacks the address) is of no use, so that the address is named.
fn end_of(question: Question<'_>, far: Way, has: &str, known: &Known) -> String {
    if question.flow.direction != far {
        return match &known.subnet {
            Some(subnet) => {
                subnet.prefixes.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")
            }
            None => "VirtualNetwork".to_owned(),
        };
    }
    match (&question.flow.other, question.end) {
        (OtherEnd::Tag(tag), _) => tag.clone(),
        (OtherEnd::Addresses(addresses, tag), _) => match tag {
            Some(tag)
                if !tag.eq_ignore_ascii_case(has) && addresses.iter().all(|it| known.is_public(*it)) =>
            {
                tag.clone()
            }
            _ => addresses.iter().map(ToString::to_string).collect::<Vec<String>>().join(", "),
        },
        (OtherEnd::Peers, _) => "VirtualNetwork".to_owned(),
        (OtherEnd::Internet | OtherEnd::Anywhere, _) => "Internet".to_owned(),
    }
}
