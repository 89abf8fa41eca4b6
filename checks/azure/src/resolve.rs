//! Name resolution for asking: hickory's resolver on the DNS servers of the run. Probing does not use it.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// One server's answer, a retry included.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A resolver that asks the given servers for absolute names; the hosts file is not read.
#[derive(Clone)]
pub(crate) struct Resolver(TokioResolver);

impl Resolver {
    pub(crate) fn new(servers: &[SocketAddr]) -> Result<Self, NetError> {
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(server).collect());
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = 1;
        options.use_hosts_file = ResolveHosts::Never;
        builder.build().map(Self)
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    for connection in &mut server.connections {
        let ConnectionConfig { port, .. } = connection;
        *port = address.port();
    }
    server
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.0.clone();
        Box::pin(async move {
            // With its final dot a name is asked for as it is: search domains are never applied.
            let found = resolver.lookup_ip(format!("{}.", name.as_str())).await?;
            let addresses: Vec<SocketAddr> = found.iter().map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
