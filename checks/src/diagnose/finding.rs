//! What a judgement says: codes, findings, and what to do about them.

use crate::catalogue::words;
use crate::network::Place;
use crate::network::settings::SettingId;
use crate::plan::CheckId;

/// Where the project is at home; empty while that is nowhere.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

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
        /// One host is dropped while others of its tag and port pass.
        HostBlocked = "host-blocked",
        /// No server knows the name.
        NamesNotFound = "names-not-found",
        /// The service is reached and fails.
        ServiceUnavailable = "service-unavailable",
        /// A certificate is expired, not valid yet or broken.
        CertificateUnfit = "certificate-unfit",
        /// The instance itself does not answer.
        OwnEndpointSilent = "own-endpoint-silent",
        /// A private address refuses the connection.
        AddressRefuses = "address-refuses",
        /// Full-sized packets are lost on the way.
        MtuBlackHole = "mtu-black-hole",
        /// A device limits new connections.
        RateLimited = "rate-limited",
        /// Names or connections take long.
        Slow = "slow",
        /// A written security rule denies needed flows.
        NsgRuleDenies = "nsg-rule-denies",
        /// No security rule allows a needed flow.
        NsgRuleMissing = "nsg-rule-missing",
        /// A security admin rule denies needed flows.
        AdminRuleDenies = "admin-rule-denies",
        /// This machine's own interface group denies.
        NicRuleDenies = "nic-rule-denies",
        /// A route drops needed flows.
        RouteDrops = "route-drops",
        /// An appliance or gateway gets needed flows.
        RouteToAppliance = "route-to-appliance",
        /// Replies to the control plane take another way.
        ManagementRouteMissing = "management-route-missing",
        /// Forced tunneling without service endpoints.
        ServiceEndpointMissing = "service-endpoint-missing",
        /// The subnet has no security group.
        NsgMissing = "nsg-missing",
        /// The subnet does not fit the instance.
        SubnetUnfit = "subnet-unfit",
        /// A private subnet without a way out.
        NoOutboundPath = "no-outbound-path",
        /// Network, instance and zones disagree about DNS.
        DnsConfiguration = "dns-configuration",
        /// The instance asks for what Azure refuses.
        DeploymentUnfit = "deployment-unfit",
        /// The state of the instance.
        InstanceState = "instance-state",
        /// An Application Gateway in front of the instance does not fit it.
        GatewayUnfit = "gateway-unfit",
        /// An Application Gateway calls servers of the instance unhealthy.
        GatewayBackendUnhealthy = "gateway-backend-unhealthy",
        /// Azure's own call to the management endpoint fails.
        ControlPlaneUnreachable = "control-plane-unreachable",
        /// Documents say something else than packets or options.
        ConfigurationDisagrees = "configuration-disagrees",
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
    /// The evidence it stands on, and what else looks like it.
    pub detail: String,
    /// Its reasons one by one, where it has a closed list of them.
    pub reasons: Vec<Reason>,
    /// The checks it accounts for.
    pub affects: Vec<CheckId>,
    /// Codes of the findings that are its consequences.
    pub explains: Vec<Code>,
    /// Code of the finding that accounts for this one.
    pub explained_by: Option<Code>,
    /// What to do.
    pub remedy: Remedy,
}

/// One reason of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// Its word in the closed list of the finding.
    pub code: String,
    /// What is wrong: one sentence.
    pub text: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// What is there.
    pub has: Option<String>,
    /// What is needed.
    pub needs: Option<String>,
}

/// What to do about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remedy {
    /// One or two sentences: what it changes and why.
    pub summary: String,
    /// What to run, in order: looks that prove it first, then changes.
    pub steps: Vec<Instruction>,
    /// Page of this project that explains the finding.
    pub doc_url: Option<String>,
}

words! {
    /// What a step of a remedy does.
    StepKind {
        /// It reads, and changes nothing.
        Look = "look",
        /// It changes something.
        Change = "change",
    }
}

/// One step of a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Whether it changes something.
    pub kind: StepKind,
    /// When it is to be done, as the start of a sentence: `If it says Deny`; `None` for always.
    pub when: Option<String>,
    /// What it tells or brings about, without a full stop; `None` where the step before says it.
    pub text: Option<String>,
    /// The command, ready to paste; what is not known is a `<PLACEHOLDER>`.
    pub command: String,
}

impl Remedy {
    /// The commands of its steps.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|step| step.command.as_str())
    }
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

impl Code {
    /// True for what configuration alone tells: its weight does not depend on what packets found.
    #[must_use]
    pub const fn is_of_configuration(self) -> bool {
        matches!(
            self,
            Self::NsgRuleDenies
                | Self::NsgRuleMissing
                | Self::AdminRuleDenies
                | Self::NicRuleDenies
                | Self::RouteDrops
                | Self::RouteToAppliance
                | Self::ManagementRouteMissing
                | Self::ServiceEndpointMissing
                | Self::NsgMissing
                | Self::SubnetUnfit
                | Self::NoOutboundPath
                | Self::DnsConfiguration
                | Self::DeploymentUnfit
                | Self::InstanceState
                | Self::GatewayUnfit
                | Self::GatewayBackendUnhealthy
                | Self::ConfigurationDisagrees
        )
    }

    /// The finding of a setting that does not fit.
    #[must_use]
    pub const fn of_setting(id: SettingId) -> Self {
        match id {
            SettingId::Subnet => Self::SubnetUnfit,
            SettingId::Nsg => Self::NsgMissing,
            SettingId::Deployment => Self::DeploymentUnfit,
            SettingId::Instance => Self::InstanceState,
            SettingId::Dns => Self::DnsConfiguration,
            SettingId::ManagementRoute => Self::ManagementRouteMissing,
        }
    }

    /// True for a risk that counts although every check of this run passed: the next run, or a node, may meet the other answer.
    #[must_use]
    pub const fn is_latent(self) -> bool {
        matches!(self, Self::DnsServersDisagree)
    }

    /// Of those that name a rule or a route, the place in the order of evaluation: admin, group, interface, route.
    #[must_use]
    pub const fn order_of_evaluation(self) -> Option<u8> {
        match self {
            Self::AdminRuleDenies => Some(0),
            Self::NsgRuleDenies | Self::NsgRuleMissing => Some(1),
            Self::NicRuleDenies => Some(2),
            Self::RouteDrops | Self::RouteToAppliance => Some(3),
            _ => None,
        }
    }

    /// True for what packets tell of a rule or a device without its name: a finding that names it accounts for it.
    #[must_use]
    pub const fn is_nameless(self) -> bool {
        matches!(
            self,
            Self::ServiceTagBlocked
                | Self::PortBlocked
                | Self::OutboundAllBlocked
                | Self::FirewallRejects
                | Self::HostBlocked
                | Self::OwnEndpointSilent
        )
    }

    /// True where a finding of this code accounts for a control plane that cannot come in, whatever checks it affects.
    #[must_use]
    pub const fn shuts_out_the_control_plane(self) -> bool {
        matches!(self, Self::NsgMissing | Self::ManagementRouteMissing)
    }

    /// The address of the page that explains it; `None` while the project has no home: `apim-probe explain CODE` prints it.
    #[must_use]
    pub fn page_url(self) -> Option<String> {
        (!HOME.is_empty()).then(|| format!("{HOME}/blob/main/docs/findings/{self}.md"))
    }
}

impl Finding {
    /// A finding as a rule writes it: what accounts for failed checks, or is worth knowing.
    pub(super) fn new(
        code: Code,
        confidence: Confidence,
        title: String,
        detail: String,
        affects: Vec<CheckId>,
        remedy: Remedy,
    ) -> Self {
        Self {
            code,
            severity: Severity::Info,
            confidence,
            title,
            detail,
            reasons: Vec::new(),
            affects,
            explains: Vec::new(),
            explained_by: None,
            remedy: Remedy { doc_url: code.page_url(), ..remedy },
        }
    }

    /// The same finding as a risk: a warning even where no check failed of it.
    pub(super) fn into_risk(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }
}
