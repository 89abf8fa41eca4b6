//! What is told while a run goes on: the progress line, and the lines of `jsonl`, each as soon as its check has ended.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io::{IsTerminal, Write};

use apim_probe_checks::diagnose::Seen;
use apim_probe_checks::diagnose::classify::{Class, classify_at};
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, CheckId, Plan};
use apim_probe_checks::portal::Portal;
use apim_probe_checks::run::{Event, Run};

use crate::error::UserError;
use crate::progress::Progress;
use crate::render::redact::{Clean, Redaction, Scrub};
use crate::render::{Format, Options, Pieces, Verbosity, jsonl};
use crate::stdout::{write_out, write_report};

/// Who is told.
#[derive(Debug)]
pub struct Observer<'a> {
    progress: Progress,
    lines: Option<Lines<'a>>,
}

impl<'a> Observer<'a> {
    /// The progress line, and the lines of `jsonl` where that is the format. On a terminal they would overwrite each
    /// other: there the lines are the progress. Pseudonyms are given over the whole report, so that they are the same in
    /// every format: there the lines come at the end.
    #[must_use]
    pub fn new(options: &Options, out: &'a mut dyn Write) -> Self {
        let lines = (options.format == Format::Jsonl && options.redact != Redaction::Names)
            .then(|| Lines::new(options.redact, out));
        let is_shared = lines.is_some() && std::io::stdout().is_terminal();
        let is_quiet = options.style.verbosity == Verbosity::Quiet;
        let progress = if is_shared || is_quiet { Progress::hidden() } else { Progress::on_terminal() };
        Self { progress, lines }
    }

    /// The plan of the run may grow: what stands in for names that are not known, or is skipped without them, has no line
    /// before the end.
    pub fn may_grow(&mut self) {
        if let Some(lines) = &mut self.lines {
            lines.grows = true;
        }
    }

    /// What the instance's nodes told, before the run starts.
    pub fn knows(&mut self, portal: Option<&Portal>) {
        if let Some(lines) = &mut self.lines {
            lines.portal = portal.cloned();
        }
    }

    /// Something has happened in the run.
    pub fn observe(&mut self, event: Event<'_>) {
        if let Some(lines) = &mut self.lines {
            match event {
                Event::Started(run) => lines.start(run),
                Event::Grown(plan) => lines.grow(plan),
                Event::Final(check, outcome) => lines.observe(check, outcome),
                Event::Ended(..) => {}
            }
        }
        self.progress.observe(event);
    }

    /// The checks are over: the progress line goes. Returns the lines, where there are any, for their end: what they knew
    /// of the run is in the run.
    #[must_use]
    pub fn end(self) -> Option<Lines<'a>> {
        self.progress.end();
        self.lines.map(|lines| Lines { known: None, ..lines })
    }
}

/// The lines of `jsonl` on stdout, each written when nothing more is asked about its check.
pub struct Lines<'a> {
    out: &'a mut dyn Write,
    redact: Redaction,
    portal: Option<Portal>,
    /// The plan may become another.
    grows: bool,
    /// What is known so far.
    known: Option<(Run, Scrub)>,
    /// The hash of each line that is written, which tells whether the end has changed it.
    written: BTreeMap<CheckId, u64>,
    hasher: RandomState,
    result: Result<(), UserError>,
}

impl fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines")
            .field("written", &self.written)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

impl<'a> Lines<'a> {
    fn new(redact: Redaction, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            redact,
            portal: None,
            grows: false,
            known: None,
            written: BTreeMap::new(),
            hasher: RandomState::new(),
            result: Ok(()),
        }
    }

    /// Writes and flushes. After an error nothing more is written: half a line would spoil the next one.
    fn write(&mut self, text: &str) {
        if self.result.is_ok() {
            self.result = write_out(self.out, text);
        }
    }

    fn start(&mut self, run: &Run) {
        let scrub = Scrub::new(run, self.redact);
        let first = {
            let mut clean = run.clone();
            scrub.run(&mut clean);
            jsonl::first(&clean)
        };
        self.write(&first);
        let open = |_: &Check| Outcome::bare(Status::Undecided(None), run.started_at);
        let outcomes = run.plan.checks.iter().map(open).collect();
        self.known = Some((Run { outcomes, ..run.clone() }, scrub));
    }

    /// Takes another plan; what has been seen of its checks stays.
    fn grow(&mut self, plan: &Plan) {
        let Some((run, scrub)) = &mut self.known else { return };
        let before = std::mem::replace(&mut run.plan, plan.clone()).checks;
        let seen = std::mem::take(&mut run.outcomes);
        let open = |_: &Check| Outcome::bare(Status::Undecided(None), run.started_at);
        let outcome = |check: &Check| {
            let place = before.iter().position(|known| known.id == check.id);
            place.and_then(|place| seen.get(place).cloned()).unwrap_or_else(|| open(check))
        };
        run.outcomes = run.plan.checks.iter().map(outcome).collect();
        *scrub = Scrub::new(run, self.redact);
    }

    /// Writes the line of a check, judged by what is known so far: nearly always that is what the end will say.
    fn observe(&mut self, check: &Check, outcome: &Outcome) {
        let Some((run, scrub)) = &mut self.known else { return };
        let Some(place) = run.plan.checks.iter().position(|known| known.id == check.id) else { return };
        run.outcomes[place] = outcome.clone();
        if self.grows && (check.fallback || check.skip_reason().is_some()) {
            return;
        }
        // Only a failure is seen in the light of others, and all others are looked at for it.
        let mut class = match run.outcomes[place].failure() {
            Some(_) => classify_at(run, place),
            None => Class::alone(&run.plan.checks[place], &run.outcomes[place]),
        };
        let (mut check, mut outcome, mut portal) = (check.clone(), outcome.clone(), self.portal.clone());
        scrub.check(&mut check);
        scrub.outcome(&mut outcome);
        scrub.class(&mut class);
        portal.iter_mut().for_each(|portal| scrub.portal(portal));
        let seen = Seen { check: &check, outcome: &outcome, class: &class };
        let line = jsonl::line(seen, portal.as_ref(), None);
        self.write(&line);
        self.written.insert(check.id, self.hasher.hash_one(&line));
    }

    /// Writes the lines of the checks that had none yet, or whose line the end has changed, and the last line.
    ///
    /// # Errors
    /// Some line could not be written.
    pub fn end(self, clean: &Clean) -> Result<(), UserError> {
        let lines = clean
            .results()
            .map(|seen| (&seen.check.id, jsonl::line(seen, clean.portal.as_ref(), clean.judgement())));
        let left = lines.filter(|(id, line)| self.written.get(*id) != Some(&self.hasher.hash_one(line)));
        let left: Pieces<'_> = Box::new(left.map(|(_, line)| line).chain([jsonl::last(clean)]));
        self.result.and_then(|()| write_report(self.out, left))
    }
}
