//! What the configuration says of a flow, and by what.

use std::net::IpAddr;

use crate::catalogue::words;
use crate::network::PassedOver;
use crate::network::assume::Assumption;
use crate::network::resource::Place;
use crate::network::routing::{NextHop, RouteSource};
use crate::network::security::{Access, Way};

words! {
    /// What the configuration says of a flow. In order: what is worse comes later.
    Ruling {
        /// It passes.
        Allowed = "allowed",
        /// Nobody can tell from the documents.
        Unknown = "unknown",
        /// It does not.
        Denied = "denied",
    }
}

words! {
    /// What decides, or what keeps the decision open.
    By {
        /// A written rule of the group.
        Rule = "rule",
        /// One of Azure's own rules, or the end of an effective list.
        DefaultRule = "default-rule",
        /// A security admin rule.
        AdminRule = "admin-rule",
        /// The subnet has no group.
        NoNsg = "no-nsg",
        /// Only a rule with a platform tag could stop it, and none does.
        Platform = "platform",
        /// The next hop is `None`.
        Route = "route",
        /// A device decides.
        Appliance = "appliance",
        /// What is behind a gateway decides.
        Gateway = "gateway",
        /// A rule covers a part of the flow, or could not be read whole.
        Partial = "partial",
        /// Nobody knows what a tag stands for.
        UnknownTag = "unknown-tag",
        /// The document that would decide was not given.
        NoDocument = "no-document",
        /// A setting: of checks of settings alone.
        Setting = "setting",
    }
}

words! {
    /// What is known of the other end of the flow.
    Covers {
        /// Its addresses.
        Addresses = "addresses",
        /// Its service tag.
        Tag = "tag",
        /// That it is somewhere in the internet.
        Internet = "internet",
    }
}

/// What becomes of a flow on its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It goes on.
    Passes,
    /// Nobody can tell.
    Unknown(By),
    /// It is dropped.
    Dropped,
}

/// What the configuration says of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What it says.
    pub ruling: Ruling,
    /// What decides.
    pub by: By,
    /// What is known of the other end.
    pub covers: Covers,
    /// The admin rule that matches.
    pub admin: Option<RuleRef>,
    /// The rule of the subnet's group that matches, or keeps the decision open.
    pub nsg: Option<RuleRef>,
    /// The rule of this machine's own group that matches; it never decides.
    pub nic: Option<RuleRef>,
    /// The route that the flow takes.
    pub route: Option<RouteRef>,
    /// The rule that would have allowed it but for one field.
    pub near_miss: Option<NearMiss>,
    /// What was taken for granted on the way.
    pub assumptions: Vec<Assumption>,
    /// What could not be used on the way.
    pub passed_over: Vec<PassedOver>,
}

/// A rule, named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// Name of its group; of an admin rule, of its collection. Empty where the document has none.
    pub group: String,
    /// Its name; absent where nothing in an effective list matched.
    pub name: Option<String>,
    /// Its priority.
    pub priority: Option<u32>,
    /// What it does.
    pub access: Option<Access>,
    /// Its direction.
    pub direction: Way,
    /// Where it stands; absent for default rules that the document does not list.
    pub place: Option<Place>,
}

/// A route, named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteRef {
    /// Name of its table.
    pub table: Option<String>,
    /// Its own name.
    pub name: Option<String>,
    /// The prefix that decided, as written; a tag's name where the tag did.
    pub prefix: String,
    /// Who made it.
    pub source: RouteSource,
    /// Next hop.
    pub next_hop: NextHop,
    /// Address of the next hop.
    pub address: Option<IpAddr>,
    /// Where it stands; absent for Azure's own.
    pub place: Option<Place>,
}

words! {
    /// The one field by which a rule missed a flow. In order: what is likelier to be meant comes first.
    Field {
        /// It matches and stands behind the rule that decides.
        Priority = "priority",
        /// It matches and denies.
        Access = "access",
        /// Its protocol.
        Protocol = "protocol",
        /// Its direction.
        Direction = "direction",
        /// Its source.
        Source = "source",
        /// Its destination.
        Destination = "destination",
        /// Its destination ports.
        Port = "port",
    }
}

/// The rule that would have allowed a denied flow but for one field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NearMiss {
    /// Name of the group.
    pub group: String,
    /// Name of the rule.
    pub name: String,
    /// Its priority.
    pub priority: Option<u32>,
    /// The field.
    pub field: Field,
    /// What it has, as written; lists joined with `, `.
    pub has: String,
    /// What the flow needs; for a priority `< N`.
    pub needs: String,
    /// Where it stands.
    pub place: Option<Place>,
}
