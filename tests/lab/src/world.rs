//! The fake Azure of a plan: an address for every host, a server on every port, a zone, and the firewall's rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};

use crate::arm::{Arm, Log};
use crate::authority::Authority;
use crate::dns::{self, Zone};
use crate::fault::{DnsFault, Fault};
use crate::gateway::{self, Server};
use crate::identity::Tokens;
use crate::scenario::{Action, NameRule, Platform, Resolver, Scenario, Target};
use crate::service::{self, Service};
use crate::{ntp, proxy};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The platform's resolver, which always works.
const AZURE_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));
/// The usual custom name server.
const CUSTOM_DNS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 4));
/// Azure Resource Manager.
const ARM_HOST: &str = "management.azure.com";
const ARM: IpAddr = IpAddr::V4(Ipv4Addr::new(20, 99, 255, 1));
/// A forward proxy.
const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 2, 8)), 3128);
/// The metadata service.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// What `apim-probe plan --format json` prints, as far as the lab needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    /// The checks.
    pub checks: Vec<Planned>,
}

/// One check of a plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// Catalogue id.
    pub endpoint: String,
    /// Host.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Transport.
    pub transport: String,
    /// Protocol.
    pub protocol: String,
    /// Service tag.
    pub service_tag: Option<String>,
    /// Why it is not run.
    pub skip_reason: Option<String>,
}

/// One server to be started.
#[derive(Debug, Clone)]
pub struct Place {
    /// What the plan says.
    pub planned: Planned,
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Address.
    pub ip: IpAddr,
}

impl Target {
    /// True when the target means this place.
    #[must_use]
    pub fn fits(&self, place: &Place) -> bool {
        let same = |wanted: &Option<String>, got: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == got)
        };
        let protocol = match self.protocol.as_deref() {
            Some("tcp-any") => place.planned.transport == "tcp",
            Some(wanted) => place.planned.protocol == wanted,
            None => true,
        };
        protocol
            && same(&self.tag, place.planned.service_tag.as_deref())
            && same(&self.endpoint, Some(&place.planned.endpoint))
            && same(&self.host, Some(&place.host))
            && self.port.is_none_or(|port| port == place.port)
    }
}

/// Everything that a scenario needs.
#[derive(Debug)]
pub struct World {
    /// Certificates.
    pub authority: Arc<Authority>,
    /// Servers.
    pub places: Vec<Place>,
    scenario: Scenario,
}

/// Why a DNS server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The machine is configured to ask it.
    Configured,
    /// It is compared with.
    ForComparison,
}

impl World {
    /// Gives every host of the plan an address.
    ///
    /// # Errors
    /// Certificates cannot be made.
    pub fn new(plan: &Plan, scenario: Scenario) -> Result<Self, Error> {
        let mut addresses: BTreeMap<String, IpAddr> = BTreeMap::new();
        let mut places = Vec::new();
        for planned in
            plan.checks.iter().filter(|check| check.skip_reason.is_none() && check.protocol != "dns")
        {
            let (Some(host), Some(port)) = (&planned.host, planned.port) else { continue };
            let next = u32::try_from(addresses.len()).unwrap_or(0);
            let given = || address(planned.service_tag.as_deref().unwrap_or_default(), next);
            let ip =
                *addresses.entry(host.clone()).or_insert_with(|| host.parse().unwrap_or_else(|_| given()));
            places.push(Place { planned: planned.clone(), host: host.clone(), port, ip });
        }
        Ok(Self { authority: Arc::new(Authority::new()?), places, scenario })
    }

    /// The name servers that the VM is configured to ask.
    #[must_use]
    pub fn resolvers(&self) -> Vec<Resolver> {
        match self.scenario.resolver.as_slice() {
            [] => vec![Resolver { address: CUSTOM_DNS, fault: DnsFault::None }],
            given => given.to_vec(),
        }
    }

    /// The VM has IPv6.
    #[must_use]
    pub const fn has_ipv6(&self) -> bool {
        self.scenario.ipv6
    }

    /// Routers between the VM and the firewall.
    #[must_use]
    pub const fn routers(&self) -> u8 {
        self.scenario.routers
    }

    /// Shell lines, with the network namespace in which each is run; none means that of the servers.
    pub fn lines(&self) -> impl Iterator<Item = (Option<&'static str>, &String)> {
        let Scenario { vm, fw, azure, .. } = &self.scenario;
        let vm = vm.iter().map(|line| (Some("vm"), line));
        let fw = fw.iter().map(|line| (Some("fw"), line));
        vm.chain(fw).chain(azure.iter().map(|line| (None, line)))
    }

    /// Variables in the environment of the command.
    pub fn environment(&self) -> impl Iterator<Item = (&String, &String)> {
        self.scenario.environment.iter()
    }

    /// Starts every server in the current network namespace.
    ///
    /// # Errors
    /// A port that cannot be bound.
    pub async fn start(&self) -> Result<(), Error> {
        for resolver in self.resolvers() {
            let zone = self.zone(resolver.fault, resolver.address, Asked::Configured);
            dns::start(SocketAddr::new(resolver.address, 53), zone).await?;
        }
        if !self.resolvers().iter().any(|resolver| resolver.address == AZURE_DNS) {
            dns::start(
                SocketAddr::new(AZURE_DNS, 53),
                self.zone(DnsFault::None, AZURE_DNS, Asked::ForComparison),
            )
            .await?;
        }
        let (datagrams, streams): (Vec<&Place>, Vec<&Place>) =
            self.places.iter().partition(|place| place.planned.transport == "udp");
        for place in datagrams {
            ntp::start(SocketAddr::new(place.ip, place.port), self.fault(place)).await?;
        }
        let mut by_port: BTreeMap<u16, HashMap<IpAddr, Door>> = BTreeMap::new();
        for ((port, ip), places) in self.doors(&streams) {
            let mut hosts: Vec<&str> = places.iter().map(|place| place.host.as_str()).collect();
            hosts.dedup();
            let [.., last] = places[..] else { continue };
            let service =
                Service::new(&self.authority, &hosts, port, &last.planned.protocol, self.fault(last))?;
            by_port.entry(port).or_default().insert(ip, Door::Service(service));
        }
        let mut imds = Service::new(&self.authority, &["169.254.169.254"], 80, "http", Fault::None)?;
        if let Some(platform) = &self.scenario.arm {
            let tokens = Tokens::new(platform.identity, platform.token.clone(), platform.token_lasts);
            imds.platform = service::Platform::Metadata(tokens);
            by_port.entry(443).or_default().insert(ARM, Door::Service(self.arm(platform)?));
            if let Some(tunnels) = platform.proxy {
                let arm = SocketAddr::new(ARM, 443);
                proxy::start(PROXY, arm, tunnels, Log::of_environment()).await?;
            }
        }
        by_port.entry(80).or_default().insert(METADATA, Door::Service(imds));
        if let Some(gateway) = &self.scenario.gateway {
            for (at, server) in gateway::servers(&self.authority, gateway)? {
                by_port.entry(at.port()).or_default().insert(at.ip(), Door::Gateway(server));
            }
        }
        for (port, services) in by_port {
            serve(port, services).await?;
        }
        Ok(())
    }

    /// Azure Resource Manager as a service.
    fn arm(&self, platform: &Platform) -> Result<Service, Error> {
        let mut service = Service::new(&self.authority, &[ARM_HOST], 443, "https", platform.fault)?;
        let arm = Arm::new(format!("https://{ARM_HOST}"), platform.rules.clone());
        service.platform = service::Platform::Arm(arm.with(platform.estate.clone()));
        Ok(service)
    }

    /// What is served at each port and address: those of the places, and those that a name is sent to instead.
    fn doors<'a>(&self, places: &[&'a Place]) -> BTreeMap<(u16, IpAddr), Vec<&'a Place>> {
        let mut doors: BTreeMap<(u16, IpAddr), Vec<&Place>> = BTreeMap::new();
        for place in places.iter().copied() {
            let rules = self.scenario.name.iter().filter(|rule| rule.target.fits(place));
            let elsewhere = rules.flat_map(|rule| &rule.addresses).copied();
            let ips: BTreeSet<IpAddr> = std::iter::once(place.ip).chain(elsewhere).collect();
            for ip in ips {
                doors.entry((place.port, ip)).or_default().push(place);
            }
        }
        doors
    }

    fn fault(&self, place: &Place) -> Fault {
        self.scenario
            .service
            .iter()
            .find(|rule| rule.target.fits(place))
            .map(|rule| rule.fault)
            .unwrap_or_default()
    }

    fn zone(&self, fault: DnsFault, server: IpAddr, asked: Asked) -> Zone {
        let mut zone = Zone { fault, ..Zone::default() };
        for (name, address) in self.scenario.gateway.iter().flat_map(gateway::Gateway::names) {
            zone.names.insert(name, vec![address]);
        }
        if self.scenario.arm.as_ref().is_some_and(|platform| !platform.has_no_name) {
            zone.names.insert(ARM_HOST.to_owned(), vec![ARM]);
        }
        let here =
            |rule: &&NameRule| rule.server.map_or(asked == Asked::Configured, |wanted| wanted == server);
        let rules: Vec<&NameRule> = self.scenario.name.iter().filter(here).collect();
        for place in &self.places {
            let name = place.host.to_ascii_lowercase();
            zone.names.entry(name.clone()).or_insert_with(|| vec![place.ip]);
            if let Some(rule) = rules.iter().find(|rule| rule.target.fits(place)) {
                zone.faults.insert(name.clone(), rule.fault);
                let wrong = (!rule.addresses.is_empty()).then(|| rule.addresses.clone());
                let addresses = wrong.unwrap_or_else(|| vec![place.ip]);
                zone.names.insert(name, [addresses, rule.more.clone()].concat());
            }
        }
        zone
    }

    /// The firewall's rules for nft.
    #[must_use]
    pub fn rules(&self) -> String {
        let mut rules = vec![
            "ip daddr 10.0.3.0/24 drop".to_owned(),
            "ip daddr 10.0.4.0/24 meta l4proto tcp reject with tcp reset".to_owned(),
            "ip daddr { 10.0.2.0/24, 168.63.129.16, 169.254.169.254 } accept".to_owned(),
        ];
        rules.extend(self.scenario.nft.iter().cloned());
        if self.scenario.syn_loss > 0 {
            let percent = self.scenario.syn_loss;
            rules.push(format!("tcp flags & (syn | ack) == syn numgen random mod 100 < {percent} drop"));
        }
        if self.scenario.ipv6 {
            rules.push("meta nfproto ipv6 meta l4proto tcp reject with icmpv6 admin-prohibited".to_owned());
        }
        for rule in &self.scenario.firewall {
            let hit = self.places.iter().filter(|place| rule.target.fits(place));
            let targets: BTreeSet<(String, u16, String)> = hit
                .map(|place| (place.planned.transport.clone(), place.port, place.ip.to_string()))
                .collect();
            for (transport, port, ip) in targets {
                let verdict = match rule.action {
                    Action::Accept => "accept",
                    Action::Drop => "drop",
                    Action::Reject => "reject with icmp admin-prohibited",
                    Action::Reset => "reject with tcp reset",
                };
                rules.push(format!("ip daddr {ip} {transport} dport {port} {verdict}"));
            }
        }
        let head = "table inet lab {\nchain forward {\ntype filter hook forward priority 0; policy accept;\n";
        format!("{head}{}\n}}\n}}\n", rules.join("\n"))
    }
}

/// What is behind an address and port.
#[derive(Clone)]
enum Door {
    Service(Service),
    Gateway(Server),
}

impl Door {
    async fn serve(&self, stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        match self {
            Self::Service(service) => service.serve(stream, peer).await,
            Self::Gateway(server) => server.serve(stream).await,
        }
    }
}

/// One listener for a port; the address that was dialled tells the host.
async fn serve(port: u16, doors: HashMap<IpAddr, Door>) -> io::Result<()> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())?;
    socket.listen(1024)?;
    let listener = TcpListener::from_std(socket.into())?;
    tokio::spawn(async move {
        loop {
            let Ok((stream, peer)) = listener.accept().await else { continue };
            let door = stream.local_addr().ok().and_then(|local| doors.get(&local.ip()).cloned());
            if let Some(door) = door {
                tokio::spawn(async move { door.serve(stream, peer).await });
            }
        }
    });
    Ok(())
}

/// An address in a range that looks like the tag's.
fn address(tag: &str, number: u32) -> IpAddr {
    let base = match tag.split(['.', ' ']).next().unwrap_or_default() {
        "Storage" => Ipv4Addr::new(20, 60, 0, 0),
        "Sql" => Ipv4Addr::new(20, 62, 0, 0),
        "AzureKeyVault" => Ipv4Addr::new(20, 51, 0, 0),
        "AzureMonitor" => Ipv4Addr::new(20, 42, 0, 0),
        "AzureActiveDirectory" => Ipv4Addr::new(20, 190, 0, 0),
        "EventHub" => Ipv4Addr::new(20, 47, 0, 0),
        _ => Ipv4Addr::new(20, 99, 0, 0),
    };
    IpAddr::V4(Ipv4Addr::from(u32::from(base) + 10 + number))
}
