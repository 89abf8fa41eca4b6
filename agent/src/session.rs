//! One invocation that probes: everything that its runs are made of, read and refused before the first packet.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, SystemTime};

use apim_probe_azure::imds::{self, Answer};
use apim_probe_checks::azure::DNS;
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::facts::Sources;
use apim_probe_checks::instance::{Instance, Metadata};
use apim_probe_checks::limits::Limits;
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::plan::Plan;
use apim_probe_checks::portal::Portal;
use apim_probe_checks::probe::net::{Net, NetConfig};
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::run::{self, Azure, Header, Host, Run};
use apim_probe_checks::server::Server;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use crate::azure::asking::{Asking, Beside};
use crate::cli::{CheckArgs, ConfigArgs, NetworkArgs};
use crate::documents::Documents;
use crate::documents::azure::Files;
use crate::error::UserError;
use crate::instance::{Inputs, gather};
use crate::observer::Observer;
use crate::{host, runtime};

mod azure;

use azure::{Asked, Asker, plan, targets};

/// What every run of this invocation is made of.
#[derive(Debug)]
pub struct Session<'a> {
    catalogue: &'a Catalogue,
    inputs: Inputs,
    azure: Asker<'a>,
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
    pub fn new(catalogue: &'a Catalogue, args: &'a CheckArgs, typed: &[OsString]) -> Result<Self, UserError> {
        let mut inputs = gather(catalogue, &args.scope)?;
        inputs.instance.app_gateway =
            if args.ask.azure { args.gateway.front_beside_azure()? } else { args.gateway.front()? };
        only_review_takes_udp(&inputs.instance)?;
        let roots = roots(catalogue, args.network.public_roots.as_deref())?;
        let azure = asking(args, &inputs, roots.clone())?;
        let documents = documents(catalogue, args, &mut inputs, azure.as_ref().map(|(_, files)| files))?;
        // A selection that names nothing must be refused before anything is opened or sent.
        plan(catalogue, &inputs.instance)?;
        Ok(Self {
            catalogue,
            azure: Asker::new(catalogue, &args.scope.instance, documents, azure),
            inputs,
            roots: with_named(roots, &args.network)?,
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
    /// checks; Azure is always asked beside them.
    ///
    /// # Errors
    /// What the metadata service said leaves nothing of the selection, or names were typed of another cloud.
    pub async fn run(
        &mut self,
        deadline: Duration,
        stop: watch::Receiver<bool>,
        observer: &mut Observer<'_>,
    ) -> Result<Sources, UserError> {
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let limits = Limits { deadline, ..self.limits };
        let (base, answer) = self.instance(deadline).await?;
        let (instance, against) = self.azure.known(&base)?;
        let (mut plan, portal) = plan(self.catalogue, &instance)?;
        if let Some(documents) = self.azure.known_documents() {
            documents.add_settings(&mut plan)?;
        }
        let net = Net::new(NetConfig {
            servers: instance.dns_servers.clone(),
            reference: reference(&instance),
            hosts: host::hosts_file(),
            roots: self.roots.clone(),
            limits,
            started,
            stop: stop.clone(),
        });
        let header = self.header(started_at, machine(&instance, self.inputs.search.clone()));
        observer.knows(portal.as_ref());
        if self.azure.asks_azure() {
            observer.may_grow();
        }
        let first = targets(&plan);
        let (send, plans) = mpsc::channel(1);
        let asks_azure = self.azure.asks_azure();
        let beside = self.beside(&base, answer, started, stop.clone(), send);
        let checks = run::run_growing(plan, &net, header, plans, |event| observer.observe(event));
        let (mut run, (metadata, asked)) =
            tokio::try_join!(async { Ok::<Run, UserError>(checks.await) }, beside)?;
        if let Some(metadata) = metadata {
            run.host.azure = azure_facts(&instance, Some(metadata));
        }
        // Where a signal ends the asking, a run whose checks had ended is cut short as well.
        run.interrupted |= asks_azure && *stop.borrow();
        run.ends_now(started);
        let told = asked.and_then(|asked| self.azure.keep(started, asked, &mut run, &first));
        let (against, portal) = told.map_or((against, portal), |told| (told.against, told.portal));
        self.judged(run, portal, &against)
    }

    /// What is known of the instance before anything but the metadata service is asked, and what that one said where it was.
    async fn instance(&self, deadline: Duration) -> Result<(Instance, Option<Answer>), UserError> {
        if !self.inputs.needs_metadata {
            return Ok((self.inputs.instance.clone(), None));
        }
        let answer = timeout(deadline, imds::fetch()).await.ok().flatten();
        let metadata = answer.as_ref().map(|answer| answer.metadata.clone());
        let instance = self.inputs.with_metadata(self.catalogue, metadata);
        self.inputs.fits_cloud(self.catalogue, &instance.cloud)?;
        Ok((instance, answer))
    }

    /// What is done beside the checks: the metadata service is asked where nothing depends on its answer, and Azure.
    async fn beside(
        &self,
        base: &Instance,
        answer: Option<Answer>,
        started: Instant,
        mut stop: watch::Receiver<bool>,
        plans: mpsc::Sender<Plan>,
    ) -> Result<(Option<Metadata>, Option<Asked>), UserError> {
        let asks = base.use_imds && !self.inputs.needs_metadata;
        let beside = if asks { imds::fetch().await } else { None };
        let metadata = beside.as_ref().map(|answer| answer.metadata.clone());
        if !self.azure.asks_azure() {
            return Ok((metadata, None));
        }
        let asking = self.azure.ask_azure(base, answer.or(beside), started, plans);
        let told = tokio::select! {
            told = asking => told?,
            _ = stop.wait_for(|stop| *stop) => None,
        };
        Ok((metadata, told))
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
        let against = self.azure.documents.as_ref().map(|(_, against)| against.clone()).unwrap_or_default();
        self.judged(run, portal, &against)
    }

    /// Runs will be repeated for so long.
    pub fn repeats_for(&mut self, time: Duration) {
        self.azure.repeats_for(time);
    }

    /// Says on standard error what Azure did not give, once.
    pub fn say(&mut self) {
        self.azure.say();
    }

    /// The run, with the configuration judged for it.
    fn judged(
        &self,
        run: Run,
        portal: Option<Portal>,
        against: &[Disagreement],
    ) -> Result<Sources, UserError> {
        let judge = |documents: &Documents| documents.judge(&run, portal.as_ref(), against);
        let network = self.azure.known_documents().map(judge).transpose()?;
        Ok(Sources { network, portal, ..run.into() })
    }

    fn header(&self, started_at: SystemTime, host: Host) -> Header {
        Header { id: host::run_id(), started_at, args: self.args.clone(), host }
    }
}

/// How Azure is asked, where it is.
fn asking(args: &CheckArgs, inputs: &Inputs, roots: Roots) -> Result<Option<(Asking, Files)>, UserError> {
    let typed = &args.scope.instance;
    let ConfigArgs { config, reading } = &args.configuration;
    let region = typed.region.as_ref().and(inputs.instance.region.as_deref());
    let status = typed.from_network_status.iter().map(|file| file.to_string_lossy().into_owned());
    let beside = Beside {
        service: typed.service.as_deref(),
        region,
        without_metadata: args.scope.sources.no_imds,
        dns_servers: &args.scope.sources.dns_server,
        files: &config.iter().cloned().chain(status).collect::<Vec<_>>(),
    };
    let Some(asking) = Asking::of(&args.ask, args.gateway.id(), beside, roots)? else { return Ok(None) };
    let files = Files::read(config, reading, region, host::private_addresses())?;
    Ok(Some((asking, files)))
}

/// Reads the configuration that was named; what it tells of the instance need not be asked of the metadata service.
fn documents(
    catalogue: &Catalogue,
    args: &CheckArgs,
    inputs: &mut Inputs,
    kept: Option<&Files>,
) -> Result<Option<(Documents, Vec<Disagreement>)>, UserError> {
    let ConfigArgs { config, reading } = &args.configuration;
    let typed = &args.scope.instance;
    let region = typed.region.as_ref().and(inputs.instance.region.as_deref());
    let documents = match kept {
        Some(files) => files.alone()?,
        None => Documents::read(config, reading, region, host::private_addresses())?,
    };
    let Some(documents) = documents else { return Ok(None) };
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
fn reference(instance: &Instance) -> Option<Server> {
    let configured = instance.dns_servers.contains(&DNS);
    (instance.use_azure_dns && !configured).then_some(DNS)
}

fn machine(instance: &Instance, search: Vec<String>) -> Host {
    Host {
        azure: azure_facts(instance, instance.metadata.clone()),
        dns_servers: instance.dns_servers.clone(),
        search_domains: search,
        ..host::facts()
    }
}

fn azure_facts(instance: &Instance, metadata: Option<Metadata>) -> Azure {
    Azure { detected: metadata.is_some(), asked: instance.use_imds, metadata: metadata.unwrap_or_default() }
}
