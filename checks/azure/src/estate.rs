//! The estate: from the machine to its network and the instance in it, as far as the identity may read.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use apim_probe_checks::network::{DocumentKind as Kind, ResourceId};
use apim_probe_checks::server::Server;
use rustls::RootCertStore;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::arm::{Arm, Renewal};
use crate::bundle::Refusal;
use crate::call::call;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::imds::Machine;
use crate::proxy::Proxy;
use crate::reason::Reason;
use crate::token::{self, Identity, Token, TokenError};

mod gateway;
mod ids;
mod instance;
mod machine;
mod network;
pub mod subject;
mod walk;
mod zones;

use instance::Instance;
pub use subject::{Fetched, Note, Subject, SubjectError};
use walk::Walk;

/// How Azure is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where ARM is.
    pub endpoint: Endpoint,
    /// What the token is for: the cloud's own ARM, whatever the endpoint is.
    pub resource: String,
    /// When all asking ends.
    pub deadline: Instant,
    /// Where the token comes from.
    pub token: TokenSource,
    /// The machine, where the metadata service knows it.
    pub machine: Option<Machine>,
    /// DNS servers, in order.
    pub dns_servers: Vec<Server>,
    /// The public roots.
    pub roots: Arc<RootCertStore>,
    /// The proxy of the environment.
    pub proxy: Option<Proxy>,
    /// Requests that ARM was sent so far: whoever asks again keeps the count, which [`crate::MAX_REQUESTS`] bounds.
    pub requests: Rc<Cell<u32>>,
}

/// Where the token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// The metadata service, for this identity.
    Metadata(Identity),
    /// A file, which was read.
    File(Result<Token, TokenError>),
}

/// Asks until everything is known or the time is over; what was not got is in the bundle with its reason. `known` is told
/// as soon as the instance is: what Azure applies to an interface takes it much longer.
///
/// # Errors
/// The instance's name means two.
pub async fn fetch(
    settings: &Settings,
    subject: &Subject,
    known: Option<oneshot::Sender<Fetched>>,
) -> Result<Fetched, SubjectError> {
    let mut fetched = Fetched::default();
    let token = match &settings.token {
        TokenSource::File(token) => token.clone(),
        TokenSource::Metadata(identity) => token::ask(&settings.resource, identity, settings.deadline).await,
    };
    let token = match token {
        Ok(token) => token,
        Err(error) => {
            fetched.notes.push(Note::NoToken(error));
            return Ok(fetched);
        }
    };
    let address = settings.endpoint.address().clone();
    let roots = Arc::clone(&settings.roots);
    let Some(client) = Client::arm(address, roots, &settings.dns_servers, settings.proxy.as_ref()) else {
        fetched.bundle.refused.push(without_proxy(subject, settings.machine.as_ref()));
        return Ok(fetched);
    };
    let renewal = match &settings.token {
        TokenSource::File(_) => Renewal::Never,
        TokenSource::Metadata(identity) => Renewal::Metadata(settings.resource.clone(), identity.clone()),
    };
    let arm = Arm::new(
        client,
        settings.endpoint.clone(),
        token,
        renewal,
        settings.deadline,
        Rc::clone(&settings.requests),
    );
    let walk = Walk::new(&arm, known);
    let ended = all(&walk, subject, settings.machine.as_ref()).await;
    (fetched.bundle, fetched.notes) = walk.end();
    fetched.subnet = ended?;
    Ok(fetched)
}

/// Machine, network, instance, gateway, zones. Returns the subnet that is meant.
async fn all(
    walk: &Walk<'_>,
    subject: &Subject,
    machine: Option<&Machine>,
) -> Result<Option<ResourceId>, SubjectError> {
    let here = match machine {
        Some(machine) => walk.machine(machine).await,
        None => machine::Here::default(),
    };
    let subscriptions = here.subscriptions();
    let network = async {
        if let Some(subnet) = &here.subnet {
            walk.network(subnet).await;
        }
    };
    let ((), (), instance, ()) = tokio::join!(
        network,
        walk.effective(&here, subject.service.as_deref()),
        walk.instance(subject, here.subnet.as_ref(), &subscriptions),
        walk.gateway(subject.app_gateway.as_deref()),
    );
    let instance = instance?;
    if let Some(subnet) = instance.as_ref().and_then(|instance| instance.subnet.as_ref())
        && here.subnet.as_ref() != Some(subnet)
    {
        walk.network(subnet).await;
    }
    let network = here.subnet.iter().chain(instance.iter().filter_map(|instance| instance.subnet.as_ref()));
    let mut of_zones = subscriptions;
    for subscription in network.filter_map(|subnet| subnet.segment("subscriptions")) {
        if !of_zones.iter().any(|known| known.eq_ignore_ascii_case(subscription)) {
            of_zones.push(subscription.to_owned());
        }
    }
    let Instance { subnet, names } = instance.unwrap_or_default();
    walk.zones(&of_zones, &names).await;
    Ok(subnet.or(here.subnet))
}

/// What is refused where the proxy's address makes no sense.
fn without_proxy(subject: &Subject, machine: Option<&Machine>) -> Refusal {
    let kind = if machine.is_some() { Kind::VirtualMachine } else { Kind::Service };
    let id = machine.map(|machine| machine.id.clone()).or_else(|| subject.service.clone());
    let action = call(kind).action.to_owned();
    Refusal { kind, id: id.unwrap_or_default(), action, status: None, reason: Reason::Proxy }
}
