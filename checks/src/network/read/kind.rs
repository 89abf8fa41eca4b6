//! What a document is, told by its shape: whoever wrote it, REST, `az` or PowerShell.

use crate::network::DocumentKind as Kind;
use crate::network::read::json::{Node, Object};

/// What an object turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A resource or an answer of this kind.
    Document(Kind),
    /// A rule, a route … that stands alone: part of a resource that its id names.
    Part(Part),
    /// A list of documents around others: `value`, `data`, `networkSecurityGroups`.
    List(&'static str),
    /// A bundle of `fetch`.
    Bundle,
    /// An ARM template.
    Template,
    /// Values for the parameters of an ARM template.
    Parameters,
    /// `terraform show -json`.
    Terraform,
    /// An error of Azure in place of a document.
    Error,
    /// An access token: a secret, and no configuration.
    Token,
}

/// What can stand alone although it is part of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A rule of a group as written.
    SecurityRule,
    /// A rule as Azure applies it.
    EffectiveRule,
    /// A route of a table as written.
    Route,
    /// A route as Azure applies it.
    EffectiveRoute,
    /// A security admin rule.
    AdminRule,
    /// A service tag.
    ServiceTag,
    /// Dependencies of one category.
    OutboundCategory,
    /// A link that keeps a subnet occupied.
    SubnetLink,
}

/// Resource types, and what the documents of each are.
const TYPES: [(&str, Shape); 25] = [
    ("microsoft.network/networksecuritygroups", Shape::Document(Kind::SecurityGroup)),
    ("microsoft.network/networksecuritygroups/securityrules", Shape::Part(Part::SecurityRule)),
    ("microsoft.network/networksecuritygroups/defaultsecurityrules", Shape::Part(Part::SecurityRule)),
    ("microsoft.network/routetables", Shape::Document(Kind::RouteTable)),
    ("microsoft.network/routetables/routes", Shape::Part(Part::Route)),
    ("microsoft.network/virtualnetworks", Shape::Document(Kind::VirtualNetwork)),
    ("microsoft.network/virtualnetworks/subnets", Shape::Document(Kind::Subnet)),
    ("microsoft.network/virtualnetworks/subnets/serviceassociationlinks", Shape::Part(Part::SubnetLink)),
    ("microsoft.network/virtualnetworks/subnets/resourcenavigationlinks", Shape::Part(Part::SubnetLink)),
    ("microsoft.network/networkinterfaces", Shape::Document(Kind::NetworkInterface)),
    ("microsoft.network/natgateways", Shape::Document(Kind::NatGateway)),
    ("microsoft.network/publicipaddresses", Shape::Document(Kind::PublicAddress)),
    ("microsoft.network/applicationgateways", Shape::Document(Kind::ApplicationGateway)),
    (
        "microsoft.network/applicationgatewaywebapplicationfirewallpolicies",
        Shape::Document(Kind::FirewallPolicy),
    ),
    ("microsoft.network/firewallpolicies/rulecollectiongroups", Shape::Document(Kind::FirewallRules)),
    ("microsoft.network/firewallpolicies/rulegroups", Shape::Document(Kind::FirewallRules)),
    ("microsoft.network/privatednszones", Shape::Document(Kind::PrivateZone)),
    ("microsoft.network/privatednszones/virtualnetworklinks", Shape::Document(Kind::ZoneLink)),
    ("microsoft.network/privatednszones/a", Shape::Document(Kind::RecordSet)),
    ("microsoft.network/privatednszones/aaaa", Shape::Document(Kind::RecordSet)),
    ("microsoft.network/privatednszones/cname", Shape::Document(Kind::RecordSet)),
    ("microsoft.network/servicetags", Shape::Document(Kind::ServiceTags)),
    ("microsoft.apimanagement/service", Shape::Document(Kind::Service)),
    ("microsoft.compute/virtualmachines", Shape::Document(Kind::VirtualMachine)),
    (
        "microsoft.network/networkmanagers/verifierworkspaces/reachabilityanalysisruns",
        Shape::Document(Kind::Verdict),
    ),
];

/// What an ARM type is; `None` for one that says nothing of a network.
#[must_use]
pub fn of_type(name: &str) -> Option<Shape> {
    TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, shape)| *shape)
}

/// What an object is; `None` where it is nothing that is known.
#[must_use]
pub fn of(object: &Object<'_>) -> Option<Shape> {
    frame(object)
        .or_else(|| answer(object))
        .or_else(|| typed(object))
        .or_else(|| resource(object))
        .or_else(|| part(object))
        .or_else(|| list(object))
}

/// Files that hold others.
fn frame(object: &Object<'_>) -> Option<Shape> {
    let schema = object.own("$schema").and_then(|node| node.text()).unwrap_or_default();
    let schema = schema.to_ascii_lowercase();
    if schema.contains("deploymentparameters") {
        Some(Shape::Parameters)
    } else if schema.contains("deploymenttemplate")
        || (object.has("contentVersion") && object.has("resources"))
    {
        Some(Shape::Template)
    } else if object.own("bundleVersion").is_some() {
        Some(Shape::Bundle)
    } else if object.has("format_version") && object.has_any(&["planned_values", "values", "prior_state"])
        || object.has("terraform_version")
    {
        Some(Shape::Terraform)
    } else {
        None
    }
}

/// Answers of Azure that are no resources.
fn answer(object: &Object<'_>) -> Option<Shape> {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let kind = if object.has_any(&["effectiveSecurityRules", "securityRuleAssociations"]) {
        Kind::EffectiveSecurityRules
    } else if object.has("connectivityStatus") || object.has("networkStatus") {
        Kind::NetworkStatus
    } else if is_backend_health(object) {
        Kind::BackendHealth
    } else if all(&["values", "changeNumber"]) {
        Kind::ServiceTags
    } else if all(&["hops", "connectionStatus"]) || all(&["request", "response"]) || is_diagnostic(object) {
        Kind::Verdict
    } else if all(&["access_token"]) || all(&["accessToken"]) {
        return Some(Shape::Token);
    } else if is_error(object) {
        return Some(Shape::Error);
    } else {
        return None;
    };
    Some(Shape::Document(kind))
}

fn is_error(object: &Object<'_>) -> bool {
    let inner = object.own("error");
    let is_arm = inner.as_ref().and_then(|error| error.object()).is_some_and(|error| error.has("code"));
    is_arm || (inner.is_some() && object.has("error_description"))
}

fn is_diagnostic(object: &Object<'_>) -> bool {
    let results = object.own("results").and_then(|node| node.items()?.next()).and_then(|node| node.object());
    let is_result = |object: &Object<'_>| object.has("networkSecurityGroupResult") && object.has("profile");
    is_result(object) || results.as_ref().is_some_and(is_result)
}

fn is_backend_health(object: &Object<'_>) -> bool {
    let first = object.own("backendAddressPools").and_then(|node| node.items()?.next());
    let Some(first) = first.and_then(|node| node.object()) else { return false };
    let settings = first.get("backendHttpSettingsCollection").and_then(|node| node.items()?.next());
    settings.and_then(|node| node.object()).is_some_and(|settings| settings.has("servers"))
}

/// A resource that says what it is, by its type or its id.
fn typed(object: &Object<'_>) -> Option<Shape> {
    let written = ["type", "resourceType"].into_iter().find_map(|key| object.own(key)?.string());
    let by_type = written.as_deref().and_then(of_type);
    by_type.or_else(|| {
        let id = ["id", "resourceId"].into_iter().find_map(|key| object.own(key)?.string())?;
        of_type(&type_of_id(&id)?)
    })
}

/// The type that an id names: `/…/providers/Microsoft.Network/virtualNetworks/v/subnets/s` is a subnet's.
#[must_use]
pub fn type_of_id(id: &str) -> Option<String> {
    let lower = id.to_ascii_lowercase();
    let (_, rest) = lower.rsplit_once("/providers/")?;
    let mut segments = rest.trim_end_matches('/').split('/');
    let mut name = segments.next()?.to_owned();
    while let Some(kind) = segments.next() {
        name.push('/');
        name.push_str(kind);
        segments.next()?;
    }
    Some(name)
}

/// A resource without type or id, by what only its kind has.
fn resource(object: &Object<'_>) -> Option<Shape> {
    let has = |keys: &[&str]| object.has_any(keys);
    let kind = if has(&["securityRules", "defaultSecurityRules"]) {
        Kind::SecurityGroup
    } else if has(&["addressSpace"]) {
        Kind::VirtualNetwork
    } else if has(&[
        "virtualNetworkType",
        "vpnType",
        "runtimeUrl",
        "hostnameConfigurations",
        "gatewayRegionalUrl",
    ]) {
        Kind::Service
    } else if has(&["gatewayIPConfigurations", "httpListeners"]) {
        Kind::ApplicationGateway
    } else if has(&["policySettings"]) && has(&["managedRules"]) {
        Kind::FirewallPolicy
    } else if has(&["ruleCollections"]) {
        Kind::FirewallRules
    } else if has(&["routes"]) {
        Kind::RouteTable
    } else if has(&["macAddress", "enableIPForwarding", "dnsSettings"]) && has(&["ipConfigurations"]) {
        Kind::NetworkInterface
    } else if has(&["addressPrefix", "addressPrefixes"]) && has(&SUBNET_KEYS) {
        Kind::Subnet
    } else if has(&["publicIPAllocationMethod"]) {
        Kind::PublicAddress
    } else if has(&["publicIpPrefixes", "publicIpAddresses"]) && has(&["idleTimeoutInMinutes", "subnets"]) {
        Kind::NatGateway
    } else if has(&["numberOfRecordSets", "maxNumberOfRecordSets"]) {
        Kind::PrivateZone
    } else if has(&["registrationEnabled", "virtualNetworkLinkState"]) {
        Kind::ZoneLink
    } else if has(&["aRecords", "aaaaRecords", "cnameRecord"]) {
        Kind::RecordSet
    } else if has(&["networkProfile"]) && has(&["hardwareProfile", "storageProfile"]) {
        Kind::VirtualMachine
    } else if has(&["intentContent", "analysisResult"]) {
        Kind::Verdict
    } else {
        return None;
    };
    Some(Shape::Document(kind))
}

/// Keys of which every subnet has one, and that nothing else with a prefix has.
const SUBNET_KEYS: [&str; 9] = [
    "networkSecurityGroup",
    "routeTable",
    "natGateway",
    "serviceEndpoints",
    "delegations",
    "privateEndpointNetworkPolicies",
    "privateLinkServiceNetworkPolicies",
    "defaultOutboundAccess",
    "serviceAssociationLinks",
];

/// A part that stands alone.
fn part(object: &Object<'_>) -> Option<Shape> {
    let all = |keys: &[&str]| keys.iter().all(|key| object.has(key));
    let part = if all(&["access", "direction"]) && object.has_any(&["sources", "destinations"]) {
        Part::AdminRule
    } else if all(&["access", "direction", "priority"]) {
        if is_written(object) { Part::SecurityRule } else { Part::EffectiveRule }
    } else if all(&["nextHopType"]) && object.has_any(&["source", "state"]) {
        Part::EffectiveRoute
    } else if all(&["nextHopType", "addressPrefix"]) {
        Part::Route
    } else if all(&["name", "addressPrefixes"]) {
        Part::ServiceTag
    } else if all(&["category", "endpoints"]) {
        Part::OutboundCategory
    } else if all(&["linkedResourceType"]) {
        Part::SubnetLink
    } else {
        return None;
    };
    Some(Shape::Part(part))
}

/// Azure applies rules without an id, and `*` is `All` there.
fn is_written(object: &Object<'_>) -> bool {
    let name = object.text("name").unwrap_or_default();
    let prefixed = ["securityRules/", "defaultSecurityRules/", "UserRule_", "DefaultRule_"];
    !object.has_any(&["expandedSourceAddressPrefix", "expandedDestinationAddressPrefix"])
        && !prefixed.iter().any(|prefix| name.starts_with(prefix))
        && object.has_any(&["id", "provisioningState", "description", "etag"])
}

/// A list around documents.
fn list(object: &Object<'_>) -> Option<Shape> {
    const KEYS: [&str; 4] = ["value", "data", "networkSecurityGroups", "networkInterfaces"];
    let is_list = |key: &&str| {
        object.members().any(|(name, node)| name.eq_ignore_ascii_case(key) && node.shape() == "a list")
    };
    KEYS.into_iter().find(|key| is_list(key)).map(Shape::List)
}

/// What a lone value of a list is.
#[must_use]
pub fn of_node(node: &Node<'_>) -> Option<Shape> {
    node.object().as_ref().and_then(of)
}
