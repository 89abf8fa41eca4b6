//! Asking Azure beside the checks: what it tells becomes targets while they run, and the judgement when it has ended.

use std::collections::BTreeSet;
use std::time::Duration;

use apim_probe_azure::estate::Fetched;
use apim_probe_azure::imds::Answer;
use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::plan::{CheckId, Plan};
use apim_probe_checks::portal::Portal;
use apim_probe_checks::run::Run;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::azure;
use crate::azure::asking::Asking;
use crate::cli::InstanceArgs;
use crate::documents::Documents;
use crate::documents::azure::Files;
use crate::error::{self, UserError};
use crate::instance::plan_error;

mod askings;

use askings::Askings;

/// What asking brought.
#[derive(Debug)]
pub(super) struct Asked {
    fetched: Fetched,
    /// What it tells; `None` where it brought nothing, not even a refusal.
    told: Option<(Documents, AzureFacts)>,
}

/// What Azure tells beside its documents.
#[derive(Debug)]
pub(super) struct AzureFacts {
    /// What was typed against it.
    pub(super) against: Vec<Disagreement>,
    /// What the instance's nodes say.
    pub(super) portal: Option<Portal>,
}

/// How Azure is asked, and what was known of it so far.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) typed: &'a InstanceArgs,
    /// Exported configuration, where some was named, and what was typed against it.
    pub(super) documents: Option<(Documents, Vec<Disagreement>)>,
    /// How it is asked, where it is, and the files that are read together with its answers.
    pub(super) asking: Option<(Asking, Files)>,
    /// What Azure said in an earlier run of this invocation, together with the files that were named.
    found: Option<Documents>,
    askings: Askings,
    /// What was said on standard error of what Azure did not give.
    said: Vec<String>,
    /// What is still to be said of it.
    unsaid: Vec<String>,
}

/// The plan of an instance, and what its nodes say of it.
pub(super) fn plan(catalogue: &Catalogue, instance: &Instance) -> Result<(Plan, Option<Portal>), UserError> {
    Plan::with_portal(catalogue, instance).map_err(|error| plan_error(&error))
}

/// The checks of a plan that send packets.
pub(super) fn targets(plan: &Plan) -> BTreeSet<CheckId> {
    let probed = plan.checks.iter().filter(|check| check.skip_reason().is_none());
    probed.map(|check| check.id.clone()).collect()
}

impl<'a> Asker<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        typed: &'a InstanceArgs,
        documents: Option<(Documents, Vec<Disagreement>)>,
        asking: Option<(Asking, Files)>,
    ) -> Self {
        Self {
            catalogue,
            typed,
            documents,
            asking,
            found: None,
            askings: Askings::default(),
            said: Vec::new(),
            unsaid: Vec::new(),
        }
    }

    /// Says on standard error what Azure did not give, once.
    pub(super) fn say(&mut self) {
        self.unsaid.drain(..).for_each(|hint| error::hint(&hint, &mut std::io::stderr()));
    }

    /// Runs will be repeated for so long.
    pub(super) fn repeats_for(&mut self, time: Duration) {
        self.askings.repeat_for(time);
    }

    /// True where Azure is to be asked in the next run.
    pub(super) fn asks_azure(&self) -> bool {
        let asking = self.asking.as_ref();
        asking.is_some_and(|(asking, _)| self.askings.is_due(Instant::now(), asking.spent()))
    }

    /// The documents that are known now: Azure's of an earlier run, else those of files.
    pub(super) fn known_documents(&self) -> Option<&Documents> {
        self.found.as_ref().or(self.documents.as_ref().map(|(documents, _)| documents))
    }

    /// The instance with what is known of it now, and what was typed against that.
    ///
    /// # Errors
    /// Several subnets could be meant.
    pub(super) fn known(&self, base: &Instance) -> Result<(Instance, Vec<Disagreement>), UserError> {
        match (&self.found, &self.documents) {
            (Some(documents), _) => self.filled(base, documents),
            (None, Some((_, against))) => Ok((base.clone(), against.clone())),
            (None, None) => Ok((base.clone(), Vec::new())),
        }
    }

    /// Asks Azure, and sends a plan as soon as the instance is known and another at the end. `None` where there is nothing
    /// new: whatever Azure says is no usage error.
    ///
    /// # Errors
    /// The name of the instance means two.
    pub(super) async fn ask_azure(
        &self,
        base: &Instance,
        answer: Option<Answer>,
        started: Instant,
        plans: mpsc::Sender<Plan>,
    ) -> Result<Option<Asked>, UserError> {
        let Some((asking, files)) = &self.asking else { return Ok(None) };
        let machine = answer.and_then(|answer| answer.machine);
        let (tell, told) = oneshot::channel();
        let deadline = started + asking.timeout;
        let asked = asking.ask(self.catalogue, &base.cloud, machine, deadline, Some(tell));
        let early = async {
            let Ok(fetched) = told.await else { return };
            if let Ok(documents) = files.with(&fetched) {
                self.send(base, &documents, &plans).await;
            }
        };
        let (fetched, ()) = tokio::join!(asked, early);
        let fetched = fetched?;
        if fetched.bundle.documents.is_empty() && fetched.bundle.refused.is_empty() {
            return Ok(Some(Asked { fetched, told: None }));
        }
        let documents = files.with(&fetched)?;
        let told = self.send(base, &documents, &plans).await;
        Ok(Some(Asked { fetched, told: told.map(|told| (documents, told)) }))
    }

    /// Sends the plan that documents make of an instance; `None` where they make none.
    async fn send(
        &self,
        base: &Instance,
        documents: &Documents,
        plans: &mpsc::Sender<Plan>,
    ) -> Option<AzureFacts> {
        let (instance, against) = self.filled(base, documents).ok()?;
        let (mut plan, portal) = plan(self.catalogue, &instance).ok()?;
        documents.add_settings(&mut plan).ok()?;
        plans.send(plan).await.ok()?;
        Some(AzureFacts { against, portal })
    }

    /// The instance with what documents tell.
    fn filled(
        &self,
        base: &Instance,
        documents: &Documents,
    ) -> Result<(Instance, Vec<Disagreement>), UserError> {
        let mut instance = base.clone();
        let against = documents.fill_in(&mut instance, self.typed, self.catalogue)?;
        Ok((instance, against))
    }

    /// Keeps what was told for the runs to come, and what is to be said of it where that is new. The bounds of asking join
    /// those of the run, whose `first` targets were those before.
    pub(super) fn keep(
        &mut self,
        asked_at: Instant,
        asked: Asked,
        run: &mut Run,
        first: &BTreeSet<CheckId>,
    ) -> Option<AzureFacts> {
        let (spent, asking_ms) = self
            .asking
            .as_ref()
            .map_or((0, 0.0), |(asking, _)| (asking.spent(), asking.timeout.as_secs_f64() * 1000.0));
        let requests = self.askings.count(spent);
        let has_grown = targets(&run.plan).difference(first).next().is_some();
        run.deadline_ms =
            if has_grown { run.deadline_ms + asking_ms } else { run.deadline_ms.max(asking_ms) };
        let hints = azure::hints(&asked.fetched);
        if hints != self.said {
            self.unsaid.clone_from(&hints);
            self.said = hints;
        }
        let is_nothing = asked.fetched.bundle.documents.is_empty();
        if is_nothing && self.found.is_some() {
            return None;
        }
        let (documents, told) = asked.told?;
        self.askings.keep(asked_at, requests);
        self.found = Some(documents);
        Some(told)
    }
}
