//! Name resolution for asking, by the hands that probe: on the DNS servers of the run, without the hosts file.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use apim_probe_checks::probe::dns;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name's answer, retries and a second server included.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A resolver that asks the given servers for absolute names; the hosts file is not read.
#[derive(Debug, Clone)]
pub(crate) struct Resolver(Arc<[SocketAddr]>);

impl Resolver {
    pub(crate) fn new(servers: &[SocketAddr]) -> Self {
        Self(servers.into())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let servers = Arc::clone(&self.0);
        Box::pin(async move {
            let found =
                dns::lookup(&servers, name.as_str(), TIMEOUT).await.map_err(|failure| failure.detail)?;
            let addresses: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
