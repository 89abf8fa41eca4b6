//! The instance's document asks for what Azure refuses, or what comes up broken.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::rule::Rule;
use crate::diagnose::setting;
use crate::facts::{Facts, Source};
use crate::fix::step::{Look, look};
use crate::network::settings::SettingId;

/// All that is wrong with what the instance asks for.
pub(crate) const RULE: Rule = Rule { code: Code::DeploymentUnfit, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    setting::finding(facts, SettingId::Deployment, |_| vec![look(Look::Instance)])
}
