//! Which way leads to a service that can be had in three ways: a private endpoint, a service endpoint, or in public.

use std::net::IpAddr;

use crate::catalogue::words;
use crate::outcome::{DnsEvidence, Outcome, Scope};
use crate::plan::Check;

use super::view::is_private;

words! {
    /// The way that leads to a service, as far as its names and answers tell.
    Path {
        /// A private address behind a `privatelink` name.
        PrivateEndpoint = "private-endpoint",
        /// A private address without such a name.
        PrivateAddress = "private-address",
        /// The vault sees the caller's private address.
        ServiceEndpoint = "service-endpoint",
        /// The vault sees a public address.
        Public = "public",
        /// A public address, and nothing tells whether a service endpoint leads there.
        PublicOrServiceEndpoint = "public-or-service-endpoint",
        /// A public address behind a `privatelink` name.
        PublicBesidePrivateEndpoint = "public-beside-private-endpoint",
    }
}

impl Path {
    /// The path of a check, from the answers of the name servers and, for Key Vault, from what the vault says of its
    /// caller. `None` for other services, and where no name was resolved.
    #[must_use]
    pub fn of(check: &Check, outcome: &Outcome) -> Option<Self> {
        let dns = resolved(check, outcome)?;
        Some(match (is_private(outcome), caller(outcome).map(Scope::of)) {
            (true, _) if dns.private_link => Self::PrivateEndpoint,
            (true, _) => Self::PrivateAddress,
            (false, Some(Scope::Private)) => Self::ServiceEndpoint,
            (false, Some(_)) => Self::Public,
            (false, None) if dns.private_link => Self::PublicBesidePrivateEndpoint,
            (false, None) => Self::PublicOrServiceEndpoint,
        })
    }
}

fn resolved<'a>(check: &Check, outcome: &'a Outcome) -> Option<&'a DnsEvidence> {
    let takes_endpoints = check.meaning.service_endpoint.is_some();
    outcome.evidence.dns.as_ref().filter(|dns| takes_endpoints && !dns.addresses.is_empty())
}

/// The path of a check in one sentence.
#[must_use]
pub fn path(check: &Check, outcome: &Outcome) -> Option<String> {
    let path = Path::of(check, outcome)?;
    let address = resolved(check, outcome)?.addresses.first().map(|address| address.ip.to_string())?;
    let caller = caller(outcome).map(|ip| ip.to_string()).unwrap_or_default();
    Some(match path {
        Path::PrivateEndpoint => format!("path: private endpoint ({address}, through a privatelink name)"),
        Path::PrivateAddress => format!(
            "path: private address {address} without a privatelink name: an endpoint with a zone of its own, or a hosts file"
        ),
        Path::ServiceEndpoint => format!("path: service endpoint (the vault sees the private address {caller})"),
        Path::Public => format!("path: public, without a service endpoint (the vault sees {caller})"),
        Path::PublicBesidePrivateEndpoint => {
            "path: public address behind a privatelink name: a private endpoint exists and its zone is not linked to this \
             network"
                .to_owned()
        }
        Path::PublicOrServiceEndpoint => {
            "path: public address, directly or through a service endpoint: the answer does not tell which".to_owned()
        }
    })
}

/// `x-ms-keyvault-network-info: conn_type=Ipv4;addr=203.0.113.7;…`
fn caller(outcome: &Outcome) -> Option<IpAddr> {
    let told = outcome.evidence.exchange.as_ref()?.text("keyVaultNetworkInfo")?;
    told.split(';').find_map(|field| field.trim().strip_prefix("addr=")?.parse().ok())
}
