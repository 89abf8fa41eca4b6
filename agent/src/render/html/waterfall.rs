//! The stages of a check as bars on a linear axis of time, with the same in words.

use apim_probe_checks::arrange;
use apim_probe_checks::outcome::{Outcome, Step};
use apim_probe_checks::run::Run;

use super::safe;
use crate::time;

/// Width of the axis in its own units.
const SPAN: f64 = 240.0;

/// Height of a bar.
const BAR: f64 = 8.0;

/// The axis that all rows share: from the start of the run to the end of all but the slowest checks that passed, since one
/// time-out would make every other bar a dot. What ends later is cut off with an arrow.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    end_ms: f64,
}

impl Axis {
    /// The axis of a run.
    pub(super) fn of(run: &Run) -> Self {
        let mut ends: Vec<f64> =
            run.outcomes.iter().filter(|outcome| outcome.is_success()).map(end).collect();
        if ends.is_empty() {
            ends = run.outcomes.iter().map(end).collect();
        }
        arrange::by(&mut ends, f64::total_cmp);
        let place = ends.len().saturating_sub(1) * 95 / 100;
        Self { end_ms: round_up(ends.get(place).copied().unwrap_or(1.0)) }
    }

    /// The numbers above the bars, and what the colours mean.
    pub(super) fn header(&self) -> String {
        let stages = ["resolve", "connect", "handshake", "exchange"];
        let legend: String =
            stages.iter().map(|stage| format!("<span><i class=\"{stage}\"></i>{stage}</span> ")).collect();
        format!(
            "<span class=\"legend\">{legend}<span><i class=\"failed\"></i>failed</span></span><span class=\"axis\"><span>0</span><span>{}</span><span>{}</span></span>",
            time::span(self.end_ms / 2.0),
            time::span(self.end_ms)
        )
    }

    /// A bar for each step, those that failed below the others. Screen readers get the words.
    pub(super) fn bars(&self, outcome: &Outcome) -> String {
        let has_failed = outcome.steps.iter().any(|step| step.cause.is_some());
        let has_passed = outcome.steps.iter().any(|step| step.cause.is_none());
        let height = if has_failed && has_passed { 2.0 * BAR + 4.0 } else { BAR + 2.0 };
        // Where something passed, what failed has a lane of its own below.
        let lane = |step: &Step| if step.cause.is_some() && has_passed { BAR + 3.0 } else { 1.0 };
        let bars: String = outcome.steps.iter().map(|step| self.bar(step, lane(step))).collect();
        let words: Vec<String> = outcome.steps.iter().map(words).collect();
        format!(
            "<svg viewBox=\"0 0 {SPAN} {height}\" width=\"{SPAN}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">{bars}</svg>",
            safe(&words.join(", "))
        )
    }

    fn bar(&self, step: &Step, y: f64) -> String {
        let place = |ms: f64| if ms > 0.0 { (ms / self.end_ms * SPAN).min(SPAN) } else { 0.0 };
        let (start, end) = (place(step.start_ms), place(step.start_ms + step.duration_ms));
        let is_cut = step.start_ms + step.duration_ms > self.end_ms;
        let left = start.min(SPAN - 10.0);
        let width = (end - left).max(1.5);
        let class = if step.cause.is_some() { " failed" } else { "" };
        let title = format!("<title>{}</title>", safe(&words(step)));
        if !is_cut {
            return format!(
                "<rect class=\"{}{class}\" x=\"{left:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\">{title}</rect>",
                step.stage
            );
        }
        let (tip, low, middle) = (SPAN - 0.5, y + BAR, y + BAR / 2.0);
        let neck = tip - 6.0;
        format!(
            "<path class=\"{}{class}\" d=\"M{left:.1} {y}H{neck}L{tip} {middle}L{neck} {low}H{left:.1}Z\">{title}</path>",
            step.stage
        )
    }
}

/// `connect 3.2 s failed`.
fn words(step: &Step) -> String {
    let failed = if step.cause.is_some() { " failed" } else { "" };
    format!("{} {}{failed}", step.stage, time::span(step.duration_ms))
}

fn end(outcome: &Outcome) -> f64 {
    outcome
        .steps
        .iter()
        .map(|step| step.start_ms + step.duration_ms)
        .filter(|end| end.is_finite())
        .fold(0.0, f64::max)
}

/// The next of 1, 2, 5, 10, 20, 50 … milliseconds, at most an hour.
fn round_up(ms: f64) -> f64 {
    let steps = (0..8).flat_map(|power| [1.0, 2.0, 5.0].map(|first| first * 10_f64.powi(power)));
    steps.into_iter().find(|step| *step >= ms).unwrap_or(3_600_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        assert_eq!([0.0, 1.0, 47.0, 51.0, 3200.0].map(round_up), [1.0, 1.0, 50.0, 100.0, 5000.0]);
        assert_eq!(round_up(1e12), 3_600_000.0);
    }
}
