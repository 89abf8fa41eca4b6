//! What is asked of ARM: of each kind of document the method, the version and the action that a role must hold.

use apim_probe_checks::network::DocumentKind as Kind;

const COMPUTE: &str = "2024-07-01";
const NETWORK: &str = "2024-05-01";
const SERVICE: &str = "2024-05-01";
const ZONES: &str = "2020-06-01";

/// The kinds in the order in which they stand in a bundle.
pub(crate) const ORDER: [Kind; 20] = [
    Kind::VirtualMachine,
    Kind::NetworkInterface,
    Kind::Subnet,
    Kind::VirtualNetwork,
    Kind::SecurityGroup,
    Kind::RouteTable,
    Kind::NatGateway,
    Kind::PublicAddress,
    Kind::EffectiveSecurityRules,
    Kind::EffectiveRoutes,
    Kind::AdminRules,
    Kind::Service,
    Kind::NetworkStatus,
    Kind::OutboundDependencies,
    Kind::ControlPlane,
    Kind::ApplicationGateway,
    Kind::BackendHealth,
    Kind::PrivateZone,
    Kind::ZoneLink,
    Kind::RecordSet,
];

/// How a kind of document is asked for.
pub(crate) struct Call {
    /// `POST` where true; these read too.
    pub(crate) is_post: bool,
    /// `api-version`.
    pub(crate) version: &'static str,
    /// The action that it takes.
    pub(crate) action: &'static str,
}

/// How `kind` is asked for.
pub(crate) const fn call(kind: Kind) -> Call {
    match kind {
        Kind::VirtualMachine => read(COMPUTE, "Microsoft.Compute/virtualMachines/read"),
        Kind::NetworkInterface => read(NETWORK, "Microsoft.Network/networkInterfaces/read"),
        Kind::Subnet => read(NETWORK, "Microsoft.Network/virtualNetworks/subnets/read"),
        Kind::VirtualNetwork => read(NETWORK, "Microsoft.Network/virtualNetworks/read"),
        Kind::SecurityGroup => read(NETWORK, "Microsoft.Network/networkSecurityGroups/read"),
        Kind::RouteTable => read(NETWORK, "Microsoft.Network/routeTables/read"),
        Kind::NatGateway => read(NETWORK, "Microsoft.Network/natGateways/read"),
        Kind::PublicAddress => read(NETWORK, "Microsoft.Network/publicIPAddresses/read"),
        Kind::EffectiveSecurityRules => {
            post("Microsoft.Network/networkInterfaces/effectiveNetworkSecurityGroups/action")
        }
        Kind::EffectiveRoutes => post("Microsoft.Network/networkInterfaces/effectiveRouteTable/action"),
        Kind::AdminRules => {
            post("Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action")
        }
        Kind::NetworkStatus => read(SERVICE, "Microsoft.ApiManagement/service/networkstatus/read"),
        Kind::OutboundDependencies => {
            read(SERVICE, "Microsoft.ApiManagement/service/outboundNetworkDependenciesEndpoints/read")
        }
        Kind::ControlPlane => read(SERVICE, "Microsoft.ApiManagement/service/apis/read"),
        Kind::ApplicationGateway => read(NETWORK, "Microsoft.Network/applicationGateways/read"),
        Kind::BackendHealth => post("Microsoft.Network/applicationGateways/backendhealth/action"),
        Kind::PrivateZone => read(ZONES, "Microsoft.Network/privateDnsZones/read"),
        Kind::ZoneLink => read(ZONES, "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read"),
        Kind::RecordSet => read(ZONES, "Microsoft.Network/privateDnsZones/ALL/read"),
        // What is never asked for is asked for as the instance would be.
        _ => read(SERVICE, "Microsoft.ApiManagement/service/read"),
    }
}

const fn read(version: &'static str, action: &'static str) -> Call {
    Call { is_post: false, version, action }
}

const fn post(action: &'static str) -> Call {
    Call { is_post: true, version: NETWORK, action }
}
