//! Progress: one line on a terminal's stderr, and nothing anywhere else.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use apim_probe_checks::arrange;
use apim_probe_checks::plan::{Check, CheckId, Plan};
use apim_probe_checks::run::{Event, Run};
use unicode_width::UnicodeWidthChar;

use crate::host::Environment;
use crate::render::escape::display_safe;

/// Time between two drawings, whatever happens: a line that stands still looks hung.
const TICK: Duration = Duration::from_millis(100);

/// The line.
#[derive(Debug)]
pub struct Progress {
    state: Arc<Mutex<State>>,
    drawer: Option<Drawer>,
}

impl Progress {
    /// A line where stderr is a terminal that can move its cursor; else one that draws nothing.
    #[must_use]
    pub fn on_terminal() -> Self {
        let mut progress = Self::hidden();
        if std::io::stderr().is_terminal() && !Environment::read().is_dumb {
            progress.drawer = Drawer::start(Arc::clone(&progress.state));
        }
        progress
    }

    /// A line that draws nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self { state: Arc::default(), drawer: None }
    }

    /// Takes note of what the run tells.
    pub fn observe(&mut self, event: Event<'_>) {
        if self.drawer.is_none() {
            return;
        }
        let mut state = locked(&self.state);
        match event {
            Event::Started(run) => {
                state.pending = Pending::of(run);
                state.clock = Some((Instant::now(), run.deadline_ms / 1000.0));
            }
            Event::Grown(plan) => state.pending.grow(plan),
            Event::Ended(check, _) => {
                let ended = state.pending.ended(check);
                state.ended += ended;
            }
            Event::Final(..) => {}
        }
    }

    /// Takes the line away.
    pub fn end(self) {
        if let Some(Drawer { stop, thread }) = self.drawer {
            drop(stop);
            // A drawer that panicked has ended the program.
            let _ = thread.join();
        }
    }
}

/// What the line tells of.
#[derive(Debug, Default)]
struct State {
    /// When the run began, and how many seconds it has.
    clock: Option<(Instant, f64)>,
    ended: usize,
    pending: Pending,
}

impl State {
    /// How far, since when, of how much time, and what for; nothing before the run begins.
    fn line(&self) -> Option<String> {
        let (began, limit) = self.clock?;
        let (ended, all) = (self.ended, self.ended + self.pending.checks.len());
        let spent = began.elapsed().as_secs_f64();
        Some(format!("{ended} of {all} checks, {spent:.1} s of {limit:.1} s  {}", self.pending.words()))
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws the line again and again, until nothing can tell it to stop any more.
#[derive(Debug)]
struct Drawer {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Drawer {
    /// `None` where this machine has no thread left: a run goes on without its line.
    fn start(state: Arc<Mutex<State>>) -> Option<Self> {
        let (stop, stopped) = mpsc::channel();
        let draw = move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                let line = locked(&state).line();
                line.iter().for_each(|line| write(fitted(line, columns())));
            }
            write("");
        };
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(draw).ok()?;
        Some(Self { stop, thread })
    }
}

/// Columns of the terminal on stderr; one stays free, since some terminals begin a new line behind the last.
fn columns() -> usize {
    let known = terminal_size::terminal_size_of(std::io::stderr());
    known.map_or(80, |(width, _)| usize::from(width.0)).saturating_sub(1)
}

/// As much of the line as its columns hold.
fn fitted(line: &str, columns: usize) -> &str {
    let mut taken = 0;
    let cut = line.char_indices().find(|(_, letter)| {
        taken += letter.width().unwrap_or_default();
        taken > columns
    });
    &line[..cut.map_or(line.len(), |(at, _)| at)]
}

/// Replaces what stands on the line. What cannot be drawn is drawn at the next tick.
fn write(line: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(format!("\r{line}\u{1b}[K").as_bytes());
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
    fn ended(&mut self, check: &Check) -> usize {
        let waiting = self.checks.len();
        self.checks.retain(|(id, _)| *id != check.id);
        self.ended.insert(check.id.clone());
        waiting - self.checks.len()
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
    fn a_line_is_cut_at_the_terminals_last_column() {
        assert_eq!(fitted("waiting", 7), "waiting");
        assert_eq!(fitted("waiting", 4), "wait");
        assert_eq!(fitted("日本語", 5), "日本", "two columns each");
        assert_eq!(fitted("waiting", 0), "");
    }

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
