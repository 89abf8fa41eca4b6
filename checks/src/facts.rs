//! Everything that is known: what was planned, and what each source tells of it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::catalogue::words;
use crate::diagnose::classify::Class;
use crate::diagnose::seen::{Group, Seen};
use crate::network::configuration::Configuration;
use crate::plan::Plan;
use crate::portal::Portal;
use crate::run::{Clock, Host, Run, RunKind};

words! {
    /// Where facts come from.
    Source {
        /// Packets that this machine sent.
        Run = "run",
        /// Exported or planned configuration.
        Network = "network",
        /// What the instance's nodes say, as the portal shows it.
        Portal = "portal",
    }
}

/// What the sources of facts told: all that is worth saving.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    /// The plan, and what packets told.
    pub run: Run,
    /// What configuration told, where it was given.
    pub network: Option<Configuration>,
    /// What the instance's nodes told, where their NetworkStatus was given.
    pub portal: Option<Portal>,
}

impl From<Run> for Sources {
    fn from(run: Run) -> Self {
        Self { run, network: None, portal: None }
    }
}

/// What rules look at. Each source is one field; a rule says which it needs.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// What packets told; `None` where none were sent.
    pub run: Option<&'a Run>,
    /// What exported or planned configuration told.
    pub network: Option<&'a Configuration>,
    /// What the instance's nodes told.
    pub portal: Option<&'a Portal>,
    /// How far this machine's clock is off, where something told.
    pub clock: Option<&'a Clock>,
    /// The machine.
    pub host: &'a Host,
    all: &'a Run,
    classes: &'a [Class],
}

impl<'a> Facts<'a> {
    /// What the sources told, how far this machine's clock is off, and how each check of the run is classed.
    #[must_use]
    pub fn new(sources: &'a Sources, clock: Option<&'a Clock>, classes: &'a [Class]) -> Self {
        let all = &sources.run;
        Self {
            plan: &all.plan,
            run: Some(all).filter(|run| run.kind == RunKind::Check),
            network: sources.network.as_ref(),
            portal: sources.portal.as_ref(),
            clock,
            host: &all.host,
            all,
            classes,
        }
    }

    /// True where the source told something.
    #[must_use]
    pub const fn has(&self, source: Source) -> bool {
        match source {
            Source::Run => self.run.is_some(),
            Source::Network => self.network.is_some(),
            Source::Portal => self.portal.is_some(),
        }
    }

    /// When the run began.
    #[must_use]
    pub const fn started_at(&self) -> SystemTime {
        self.all.started_at
    }

    /// Every check.
    pub fn seen(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        let results = self.all.results().zip(self.classes);
        results.map(|((check, outcome), class)| Seen { check, outcome, class })
    }

    /// Every check that was run to an end.
    pub fn ended(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        self.seen().filter(|seen| seen.is_ended())
    }

    /// Every check that left the subnet towards a service; what configuration alone decided has sent nothing.
    pub fn outbound(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        let all_were_sent = self.network.is_none();
        self.ended().filter(move |seen| seen.is_outbound() && (all_were_sent || seen.was_probed()))
    }

    /// Checks that left the subnet and got beyond their names, by what `key` says of them.
    pub fn outbound_by<K: Ord>(&self, key: impl Fn(Seen<'a>) -> Option<K>) -> BTreeMap<K, Group<'a>> {
        Group::by(self.outbound().filter(|seen| seen.was_tried()), key)
    }

    /// True where some connection out of the subnet was opened.
    #[must_use]
    pub fn something_passes(&self) -> bool {
        self.outbound().any(Seen::got_through)
    }
}
