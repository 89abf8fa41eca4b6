//! `fetch`: reads from Azure what `review` judges, and writes one bundle.

use std::io::{self, Write};
use std::time::SystemTime;

use apim_probe_azure::estate::Fetched;
use apim_probe_azure::role::{Scope, role};
use apim_probe_checks::catalogue;
use apim_probe_checks::network::ResourceId;
use apim_probe_checks::verdict;

use crate::azure;
use crate::azure::alone::{self, Alone};
use crate::azure::asking::{Asking, Beside};
use crate::cli::azure::FetchArgs;
use crate::error::{self, UserError};
use crate::output::Outputs;
use crate::render::escape::json_safe;
use crate::render::json::lines;
use crate::session;
use crate::stdout::write_out;

/// Reads and writes the bundle; or prints the role and sends nothing.
///
/// # Errors
/// A bad flag or file, a name that means two services, or an output that cannot be opened or written.
pub(super) fn run(args: &FetchArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    if args.print_role {
        return write_out(out, &printed_role(args)).map(|()| verdict::OK);
    }
    let catalogue = catalogue::embedded();
    let roots = session::roots(catalogue, args.public_roots.as_deref())?;
    let beside = Beside {
        service: args.service.as_deref(),
        region: None,
        without_metadata: args.no_imds,
        dns_servers: &args.dns_server,
        files: &[],
    };
    let asking = Asking::new(&args.azure, args.app_gateway.as_deref(), beside, roots)?;
    let outputs = args.output.as_deref().map(Outputs::of_bundle).transpose()?;
    let fetched = match alone::ask(&asking, catalogue, args.cloud.as_deref())? {
        Alone::Answered(answered) => answered.0,
        Alone::Interrupted(signal) => return Ok(verdict::INTERRUPTED + signal),
    };
    azure::hints(&fetched).iter().for_each(|hint| error::hint(hint, &mut io::stderr()));
    if fetched.bundle.documents.is_empty() {
        return Ok(verdict::UNDECIDED);
    }
    write_bundle(&fetched, outputs, out).map(|()| verdict::OK)
}

fn write_bundle(fetched: &Fetched, outputs: Option<Outputs>, out: &mut dyn Write) -> Result<(), UserError> {
    let bundle = fetched.bundle.to_json(SystemTime::now());
    let text = json_safe(&format!("{bundle:#}")) + "\n";
    let Some(outputs) = outputs else { return write_out(out, &text) };
    match outputs.finish(|_, _| Some(text.clone())).errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn printed_role(args: &FetchArgs) -> String {
    let named = args.service.iter().chain(&args.app_gateway).find(|id| id.starts_with('/'));
    let id = named.cloned().map(ResourceId);
    let scope = if args.app_gateway.is_some() { Scope::NetworkAndGateway } else { Scope::Network };
    lines(&role(scope, id.as_ref().and_then(|id| id.segment("subscriptions"))), 0) + "\n"
}
