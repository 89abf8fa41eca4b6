//! `fetch`: reads from Azure what `review` judges, and writes one bundle.

use std::io::{self, Write};
use std::time::SystemTime;

use apim_probe_azure::estate::{self, Fetched, Settings, Subject, SubjectError, TokenSource};
use apim_probe_azure::imds;
use apim_probe_azure::role::{Scope, role};
use apim_probe_checks::catalogue::{self, Catalogue};
use apim_probe_checks::network::ResourceId;
use apim_probe_checks::probe::tls::Roots;
use apim_probe_checks::verdict;
use tokio::time::{Instant, timeout_at};

use crate::cli::azure::FetchArgs;
use crate::error::{self, UserError};
use crate::output::Outputs;
use crate::render::escape::json_safe;
use crate::runtime;
use crate::session;
use crate::signals::Signals;
use crate::stdout::write_out;
use crate::{azure, host};

/// Reads and writes the bundle; or prints the role and sends nothing.
///
/// # Errors
/// A bad flag or file, a name that means two services, or an output that cannot be opened or written.
pub(super) fn run(args: &FetchArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    if args.print_role {
        return write_out(out, &printed_role(args)).map(|()| verdict::OK);
    }
    let is_id = args.service.as_ref().is_some_and(|service| service.starts_with('/'));
    if args.no_imds && !(is_id && args.azure.token_file.is_some()) {
        return Err(UserError::new("without the metadata service nothing says where to begin")
            .hint("give --token-file and the resource id of the service beside --no-imds"));
    }
    let catalogue = catalogue::embedded();
    let token = azure::token_source(&args.azure)?;
    let roots = session::roots(catalogue, args.public_roots.as_deref())?;
    let outputs = args.output.as_deref().map(Outputs::of_bundle).transpose()?;
    let runtime = runtime::runtime()?;
    let signals = Signals::catch(&runtime)?;
    let mut stopped = signals.stopped();
    let asking = ask(catalogue, args, token, &roots);
    let fetched = runtime.block_on(async {
        tokio::select! {
            fetched = asking => Some(fetched),
            _ = stopped.wait_for(|stopped| *stopped) => None,
        }
    });
    runtime.shutdown_background();
    let Some(fetched) = fetched else {
        return Ok(verdict::INTERRUPTED + signals.first().unwrap_or(2));
    };
    let fetched = fetched
        .map_err(|error| UserError::new(error.to_string()).hint("give one of these ids with --service"))?;
    azure::hints(&fetched).iter().for_each(|hint| error::hint(hint, &mut io::stderr()));
    if fetched.bundle.documents.is_empty() {
        return Ok(verdict::UNDECIDED);
    }
    write_bundle(&fetched, outputs, out).map(|()| verdict::OK)
}

async fn ask(
    catalogue: &Catalogue,
    args: &FetchArgs,
    token: TokenSource,
    roots: &Roots,
) -> Result<Fetched, SubjectError> {
    let deadline = Instant::now() + args.azure.azure_timeout;
    let answer = if args.no_imds { None } else { timeout_at(deadline, imds::fetch()).await.ok().flatten() };
    let of_metadata = answer.as_ref().and_then(|answer| answer.metadata.cloud.as_deref());
    let of_metadata = of_metadata.and_then(|name| catalogue.cloud_of_environment(name));
    let cloud = args.cloud.clone().or_else(|| of_metadata.map(|cloud| cloud.id.clone()));
    let cloud = cloud.as_deref().unwrap_or("public");
    let Some((endpoint, resource)) = azure::endpoint(catalogue, cloud, args.azure.arm_endpoint.as_ref())
    else {
        return Ok(Fetched::default());
    };
    let dns_servers =
        if args.dns_server.is_empty() { host::resolver().servers } else { args.dns_server.clone() };
    let settings = Settings {
        endpoint,
        resource,
        deadline,
        token,
        machine: answer.and_then(|answer| answer.machine),
        dns_servers,
        roots: roots.public_store(),
        proxy: host::arm_proxy(),
    };
    let subject = Subject { service: args.service.clone(), app_gateway: args.app_gateway.clone() };
    estate::fetch(&settings, &subject).await
}

fn write_bundle(fetched: &Fetched, outputs: Option<Outputs>, out: &mut dyn Write) -> Result<(), UserError> {
    let bundle = fetched.bundle.to_json(SystemTime::now());
    let text = json_safe(&format!("{bundle:#}")) + "\n";
    let Some(outputs) = outputs else { return write_out(out, &text) };
    match outputs.finish(|_, _| text.clone()).errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn printed_role(args: &FetchArgs) -> String {
    let named = args.service.iter().chain(&args.app_gateway).find(|id| id.starts_with('/'));
    let id = named.cloned().map(ResourceId);
    let scope = if args.app_gateway.is_some() { Scope::NetworkAndGateway } else { Scope::Network };
    let role = role(scope, id.as_ref().and_then(|id| id.segment("subscriptions")));
    format!("{role:#}\n")
}
