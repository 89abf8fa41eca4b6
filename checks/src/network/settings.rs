//! Settings: what the documents say of subnet, instance, DNS and management route, and where it does not fit. Pure.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::SystemTime;

use crate::arrange;
use crate::catalogue::{Profile, Requirement, VnetMode, words};
use crate::network::Service;
use crate::network::choose::Chosen;
use crate::network::judge::Judge;
use crate::network::resource::Place;

mod deployment;
mod dns;
mod management_route;
mod nsg;
mod state;
mod subnet;

words! {
    /// A setting that is judged as a check of its own, by the id of that check.
    SettingId {
        /// The subnet fits the instance.
        Subnet = "setting-subnet",
        /// The subnet has a security group.
        Nsg = "setting-nsg",
        /// Azure takes what the instance's document asks for.
        Deployment = "setting-deployment",
        /// The instance is in good order.
        Instance = "setting-instance",
        /// Network, instance and zones agree about DNS.
        Dns = "setting-dns",
        /// Replies to the control plane go back the way they came.
        ManagementRoute = "setting-management-route",
    }
}

impl SettingId {
    /// Whether an error of it makes the verdict `unhealthy`.
    #[must_use]
    pub const fn requirement(self) -> Requirement {
        match self {
            Self::Subnet | Self::Nsg | Self::Deployment | Self::Instance => Requirement::Required,
            Self::Dns | Self::ManagementRoute => Requirement::Optional,
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subnet => "Subnet of the instance",
            Self::Nsg => "Security group of the subnet",
            Self::Deployment => "What the instance asks for",
            Self::Instance => "State of the instance",
            Self::Dns => "DNS of network and instance",
            Self::ManagementRoute => "Route back to the control plane",
        }
    }

    /// What it is for, as a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Subnet => {
                "Holds the units: their size, delegation, region and neighbours decide whether they start."
            }
            Self::Nsg => "Opens the platform's load balancer, which is closed to everything without it.",
            Self::Deployment => "Decides whether Azure takes the deployment.",
            Self::Instance => {
                "Says whether the instance is provisioned, supported and ready for dated changes."
            }
            Self::Dns => "Lets network, instance and zones answer alike.",
            Self::ManagementRoute => "Returns replies to the control plane the way the calls came.",
        }
    }
}

words! {
    /// How much a reason weighs. In order: what is worse comes first.
    Gravity {
        /// It breaks the instance.
        Error = "error",
        /// It breaks a part, or is a risk.
        Warning = "warning",
        /// Worth knowing.
        Info = "info",
    }
}

/// A setting, judged: without reasons it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which one.
    pub id: SettingId,
    /// Where it does not fit, the worst first.
    pub reasons: Vec<Reason>,
}

words! {
    /// Why a setting does not fit: one closed list, of which each setting has its own part.
    ReasonCode {
        /// The subnet is delegated, and the tier takes none that is.
        DelegationPresent = "delegation-present",
        /// The subnet is not delegated, or to another service than the tier needs.
        DelegationMissing = "delegation-missing",
        /// The subnet has fewer addresses than the units need.
        SubnetTooSmall = "subnet-too-small",
        /// Others have taken the addresses of the subnet.
        SubnetFull = "subnet-full",
        /// Others use the subnet, which the tier needs for itself.
        SubnetShared = "subnet-shared",
        /// The network is in another region than the instance.
        RegionDiffers = "region-differs",
        /// The network is in another subscription than the instance.
        SubscriptionDiffers = "subscription-differs",
        /// The subnet has no security group.
        GroupMissing = "group-missing",
        /// The tier cannot join a network, and a subnet is named.
        TierWithoutNetwork = "tier-without-network",
        /// A subnet is named, and `virtualNetworkType` keeps the instance out of it.
        SubnetWithoutMode = "subnet-without-mode",
        /// `virtualNetworkType` asks for a subnet, and none is named.
        ModeWithoutSubnet = "mode-without-subnet",
        /// Outbound integration lists a private address, which only injection has.
        IntegrationWithPrivateAddress = "integration-with-private-address",
        /// An instance injected in internal mode has a private endpoint.
        PrivateEndpointWhenInternal = "private-endpoint-when-internal",
        /// `publicNetworkAccess` is `Disabled` at creation.
        PublicAccessAtCreation = "public-access-at-creation",
        /// `publicNetworkAccess` is `Disabled` on an injected instance.
        PublicAccessWhenInjected = "public-access-when-injected",
        /// Zones are asked for outside of Premium.
        ZonesOutsidePremium = "zones-outside-premium",
        /// The public IP address is Basic, dynamic or IPv6.
        PublicAddressKind = "public-address-kind",
        /// The provisioning state is another than `Succeeded`.
        ProvisioningState = "provisioning-state",
        /// The platform is retired.
        PlatformRetired = "platform-retired",
        /// Trusted-service connectivity ended.
        TrustedServices = "trusted-services",
        /// Managed certificates are suspended.
        ManagedCertificates = "managed-certificates",
        /// A certificate of a host name has expired, or soon will.
        CertificateExpiry = "certificate-expiry",
        /// The instance has not taken over the DNS servers of its network.
        InstanceServers = "instance-servers",
        /// This machine asks other DNS servers than its network names.
        MachineServers = "machine-servers",
        /// A private zone is not linked to the network.
        ZoneNotLinked = "zone-not-linked",
        /// A private zone has no record for a name of the instance.
        RecordMissing = "record-missing",
        /// A private zone answers with another address than the instance's.
        RecordElsewhere = "record-elsewhere",
        /// No route returns replies to the control plane.
        ReturnRouteMissing = "return-route-missing",
    }
}

/// One way in which a setting does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Its word in the closed list.
    pub code: ReasonCode,
    /// How much it weighs.
    pub gravity: Gravity,
    /// What is wrong: one sentence with the values that the document has.
    pub says: String,
    /// What to do: one sentence.
    pub step: String,
    /// The document of Microsoft that says so.
    pub source: Cow<'static, str>,
    /// Where it stands.
    pub place: Option<Place>,
    /// What is there.
    pub has: Option<String>,
    /// What is needed.
    pub needs: Option<String>,
}

impl Reason {
    /// A reason without place and values.
    #[must_use]
    pub fn new(
        code: ReasonCode,
        gravity: Gravity,
        (says, step): (String, String),
        source: &'static str,
    ) -> Self {
        let source = source.into();
        Self { code, gravity, says, step, source, place: None, has: None, needs: None }
    }

    /// The same with where it stands.
    #[must_use]
    pub fn at(self, place: Option<&Place>) -> Self {
        Self { place: place.cloned(), ..self }
    }

    /// The same with what is there and what is needed.
    #[must_use]
    pub fn values(self, has: Option<String>, needs: Option<String>) -> Self {
        Self { has, needs, ..self }
    }
}

impl Setting {
    /// The weight of its worst reason.
    #[must_use]
    pub fn gravity(&self) -> Option<Gravity> {
        self.reasons.iter().map(|reason| reason.gravity).min()
    }

    /// True where its check fails: of a required one an error, of an optional one a warning.
    #[must_use]
    pub fn fails(&self) -> bool {
        match self.gravity() {
            Some(Gravity::Error) => true,
            Some(Gravity::Warning) => self.id.requirement() == Requirement::Optional,
            Some(Gravity::Info) | None => false,
        }
    }
}

/// What is judged beside the documents.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Cloud id.
    pub cloud: &'a str,
    /// Profile, as typed or told.
    pub profile: Profile,
    /// Mode, as typed or told.
    pub mode: VnetMode,
    /// DNS servers of this machine; none in `review`.
    pub machine_dns: &'a [IpAddr],
    /// The instance's own host names.
    pub hosts: &'a [String],
    /// The private address of the instance.
    pub private_ip: Option<IpAddr>,
    /// NetworkStatus or a packet shows 3443 failing.
    pub is_management_failing: bool,
    /// When the run started.
    pub now: SystemTime,
}

/// How an instance uses its subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Developer and Premium: units in the subnet.
    Classic,
    /// Premium v2 injection.
    Injected,
    /// Standard v2 and Premium v2: outbound only.
    Integrated,
    /// A workspace gateway, in either way.
    Workspace(VnetMode),
    /// A tier that knows no network.
    None,
}

impl Use {
    /// The SKU decides where a document gives it; else what was typed.
    fn of(service: Option<&Service>, around: &Surroundings<'_>) -> Self {
        let is_internal = |service: &Service| {
            service
                .vnet_type
                .given()
                .map_or(around.mode == VnetMode::Internal, |kind| kind.eq_ignore_ascii_case("internal"))
        };
        let sku = service.and_then(|service| Some((service, service.sku.given()?.to_ascii_lowercase())));
        match sku.as_ref().map(|(service, sku)| (*service, sku.as_str())) {
            Some((_, "developer" | "premium" | "isolated")) => Self::Classic,
            Some((service, "premiumv2")) if is_internal(service) => Self::Injected,
            Some((_, "premiumv2" | "standardv2")) => Self::Integrated,
            Some((_, "basic" | "basicv2" | "standard" | "consumption")) => Self::None,
            _ => match (around.profile, around.mode) {
                (Profile::Classic, _) => Self::Classic,
                (Profile::PremiumV2, VnetMode::Internal) => Self::Injected,
                (Profile::PremiumV2, VnetMode::External) => Self::Integrated,
                (Profile::Workspace, mode) => Self::Workspace(mode),
            },
        }
    }

    /// The service that its subnet must be delegated to.
    const fn delegation(self) -> Option<&'static str> {
        match self {
            Self::Injected | Self::Workspace(VnetMode::Internal) => Some("Microsoft.Web/hostingEnvironments"),
            Self::Integrated | Self::Workspace(VnetMode::External) => Some("Microsoft.Web/serverFarms"),
            Self::Classic | Self::None => None,
        }
    }
}

/// Judges every setting whose document was given.
#[must_use]
pub fn settings(chosen: &Chosen<'_>, judge: &Judge<'_>, around: &Surroundings<'_>) -> Vec<Setting> {
    let used = Use::of(chosen.service, around);
    let judged = [
        (SettingId::Subnet, subnet::reasons(chosen, used, around.mode)),
        (SettingId::Nsg, nsg::reasons(chosen, used)),
        (SettingId::Deployment, deployment::reasons(chosen, used)),
        (SettingId::Instance, state::reasons(chosen, around.now)),
        (SettingId::Dns, dns::reasons(chosen, around)),
        (SettingId::ManagementRoute, management_route::reasons(chosen, judge, used, around)),
    ];
    let present = judged.into_iter().filter_map(|(id, reasons)| Some((id, reasons?)));
    present
        .map(|(id, mut reasons)| {
            arrange::by_key(&mut reasons, |reason| reason.gravity);
            Setting { id, reasons }
        })
        .collect()
}
