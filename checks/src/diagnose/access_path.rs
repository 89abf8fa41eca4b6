//! Which way leads to a service that can be had in three ways: a private endpoint, a service endpoint, or in public.

use std::net::IpAddr;

use crate::catalogue::words;
use crate::diagnose::seen::Seen;
use crate::outcome::{DnsEvidence, Scope, fact};

words! {
    /// The way that leads to a service, as far as its names and answers tell.
    AccessPath {
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

impl AccessPath {
    /// The path of a check, from the answers of the name servers and, for Key Vault, from what the vault says of its
    /// caller. `None` for other services, and where no name was resolved.
    #[must_use]
    pub fn of(seen: Seen<'_>) -> Option<Self> {
        let dns = resolved(seen)?;
        Some(match (seen.is_private(), caller(seen).map(Scope::of)) {
            (true, _) if dns.private_link => Self::PrivateEndpoint,
            (true, _) => Self::PrivateAddress,
            (false, Some(Scope::Private)) => Self::ServiceEndpoint,
            (false, Some(_)) => Self::Public,
            (false, None) if dns.private_link => Self::PublicBesidePrivateEndpoint,
            (false, None) => Self::PublicOrServiceEndpoint,
        })
    }
}

fn resolved(seen: Seen<'_>) -> Option<&DnsEvidence> {
    let takes_endpoints = seen.check.meaning.service_endpoint.is_some();
    seen.dns().filter(|dns| takes_endpoints && !dns.addresses.is_empty())
}

/// The path of a check in one sentence.
#[must_use]
pub fn access_path(seen: Seen<'_>) -> Option<String> {
    let path = AccessPath::of(seen)?;
    let address = resolved(seen)?.addresses.first().map(|address| address.ip.to_string())?;
    let caller = caller(seen).map(|ip| ip.to_string()).unwrap_or_default();
    Some(match path {
        AccessPath::PrivateEndpoint => format!("path: private endpoint ({address}, through a privatelink name)"),
        AccessPath::PrivateAddress => format!(
            "path: private address {address} without a privatelink name: an endpoint with a zone of its own, or a hosts file"
        ),
        AccessPath::ServiceEndpoint => format!("path: service endpoint (the vault sees the private address {caller})"),
        AccessPath::Public => format!("path: public, without a service endpoint (the vault sees {caller})"),
        AccessPath::PublicBesidePrivateEndpoint => {
            "path: public address behind a privatelink name: a private endpoint exists and its zone is not linked to this \
             network"
                .to_owned()
        }
        AccessPath::PublicOrServiceEndpoint => {
            "path: public address, directly or through a service endpoint: the answer does not tell which".to_owned()
        }
    })
}

/// `x-ms-keyvault-network-info: conn_type=Ipv4;addr=203.0.113.7;…`
fn caller(seen: Seen<'_>) -> Option<IpAddr> {
    let told = seen.outcome.evidence.exchange.as_ref()?.text(fact::KEY_VAULT_NETWORK_INFO)?;
    told.split(';').find_map(|field| field.trim().strip_prefix("addr=")?.parse().ok())
}
