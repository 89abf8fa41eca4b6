//! The judgement of flows: admin rules, then the subnet's group, then the route.

use std::collections::BTreeSet;

use crate::network::assume::Assumption;
use crate::network::choose::{Chosen, Group, InterfaceGroup};
use crate::network::decision::{By, Covers, Decision, Fate, RouteRef, Ruling};
use crate::network::derive::{Routes, learn, routes};
use crate::network::known::Known;
use crate::network::near_miss::near_miss;
use crate::network::route::Taken;
use crate::network::rulebook::{Answer, FIRST_DEFAULT, Question, Rule, Rulebook};
use crate::network::security::{Access, PortRange, SecurityRule, Way};
use crate::network::side::{Doubt, End};
use crate::network::tags::TagName;
use crate::network::{Location, azure};
use crate::plan::flow::{Flow, OtherEnd};

/// Parts into which a range of ports is taken at most: beyond, the answer for all of it stands.
const MAX_PORT_PARTS: usize = 64;

/// Everything that decides flows of one subnet, read once.
#[derive(Debug, Clone)]
pub struct Judge<'r> {
    admin: Option<Rulebook<'r>>,
    group: Book<'r>,
    interface: Option<Rulebook<'r>>,
    routes: Routes,
    known: Known,
    assumptions: Vec<Assumption>,
}

/// The subnet's group.
#[derive(Debug, Clone)]
enum Book<'r> {
    Nothing,
    NotGiven,
    Rules(Rulebook<'r>),
}

/// What of the three may happen to a flow, before its route.
struct Filtered<'a> {
    admin: Option<Answer<'a>>,
    /// What the group says, also where an admin rule leaves it unasked.
    group: Option<Answer<'a>>,
    asked: bool,
    /// Allowed, denied or both.
    outcomes: Outcomes,
}

/// What may come out: one of them where it is certain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Outcomes {
    may_pass: bool,
    may_fail: bool,
}

impl<'r> Judge<'r> {
    /// Reads the documents that speak for the chosen subnet; `region` is what was typed, which wins over the documents.
    #[must_use]
    pub fn new(chosen: &Chosen<'r>, region: Option<&str>) -> Self {
        let routes = routes(chosen);
        let mut known = Known::nothing();
        learn(&mut known, chosen, &routes);
        let service = chosen.service.and_then(|service| service.primary.location.given());
        if let (Some(typed), None) = (region, service) {
            known.region = Some(Location::new(typed).id().to_owned());
        }
        let rules: Vec<&SecurityRule> = chosen.admin.iter().flat_map(|list| &list.rules).collect();
        let missing = chosen.admin.iter().find_map(|list| list.rules_missing.as_ref());
        let admin = (!rules.is_empty() || missing.is_some()).then(|| Rulebook::admin(&rules, missing));
        let group = match chosen.group {
            Group::Nothing => Book::Nothing,
            Group::NotGiven => Book::NotGiven,
            Group::Written(group) => Book::Rules(Rulebook::written(group)),
            Group::Effective(group) => Book::Rules(Rulebook::effective(group)),
        };
        let interface = chosen.interface_group.map(|group| match group {
            InterfaceGroup::Written(group) => Rulebook::written(group),
            InterfaceGroup::Effective(group) => Rulebook::effective(group),
        });
        let mut judge =
            Self { admin, group, interface, routes, known, assumptions: chosen.assumptions.clone() };
        judge.add_lists(chosen);
        judge.note_routes();
        judge
    }

    fn add_lists(&mut self, chosen: &Chosen<'_>) {
        let books = self.admin.iter().chain(&self.interface);
        let books = books.chain(match &self.group {
            Book::Rules(book) => Some(book),
            Book::Nothing | Book::NotGiven => None,
        });
        let routes = match &self.routes {
            Routes::Known(routes) => Some(routes),
            Routes::Unmentioned | Routes::NotGiven => None,
        };
        let mut names: Vec<TagName> = books.flat_map(|book| book.tags().cloned()).collect();
        names.extend(routes.iter().flat_map(|routes| routes.tags().cloned()));
        names.extend(TagName::catalogue());
        self.known.add_lists(&chosen.network.service_tags, names.iter());
    }

    fn note_routes(&mut self) {
        match &self.routes {
            Routes::Unmentioned => self.assumptions.push(Assumption::RoutesNotJudged),
            Routes::Known(routes) if !routes.is_effective => {
                self.assumptions.push(Assumption::GatewayRoutesUnknown);
            }
            Routes::Known(_) | Routes::NotGiven => {}
        }
    }

    /// What was taken for granted before any flow was judged.
    #[must_use]
    pub fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }

    /// What is known of addresses and tags.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// The routes of the subnet.
    #[must_use]
    pub const fn routes(&self) -> &Routes {
        &self.routes
    }

    /// What the configuration says of a flow, apart for ports that it treats differently, so that one that is denied is not lost
    /// among others.
    #[must_use]
    pub fn decide_ports(&self, flow: &Flow) -> Vec<(Flow, Decision)> {
        let whole = self.decide(flow);
        let starts = if whole.ruling == Ruling::Unknown { self.port_starts(flow.ports) } else { Vec::new() };
        if starts.len() < 2 || starts.len() > MAX_PORT_PARTS {
            return vec![(flow.clone(), whole)];
        }
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([flow.ports.last]);
        let mut parts: Vec<(Flow, Decision)> = Vec::new();
        for (first, last) in starts.iter().copied().zip(ends) {
            let part = Flow { ports: PortRange { first, last }, ..flow.clone() };
            let decision = self.decide(&part);
            match parts.last_mut() {
                Some((before, same)) if *same == decision => before.ports.last = last,
                _ => parts.push((part, decision)),
            }
        }
        parts
    }

    /// The ports of a range at which some rule begins to speak of them or ends.
    fn port_starts(&self, ports: PortRange) -> Vec<u16> {
        let group = match &self.group {
            Book::Rules(book) => Some(book),
            Book::Nothing | Book::NotGiven => None,
        };
        let rules = self.admin.iter().chain(group).flat_map(|book| &book.rules);
        let ranges =
            rules.flat_map(|rule| &rule.written.destination.ports).filter_map(|written| written.range);
        let bounds = ranges.flat_map(|range| [Some(range.first), range.last.checked_add(1)]).flatten();
        let inside = bounds.filter(|port| ports.first < *port && *port <= ports.last);
        std::iter::once(ports.first).chain(inside).collect::<BTreeSet<u16>>().into_iter().collect()
    }

    /// What the configuration says of a flow.
    #[must_use]
    pub fn decide(&self, flow: &Flow) -> Decision {
        let end = End::new(&flow.other);
        let platform = platform_tag(flow, &end);
        let question = Question { flow, end: &end, platform: platform.as_ref() };
        let filtered = self.filter(question);
        let taken = self.route(&end, platform.as_ref());
        let mut decision = self.combine(question, &filtered, taken.as_ref());
        decision.nic = self.interface.as_ref().and_then(|book| {
            let answer = book.answer(question, &self.known);
            // What only a platform tag could stop is stopped by nothing else, the end of a list included.
            let is_open = platform.is_some() && answer.rule.is_none();
            (!is_open).then(|| book.name(answer.rule, flow.direction))
        });
        decision
    }

    /// Whether a rule of the subnet's group denies a flow or may deny it, no admin rule having decided before: what another rule of
    /// the group changes.
    #[must_use]
    pub fn may_stop_at_group(&self, flow: &Flow) -> bool {
        let end = End::new(&flow.other);
        let platform = platform_tag(flow, &end);
        let filtered = self.filter(Question { flow, end: &end, platform: platform.as_ref() });
        let denies = |answer: &Answer<'_>| answer.effects.contains(&Access::Deny);
        filtered.asked && filtered.group.as_ref().is_some_and(denies)
    }

    fn filter(&self, question: Question<'_>) -> Filtered<'_> {
        let admin = self.admin.as_ref().map(|book| book.answer(question, &self.known));
        let effects = admin.as_ref().map_or_else(|| vec![Access::Allow], |answer| answer.effects.clone());
        let asked = effects.contains(&Access::Allow);
        let group = match &self.group {
            Book::Rules(book) => Some(self.group_answer(book, question)),
            Book::Nothing | Book::NotGiven => None,
        };
        let of_group = match (&self.group, &group) {
            (Book::Rules(_), Some(answer)) => Outcomes {
                may_pass: answer.effects.iter().any(|effect| *effect != Access::Deny),
                may_fail: answer.effects.contains(&Access::Deny),
            },
            (Book::NotGiven, _) => Outcomes { may_pass: true, may_fail: true },
            (Book::Nothing | Book::Rules(_), _) => Outcomes { may_pass: true, may_fail: false },
        };
        let outcomes = Outcomes {
            may_pass: effects.contains(&Access::AlwaysAllow) || (asked && of_group.may_pass),
            may_fail: effects.contains(&Access::Deny) || (asked && of_group.may_fail),
        };
        Filtered { admin, group, asked, outcomes }
    }

    /// A platform flow passes unless a rule with its tag denies it.
    fn group_answer<'a>(&'a self, book: &'a Rulebook<'a>, question: Question<'_>) -> Answer<'a> {
        let mut answer = book.answer(question, &self.known);
        if question.platform.is_some() && answer.rule.is_none() && answer.doubt.is_none() {
            answer.effects = vec![Access::Allow];
        }
        answer
    }

    /// The route of a flow; `None` where it needs none or where none is known.
    fn route(&self, end: &End, platform: Option<&TagName>) -> Option<Taken<'_>> {
        let needs_none = |address: &std::net::IpAddr| *address == azure::DNS || *address == azure::IMDS;
        match end {
            End::Addresses(addresses, _) if addresses.iter().all(needs_none) => return None,
            End::Tag(_) if platform.is_some_and(|tag| !is_licensing(tag)) => return None,
            _ => {}
        }
        match &self.routes {
            Routes::Unmentioned => None,
            Routes::NotGiven => Some(Taken {
                path: None,
                element: None,
                fate: Fate::Unknown(By::NoDocument),
                assumptions: Vec::new(),
            }),
            Routes::Known(routes) => match end {
                End::Tag(tag) if is_licensing(tag) => Some(routes.take(&End::Internet, &self.known)),
                end => Some(routes.take(end, &self.known)),
            },
        }
    }

    fn combine(
        &self,
        question: Question<'_>,
        filtered: &Filtered<'_>,
        taken: Option<&Taken<'_>>,
    ) -> Decision {
        let direction = question.flow.direction;
        let name = |book: &Rulebook<'_>, answer: &Answer<'_>| book.name(answer.rule, direction);
        let admin = self.admin.as_ref().zip(filtered.admin.as_ref());
        let admin =
            admin.filter(|(_, answer)| answer.rule.is_some()).map(|(book, answer)| name(book, answer));
        let nsg = match (&self.group, &filtered.group) {
            (Book::Rules(book), Some(answer)) if question.platform.is_none() || answer.rule.is_some() => {
                Some(name(book, answer))
            }
            _ => None,
        };
        let (ruling, by) = self.weigh(question, filtered, taken.map(|taken| taken.fate));
        let weighing = || filtered.admin.iter().chain(filtered.group.as_ref().filter(|_| filtered.asked));
        let mut assumptions: Vec<Assumption> = Vec::new();
        for answer in weighing() {
            assumptions.extend(answer.assumptions.iter().cloned());
        }
        assumptions.extend(taken.iter().flat_map(|taken| taken.assumptions.iter().cloned()));
        assumptions.sort();
        assumptions.dedup();
        Decision {
            ruling,
            by,
            covers: covers(question.flow),
            admin,
            nsg,
            nic: None,
            route: taken.and_then(route_name),
            near_miss: self.near_miss(question, filtered, (ruling, by)),
            assumptions,
            passed_over: weighing().flat_map(|answer| answer.passed_over.clone()).collect(),
        }
    }

    /// Denied by any is denied, by the first that denies; else unknown by the first that leaves it open; else allowed.
    fn weigh(&self, question: Question<'_>, filtered: &Filtered<'_>, fate: Option<Fate>) -> (Ruling, By) {
        let certain = |answer: &Option<Answer<'_>>, effect: Access| {
            answer.as_ref().is_some_and(|answer| answer.effects == [effect])
        };
        if filtered.outcomes == (Outcomes { may_pass: false, may_fail: true }) {
            if certain(&filtered.admin, Access::Deny) {
                return (Ruling::Denied, By::AdminRule);
            }
            return (Ruling::Denied, group_by(filtered.group.as_ref().and_then(|answer| answer.rule)));
        }
        if fate == Some(Fate::Dropped) {
            return (Ruling::Denied, By::Route);
        }
        if filtered.outcomes.may_fail {
            let doubt = |answer: &Answer<'_>| answer.doubt.map(Doubt::by);
            let group = filtered.group.as_ref().filter(|_| filtered.asked);
            let by = filtered.admin.as_ref().and_then(doubt).or_else(|| group.and_then(doubt));
            return (Ruling::Unknown, by.unwrap_or(By::NoDocument));
        }
        if let Some(Fate::Unknown(by)) = fate {
            return (Ruling::Unknown, by);
        }
        let by = if certain(&filtered.admin, Access::AlwaysAllow) {
            By::AdminRule
        } else if question.platform.is_some() {
            By::Platform
        } else if matches!(self.group, Book::Nothing) {
            By::NoNsg
        } else {
            group_by(filtered.group.as_ref().and_then(|answer| answer.rule))
        };
        (Ruling::Allowed, by)
    }

    fn near_miss(
        &self,
        question: Question<'_>,
        filtered: &Filtered<'_>,
        (ruling, by): (Ruling, By),
    ) -> Option<crate::network::decision::NearMiss> {
        let (Book::Rules(book), Some(answer)) = (&self.group, &filtered.group) else { return None };
        let denies = ruling == Ruling::Denied && matches!(by, By::Rule | By::DefaultRule);
        if !denies || question.platform.is_some() {
            return None;
        }
        near_miss(book, question, answer.rule, &self.known)
    }
}

/// A rule from 65,000 on is one of Azure's, whatever its name; so is the end of an effective list.
fn group_by(rule: Option<&Rule<'_>>) -> By {
    let default =
        |rule: &Rule<'_>| rule.written.priority.given().is_some_and(|priority| *priority >= FIRST_DEFAULT);
    if rule.is_none_or(default) { By::DefaultRule } else { By::Rule }
}

fn route_name(taken: &Taken<'_>) -> Option<RouteRef> {
    let path = taken.path?;
    let prefix = taken.element.map_or_else(|| path.name.prefix.clone(), |element| element.to_string());
    Some(RouteRef { prefix, ..path.name.clone() })
}

const fn covers(flow: &Flow) -> Covers {
    match &flow.other {
        OtherEnd::Addresses(..) => Covers::Addresses,
        OtherEnd::Tag(_) | OtherEnd::Peers => Covers::Tag,
        OtherEnd::Internet | OtherEnd::Anywhere => Covers::Internet,
    }
}

impl End {
    /// Reads the other end of a flow. The load balancer's tag is one address.
    #[must_use]
    pub fn new(other: &OtherEnd) -> Self {
        match other {
            OtherEnd::Addresses(addresses, tag) => {
                Self::Addresses(addresses.clone(), tag.as_deref().map(TagName::read))
            }
            OtherEnd::Tag(tag) => match TagName::read(tag) {
                TagName::LoadBalancer => Self::Addresses(vec![azure::DNS], Some(TagName::LoadBalancer)),
                TagName::Internet => Self::Internet,
                tag => Self::Tag(tag),
            },
            OtherEnd::Peers => Self::Peers,
            OtherEnd::Internet => Self::Internet,
            OtherEnd::Anywhere => Self::Anywhere,
        }
    }
}

/// The tag whose rules alone can stop this flow: outbound, to an address of the platform or by a platform tag.
fn platform_tag(flow: &Flow, end: &End) -> Option<TagName> {
    if flow.direction == Way::Inbound {
        return None;
    }
    let named = |name: &str| Some(TagName::Platform(name.to_owned()));
    match end {
        End::Tag(tag @ TagName::Platform(_)) | End::Addresses(_, Some(tag @ TagName::Platform(_))) => {
            Some(tag.clone())
        }
        End::Addresses(addresses, _) if addresses.iter().all(|address| *address == azure::DNS) => {
            named("azureplatformdns")
        }
        End::Addresses(addresses, _) if addresses.iter().all(|address| *address == azure::IMDS) => {
            named("azureplatformimds")
        }
        _ => None,
    }
}

/// Windows licensing is exempt from groups and, unlike DNS and metadata, not from routes: its hosts have public addresses.
fn is_licensing(tag: &TagName) -> bool {
    *tag == TagName::Platform("azureplatformlkm".to_owned())
}
