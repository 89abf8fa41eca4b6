//! The finding of a setting that does not fit: one finding, all its reasons.

use crate::arrange;
use crate::diagnose::configured::judgement;
use crate::diagnose::finding::{self, Code, Confidence, Finding, Severity};
use crate::diagnose::phrases::count;
use crate::diagnose::remedy;
use crate::facts::Facts;
use crate::fix::step::Proposal;
use crate::network::settings::{Gravity, Reason, Setting, SettingId};
use crate::plan::CheckId;

/// The finding of `id`, with `steps` for its reasons; none where the setting fits or was not judged.
pub(crate) fn finding(
    facts: &Facts<'_>,
    id: SettingId,
    steps: impl Fn(&[Reason]) -> Vec<Proposal>,
) -> Vec<Finding> {
    let settings = judgement(facts).map(|network| network.settings.as_slice()).unwrap_or_default();
    let wrong = settings.iter().find(|setting| setting.id == id && !setting.reasons.is_empty());
    wrong.map(|setting| of(facts, setting, steps(&setting.reasons))).into_iter().collect()
}

fn of(facts: &Facts<'_>, setting: &Setting, steps: Vec<Proposal>) -> Finding {
    let gravest: Vec<&Reason> =
        setting.reasons.iter().filter(|reason| Some(reason.gravity) == setting.gravity()).collect();
    let title = match gravest.as_slice() {
        [only] => only.says.clone(),
        all => format!("{} does not fit, for {}.", setting.id.name(), count(all.len(), "reason")),
    };
    let reasons = match setting.reasons.as_slice() {
        [_] => String::new(),
        all => all.iter().map(|reason| format!("{} ", reason.says)).collect(),
    };
    let mut sources: Vec<&str> = setting.reasons.iter().map(|reason| &*reason.source).collect();
    arrange::by(&mut sources, Ord::cmp);
    sources.dedup();
    let source = match sources.join(", ") {
        none if none.is_empty() => none,
        sources => format!("Source: {sources}."),
    };
    let detail = format!("{reasons}{source}").trim_end().to_owned();
    let summary = setting.reasons.iter().map(|reason| reason.step.as_str()).collect::<Vec<&str>>().join(" ");
    let severity = severity(setting.gravity());
    let affects = vec![CheckId(setting.id.as_str().to_owned())];
    let remedy = remedy::advise(facts, summary, steps);
    let code = Code::of_setting(setting.id);
    let reasons = setting.reasons.iter().map(reason).collect();
    Finding { severity, reasons, ..Finding::new(code, Confidence::High, title, detail, affects, remedy) }
}

fn reason(reason: &Reason) -> finding::Reason {
    finding::Reason {
        code: reason.code.to_string(),
        text: reason.says.clone(),
        place: reason.place.clone(),
        has: reason.has.clone(),
        needs: reason.needs.clone(),
    }
}

/// The severity that a gravity means.
pub(crate) const fn severity(gravity: Option<Gravity>) -> Severity {
    match gravity {
        Some(Gravity::Error) => Severity::Error,
        Some(Gravity::Warning) => Severity::Warning,
        Some(Gravity::Info) | None => Severity::Info,
    }
}
