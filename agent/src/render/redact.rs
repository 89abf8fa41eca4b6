//! What must not be in a report: secrets never, ids, user names and query strings unless they were asked for.

use std::ops::Deref;

use apim_probe_checks::catalogue::embedded;
use apim_probe_checks::diagnose::classify::Class;
use apim_probe_checks::outcome::{Outcome, Status};
use apim_probe_checks::plan::{Check, Work};
use apim_probe_checks::portal::Portal;
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::run::Run;
use serde_json::Value;

use super::escape::without_credentials;
use super::json;
use crate::cli::{Redact, RedactArgs};
use crate::report_file::document::Document;
use crate::report_file::read::from_json;

mod addresses;
mod configuration;
mod names;

/// How much is taken out of a report. Secrets go in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redaction {
    /// Secrets alone (`--no-redact`).
    Secrets,
    /// Subscription, tenant and object ids, user names and query strings too.
    Ids,
    /// All of these, and host names, addresses and resource groups stand under pseudonyms (`--redact names`).
    Names,
}

const REDACTED: &str = "[redacted]";

impl Redaction {
    /// What both flags mean together.
    #[must_use]
    pub const fn of(args: &RedactArgs) -> Self {
        match (args.no_redact, args.redact) {
            (true, _) => Self::Secrets,
            (false, Redact::Ids) => Self::Ids,
            (false, Redact::Names) => Self::Names,
        }
    }
}

/// Words before a value that is never stored: SAS signatures, keys, tokens.
const SECRETS: [&str; 9] = [
    "sig=",
    "accountkey=",
    "sharedaccesskey=",
    "sharedaccesssignature=",
    "password=",
    "pwd=",
    "access_token=",
    "bearer ",
    "authorization: basic ",
];

/// Words before a value that names a customer, in URLs of Azure and in paths.
const IDS: [&str; 7] = [
    "/subscriptions/",
    "/tenants/",
    "sts.windows.net/",
    "login.microsoftonline.com/",
    "/home/",
    "/users/",
    "\\users\\",
];

/// What `az rest` itself replaces by the subscription that it is signed in to.
const AZ_TOKEN: &str = "{subscriptionId}";

/// A report without what must not be in one: nothing else is rendered.
#[derive(Debug)]
pub struct Clean(Report);

impl Clean {
    /// Takes it out.
    #[must_use]
    pub fn of(report: Report, redact: Redaction) -> Self {
        let clean = scrubbed(report, redact);
        Self(if redact == Redaction::Names { under_pseudonyms(&clean) } else { clean })
    }
}

impl Deref for Clean {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

/// The report as `explain` would make it of a JSON report in which every name is replaced.
///
/// # Panics
/// Never: what was written as a report is read as one, and pseudonyms are names and addresses as well.
fn under_pseudonyms(report: &Report) -> Report {
    let mut written = json::value(&Document::from(report));
    names::replace(embedded(), &mut written);
    let sources = from_json(&written.to_string()).expect("a report that was written can be read");
    Report { summary: report.summary, ..Report::new(sources, ExitPolicy::default()) }
}

fn scrubbed(mut clean: Report, redact: Redaction) -> Report {
    let scrub = Scrub::new(&clean.run, redact);
    scrub.run(&mut clean.run);
    clean.classes.iter_mut().for_each(|class| scrub.class(class));
    if let Some(portal) = &mut clean.portal {
        scrub.portal(portal);
    }
    if let Some(network) = &mut clean.network {
        scrub.configuration(network);
    }
    clean.diagnosis.findings.iter_mut().for_each(|finding| scrub.finding(finding));
    clean
}

/// The subscription that the metadata service named.
fn ids(run: &Run, redact: Redaction) -> Vec<String> {
    let subscription = run.host.azure.metadata.subscription_id.iter();
    subscription
        .filter(|id| redact != Redaction::Secrets && id.len() > 8 && *id != REDACTED)
        .cloned()
        .collect()
}

/// Takes out of a run, or out of a part of it, what must not be in a report.
#[derive(Debug)]
pub struct Scrub {
    ids: Vec<String>,
    redact: Redaction,
}

impl Scrub {
    /// For a run, or for what is known of it so far.
    #[must_use]
    pub fn new(run: &Run, redact: Redaction) -> Self {
        Self { ids: ids(run, redact), redact }
    }

    /// The whole run.
    pub fn run(&self, run: &mut Run) {
        self.host(run);
        run.args.iter_mut().for_each(|arg| self.text(arg));
        run.plan.checks.iter_mut().for_each(|check| self.check(check));
        run.outcomes.iter_mut().for_each(|outcome| self.outcome(outcome));
    }

    /// One check of it.
    pub fn check(&self, check: &mut Check) {
        self.text(&mut check.name);
        match &mut check.work {
            Work::Probe(target) => self.text(&mut target.host),
            Work::Skip { host, .. } => self.each(host),
        }
        self.text(&mut check.id.0);
        self.text(&mut check.endpoint);
        self.text(&mut check.purpose);
        self.each(&mut check.service_tag);
        self.each(&mut check.resource_type);
    }

    fn host(&self, run: &mut Run) {
        let host = &mut run.host;
        for text in [&mut host.hostname, &mut host.os, &mut host.kernel] {
            self.each(text);
        }
        host.search_domains.iter_mut().chain(host.proxy.values_mut()).for_each(|text| self.text(text));
        self.each(&mut run.plan.instance.service);
        if self.redact != Redaction::Secrets {
            host.azure.metadata.subscription_id.iter_mut().for_each(|id| REDACTED.clone_into(id));
        }
    }

    /// What is thought of one check.
    pub fn class(&self, class: &mut Class) {
        self.status(&mut class.status);
    }

    /// What the instance's nodes told.
    pub fn portal(&self, portal: &mut Portal) {
        self.each(&mut portal.location);
        for (mut id, mut entry) in std::mem::take(&mut portal.entries) {
            self.text(&mut id.0);
            self.text(&mut entry.name);
            self.text(&mut entry.error);
            portal.entries.insert(id, entry);
        }
    }

    fn status(&self, status: &mut Status) {
        if let Status::Failure(failure) | Status::Undecided(Some(failure)) = status {
            self.text(&mut failure.detail);
        }
    }

    /// What was seen of one check.
    pub fn outcome(&self, outcome: &mut Outcome) {
        self.status(&mut outcome.status);
        for step in &mut outcome.steps {
            self.each(&mut step.detail);
        }
        let evidence = &mut outcome.evidence;
        if let Some(dns) = &mut evidence.dns {
            dns.cnames.iter_mut().for_each(|name| self.text(name));
        }
        if let Some(tls) = &mut evidence.tls {
            self.each(&mut tls.cipher);
            for certificate in &mut tls.chain {
                let names = [&mut certificate.subject, &mut certificate.issuer];
                names.into_iter().chain(&mut certificate.dns_names).for_each(|text| self.text(text));
            }
        }
        if let Some(exchange) = &mut evidence.exchange {
            exchange.facts.values_mut().for_each(|fact| self.value(fact));
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn each(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn text(&self, text: &mut String) {
        let mut clean = text.split_inclusive(char::is_whitespace).map(url).collect::<String>();
        for word in SECRETS {
            clean = without_values(&clean, word);
        }
        if self.redact != Redaction::Secrets {
            clean = clean.split_inclusive(char::is_whitespace).map(query).collect();
            for word in IDS {
                clean = without_values(&clean, word);
            }
            clean = without_guids(&clean);
            for id in &self.ids {
                clean = clean.replace(id, REDACTED);
            }
        }
        if clean != *text {
            *text = clean;
        }
    }
}

/// A word without the credentials of its URL. What is no URL keeps its `@`: it may be `dig @10.0.2.4`.
fn url(word: &str) -> String {
    if word.contains("://") { without_credentials(word) } else { word.to_owned() }
}

/// A URL without its query string. The version of an interface is no secret, and a command needs it.
fn query(word: &str) -> String {
    match word.split_once('?') {
        Some((_, rest)) if rest.starts_with("api-version=") && !rest.contains('&') => word.to_owned(),
        Some((before, rest)) if before.contains('/') && rest.contains('=') => {
            let end = rest.find([' ', '\t', '\n', '"', '\'', '>']).unwrap_or(rest.len());
            format!("{before}?{REDACTED}{}", &rest[end..])
        }
        _ => word.to_owned(),
    }
}

/// The text without the values that follow `word`, whatever the case of the word.
fn without_values(text: &str, word: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = lower[from..].find(word) {
        let start = from + found + word.len();
        let value = &text[start..];
        let length =
            value.find(|c: char| c.is_whitespace() || "&;,/\\\"'<>".contains(c)).unwrap_or(value.len());
        clean.push_str(&text[from..start]);
        match &value[..length] {
            "" => {}
            AZ_TOKEN => clean.push_str(AZ_TOKEN),
            _ => clean.push_str(REDACTED),
        }
        from = start + length;
    }
    clean + &text[from..]
}

/// The text without GUIDs, which name a tenant or a subscription; one that is a label of a host name stays, or the name
/// would be another's.
fn without_guids(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = (from..text.len()).find(|at| text.is_char_boundary(*at) && is_guid(text, *at)) {
        let end = at + GUID.len();
        clean.push_str(&text[from..at]);
        clean.push_str(if is_label(text, at, end) { &text[at..end] } else { REDACTED });
        from = end;
    }
    clean + &text[from..]
}

/// The shape of a GUID.
const GUID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

fn is_guid(text: &str, at: usize) -> bool {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    let Some(candidate) = text.get(at..at + GUID.len()) else { return false };
    let is_alone = !text[..at].ends_with(is_part) && !text[at + GUID.len()..].starts_with(is_part);
    let fits = |(c, shape): (char, char)| if shape == '-' { c == '-' } else { c.is_ascii_hexdigit() };
    is_alone && candidate.chars().zip(GUID.chars()).all(fits)
}

fn is_label(text: &str, start: usize, end: usize) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric();
    let after = text[end..].strip_prefix('.').is_some_and(|rest| rest.starts_with(is_name));
    after || text[..start].strip_suffix('.').is_some_and(|rest| rest.ends_with(is_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str, redact: Redaction) -> String {
        let mut text = text.to_owned();
        Scrub { ids: vec!["1-2-3".to_owned()], redact }.text(&mut text);
        text
    }

    #[test]
    fn secrets_go_whatever_was_asked_for() {
        let text =
            scrubbed("https://a:b@c.example/?x=1&SIG=abc&y=2 Authorization: Bearer ey.x", Redaction::Secrets);
        assert_eq!(
            text,
            "https://[redacted]@c.example/?x=1&SIG=[redacted]&y=2 Authorization: Bearer [redacted]"
        );
    }

    #[test]
    fn guids_go_but_not_out_of_host_names() {
        let guid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        assert_eq!(scrubbed(&format!("tenant {guid}."), Redaction::Ids), "tenant [redacted].");
        assert_eq!(scrubbed(&format!("({guid})"), Redaction::Secrets), format!("({guid})"));
        let host = format!("{guid}.privatelink.example and x.{guid}");
        assert_eq!(scrubbed(&host, Redaction::Ids), host);
        assert_eq!(
            scrubbed("C:\\Users\\x\\y /Users/x/y", Redaction::Ids),
            "C:\\Users\\[redacted]\\y /Users/[redacted]/y"
        );
        assert_eq!(scrubbed(&format!("a{guid}"), Redaction::Ids), format!("a{guid}"));
    }

    #[test]
    fn ids_go_and_other_words_stay() {
        assert_eq!(
            scrubbed("/subscriptions/1-2/resourceGroups/rg-x", Redaction::Ids),
            "/subscriptions/[redacted]/resourceGroups/rg-x"
        );
        let command = "dig @10.0.2.4 login.microsoftonline.com +time=2";
        assert_eq!(scrubbed(command, Redaction::Ids), command);
        let remedy =
            "az rest --url https://management.azure.com/subscriptions/<SUBSCRIPTION_ID>/x?api-version=1";
        assert_eq!(scrubbed(remedy, Redaction::Ids), remedy);
        let token = "az rest --url \"/subscriptions/{subscriptionId}/resourceGroups/<RESOURCE_GROUP>/x\"";
        assert_eq!(scrubbed(token, Redaction::Ids), token);
        assert!(!scrubbed("/subscriptions/{1-2-3}/x", Redaction::Ids).contains("1-2-3"));
        assert_eq!(
            scrubbed("basic constraints are missing", Redaction::Ids),
            "basic constraints are missing"
        );
    }
}
