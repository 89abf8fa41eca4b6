//! From what was typed, the environment and the machine's files to an [`Instance`]: the only place that touches them.

use std::fs;
use std::io::Read;
use std::path::Path;

use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::{Instance, Metadata, NetworkStatus, Selection};
use apim_probe_checks::network_status;
use apim_probe_checks::plan::PlanError;
use apim_probe_checks::system::{self, Hosts, Resolver};

use crate::cli::CheckArgs;
use crate::exit::UserError;

/// Where systemd-resolved keeps the servers that its stub asks.
const UPLINKS: &str = "/run/systemd/resolve/resolv.conf";

/// Everything that is known before the first packet.
pub struct Gathered {
    /// The instance and what is wanted of it.
    pub instance: Instance,
    /// The hosts file.
    pub hosts: Hosts,
    /// Search domains of the system.
    pub search: Vec<String>,
    /// Cloud or region were not typed: the metadata service must be asked before the plan is made.
    pub needs_metadata: bool,
}

impl Gathered {
    /// The same for another run; the hosts file is read again.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            instance: self.instance.clone(),
            hosts: hosts(),
            search: self.search.clone(),
            needs_metadata: self.needs_metadata,
        }
    }
}

fn hosts() -> Hosts {
    system::hosts(&fs::read_to_string("/etc/hosts").unwrap_or_default())
}

/// Reads flags and files.
///
/// # Errors
/// A region that does not exist, or lies in another cloud.
pub fn gather(catalogue: &Catalogue, args: &CheckArgs) -> Result<Gathered, UserError> {
    let resolver = resolver();
    let typed = &args.instance;
    let region = typed.region.as_deref().map(|word| region(catalogue, word)).transpose()?;
    let cloud = match (&typed.cloud, &region) {
        (Some(cloud), _) => cloud.clone(),
        (None, Some((_, cloud))) => cloud.clone(),
        (None, None) => "public".to_owned(),
    };
    if let Some((id, of)) = region.as_ref().filter(|(_, of)| *of != cloud) {
        let error = UserError::new(format!("the region `{id}` is not in the cloud `{cloud}`"));
        return Err(error.hint(format!("it lies in `{of}`: --cloud {of}")));
    }
    let servers =
        if args.network.dns_server.is_empty() { resolver.servers } else { args.network.dns_server.clone() };
    let mut dns_servers = Vec::new();
    servers.into_iter().for_each(|server| {
        if !dns_servers.contains(&server) {
            dns_servers.push(server);
        }
    });
    let documents = network_status(typed.from_network_status.as_deref())?;
    let region_id = region.map(|(id, _)| id).or_else(|| located(catalogue, &documents, &cloud));
    let network_status = choose(catalogue, documents, region_id.as_deref());
    let instance = Instance {
        cloud,
        region: region_id,
        vnet_mode: typed.vnet_mode,
        profile: typed.profile,
        service: typed.service.clone(),
        private_ip: typed.private_ip,
        hostnames: typed.hostname.clone(),
        storage_accounts: typed.storage_account.clone(),
        sql_servers: typed.sql_server.clone(),
        key_vaults: typed.key_vault.clone(),
        event_hubs: typed.event_hub.clone(),
        redis: typed.redis.clone(),
        custom: typed.endpoint.clone(),
        network_status,
        dns_servers,
        metadata: None,
        metadata_asked: false,
        use_imds: !args.network.no_imds,
        use_azure_dns: !args.network.no_azure_dns,
        selection: Selection {
            only: args.selection.only.clone(),
            skip: args.selection.skip.clone(),
            required_only: args.selection.required_only,
        },
    };
    let needs_metadata = instance.use_imds && instance.region.is_none();
    Ok(Gathered { instance, hosts: hosts(), search: resolver.search, needs_metadata })
}

/// Bytes of a NetworkStatus document that are read at most; real ones have under 32 KiB.
const LARGEST: u64 = 8 * 1024 * 1024;

/// Every location of the NetworkStatus document, where one was given.
fn network_status(path: Option<&Path>) -> Result<Vec<NetworkStatus>, UserError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let bad = |error: String| {
        UserError::new(format!("`{}` is no NetworkStatus document: {error}", path.display()))
            .hint("save the portal's Network status or `az rest --url …/networkstatus` as JSON")
    };
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().take(LARGEST + 1).read_to_string(&mut text),
        _ => fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)),
    };
    match read {
        Err(error) => Err(bad(error.to_string())),
        Ok(size) if size as u64 > LARGEST => Err(bad(format!("it is larger than {LARGEST} bytes"))),
        Ok(_) => network_status::parse(&text).map_err(|error| bad(error.to_string())),
    }
}

/// True when a location's name, display name or id, means this region.
fn is_region(region: &apim_probe_checks::catalogue::Region, location: &str) -> bool {
    region.id.eq_ignore_ascii_case(location) || region.name.eq_ignore_ascii_case(location)
}

/// The region of the only location, where nobody typed one.
fn located(catalogue: &Catalogue, documents: &[NetworkStatus], cloud: &str) -> Option<String> {
    let [only] = documents else { return None };
    let location = only.location.as_deref()?;
    let region =
        catalogue.regions.iter().find(|region| region.cloud == cloud && is_region(region, location))?;
    Some(region.id.clone())
}

/// Of several locations the one of the region, else all.
fn choose(
    catalogue: &Catalogue,
    documents: Vec<NetworkStatus>,
    region: Option<&str>,
) -> Option<NetworkStatus> {
    let region = region.and_then(|id| catalogue.region(id));
    let fits = |document: &&NetworkStatus| {
        region.zip(document.location.as_deref()).is_some_and(|(region, location)| is_region(region, location))
    };
    if let Some(fitting) = documents.iter().find(fits) {
        return Some(fitting.clone());
    }
    documents.into_iter().reduce(|mut all, more| {
        all.location = None;
        all.entries.extend(more.entries);
        all.dns_servers.extend(more.dns_servers);
        all
    })
}

/// The region that was meant, and its cloud.
fn region(catalogue: &Catalogue, word: &str) -> Result<(String, String), UserError> {
    let lower = word.to_ascii_lowercase();
    let meant = |region: &&apim_probe_checks::catalogue::Region| {
        region.id == lower || region.name.eq_ignore_ascii_case(word)
    };
    if let Some(region) = catalogue.regions.iter().find(meant) {
        return Ok((region.id.clone(), region.cloud.clone()));
    }
    let error = UserError::new(format!("`{word}` is no Azure region"));
    Err(match catalogue.nearest_region(word) {
        Some(nearest) => error.hint(format!("did you mean `{}` ({})?", nearest.id, nearest.name)),
        None => error.hint("`az account list-locations --output table` lists them"),
    })
}

/// The system's resolver; behind a stub, the servers that the stub asks.
fn resolver() -> Resolver {
    let read = |path: &str| system::resolver(&fs::read_to_string(path).unwrap_or_default());
    let configured = read("/etc/resolv.conf");
    if !configured.is_stub() {
        return configured;
    }
    let uplinks = read(UPLINKS);
    if uplinks.servers.is_empty() { configured } else { uplinks }
}

/// Fills in what the metadata service knows and nobody typed.
///
/// # Errors
/// Never at present: an unknown cloud or region of the metadata service is left out.
pub fn with_metadata(
    catalogue: &Catalogue,
    mut instance: Instance,
    metadata: Option<Metadata>,
) -> Result<Instance, UserError> {
    instance.metadata_asked = true;
    if let Some(found) = &metadata {
        let region = found.region.as_deref().and_then(|id| catalogue.region(id));
        let environment = found.cloud.as_deref().and_then(|name| catalogue.cloud_of_environment(name));
        if let Some(cloud) = environment.map(|cloud| &cloud.id).or(region.map(|region| &region.cloud)) {
            instance.cloud.clone_from(cloud);
        }
        let region = region.filter(|region| region.cloud == instance.cloud);
        instance.region = instance.region.or_else(|| region.map(|region| region.id.clone()));
    }
    instance.metadata = metadata;
    Ok(instance)
}

/// A selection that makes no plan, in the user's words.
#[must_use]
pub fn plan_error(error: &PlanError) -> UserError {
    let message = UserError::new(error.to_string());
    match error.hint() {
        Some(hint) => message.hint(hint),
        None => message,
    }
}
