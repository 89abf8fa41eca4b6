//! The instance is not provisioned, its platform is retired, or a dated change concerns it.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::settings::SettingId;

/// All that is to be said of the state of the instance.
pub(crate) const RULE: Rule = Rule { code: Code::InstanceState, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    setting::finding(facts, SettingId::Instance, |_| vec![look(Look::Instance)])
}
