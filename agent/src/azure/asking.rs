//! What is asked of Azure in one invocation: all that was typed about it, read and refused before the first packet.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use apim_probe_azure::endpoint::Endpoint;
use apim_probe_azure::estate::{self, Fetched, Settings, Subject, TokenSource};
use apim_probe_azure::imds::{self, Answer, Machine};
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::server::Server;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::{endpoint, token_source};
use crate::cli::azure::{AskArgs, AzureArgs};
use crate::error::UserError;
use crate::host;

/// How long Azure is asked where nobody says.
const TIMEOUT: Duration = Duration::from_secs(45);

/// How and about what Azure is asked.
#[derive(Debug)]
pub struct Asking {
    token: TokenSource,
    endpoint: Option<Endpoint>,
    subject: Subject,
    roots: Roots,
    dns_servers: Vec<Server>,
    without_metadata: bool,
    /// How long, from the start of a run.
    pub timeout: Duration,
    /// Requests so far, of all askings of this invocation.
    requests: Rc<Cell<u32>>,
}

/// What else was typed and matters for asking.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// `--service`: a resource id or a name.
    pub service: Option<&'a str>,
    /// `--region`, an ARM id.
    pub region: Option<&'a str>,
    /// `--no-imds`.
    pub without_metadata: bool,
    /// `--dns-server`.
    pub dns_servers: &'a [Server],
    /// Files and folders, `-` among them: standard input is read once.
    pub files: &'a [String],
}

impl Asking {
    /// Reads the token and everything else that Azure will be asked with; `None` where `--azure` was not given.
    ///
    /// # Errors
    /// An option of `--azure` without it, a token file that holds none, nothing to begin with, standard input named twice.
    pub fn of(
        args: &AskArgs,
        app_gateway: Option<&str>,
        beside: Beside<'_>,
        roots: Roots,
    ) -> Result<Option<Self>, UserError> {
        if !args.azure {
            return refuse_alone(args, app_gateway).map(|()| None);
        }
        Self::new(&args.how, app_gateway, beside, roots).map(Some)
    }

    /// The same where Azure is asked in any case.
    ///
    /// # Errors
    /// Those of [`Asking::of`] but the first.
    pub fn new(
        how: &AzureArgs,
        app_gateway: Option<&str>,
        beside: Beside<'_>,
        roots: Roots,
    ) -> Result<Self, UserError> {
        let is_id = beside.service.is_some_and(|service| service.starts_with('/'));
        if beside.without_metadata && !(is_id && how.token_file.is_some()) {
            return Err(UserError::new("without the metadata service nothing says where to begin")
                .hint("give --token-file and the resource id of the service beside --no-imds"));
        }
        let takes_input = how.token_file.as_ref().is_some_and(|file| file.as_os_str() == "-");
        if takes_input && beside.files.iter().any(|file| file == "-") {
            return Err(UserError::new("standard input was named twice")
                .hint("it holds the token of --token-file: give the other as a file"));
        }
        let typed = beside.dns_servers;
        Ok(Self {
            token: token_source(how)?,
            endpoint: how.arm_endpoint.clone(),
            subject: Subject {
                service: beside.service.map(short),
                app_gateway: app_gateway.map(str::to_owned),
                region: beside.region.map(str::to_owned),
            },
            roots,
            without_metadata: beside.without_metadata,
            dns_servers: if typed.is_empty() { host::resolver().servers } else { typed.to_vec() },
            timeout: how.azure_timeout.unwrap_or(TIMEOUT),
            requests: Rc::default(),
        })
    }

    /// Requests to ARM so far, of all askings of this invocation.
    #[must_use]
    pub fn spent(&self) -> u32 {
        self.requests.get()
    }

    /// Asks the metadata service, and then Azure in the cloud that was typed, else in the one that the first told.
    ///
    /// # Errors
    /// The name of the instance means two.
    pub async fn ask_alone(
        &self,
        catalogue: &Catalogue,
        cloud: Option<&str>,
    ) -> Result<(Fetched, Option<Answer>), UserError> {
        let deadline = Instant::now() + self.timeout;
        let answer = if self.without_metadata {
            None
        } else {
            timeout_at(deadline, imds::fetch()).await.ok().flatten()
        };
        let told = answer.as_ref().and_then(|answer| answer.metadata.cloud.as_deref());
        let told = told.and_then(|name| catalogue.cloud_of_environment(name)).map(|cloud| cloud.id.as_str());
        let cloud = cloud.or(told).unwrap_or("public");
        let machine = answer.as_ref().and_then(|answer| answer.machine.clone());
        let fetched = self.ask(catalogue, cloud, machine, deadline, None).await?;
        Ok((fetched, answer))
    }

    /// Asks until `deadline`; `known` is told as soon as the instance is.
    ///
    /// # Errors
    /// The name of the instance means two.
    pub async fn ask(
        &self,
        catalogue: &Catalogue,
        cloud: &str,
        machine: Option<Machine>,
        deadline: Instant,
        known: Option<oneshot::Sender<Fetched>>,
    ) -> Result<Fetched, UserError> {
        let Some((endpoint, resource)) = endpoint(catalogue, cloud, self.endpoint.as_ref()) else {
            return Ok(Fetched::default());
        };
        let settings = Settings {
            endpoint,
            resource,
            deadline,
            token: self.token.clone(),
            machine,
            dns_servers: self.dns_servers.clone(),
            roots: self.roots.public_store(),
            proxy: host::arm_proxy(),
            requests: Rc::clone(&self.requests),
        };
        estate::fetch(&settings, &self.subject, known)
            .await
            .map_err(|error| UserError::new(error.to_string()).hint("give one of these ids with --service"))
    }
}

/// A resource id as it is; of a name its first label.
fn short(service: &str) -> String {
    if service.starts_with('/') {
        return service.to_owned();
    }
    service.split('.').next().unwrap_or_default().to_owned()
}

/// Options that say nothing where Azure is not asked.
fn refuse_alone(args: &AskArgs, app_gateway: Option<&str>) -> Result<(), UserError> {
    let AzureArgs { identity, token_file, arm_endpoint, azure_timeout } = &args.how;
    let given = [
        ("--identity", identity.is_some()),
        ("--token-file", token_file.is_some()),
        ("--arm-endpoint", arm_endpoint.is_some()),
        ("--azure-timeout", azure_timeout.is_some()),
        ("--app-gateway with a resource id", app_gateway.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(UserError::new(format!("{option} needs --azure"))
            .hint("--azure asks Azure itself beside the checks")),
        None => Ok(()),
    }
}
