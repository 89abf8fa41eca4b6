//! What must not be in a report, of its configuration: sentences, parts and paths may hold ids.

use apim_probe_checks::diagnose::Finding;
use apim_probe_checks::network::Place;
use apim_probe_checks::network::configuration::{Basis, Configuration};
use apim_probe_checks::network::publishing::Front;
use apim_probe_checks::network::publishing::health::Sick;
use apim_probe_checks::network::publishing::reason::Fault;

use super::Scrub;

impl Scrub {
    /// All of it.
    pub(super) fn configuration(&self, configuration: &mut Configuration) {
        self.basis(&mut configuration.basis);
        for reason in configuration.judgement.settings.iter_mut().flat_map(|setting| &mut setting.reasons) {
            self.text(&mut reason.says);
            self.text(&mut reason.step);
            [&mut reason.has, &mut reason.needs].into_iter().for_each(|text| self.each(text));
            self.place(reason.place.as_mut());
        }
        for one in &mut configuration.disagreements {
            self.text(&mut one.typed);
            self.text(&mut one.told);
            self.place(Some(&mut one.place));
        }
        configuration.publishing.gateways.iter_mut().for_each(|front| self.front(front));
        configuration.publishing.health.iter_mut().for_each(|sick| self.sick(sick));
    }

    /// What decisions stand on.
    fn basis(&self, basis: &mut Basis) {
        for document in &mut basis.documents {
            self.text(&mut document.name);
            self.place(Some(&mut document.place));
        }
        for part in &mut basis.passed_over {
            self.place(Some(&mut part.place));
            self.text(&mut part.reason);
        }
        basis.assumptions.iter_mut().for_each(|text| self.text(text));
        basis.refused.iter_mut().for_each(|one| self.text(&mut one.id));
    }

    fn front(&self, front: &mut Front) {
        self.text(&mut front.name);
        self.each(&mut front.resource_group);
        front.parts.iter_mut().for_each(|part| self.text(part));
        front.unfit.iter_mut().flat_map(|(_, faults)| faults).for_each(|fault| self.fault(fault));
        front.health.iter_mut().for_each(|sick| self.sick(sick));
    }

    fn fault(&self, fault: &mut Fault) {
        self.text(&mut fault.says);
        self.text(&mut fault.step);
        [&mut fault.part, &mut fault.has, &mut fault.needs].into_iter().for_each(|text| self.each(text));
        self.place(fault.place.as_mut());
    }

    fn sick(&self, sick: &mut Sick) {
        for complaint in &mut sick.complaints {
            self.text(&mut complaint.server);
            self.text(&mut complaint.health);
            self.text(&mut complaint.log);
            self.place(Some(&mut complaint.place));
        }
    }

    fn place(&self, place: Option<&mut Place>) {
        if let Some(place) = place {
            self.text(&mut place.file);
        }
    }

    /// What was found, in every sentence and command.
    pub(super) fn finding(&self, finding: &mut Finding) {
        let remedy = &mut finding.remedy;
        let texts = [&mut finding.title, &mut finding.detail, &mut remedy.summary];
        texts.into_iter().for_each(|text| self.text(text));
        for step in &mut remedy.steps {
            let texts = step.when.iter_mut().chain(&mut step.text).chain([&mut step.command]);
            texts.for_each(|text| self.text(text));
        }
        for reason in &mut finding.reasons {
            self.text(&mut reason.text);
            [&mut reason.has, &mut reason.needs].into_iter().for_each(|text| self.each(text));
            self.place(reason.place.as_mut());
        }
        finding.affects.iter_mut().for_each(|id| self.text(&mut id.0));
    }
}
