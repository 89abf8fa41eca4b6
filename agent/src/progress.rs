//! Progress: one line on a terminal's stderr, and nothing anywhere else.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::Duration;

use apim_probe_checks::arrange;
use apim_probe_checks::plan::{Check, CheckId, Plan};
use apim_probe_checks::run::{Event, Run};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::host::Environment;
use crate::render::escape::display_safe;

/// Time between two drawings, whatever happens: a line that stands still looks hung.
const TICK: Duration = Duration::from_millis(100);

/// How far, since when, of how much time, and what for.
const TEMPLATE: &str = "{pos} of {len} checks, {spent} s of {prefix} s  {wide_msg}";

/// The line.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    pending: Pending,
}

impl Progress {
    /// A line where stderr is a terminal that can move its cursor; else one that draws nothing.
    #[must_use]
    pub fn on_terminal() -> Self {
        let target = if std::io::stderr().is_terminal() && !Environment::read().is_dumb {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("spent", |state: &ProgressState, text: &mut dyn Write| {
                // What cannot be drawn is drawn at the next tick.
                let _ = write!(text, "{:.1}", state.elapsed().as_secs_f64());
            }));
        }
        Self { bar, pending: Pending::default() }
    }

    /// A line that draws nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), pending: Pending::default() }
    }

    /// Takes note of what the run tells.
    pub fn observe(&mut self, event: Event<'_>) {
        match event {
            Event::Started(run) => {
                self.pending = Pending::of(run);
                self.bar.set_length(u64::try_from(self.pending.checks.len()).unwrap_or(u64::MAX));
                self.bar.set_prefix(format!("{:.1}", run.deadline_ms / 1000.0));
                self.bar.enable_steady_tick(TICK);
            }
            Event::Grown(plan) => {
                self.pending.grow(plan);
                let left = u64::try_from(self.pending.checks.len()).unwrap_or(u64::MAX);
                self.bar.set_length(self.bar.position().saturating_add(left));
            }
            Event::Ended(check, _) => self.bar.inc(self.pending.ended(check)),
            Event::Final(..) => {}
        }
        self.bar.set_message(self.pending.words());
    }

    /// Takes the line away.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// The checks that have not ended: required ones first, each in the plan's order.
#[derive(Debug, Default)]
struct Pending {
    checks: Vec<(CheckId, String)>,
    ended: BTreeSet<CheckId>,
}

impl Pending {
    fn of(run: &Run) -> Self {
        let mut pending = Self::default();
        pending.grow(&run.plan);
        pending
    }

    /// Another plan: what has ended has ended.
    fn grow(&mut self, plan: &Plan) {
        let is_open = |check: &&Check| check.skip_reason().is_none() && !self.ended.contains(&check.id);
        let mut checks: Vec<&Check> = plan.checks.iter().filter(is_open).collect();
        arrange::by_key(&mut checks, |check| check.is_optional());
        let named = |check: &Check| display_safe(&format!("{} {}", check.endpoint, check.target()));
        self.checks = checks.into_iter().map(|check| (check.id.clone(), named(check))).collect();
    }

    /// A check has ended; returns how many of those that were waited for.
    fn ended(&mut self, check: &Check) -> u64 {
        let waiting = self.checks.len();
        self.checks.retain(|(id, _)| *id != check.id);
        self.ended.insert(check.id.clone());
        u64::try_from(waiting - self.checks.len()).unwrap_or_default()
    }

    /// `waiting for sql-database x.database.windows.net:1433 and 3 more`.
    fn words(&self) -> String {
        match self.checks.as_slice() {
            [] => "looking again at what failed".to_owned(),
            [(_, one)] => format!("waiting for {one}"),
            [(_, one), rest @ ..] => format!("waiting for {one} and {} more", rest.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_what_is_waited_for_and_counts_the_rest() {
        let one = |name: &str| (CheckId(name.to_owned()), format!("{name} {name}.example:443"));
        let mut pending =
            Pending { checks: ["sql", "vault", "mail"].map(one).into(), ended: BTreeSet::new() };
        assert_eq!(pending.words(), "waiting for sql sql.example:443 and 2 more");
        pending.checks.truncate(1);
        assert_eq!(pending.words(), "waiting for sql sql.example:443");
        pending.checks.clear();
        assert_eq!(pending.words(), "looking again at what failed");
    }
}
