//! Network, instance, machine and private zones do not agree about DNS.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::network::settings::{ReasonCode, SettingId};

/// All that differs.
pub(crate) const RULE: Rule = Rule { code: Code::DnsConfiguration, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    setting::finding(facts, SettingId::Dns, |reasons| {
        let stale = reasons.iter().any(|reason| reason.code == ReasonCode::InstanceServers);
        let apply = stale.then(|| change(Change::ApplyNetworkConfiguration));
        let looks = [look(Look::DnsServers), look(Look::Instance), look(Look::Zones)];
        looks.into_iter().chain(apply).collect()
    })
}
