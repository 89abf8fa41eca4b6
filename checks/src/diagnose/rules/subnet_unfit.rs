//! The subnet does not fit the instance: size, delegation, sharing, region, subscription.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::settings::SettingId;

/// All that is wrong with the subnet.
pub(crate) const RULE: Rule = Rule { code: Code::SubnetUnfit, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    setting::finding(facts, SettingId::Subnet, |_| vec![look(Look::Subnet)])
}
