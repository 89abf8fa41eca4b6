//! Judgement: pure rules over a finished run, and the folding of consequences under their causes.

use crate::catalogue::words;
use crate::outcome::Outcome;
use crate::plan::{Check, CheckId};
use crate::run::Run;

mod access_path;
mod arrivals;
mod catch_all;
mod fold;
mod name_servers;
mod own_endpoints;
mod pages;
mod remedy;
mod rules;
mod silence;
mod view;

pub use access_path::{Path, path};
pub use pages::{explain, explain_cause};
pub use remedy::{allow_inbound, allow_outbound};
pub use rules::portal_disagrees::side_by_side;

words! {
    /// What a finding says. Closed: scripts match on these words.
    Code {
        /// A configured name server does not answer.
        DnsServerSilent = "dns-server-silent",
        /// A custom server does not forward Azure names.
        DnsNotForwarding = "dns-not-forwarding",
        /// Two configured servers disagree about a name.
        DnsServersDisagree = "dns-servers-disagree",
        /// A `privatelink` chain ends without an address.
        PrivateLinkNoRecord = "private-link-no-record",
        /// A private address does not answer.
        PrivateEndpointUnreachable = "private-endpoint-unreachable",
        /// Nothing outbound gets through.
        OutboundAllBlocked = "outbound-all-blocked",
        /// Every target of one service tag and port is dropped.
        ServiceTagBlocked = "service-tag-blocked",
        /// One port is dropped across tags.
        PortBlocked = "port-blocked",
        /// Something says no on behalf of the target.
        FirewallRejects = "firewall-rejects",
        /// Something answers the SYN on behalf of the target.
        FirewallAnswersForTarget = "firewall-answers-for-target",
        /// TLS is opened on the way.
        TlsInterception = "tls-interception",
        /// This clock is off.
        ClockSkew = "clock-skew",
        /// Plain HTTP is answered by something else.
        CaptiveProxy = "captive-proxy",
        /// Some of a name's addresses do not work.
        AddressPartial = "address-partial",
        /// Failed first, succeeded on the second look.
        Flaky = "flaky",
        /// The firewall's list is older than the service's.
        FirewallListOutdated = "firewall-list-outdated",
        /// The instance's names resolve to a public address.
        OwnEndpointPublicAnswer = "own-endpoint-public-answer",
        /// The instance's names resolve to another private address.
        OwnEndpointWrongAddress = "own-endpoint-wrong-address",
        /// The portal and this run differ.
        PortalDisagrees = "portal-disagrees",
        /// No metadata service here.
        OutsideAzure = "outside-azure",
        /// Required names were not known.
        NamesMissing = "names-missing",
        /// This machine ran out of something.
        LocalLimit = "local-limit",
        /// Full-sized packets are lost on the way.
        MtuBlackHole = "mtu-black-hole",
        /// A device limits new connections.
        RateLimited = "rate-limited",
        /// Names or connections take long.
        Slow = "slow",
    }
}

words! {
    /// How bad a finding is.
    Severity {
        /// Accounts for a failed required check.
        Error = "error",
        /// Accounts for a failed optional check, or is a risk.
        Warning = "warning",
        /// Worth knowing.
        Info = "info",
    }
}

words! {
    /// How sure a finding is.
    Confidence {
        /// The evidence admits no other reading that we know of.
        High = "high",
        /// Another reading is possible and is named in the detail.
        Medium = "medium",
        /// A guess worth checking.
        Low = "low",
    }
}

/// A judgement over all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it says.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One sentence: what is wrong.
    pub title: String,
    /// The evidence it stands on, and what would disprove it.
    pub detail: String,
    /// The checks it accounts for.
    pub affects: Vec<CheckId>,
    /// Codes of the findings that are its consequences.
    pub explains: Vec<Code>,
    /// Code of the finding that accounts for this one.
    pub explained_by: Option<Code>,
    /// What to do.
    pub remedy: Remedy,
}

/// What to do about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remedy {
    /// One or two sentences: what it changes and why.
    pub summary: String,
    /// Commands ready to paste; what the run does not know is a `<PLACEHOLDER>`.
    pub commands: Vec<String>,
    /// Page of this project that explains the finding.
    pub doc_url: Option<String>,
}

/// All findings of a run: roots first, worst first; folded ones after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The findings.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// The findings that nothing else accounts for.
    pub fn roots(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.explained_by.is_none())
    }
}

/// One rule: it looks at the facts alone and says what it sees.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What its findings say.
    pub code: Code,
    /// Every finding of this kind; severity and folding are settled afterwards.
    pub find: fn(&Run) -> Vec<Finding>,
}

/// The rules, from causes to consequences: an earlier finding accounts for what a later one says of the same checks.
pub const RULES: &[Rule] = &[
    rules::local_limit::RULE,
    rules::dns_server_silent::RULE,
    rules::private_link_no_record::RULE,
    rules::dns_not_forwarding::RULE,
    rules::clock_skew::RULE,
    rules::tls_interception::RULE,
    rules::captive_proxy::RULE,
    rules::own_endpoint_public_answer::RULE,
    rules::own_endpoint_wrong_address::RULE,
    rules::rate_limited::RULE,
    rules::mtu_black_hole::RULE,
    rules::outbound_all_blocked::RULE,
    rules::private_endpoint_unreachable::RULE,
    rules::flaky::RULE,
    rules::port_blocked::RULE,
    rules::firewall_list_outdated::RULE,
    rules::service_tag_blocked::RULE,
    rules::firewall_rejects::RULE,
    rules::firewall_answers_for_target::RULE,
    rules::dns_servers_disagree::RULE,
    rules::address_partial::RULE,
    rules::slow::RULE,
    rules::portal_disagrees::RULE,
    rules::outside_azure::RULE,
    rules::names_missing::RULE,
];

/// What else can be said of one check: the path to it, and the portal's word beside this run's.
#[must_use]
pub fn notes(check: &Check, outcome: &Outcome) -> Vec<String> {
    path(check, outcome).into_iter().chain(side_by_side(check, outcome)).collect()
}

/// Judges a run. Pure and total: any run, however odd, has a diagnosis, and always the same one.
#[must_use]
pub fn diagnose(run: &Run) -> Diagnosis {
    let mut found: Vec<Finding> = RULES.iter().flat_map(|rule| (rule.find)(run)).collect();
    found.extend(catch_all::unexplained(run, &found));
    Diagnosis { findings: fold::fold(run, found) }
}
