//! The rules of one group in their order, and what they say of a flow.

use std::borrow::Cow;

use crate::arrange;
use crate::network::assume::Assumption;
use crate::network::decision::RuleRef;
use crate::network::known::Known;
use crate::network::resource::{Field, Place};
use crate::network::security::{
    Access, Address, Criterion, PortRange, Ports, RuleProtocol, SecurityRule, Side, Way,
};
use crate::network::side::{Cover, Doubt, End, Terms};
use crate::network::tags::TagName;
use crate::network::{EffectiveGroup, PassedOver, SecurityGroup};
use crate::plan::flow::{Carrier, Flow, NearEnd};

/// Priorities from here on are those of Azure's own rules, whatever their names.
pub const FIRST_DEFAULT: u32 = 65_000;

/// Ports from which a connection may come.
const SOURCE_PORTS: PortRange = PortRange { first: 1024, last: u16::MAX };

/// The rules of one group, in their order.
#[derive(Debug, Clone)]
pub struct Rulebook<'r> {
    /// Name of the group; empty where no document has it.
    pub group: String,
    /// The rules, those without a readable priority last.
    pub rules: Vec<Rule<'r>>,
    /// A part of the list could not be read: nobody knows what it would do.
    is_incomplete: bool,
    /// What happens to a flow that no rule matches.
    otherwise: Access,
}

/// A rule, read.
#[derive(Debug, Clone)]
pub struct Rule<'r> {
    /// As the document has it.
    pub written: Cow<'r, SecurityRule>,
    source: Terms,
    destination: Terms,
}

/// A flow, read.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its other end.
    pub end: &'a End,
    /// Where only rules with a platform tag count, that tag.
    pub platform: Option<&'a TagName>,
}

/// What a group says of a flow.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The rule that matches, or the first that keeps the answer open; `None` where no rule does.
    pub rule: Option<&'a Rule<'a>>,
    /// What may happen to the flow: one thing where the answer is certain.
    pub effects: Vec<Access>,
    /// Why it is not certain.
    pub doubt: Option<Doubt>,
    /// What was taken for granted.
    pub assumptions: Vec<Assumption>,
    /// Rules of one priority that contradict each other.
    pub passed_over: Vec<PassedOver>,
}

impl<'r> Rulebook<'r> {
    /// A group as written: Azure's default rules are added where the document lacks them.
    #[must_use]
    pub fn written(group: &'r SecurityGroup) -> Self {
        let mut rules: Vec<Cow<'r, SecurityRule>> = group.rules.iter().map(Cow::Borrowed).collect();
        for default in default_rules() {
            let is_there = |rule: &SecurityRule| {
                rule.priority == default.priority && rule.direction == default.direction
            };
            if !group.rules.iter().any(is_there) {
                rules.push(Cow::Owned(default));
            }
        }
        Self::new(group.id.name().to_owned(), rules.into_iter(), group.rules_missing.as_ref(), Access::Deny)
    }

    /// A group as Azure applies it: taken as it stands.
    #[must_use]
    pub fn effective(group: &'r EffectiveGroup) -> Self {
        let name = group.id.as_ref().map(|id| id.name().to_owned()).unwrap_or_default();
        Self::new(name, group.rules.iter().map(Cow::Borrowed), group.rules_missing.as_ref(), Access::Deny)
    }

    /// Admin rules, and where a part of them is missing: what none of them matches goes on to the group.
    #[must_use]
    pub fn admin(rules: &[&'r SecurityRule], missing: Option<&Place>) -> Self {
        Self::new(String::new(), rules.iter().map(|rule| Cow::Borrowed(*rule)), missing, Access::Allow)
    }

    fn new(
        group: String,
        rules: impl Iterator<Item = Cow<'r, SecurityRule>>,
        missing: Option<&Place>,
        otherwise: Access,
    ) -> Self {
        let mut rules: Vec<Rule<'_>> = rules.map(Rule::new).collect();
        let order = |rule: &Rule<'_>| rule.written.priority.given().copied().unwrap_or(u32::MAX);
        arrange::by(&mut rules, |a, b| {
            (order(a), &a.written.name, &a.written.place).cmp(&(order(b), &b.written.name, &b.written.place))
        });
        Self { group, rules, is_incomplete: missing.is_some(), otherwise }
    }

    /// The tags that its rules name.
    pub fn tags(&self) -> impl Iterator<Item = &TagName> {
        self.rules.iter().flat_map(|rule| rule.source.tags().chain(rule.destination.tags()))
    }

    /// What the rules say of a flow.
    #[must_use]
    pub fn answer(&self, question: Question<'_>, known: &Known) -> Answer<'_> {
        let mut assumptions = Vec::new();
        let mut open: Vec<(&Rule<'_>, Doubt)> = Vec::new();
        let mut decider: Option<&Rule<'_>> = None;
        let mut rivals: Vec<&Rule<'_>> = Vec::new();
        for rule in &self.rules {
            if let Some(decider) = decider.filter(|decider| rule.written.priority != decider.written.priority)
                && rule.written.priority.given().is_some()
                && decider.written.priority.given().is_some()
            {
                continue;
            }
            let certain = rule.written.access.given().is_some() && rule.written.priority.given().is_some();
            match rule.cover(question, known, &mut assumptions) {
                Cover::Nothing => {}
                Cover::All if certain && decider.is_none() => decider = Some(rule),
                _ if certain && decider.is_some() => rivals.push(rule),
                Cover::All => open.push((rule, Doubt::Partial)),
                Cover::Part(doubt) => open.push((rule, doubt)),
            }
        }
        self.settle(decider, &open, &rivals, assumptions)
    }

    fn settle<'a>(
        &'a self,
        decider: Option<&'a Rule<'a>>,
        open: &[(&'a Rule<'a>, Doubt)],
        rivals: &[&'a Rule<'a>],
        assumptions: Vec<Assumption>,
    ) -> Answer<'a> {
        let access = |rule: &Rule<'_>| rule.written.access.given().copied();
        let effect = decider.and_then(access).unwrap_or(self.otherwise);
        let mut answer = Answer {
            rule: decider,
            effects: vec![effect],
            doubt: None,
            assumptions,
            passed_over: Vec::new(),
        };
        let contrary: Vec<&(&Rule<'_>, Doubt)> =
            open.iter().filter(|(rule, _)| access(rule).is_none_or(|other| other != effect)).collect();
        if let Some((rule, doubt)) = contrary.first() {
            answer.rule = Some(rule);
            answer.doubt = Some(*doubt);
            answer.add(contrary.iter().map(|(rule, _)| access(rule)));
        }
        let rivals: Vec<&Rule<'_>> =
            rivals.iter().copied().filter(|rule| access(rule) != Some(effect)).collect();
        if let (Some(decider), false) = (decider, rivals.is_empty()) {
            answer.doubt = answer.doubt.or(Some(Doubt::Partial));
            answer.add(rivals.iter().map(|rule| access(rule)));
            answer.passed_over = contradiction(decider, &rivals);
        }
        if self.is_incomplete {
            answer.rule = answer.rule.filter(|_| answer.doubt.is_some());
            answer.doubt = answer.doubt.or(Some(Doubt::Partial));
            answer.add(std::iter::once(None));
        }
        answer
    }

    /// The name of a rule of this group.
    #[must_use]
    pub fn name(&self, rule: Option<&Rule<'_>>, direction: Way) -> RuleRef {
        let Some(rule) = rule else {
            return RuleRef {
                group: self.group.clone(),
                name: None,
                priority: None,
                access: Some(self.otherwise),
                direction,
                place: None,
            };
        };
        let written = &rule.written;
        RuleRef {
            group: written.collection.clone().unwrap_or_else(|| self.group.clone()),
            name: Some(written.name.clone()),
            priority: written.priority.given().copied(),
            access: written.access.given().copied(),
            direction,
            place: (written.place != Place::default()).then(|| written.place.clone()),
        }
    }
}

impl Answer<'_> {
    fn add(&mut self, effects: impl Iterator<Item = Option<Access>>) {
        for effect in effects {
            match effect {
                Some(effect) => self.effects.push(effect),
                None => self.effects.extend(Access::ALL),
            }
        }
        arrange::by(&mut self.effects, Ord::cmp);
        self.effects.dedup();
    }
}

fn contradiction(decider: &Rule<'_>, rivals: &[&Rule<'_>]) -> Vec<PassedOver> {
    let reason = |rule: &Rule<'_>, other: &Rule<'_>| PassedOver {
        place: rule.written.place.clone(),
        reason: format!(
            "\"{}\" and \"{}\" have one direction and priority and decide differently",
            rule.written.name, other.written.name
        ),
    };
    let others = rivals.iter().map(|rival| reason(rival, decider));
    rivals.first().map(|rival| reason(decider, rival)).into_iter().chain(others).collect()
}

/// What a rule holds of a flow, field by field.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// Protocol.
    pub protocol: Cover,
    /// Direction.
    pub direction: Cover,
    /// Source addresses.
    pub source: Cover,
    /// Source ports.
    pub source_ports: Cover,
    /// Destination addresses.
    pub destination: Cover,
    /// Destination ports.
    pub ports: Cover,
}

impl<'r> Rule<'r> {
    fn new(rule: Cow<'r, SecurityRule>) -> Self {
        Self { source: Terms::new(&rule.source), destination: Terms::new(&rule.destination), written: rule }
    }

    /// The side that is the flow's other end.
    #[must_use]
    pub fn far(&self, direction: Way) -> (&Terms, &Side) {
        match direction {
            Way::Inbound => (&self.source, &self.written.source),
            Way::Outbound => (&self.destination, &self.written.destination),
        }
    }

    fn cover(&self, question: Question<'_>, known: &Known, assumed: &mut Vec<Assumption>) -> Cover {
        let flow = question.flow;
        let cheap =
            self.direction(flow.direction).and(self.protocol(flow.transport)).and(self.ports(flow.ports));
        if cheap == Cover::Nothing {
            return Cover::Nothing;
        }
        // What a rule takes for granted counts only where the rest of it matches.
        let mut local = Vec::new();
        let addresses = match question.platform {
            Some(tag) => self.platform(tag, flow.direction, known),
            None => {
                let (source, destination) = self.ends(question, known, &mut local);
                source.and(destination)
            }
        };
        let cover = cheap.and(addresses).and(ports(&self.written.source.ports, SOURCE_PORTS));
        // That a list contradicts the catalogue matters most where the rule does not match for it.
        local.retain(|said| cover != Cover::Nothing || matches!(said, Assumption::ListWins(..)));
        assumed.append(&mut local);
        cover
    }

    fn platform(&self, tag: &TagName, direction: Way, known: &Known) -> Cover {
        let (near, far) = match direction {
            Way::Outbound => (&self.source, &self.destination),
            Way::Inbound => (&self.destination, &self.source),
        };
        if far.names(tag) { near.near(NearEnd::Subnet, known) } else { Cover::Nothing }
    }

    fn ends(&self, question: Question<'_>, known: &Known, assumed: &mut Vec<Assumption>) -> (Cover, Cover) {
        let Question { flow, end, .. } = question;
        match flow.direction {
            Way::Outbound => (self.source.near(flow.near, known), self.destination.far(end, known, assumed)),
            Way::Inbound => (self.source.far(end, known, assumed), self.destination.near(flow.near, known)),
        }
    }

    /// What the rule holds of a flow, field by field: its source and destination are compared with the flow's as they are.
    #[must_use]
    pub fn compare(&self, question: Question<'_>, known: &Known) -> Match {
        let (source, destination) = self.ends(question, known, &mut Vec::new());
        Match {
            protocol: self.protocol(question.flow.transport),
            direction: self.direction(question.flow.direction),
            source,
            source_ports: ports(&self.written.source.ports, SOURCE_PORTS),
            destination,
            ports: self.ports(question.flow.ports),
        }
    }

    fn direction(&self, direction: Way) -> Cover {
        match self.written.direction {
            Field::Given(own) if own == direction => Cover::All,
            Field::Given(_) => Cover::Nothing,
            Field::Absent | Field::Unreadable => Cover::Part(Doubt::Partial),
        }
    }

    fn protocol(&self, transport: Carrier) -> Cover {
        match (self.written.protocol, transport) {
            (Field::Given(RuleProtocol::Any), _)
            | (Field::Given(RuleProtocol::Tcp), Carrier::Tcp)
            | (Field::Given(RuleProtocol::Udp), Carrier::Udp) => Cover::All,
            (Field::Given(_), _) => Cover::Nothing,
            (Field::Absent | Field::Unreadable, _) => Cover::Part(Doubt::Partial),
        }
    }

    fn ports(&self, wanted: PortRange) -> Cover {
        ports(&self.written.destination.ports, wanted)
    }
}

/// How much of `wanted` the entries hold.
fn ports(entries: &[Ports], wanted: PortRange) -> Cover {
    let mut ranges: Vec<PortRange> = entries.iter().filter_map(|entry| entry.range).collect();
    arrange::by(&mut ranges, Ord::cmp);
    let mut next = u32::from(wanted.first);
    let mut meets = false;
    for range in ranges {
        meets |= range.first <= wanted.last && range.last >= wanted.first;
        if u32::from(range.first) <= next {
            next = next.max(u32::from(range.last) + 1);
        }
    }
    if next > u32::from(wanted.last) {
        Cover::All
    } else if meets || entries.is_empty() || entries.iter().any(|entry| entry.range.is_none()) {
        Cover::Part(Doubt::Partial)
    } else {
        Cover::Nothing
    }
}

/// Azure's six rules, as every written group has them.
#[must_use]
pub fn default_rules() -> Vec<SecurityRule> {
    use Way::{Inbound, Outbound};
    let rule =
        |name: &str, priority: u32, direction: Way, access: Access, source: &str, destination: &str| {
            let side = |address: &str| Side {
                addresses: vec![Criterion::read(address)],
                ports: vec![Ports::read("*")],
                ..Side::default()
            };
            SecurityRule {
                name: name.to_owned(),
                priority: Field::Given(priority),
                direction: Field::Given(direction),
                access: Field::Given(access),
                protocol: Field::Given(RuleProtocol::Any),
                protocol_written: "*".to_owned(),
                source: side(source),
                destination: side(destination),
                ..SecurityRule::default()
            }
        };
    vec![
        rule("AllowVnetInBound", 65_000, Inbound, Access::Allow, "VirtualNetwork", "VirtualNetwork"),
        rule("AllowAzureLoadBalancerInBound", 65_001, Inbound, Access::Allow, "AzureLoadBalancer", "*"),
        rule("DenyAllInBound", 65_500, Inbound, Access::Deny, "*", "*"),
        rule("AllowVnetOutBound", 65_000, Outbound, Access::Allow, "VirtualNetwork", "VirtualNetwork"),
        rule("AllowInternetOutBound", 65_001, Outbound, Access::Allow, "*", "Internet"),
        rule("DenyAllOutBound", 65_500, Outbound, Access::Deny, "*", "*"),
    ]
}

/// True for what an address says in words of the flow itself, and not of everything.
#[must_use]
pub fn is_everything(criterion: &Criterion) -> bool {
    match &criterion.address {
        Address::Any => true,
        Address::Prefix(prefix) => prefix.prefix_len() == 0,
        Address::Tag(tag) => TagName::read(tag) == TagName::Internet,
        Address::Unreadable => false,
    }
}
