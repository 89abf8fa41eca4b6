//! The subnet has no security group where the platform needs one.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Change, Look, change, look};
use crate::network::settings::SettingId;

/// No group on the subnet.
pub(crate) const RULE: Rule = Rule { code: Code::NsgMissing, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    setting::finding(facts, SettingId::Nsg, |_| {
        let rules = look(Look::Probe(remedy::rules_command(facts, "az")));
        vec![
            look(Look::Subnet),
            rules.saying("the rules that the group needs before it is attached"),
            change(Change::AttachGroup),
        ]
    })
}
