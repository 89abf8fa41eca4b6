//! One invocation that probes: everything that its runs are made of, read and refused before the first packet.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use apim_probe_azure::imds;
use apim_probe_checks::azure;
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::{Instance, Metadata};
use apim_probe_checks::limits::Limits;
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::plan::Plan;
use apim_probe_checks::portal::Portal;
use apim_probe_checks::probe::net::{Net, Parts};
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::report::Sources;
use apim_probe_checks::run::{self, Azure, Header, Host, Run};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::cli::{CheckArgs, ConfigArgs, NetworkArgs};
use crate::documents::Documents;
use crate::error::UserError;
use crate::instance::{Inputs, gather, plan_error};
use crate::observer::Observer;
use crate::{host, runtime};

/// What every run of this invocation is made of.
#[derive(Debug)]
pub struct Session<'a> {
    catalogue: &'a Catalogue,
    inputs: Inputs,
    /// Exported configuration, where some was named, and what was typed against it.
    documents: Option<(Documents, Vec<Disagreement>)>,
    roots: Roots,
    limits: Limits,
    /// The command line without the program's name.
    args: Vec<String>,
}

impl<'a> Session<'a> {
    /// Reads flags and files; sends nothing.
    ///
    /// # Errors
    /// A bad flag or file, or a selection that makes no plan.
    pub fn new(catalogue: &'a Catalogue, args: &CheckArgs, typed: &[OsString]) -> Result<Self, UserError> {
        let mut inputs = gather(catalogue, &args.scope)?;
        inputs.instance.app_gateway = args.gateway.front()?;
        only_review_takes_udp(&inputs.instance)?;
        let documents = documents(catalogue, args, &mut inputs)?;
        // A selection that names nothing must be refused before anything is opened or sent.
        plan(catalogue, &inputs.instance)?;
        Ok(Self {
            catalogue,
            inputs,
            documents,
            roots: with_named(roots(catalogue, args.network.public_roots.as_deref())?, &args.network)?,
            limits: limits(&args.network),
            args: typed.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect(),
        })
    }

    /// The time that one run has at most.
    #[must_use]
    pub const fn deadline(&self) -> Duration {
        self.limits.deadline
    }

    /// Makes a run within `deadline`. The metadata service is asked first where the plan depends on it, else beside the
    /// checks.
    ///
    /// # Errors
    /// What the metadata service said leaves nothing of the selection, or names were typed of another cloud.
    pub async fn run(
        &self,
        deadline: Duration,
        stop: watch::Receiver<bool>,
        observer: &mut Observer<'_>,
    ) -> Result<Sources, UserError> {
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let limits = Limits { deadline, ..self.limits };
        let instance = if self.inputs.needs_metadata {
            let metadata =
                timeout(deadline, imds::fetch()).await.ok().flatten().map(|answer| answer.metadata);
            let instance = self.inputs.with_metadata(self.catalogue, metadata);
            self.inputs.fits_cloud(self.catalogue, &instance.cloud)?;
            instance
        } else {
            self.inputs.instance.clone()
        };
        let (mut plan, portal) = plan(self.catalogue, &instance)?;
        if let Some((documents, _)) = &self.documents {
            documents.add_settings(&mut plan)?;
        }
        let net = Net::new(Parts {
            servers: instance.dns_servers.clone(),
            reference: reference(&instance),
            hosts: host::hosts_file(),
            roots: self.roots.clone(),
            limits,
            started,
            stop,
        });
        let header = self.header(started_at, machine(&instance, self.inputs.search.clone()));
        observer.knows(portal.as_ref());
        let checks = run::run(plan, &net, header, |event| observer.observe(event));
        let (mut run, metadata) = tokio::join!(checks, self.metadata_beside(&instance));
        if let Some(metadata) = metadata {
            run.host.azure = azure_facts(&instance, Some(metadata));
        }
        run.ends_now(started);
        self.judged(run, portal)
    }

    /// A run that this machine's own limits forbid, for `reason`.
    ///
    /// # Errors
    /// A selection that makes no plan.
    pub fn run_without_resources(
        &self,
        reason: &str,
        observer: &mut Observer<'_>,
    ) -> Result<Sources, UserError> {
        let instance = &self.inputs.instance;
        let mut host = machine(instance, self.inputs.search.clone());
        host.azure.asked = false;
        let header = self.header(SystemTime::now(), host);
        let (plan, portal) = plan(self.catalogue, instance)?;
        let run =
            run::run_without_resources(plan, self.limits, header, reason, |event| observer.observe(event));
        self.judged(run, portal)
    }

    /// The run, with the configuration judged for it.
    fn judged(&self, run: Run, portal: Option<Portal>) -> Result<Sources, UserError> {
        let judge = |(documents, against): &(Documents, Vec<Disagreement>)| {
            documents.judge(&run, portal.as_ref(), against)
        };
        let configuration = self.documents.as_ref().map(judge).transpose()?;
        Ok(Sources { run, network: configuration, portal })
    }

    fn header(&self, started_at: SystemTime, host: Host) -> Header {
        Header { id: host::run_id(), started_at, args: self.args.clone(), host }
    }

    /// Asks the metadata service while the checks run, where nothing depends on its answer.
    async fn metadata_beside(&self, instance: &Instance) -> Option<Metadata> {
        if instance.use_imds && !self.inputs.needs_metadata {
            imds::fetch().await.map(|answer| answer.metadata)
        } else {
            None
        }
    }
}

/// Reads the configuration that was named; what it tells of the instance need not be asked of the metadata service.
fn documents(
    catalogue: &Catalogue,
    args: &CheckArgs,
    inputs: &mut Inputs,
) -> Result<Option<(Documents, Vec<Disagreement>)>, UserError> {
    let ConfigArgs { config, reading } = &args.configuration;
    let typed = &args.scope.instance;
    let region = typed.region.as_ref().and(inputs.instance.region.as_deref());
    let machine = host::facts().addresses.iter().filter_map(|address| address.parse().ok()).collect();
    let Some(documents) = Documents::read(config, reading, region, machine)? else { return Ok(None) };
    let against = documents.fill_in(&mut inputs.instance, typed, catalogue)?;
    inputs.needs_metadata &= inputs.instance.region.is_none();
    Ok(Some((documents, against)))
}

/// No probe proves an endpoint of plain UDP.
fn only_review_takes_udp(instance: &Instance) -> Result<(), UserError> {
    match instance.custom.iter().find(|endpoint| endpoint.transport.is_some()) {
        None => Ok(()),
        Some(endpoint) => {
            let target = format!("{}:{}", endpoint.host, endpoint.port);
            let error = UserError::new(format!("`{target}/udp` cannot be probed: an answer proves nothing"));
            Err(error.hint("`apim-probe review` judges it; `/ntp`, `/dns` and `/kms` are probed over UDP"))
        }
    }
}

fn plan(catalogue: &Catalogue, instance: &Instance) -> Result<(Plan, Option<Portal>), UserError> {
    Plan::with_portal(catalogue, instance).map_err(|error| plan_error(&error))
}

fn limits(args: &NetworkArgs) -> Limits {
    let limits = Limits::default();
    Limits {
        deadline: args.deadline,
        connect: args.connect_timeout,
        concurrency: usize::from(args.concurrency),
        sockets: runtime::sockets(limits.sockets),
        ..limits
    }
}

/// The roots of a file that was named, else the bundled ones.
///
/// # Errors
/// A file without root certificates.
pub fn roots(catalogue: &Catalogue, file: Option<&Path>) -> Result<Roots, UserError> {
    match file {
        None => Ok(Roots::bundled(&catalogue.issuers)),
        Some(file) => Roots::from_pem(file, &catalogue.issuers).map_err(|error| {
            UserError::new(error).hint("--public-roots takes a PEM file of root certificates")
        }),
    }
}

/// The roots, and beside them those of `--trusted-root`.
fn with_named(roots: Roots, args: &NetworkArgs) -> Result<Roots, UserError> {
    roots.with_named(&args.trusted_root).map_err(|error| {
        UserError::new(error).hint(
            "--trusted-root takes root certificates in PEM form; `openssl x509 -inform der -in root.cer` makes it of DER",
        )
    })
}

/// The resolver to compare with, unless it is switched off or the configured one.
fn reference(instance: &Instance) -> Option<SocketAddr> {
    let configured = instance.dns_servers.contains(&azure::DNS);
    (instance.use_azure_dns && !configured).then_some(azure::DNS)
}

fn machine(instance: &Instance, search: Vec<String>) -> Host {
    Host {
        azure: azure_facts(instance, instance.metadata.clone()),
        dns_servers: instance.dns_servers.iter().map(host::server_name).collect(),
        search_domains: search,
        ..host::facts()
    }
}

fn azure_facts(instance: &Instance, metadata: Option<Metadata>) -> Azure {
    Azure { detected: metadata.is_some(), asked: instance.use_imds, metadata: metadata.unwrap_or_default() }
}
