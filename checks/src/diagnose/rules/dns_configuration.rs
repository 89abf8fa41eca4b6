//! Network, instance, machine and private zones do not agree about DNS.

use crate::diagnose::configured::judgement;
use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::az;
use crate::network::settings::{Reason, SettingId};

/// All that differs.
pub(crate) const RULE: Rule = Rule { code: Code::DnsConfiguration, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let apply = || {
        let names = judgement(facts).map(|network| &network.names)?;
        Some(az::apply_network_configuration(
            names.service.as_deref(),
            names.service_resource_group.as_deref(),
        ))
    };
    let stale = |reasons: &[Reason]| reasons.iter().any(|reason| reason.step.starts_with("Apply"));
    setting::finding(facts, Code::DnsConfiguration, SettingId::Dns, |reasons| {
        apply().filter(|_| stale(reasons)).into_iter().collect()
    })
}
