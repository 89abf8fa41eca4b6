//! Progress: one line on a terminal's stderr, and nothing anywhere else.

use std::io::IsTerminal;

use apim_probe_checks::run::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::host::Environment;

/// The line.
pub struct Progress {
    bar: ProgressBar,
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
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} checks, {elapsed}  {msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// A line that draws nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// Takes note of what the run tells.
    pub fn observe(&mut self, event: Event<'_>) {
        match event {
            Event::Started(run) => {
                let probed = run.plan.checks.iter().filter(|check| check.skip.is_none()).count();
                self.bar.set_length(u64::try_from(probed).unwrap_or(u64::MAX));
            }
            Event::Ended(check, outcome) => {
                self.bar.inc(1);
                if outcome.failure().is_some() {
                    self.bar.set_message(format!("last failure: {}", check.endpoint));
                }
            }
        }
    }

    /// Takes the line away.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
