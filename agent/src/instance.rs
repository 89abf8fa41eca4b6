//! From what was typed, the files that were named and the machine to an [`Instance`].

use apim_probe_checks::server::Server;
use std::fs;
use std::io::Read;
use std::path::Path;

use apim_probe_checks::catalogue::{Catalogue, Condition, Profile, VnetMode};
use apim_probe_checks::instance::{Instance, Metadata, Selection};
use apim_probe_checks::plan::PlanError;
use apim_probe_checks::portal::{NetworkStatus, read as network_status};
use apim_probe_checks::probe::system_conf::Resolver;

use crate::cli::{InstanceArgs, ScopeArgs};
use crate::error::UserError;
use crate::host;
use crate::report_file::load::reason;

/// Everything that is known before the first packet.
#[derive(Debug)]
pub struct Inputs {
    /// The instance and what is to be checked of it.
    pub instance: Instance,
    /// Search domains of the system.
    pub search: Vec<String>,
    /// The region is not known yet: the metadata service must be asked before the plan is made.
    pub needs_metadata: bool,
    /// Somebody typed the cloud: the metadata service does not change it.
    cloud_is_typed: bool,
    /// Every location of the NetworkStatus document.
    documents: Vec<NetworkStatus>,
    /// Names that were typed, each with its option.
    names: Vec<(&'static str, String)>,
}

impl Inputs {
    /// The instance, with what the metadata service knows and nobody typed. A cloud or region that the catalogue does not
    /// know is left out.
    #[must_use]
    pub fn with_metadata(&self, catalogue: &Catalogue, metadata: Option<Metadata>) -> Instance {
        let mut instance = Instance { metadata_asked: true, ..self.instance.clone() };
        if let Some(found) = &metadata {
            let region = found.region.as_deref().and_then(|id| catalogue.region(id));
            let environment = found.cloud.as_deref().and_then(|name| catalogue.cloud_of_environment(name));
            let cloud = environment.map(|cloud| &cloud.id).or(region.map(|region| &region.cloud));
            if let Some(cloud) = cloud.filter(|_| !self.cloud_is_typed && instance.region.is_none()) {
                instance.cloud.clone_from(cloud);
            }
            let region = region.filter(|region| region.cloud == instance.cloud);
            instance.region = instance.region.or_else(|| region.map(|region| region.id.clone()));
        }
        instance.network_status = choose(catalogue, &self.documents, instance.region.as_deref());
        instance.metadata = metadata;
        instance
    }

    /// Every name that was typed belongs to the instance's cloud.
    ///
    /// # Errors
    /// A name under a suffix of another cloud.
    pub fn fits_cloud(&self, catalogue: &Catalogue, cloud: &str) -> Result<(), UserError> {
        for (option, name) in &self.names {
            let Some(of) = catalogue.cloud_of_host(name).filter(|of| of.id != cloud) else { continue };
            let error = UserError::new(format!(
                "expected a name of the cloud `{cloud}`, got `{name}` of the cloud `{}` ({option})",
                of.id
            ));
            return Err(
                error.hint(format!("`--cloud {}` if the instance is there; else give the bare name", of.id))
            );
        }
        Ok(())
    }
}

/// Every name that was typed, with its option. Endpoints of one's own may be anywhere.
fn names(typed: &InstanceArgs) -> Vec<(&'static str, String)> {
    let lists = [
        ("--storage-account", &typed.storage_account),
        ("--sql-server", &typed.sql_server),
        ("--key-vault", &typed.key_vault),
        ("--event-hub", &typed.event_hub),
        ("--redis", &typed.redis),
    ];
    let repeated =
        lists.into_iter().flat_map(|(option, names)| names.iter().map(move |name| (option, name.clone())));
    let service = typed.service.iter().filter(|name| !name.starts_with('/'));
    let service = service.map(|name| ("--service", name.clone()));
    let domains = typed.hostname.iter().map(|(_, name)| ("--hostname", name.clone()));
    repeated.chain(service).chain(domains).collect()
}

/// Reads flags and files.
///
/// # Errors
/// A region that does not exist, or lies in another cloud, as a name may.
pub fn gather(catalogue: &Catalogue, args: &ScopeArgs) -> Result<Inputs, UserError> {
    gather_beside(catalogue, args, host::resolver())
}

/// The same with another resolver than this machine's: a review never reads the machine.
///
/// # Errors
/// As [`gather`].
pub fn gather_beside(
    catalogue: &Catalogue,
    args: &ScopeArgs,
    resolver: Resolver,
) -> Result<Inputs, UserError> {
    let typed = &args.instance;
    let region = typed.region.as_deref().map(|word| region(catalogue, word)).transpose()?;
    if let (Some((id, of)), Some(cloud)) = (&region, &typed.cloud) {
        fits(id, of, cloud)?;
    }
    let documents = network_status(typed.from_network_status.as_deref())?;
    let region = region.or_else(|| located(catalogue, &documents, typed.cloud.as_deref()));
    let (region, of) = region.unzip();
    let instance = Instance {
        cloud: typed.cloud.clone().or(of).unwrap_or_else(|| "public".to_owned()),
        network_status: choose(catalogue, &documents, region.as_deref()),
        region,
        vnet_mode: typed.vnet_mode.unwrap_or(VnetMode::Internal),
        profile: typed.profile.unwrap_or(Profile::Classic),
        service: typed.service_name().map(str::to_owned),
        app_gateway: None,
        private_ip: typed.private_ip,
        hostnames: typed.hostname.clone(),
        storage_accounts: typed.storage_account.clone(),
        sql_servers: typed.sql_server.clone(),
        key_vaults: typed.key_vault.clone(),
        event_hubs: typed.event_hub.clone(),
        redis: typed.redis.clone(),
        custom: typed.endpoint.clone(),
        dependencies: Vec::new(),
        literals: Vec::new(),
        dns_servers: once(if args.sources.dns_server.is_empty() {
            &resolver.servers
        } else {
            &args.sources.dns_server
        }),
        metadata: None,
        metadata_asked: false,
        use_imds: !args.sources.no_imds,
        use_azure_dns: !args.sources.no_azure_dns,
        shown: (documents.len() > 1).then_some(Condition::AdditionalLocation).into_iter().collect(),
        selection: Selection {
            only: args.selection.only.clone(),
            skip: args.selection.skip.clone(),
            required_only: args.selection.required_only,
        },
    };
    let needs_metadata = instance.use_imds && instance.region.is_none();
    let cloud_is_typed = typed.cloud.is_some();
    let names = names(typed);
    let inputs =
        Inputs { instance, search: resolver.search, needs_metadata, cloud_is_typed, documents, names };
    // Until the metadata service has told the cloud, only a typed one is certain.
    if cloud_is_typed || !needs_metadata {
        inputs.fits_cloud(catalogue, &inputs.instance.cloud)?;
    }
    Ok(inputs)
}

/// The region must lie in the cloud that was typed beside it.
fn fits(region: &str, of: &str, cloud: &str) -> Result<(), UserError> {
    if of == cloud {
        return Ok(());
    }
    let error = UserError::new(format!("the region `{region}` is not in the cloud `{cloud}`"));
    Err(error.hint(format!("it lies in `{of}`: --cloud {of}")))
}

/// The same servers in the same order, each of them once.
fn once(servers: &[Server]) -> Vec<Server> {
    let is_first = |(place, server): &(usize, &Server)| !servers[..*place].contains(server);
    servers.iter().enumerate().filter(is_first).map(|(_, server)| *server).collect()
}

/// Bytes of a NetworkStatus document that are read at most; real ones have under 32 KiB.
const MAX_NETWORK_STATUS_BYTES: u64 = 8 * 1024 * 1024;

/// Every location of the NetworkStatus document, where one was given.
fn network_status(path: Option<&Path>) -> Result<Vec<NetworkStatus>, UserError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let bad = |error: String| {
        UserError::new(format!("`{}` is not a NetworkStatus document: {error}", path.display()))
            .hint("save the portal's Network status or `az rest --url …/networkstatus` as JSON")
    };
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().take(MAX_NETWORK_STATUS_BYTES + 1).read_to_end(&mut bytes),
        _ => fs::File::open(path)
            .and_then(|file| file.take(MAX_NETWORK_STATUS_BYTES + 1).read_to_end(&mut bytes)),
    };
    match read {
        Err(error) => Err(cannot_read(path, &error)),
        Ok(size) if size as u64 > MAX_NETWORK_STATUS_BYTES => {
            Err(bad(format!("it is larger than {MAX_NETWORK_STATUS_BYTES} bytes")))
        }
        Ok(_) => network_status::parse(&bytes).map_err(|error| bad(error.to_string())),
    }
}

/// A file that is not there, is a folder or may not be read, in words.
fn cannot_read(path: &Path, error: &std::io::Error) -> UserError {
    UserError::new(format!("cannot read `{}`: {}", path.display(), reason(error)))
        .hint("--from-network-status takes a file, or `-` for standard input")
}

/// True when a location's name, display name or id, means this region.
fn is_region(region: &apim_probe_checks::catalogue::Region, location: &str) -> bool {
    region.id.eq_ignore_ascii_case(location) || region.name.eq_ignore_ascii_case(location)
}

/// The region of the only location and its cloud, where nobody typed one.
fn located(
    catalogue: &Catalogue,
    documents: &[NetworkStatus],
    cloud: Option<&str>,
) -> Option<(String, String)> {
    let [only] = documents else { return None };
    let location = only.location.as_deref()?;
    let mut here = catalogue.regions.iter().filter(|region| cloud.is_none_or(|cloud| region.cloud == cloud));
    here.find(|region| is_region(region, location)).map(|region| (region.id.clone(), region.cloud.clone()))
}

/// Of several locations the one of the region, else all.
fn choose(catalogue: &Catalogue, documents: &[NetworkStatus], region: Option<&str>) -> Option<NetworkStatus> {
    let region = region.and_then(|id| catalogue.region(id));
    let fits = |document: &&NetworkStatus| {
        region.zip(document.location.as_deref()).is_some_and(|(region, location)| is_region(region, location))
    };
    let all = || {
        documents.iter().cloned().reduce(|mut all, more| {
            all.location = None;
            all.entries.extend(more.entries);
            all.dns_servers.extend(more.dns_servers);
            all
        })
    };
    documents.iter().find(fits).cloned().or_else(all)
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
    let error = UserError::new(format!("unknown region `{word}`"));
    Err(match catalogue.nearest_region(word) {
        Some(nearest) => error.hint(format!("did you mean `{}` ({})?", nearest.id, nearest.name)),
        None => error.hint("`az account list-locations --output table` lists them"),
    })
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

#[cfg(test)]
mod tests {
    use apim_probe_checks::catalogue;

    use super::*;
    use clap::Parser;

    use crate::cli::{Cli, Command};

    /// What `check` with these flags gathers.
    fn gathered(flags: &[&str]) -> Inputs {
        let cli = Cli::parse_from(["apim-probe", "check"].iter().chain(flags));
        let Some(Command::Check(args)) = cli.command else { panic!("not `check`") };
        gather(catalogue::embedded(), &args.scope).unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn metadata() -> Option<Metadata> {
        let word = |text: &str| Some(text.to_owned());
        Some(Metadata { cloud: word("AzurePublicCloud"), region: word("eastus2"), ..Metadata::default() })
    }

    #[test]
    fn what_was_typed_wins_over_the_metadata_service() {
        let catalogue = catalogue::embedded();
        let found = |flags: &[&str]| {
            let instance = gathered(flags).with_metadata(catalogue, metadata());
            (instance.cloud, instance.region)
        };
        let public = |id: &str| ("public".to_owned(), Some(id.to_owned()));
        assert_eq!(found(&[]), public("eastus2"));
        assert_eq!(found(&["--region", "westeurope"]), public("westeurope"));
        assert_eq!(found(&["--cloud", "usgov"]), ("usgov".to_owned(), None));
    }

    #[test]
    fn the_location_of_the_region_is_chosen_once_the_region_is_known() {
        let location = |name: &str, host: &str| {
            format!(
                r#"{{"location":"{name}","networkStatus":{{"dnsServers":[],"connectivityStatus":[{{"name":"{host}","status":"success"}}]}}}}"#
            )
        };
        let file = std::env::temp_dir().join(format!("apim-probe-locations-{}.json", std::process::id()));
        let text = format!(
            "[{},{}]",
            location("West Europe", "a.blob.core.windows.net"),
            location("East US 2", "b.blob.core.windows.net")
        );
        fs::write(&file, text).unwrap_or_else(|error| panic!("{error}"));
        let gathered = gathered(&["--from-network-status", &file.to_string_lossy()]);
        let _ = fs::remove_file(&file);
        let entries = |instance: &Instance| -> Vec<String> {
            instance
                .network_status
                .iter()
                .flat_map(|one| one.entries.iter().map(|entry| entry.name.clone()))
                .collect()
        };
        assert_eq!(entries(&gathered.instance).len(), 2);
        let chosen = gathered.with_metadata(catalogue::embedded(), metadata());
        assert_eq!(entries(&chosen), ["b.blob.core.windows.net"]);
    }
}
