//! The API Management service as its document or template says it.

use std::net::IpAddr;

use crate::network::resource::{Field, Location, Place, ResourceId};

/// An API Management service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Service {
    /// Its id; its last segment is its name.
    pub id: ResourceId,
    /// Where it stands.
    pub place: Place,
    /// The document is a template or a plan: what is asked for, not what is.
    pub planned: bool,
    /// `sku.name` as written: `Developer`, `Premium`, `PremiumV2` …
    pub sku: Field<String>,
    /// The primary location and what belongs to it.
    pub primary: ServiceLocation,
    /// `virtualNetworkType`: `None`, `External`, `Internal`.
    pub vnet_type: Field<String>,
    /// Locations beside the primary one.
    pub additional: Vec<ServiceLocation>,
    /// A part of them could not be read.
    pub additional_missing: Option<Place>,
    /// Its host names.
    pub hostnames: Vec<ServiceHostname>,
    /// `provisioningState`.
    pub provisioning_state: Field<String>,
    /// `targetProvisioningState`.
    pub target_state: Field<String>,
    /// `publicNetworkAccess`.
    pub public_network_access: Field<String>,
    /// `privateEndpointConnections`: names.
    pub private_endpoints: Vec<String>,
    /// `customProperties`, keys and values as written.
    pub custom_properties: Vec<(String, String)>,
    /// `createdAtUtc`, as written.
    pub created: Field<String>,
}

/// One location of a service: each has its own subnet, and so its own rules and routes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceLocation {
    /// Where it is.
    pub location: Field<Location>,
    /// `sku.capacity`: units.
    pub units: Field<u32>,
    /// Its subnet.
    pub subnet: Field<ResourceId>,
    /// Private addresses; those that are masked or no addresses are left out.
    pub private_addresses: Vec<IpAddr>,
    /// Public addresses likewise.
    pub public_addresses: Vec<IpAddr>,
    /// The customer's public IP address.
    pub public_address_id: Field<ResourceId>,
    /// `natGatewayState`.
    pub nat_gateway_state: Field<String>,
    /// `platformVersion`: `stv1`, `stv2`, `undetermined` …
    pub platform_version: Field<String>,
    /// Zones.
    pub zones: Field<Vec<String>>,
    /// Host of `gatewayRegionalUrl`.
    pub regional_host: Option<String>,
    /// `disableGateway`.
    pub gateway_disabled: Field<bool>,
}

/// A host name of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceHostname {
    /// `Proxy`, `Portal`, `DeveloperPortal`, `Management`, `Scm`, `ConfigurationApi`, as written.
    pub kind: String,
    /// The name.
    pub name: String,
    /// `BuiltIn`, `Custom`, `KeyVault`, `Managed`.
    pub certificate_source: Field<String>,
    /// Secret of the key vault that holds the certificate.
    pub key_vault: Option<String>,
    /// The day on which the certificate expires, `2027-01-31`, where the document tells.
    pub expires: Option<String>,
}

impl Service {
    /// The primary location and those beside it.
    pub fn locations(&self) -> impl Iterator<Item = &ServiceLocation> {
        std::iter::once(&self.primary).chain(&self.additional)
    }
}
