//! `plan`: what `check` would do. Sends no packet at all, not even to the metadata service.

use std::io::Write;

use apim_probe_checks::catalogue;
use apim_probe_checks::plan::Plan;

use crate::cli::PlanArgs;
use crate::error::UserError;
use crate::instance::{gather, plan_error};
use crate::render::{Style, Verbosity, render_plan};
use crate::stdout::write_out;

/// Prints the plan.
///
/// # Errors
/// A bad flag or file, or a selection that leaves nothing.
pub(super) fn run(args: &PlanArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = catalogue::embedded();
    let mut inputs = gather(catalogue, &args.scope)?;
    inputs.instance.app_gateway = args.gateway.front()?;
    inputs.fits_cloud(catalogue, &inputs.instance.cloud)?;
    let plan = Plan::new(catalogue, &inputs.instance).map_err(|error| plan_error(&error))?;
    let verbosity = if args.verbose { Verbosity::Verbose } else { Verbosity::Normal };
    let style = Style::new(args.color, verbosity);
    write_out(out, &render_plan(catalogue, &plan, args.format, style))?;
    Ok(0)
}
