//! The subnet has no security group where the platform needs one.

use crate::diagnose::configured::judgement;
use crate::diagnose::configured::subnet_scope;
use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::az;
use crate::network::settings::SettingId;

/// No group on the subnet.
pub(crate) const RULE: Rule = Rule { code: Code::NsgMissing, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let commands = || judgement(facts).map(|network| az::attach_group(&subnet_scope(&network.names)));
    setting::finding(facts, Code::NsgMissing, SettingId::Nsg, |_| commands().into_iter().flatten().collect())
}
