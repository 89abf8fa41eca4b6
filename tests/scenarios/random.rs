//! Random runs: the judgement always ends, always says the same, and gives every failed check one root at most.

use std::collections::BTreeSet;

use apim_probe_checks::catalogue::TrustPolicy;
use apim_probe_checks::diagnose::{Code, Finding, Severity};
use apim_probe_checks::outcome::{Cause, Outcome, SkipReason, Stage, Status};
use apim_probe_checks::plan::{Check, CheckId, Target, Work};
use apim_probe_checks::report::{ExitPolicy, Report};
use apim_probe_checks::run::{Azure, Clock, Host, Run};
use proptest::prelude::*;

use crate::judged;
use crate::short::{base, read, run_of};

/// Words of evidence that may stand after any outcome.
fn evidence() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "a=10.1.0.5",
        "a=20.60.0.1,10.1.0.5",
        "dead=20.60.0.2",
        "icmp=10.0.0.4",
        "issuer=Contoso trust=private",
        "issuer=Contoso trust=untrusted selfsigned",
        "cname=apimst.privatelink.blob.core.windows.net",
        "server=10.0.2.4:dns-nxdomain server=168.63.129.16:20.60.0.1",
        "server=10.0.2.4:dns-timeout server=10.0.2.5:20.60.0.1",
        "server=10.0.2.4:10.1.0.5 server=10.0.2.5:20.60.0.1",
        "server=10.0.2.4:dns-servfail server=168.63.129.16:dns-servfail",
        "server=10.0.2.4:0.0.0.0 server=168.63.129.16:0.0.0.0",
        "server=168.63.129.16:dns-nxdomain",
        "a=2603:1030::5",
    ])
}

/// What the name servers may have said of a name that works, without bad news of its own.
fn heard() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "server=10.0.2.4:20.60.0.1",
        "server=10.0.2.4:20.60.0.1 server=168.63.129.16:20.60.0.1",
        "server=10.0.2.5:20.60.0.1",
        "server=168.63.129.16:20.60.0.1",
    ])
}

fn ending() -> impl Strategy<Value = String> {
    // What only configuration says is of no probe.
    let seen = Cause::ALL.iter().copied().filter(|cause| cause.stage() != Stage::Configuration);
    let failing = prop::sample::select(seen.collect::<Vec<_>>()).prop_map(|cause| {
        if cause.is_undecided() { format!("undecided:{cause}") } else { cause.to_string() }
    });
    let skipped =
        prop::sample::select(SkipReason::ALL.to_vec()).prop_map(|reason| format!("skipped:{reason}"));
    prop_oneof![
        6 => Just("ok".to_owned()),
        1 => Just("recovered".to_owned()),
        6 => failing,
        1 => skipped,
        1 => Just("undecided".to_owned()),
    ]
}

/// A network in which a cause is common, so that the rules that need several checks are met too.
fn outcomes() -> impl Strategy<Value = Vec<String>> {
    let line = || (ending(), evidence()).prop_map(|(end, words)| format!("{end} {words}"));
    (line(), prop::collection::vec((any::<bool>(), line()), 26))
        .prop_map(|(common, lines)| {
            lines.into_iter().map(|(own, line)| if own { line } else { common.clone() }).collect()
        })
        .boxed()
}

fn checks() -> Vec<String> {
    let more = [
        "dns-vnet 10.0.2.5:53/udp = ok",
        "ntp-windows time.windows.com:123/udp optional = ok",
        "ntp-windows ntp.contoso.com:123/udp = ok",
        "own-gateway contoso.azure-api.net:443 inbound trust=private must=10.0.0.5 = ok",
        "own-portal portal.contoso.com:443 inbound trust=private = ok",
        "custom api.contoso.com:8443 trust=private = ok",
        "custom old.contoso.com:80 trust=private = ok",
        "dns-azure 168.63.129.16:53/udp optional = ok",
        "imds 169.254.169.254:80 optional = ok",
        "captcha-legacy client.hip.live.com:443 optional portal=failure = ok",
    ];
    base().into_iter().chain(more.map(str::to_owned)).collect()
}

fn network() -> impl Strategy<Value = Run> {
    (outcomes(), prop::option::of(-900_000.0..900_000.0f64), any::<bool>()).prop_map(
        |(outcomes, offset, detected)| {
            let lines = checks();
            let results = lines.iter().zip(&outcomes).map(|(line, outcome)| {
                let left = line.split_once(" = ").unwrap().0;
                read(&format!("{left} = {outcome}"))
            });
            let host = Host {
                dns_servers: vec!["10.0.2.4".parse().unwrap(), "10.0.2.5".parse().unwrap()],
                azure: Azure { detected, asked: true, ..Azure::default() },
                clock: offset.map(|offset_ms| Clock { offset_ms, source: "ntp".to_owned() }),
                ..Host::default()
            };
            run_of(results.collect(), host)
        },
    )
}

fn is_whole(outcome: &Outcome) -> bool {
    matches!(outcome.status, Status::Success)
}

/// The same run after one more check of the same kind passed.
fn with_success(run: &Run, check: &Check, outcome: &Outcome) -> Run {
    let mut more = run.clone();
    more.plan.checks.push(check.clone());
    more.outcomes.push(outcome.clone());
    more
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_has_one_diagnosis(run in network()) {
        let report = Report::new(run, ExitPolicy::default());
        let again = Report::new(report.run.clone(), ExitPolicy::default());
        prop_assert_eq!(again, report);
    }

    #[test]
    fn every_failed_check_has_exactly_one_root(run in network()) {
        let report = Report::new(run, ExitPolicy::default());
        for seen in report.results().filter(|seen| seen.failure().is_some()) {
            let roots: Vec<Code> = report.diagnosis.roots()
                .filter(|root| root.affects.contains(&seen.check.id))
                .map(|root| root.code)
                .collect();
            prop_assert_eq!(roots.len(), 1, "{:?} {:?}", seen, roots);
        }
    }

    #[test]
    fn a_folded_finding_has_a_root_that_names_it(run in network()) {
        let diagnosis = judged(run);
        for finding in &diagnosis.findings {
            let Some(by) = finding.explained_by else { continue };
            let named = diagnosis.roots().any(|root| {
                root.code == by && (by == finding.code || root.explains.contains(&finding.code))
            });
            prop_assert!(named, "{:?}", finding);
        }
    }

    #[test]
    fn an_affected_check_is_one_of_the_plan_and_named_once(run in network()) {
        let known: BTreeSet<_> = run.plan.checks.iter().map(|check| &check.id).collect();
        for finding in judged(run.clone()).findings {
            let named: BTreeSet<_> = finding.affects.iter().collect();
            prop_assert_eq!(named.len(), finding.affects.len(), "{:?}", finding);
            prop_assert!(named.is_subset(&known));
        }
    }

    #[test]
    fn severity_follows_from_what_failed(run in network()) {
        let report = Report::new(run, ExitPolicy::default());
        let failed: BTreeSet<_> = report.results()
            .filter(|seen| !seen.is_optional() && seen.failure().is_some())
            .map(|seen| &seen.check.id)
            .collect();
        for finding in &report.diagnosis.findings {
            let required = finding.affects.iter().any(|id| failed.contains(id));
            prop_assert_eq!(finding.severity == Severity::Error, required, "{:?}", finding);
        }
    }

    #[test]
    fn a_healthy_run_has_nothing_above_info(mut run in network()) {
        for (check, outcome) in run.plan.checks.iter().zip(&mut run.outcomes) {
            if !matches!(outcome.status, Status::Success) && check.trust != TrustPolicy::Any {
                *outcome = read("x y:1 = ok").1;
            }
        }
        prop_assert!(run.outcomes.iter().all(is_whole));
        let loud: Vec<Code> = judged(run.clone()).findings.iter()
            .filter(|finding| finding.severity != Severity::Info && !finding.code.is_latent())
            .map(|finding| finding.code)
            .collect();
        prop_assert_eq!(loud, Vec::new());
    }

    #[test]
    fn a_success_more_never_adds_a_root(run in network(), place in 0usize..16, heard in heard()) {
        let line = &base()[place];
        let (mut check, outcome) = read(&format!("{line} {heard}"));
        check.id.0.push_str("#more");
        check.work = Work::Probe(Target::new("more.contoso.com", check.port().unwrap()));
        let more = with_success(&run, &check, &outcome);
        let (before, after) = (judged(run), judged(more));
        // Silence is told by its extent: what passes makes it smaller, or shows its order, and then it has another name, as
        // what passed only on retry has.
        let silent = [
            Code::OutboundAllBlocked, Code::PortBlocked, Code::ServiceTagBlocked, Code::FirewallListOutdated,
            Code::HostBlocked, Code::RateLimited, Code::Flaky,
        ];
        // A device that answers for everything: where something passes it, the rest is told by its own signs.
        let device = [Code::CaptiveProxy, Code::FirewallAnswersForTarget];
        let held = |codes: &[Code]| -> BTreeSet<CheckId> {
            before.roots().filter(|root| codes.contains(&root.code)).flat_map(|root| root.affects.clone()).collect()
        };
        let (by_silence, by_device) = (held(&silent), held(&device));
        let is_within = |root: &Finding, held: &BTreeSet<CheckId>| root.affects.iter().all(|id| held.contains(id));
        let is_rest = |root: &Finding| {
            (silent.contains(&root.code) && is_within(root, &by_silence)) || is_within(root, &by_device)
        };
        // What the success disproves may have hidden something that was seen before.
        let seen: BTreeSet<Code> = before.findings.iter().map(|finding| finding.code).collect();
        // A name server that is seen to answer after all is no silent one, but one that does not forward.
        let revived = |code: Code| code == Code::DnsNotForwarding && seen.contains(&Code::DnsServerSilent);
        let is_known = |root: &&Finding| seen.contains(&root.code) || is_rest(root) || revived(root.code);
        let new: Vec<&Finding> = after.roots().filter(|root| !is_known(root)).collect();
        prop_assert!(new.is_empty(), "{:?} beside {:?}", new, seen);
    }
}
