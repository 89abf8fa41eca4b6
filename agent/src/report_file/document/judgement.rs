//! The judgement in a report: written, and never read back, since `explain` judges anew.

use apim_probe_checks::diagnose::{
    Code, Confidence, Finding, Instruction, Reason, Remedy, Severity, StepKind,
};
use apim_probe_checks::plan::CheckId;
use apim_probe_checks::report::{Counts, Summary, Verdict};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SummaryDoc {
    verdict: Verdict,
    exit_code: u8,
    required: CountsDoc,
    optional: CountsDoc,
}

#[derive(Debug, Serialize)]
struct CountsDoc {
    total: u32,
    success: u32,
    failure: u32,
    skipped: u32,
    undecided: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FindingDoc<'a> {
    code: Code,
    severity: Severity,
    confidence: Confidence,
    title: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonDoc<'a>>,
    affects: Vec<&'a str>,
    explains: &'a [Code],
    #[serde(skip_serializing_if = "Option::is_none")]
    explained_by: Option<Code>,
    remedy: RemedyDoc<'a>,
}

/// One reason of a finding, and where it stands.
#[derive(Debug, Serialize)]
struct ReasonDoc<'a> {
    code: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'a str>,
}

impl<'a> From<&'a Reason> for ReasonDoc<'a> {
    fn from(reason: &'a Reason) -> Self {
        Self {
            code: &reason.code,
            text: &reason.text,
            file: reason.place.as_ref().map(|place| place.file.as_str()),
            pointer: reason.place.as_ref().map(|place| place.pointer.as_str()),
            has: reason.has.as_deref(),
            needs: reason.needs.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RemedyDoc<'a> {
    summary: &'a str,
    commands: Vec<&'a str>,
    steps: Vec<StepDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct StepDoc<'a> {
    kind: StepKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    command: &'a str,
}

impl<'a> From<&'a Instruction> for StepDoc<'a> {
    fn from(step: &'a Instruction) -> Self {
        let Instruction { kind, when, text, command } = step;
        Self { kind: *kind, when: when.as_deref(), text: text.as_deref(), command }
    }
}

impl From<Summary> for SummaryDoc {
    fn from(summary: Summary) -> Self {
        let Summary { verdict, exit_code, required, optional } = summary;
        Self { verdict, exit_code, required: required.into(), optional: optional.into() }
    }
}

impl From<Counts> for CountsDoc {
    fn from(counts: Counts) -> Self {
        let Counts { total, success, failure, skipped, undecided } = counts;
        Self { total, success, failure, skipped, undecided }
    }
}

impl<'a> From<&'a Finding> for FindingDoc<'a> {
    fn from(finding: &'a Finding) -> Self {
        let Finding {
            code,
            severity,
            confidence,
            title,
            detail,
            reasons,
            affects,
            explains,
            explained_by,
            remedy,
        } = finding;
        let Remedy { summary, steps, doc_url } = remedy;
        Self {
            code: *code,
            severity: *severity,
            confidence: *confidence,
            title,
            detail,
            reasons: reasons.iter().map(ReasonDoc::from).collect(),
            affects: affects.iter().map(CheckId::as_str).collect(),
            explains,
            explained_by: *explained_by,
            remedy: RemedyDoc {
                summary,
                commands: remedy.commands().collect(),
                steps: steps.iter().map(StepDoc::from).collect(),
                doc_url: doc_url.as_deref(),
            },
        }
    }
}
