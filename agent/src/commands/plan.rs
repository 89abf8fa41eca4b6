//! `plan`: what `check` would do. Sends no packet at all, not even to the metadata service.

use std::io::Write;

use apim_probe_checks::catalogue;
use apim_probe_checks::plan::Plan;

use crate::cli::CheckArgs;
use crate::error::UserError;
use crate::instance::{gather, plan_error};
use crate::render::{Options, render_plan};
use crate::stdout::write_out;

/// Prints the plan.
///
/// # Errors
/// A bad flag or file, or a format that plans do not have.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = catalogue::embedded();
    let gathered = gather(&catalogue, args)?;
    let options = Options::of(&args.report)?;
    let plan = Plan::new(&catalogue, &gathered.instance).map_err(|error| plan_error(&error))?;
    let text = render_plan(&catalogue, &plan, &options).ok_or_else(|| {
        UserError::new(format!("a plan cannot be written as `{}`", options.format.as_str()))
            .hint("human, json and markdown are known")
    })?;
    write_out(out, &text)?;
    Ok(0)
}
