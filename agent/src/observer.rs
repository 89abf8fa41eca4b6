//! What is told while a run goes on: the progress line, and the lines of `jsonl`, each as soon as its check has ended.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;

use apim_probe_checks::outcome::Outcome;
use apim_probe_checks::plan::{Check, CheckId};
use apim_probe_checks::report::Report;
use apim_probe_checks::run::{Event, Run, is_settled};

use crate::error::UserError;
use crate::progress::Progress;
use crate::render::redact::{Redaction, Scrub};
use crate::render::{Format, Options, Verbosity, jsonl, redacted};
use crate::stdout::write_out;

/// Who is told.
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

    /// Something has happened in the run.
    pub fn observe(&mut self, event: Event<'_>) {
        if let Some(lines) = &mut self.lines {
            match event {
                Event::Started(run) => lines.start(run),
                Event::Ended(check, outcome) => lines.observe(check, outcome),
            }
        }
        self.progress.observe(event);
    }

    /// The checks are over: the progress line goes. Returns the lines, where there are any, for their end.
    #[must_use]
    pub fn end(self) -> Option<Lines<'a>> {
        self.progress.end();
        self.lines
    }
}

/// The lines of `jsonl` on stdout.
pub struct Lines<'a> {
    out: &'a mut dyn Write,
    redact: Redaction,
    scrub: Option<Scrub>,
    servers: Vec<SocketAddr>,
    written: BTreeSet<CheckId>,
    result: Result<(), UserError>,
}

impl<'a> Lines<'a> {
    fn new(redact: Redaction, out: &'a mut dyn Write) -> Self {
        Self { out, redact, scrub: None, servers: Vec::new(), written: BTreeSet::new(), result: Ok(()) }
    }

    /// Writes and flushes. After an error nothing more is written: half a line would spoil the next one.
    fn write(&mut self, text: &str) {
        if self.result.is_ok() {
            self.result = write_out(self.out, text);
        }
    }

    fn start(&mut self, run: &Run) {
        let scrub = Scrub::new(run, self.redact);
        let mut clean = run.clone();
        scrub.run(&mut clean);
        self.scrub = Some(scrub);
        self.servers.clone_from(&run.plan.instance.dns_servers);
        self.write(&jsonl::first(&clean));
    }

    /// Writes the line of a check, unless something later may still change it.
    fn observe(&mut self, check: &Check, outcome: &Outcome) {
        let settled = is_settled(&self.servers, check, outcome);
        let Some(scrub) = self.scrub.as_ref().filter(|_| settled) else { return };
        self.written.insert(check.id.clone());
        let (mut check, mut outcome) = (check.clone(), outcome.clone());
        scrub.check(&mut check);
        scrub.outcome(&mut outcome);
        self.write(&jsonl::line(&check, &outcome));
    }

    /// Writes the lines of the checks that had none yet, and the last line.
    ///
    /// # Errors
    /// Some line could not be written.
    pub fn end(mut self, report: &Report) -> Result<(), UserError> {
        let clean = redacted(report, self.redact);
        let ids = report.run.plan.checks.iter().map(|check| &check.id);
        let left = ids.zip(clean.run.results()).filter(|(id, _)| !self.written.contains(id));
        let mut text: String = left.map(|(_, (check, outcome))| jsonl::line(check, outcome)).collect();
        text.push_str(&jsonl::last(&clean));
        self.write(&text);
        self.result
    }
}
