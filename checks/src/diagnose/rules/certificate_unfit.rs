//! Certificates that are expired, not valid yet or broken, under a clock that is right.

use crate::catalogue::Direction;
use crate::diagnose::finding::{Code, Confidence, Finding, Remedy};
use crate::diagnose::phrases::some_of;
use crate::diagnose::remedy;
use crate::diagnose::rules::firewall_answers_for_target::{first, is_azure_service};
use crate::diagnose::seen::{Group, Seen};
use crate::facts::Facts;
use crate::outcome::{Cause, Certificate};

/// A certificate is out of its dates, or unusable, and the clock does not explain it.
pub(crate) fn certificate(facts: &Facts<'_>, group: &Group<'_>) -> Finding {
    let names = group.hosts();
    let fault = group.each().find_map(fault).unwrap_or_default();
    let title = match names.len() {
        1 => format!("The certificate of {} {fault}.", some_of(&names)),
        _ => format!("The certificates of {} cannot be used: the first {fault}.", some_of(&names)),
    };
    let clock = match facts.clock {
        Some(_) => "This machine's clock is right as far as others tell.",
        None => "Nobody told the time; other certificates would fail too if this machine's clock were off.",
    };
    let azure =
        group.each().any(|seen| is_azure_service(seen.check) && seen.check.direction != Direction::Inbound);
    let reading = match azure {
        true => {
            "Azure renews its certificates in time: probably an old server or a device answers in its place."
        }
        false => "Whoever serves this name has to renew it.",
    };
    let detail = format!("{clock} {reading} A valid certificate at the same address would disprove it.");
    let (host, port) = first(group);
    let fix = Remedy {
        summary: match azure {
            true => "Compare the address with what 168.63.129.16 answers, and look at the certificate's issuer.",
            false => "Renew the certificate where the name is served; for a custom domain of the instance, in its custom \
                      domains or in Key Vault.",
        }
        .to_owned(),
        commands: [vec![remedy::openssl(host, port)], remedy::addresses(host)].concat(),
        doc_url: None,
    };
    Finding::new(Code::CertificateUnfit, Confidence::Low, title, detail, group.ids(), fix)
}

/// `expired on 2026-05-01`
fn fault(seen: Seen<'_>) -> Option<String> {
    let leaf: Option<&Certificate> = seen.outcome.evidence.tls.as_ref().and_then(|tls| tls.chain.first());
    let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
    let failure = seen.failure()?;
    Some(match (failure.cause, leaf) {
        (Cause::CertExpired, Some(leaf)) => format!("has expired (valid until {})", day(&leaf.not_after)),
        (Cause::CertExpired, None) => "has expired".to_owned(),
        (Cause::CertNotYetValid, Some(leaf)) => format!("is not valid before {}", day(&leaf.not_before)),
        (Cause::CertNotYetValid, None) => "is not valid yet".to_owned(),
        _ => format!("cannot be used ({})", failure.detail),
    })
}
