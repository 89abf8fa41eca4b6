//! Azure's own call to the instance's management endpoint fails: the control plane cannot come in on 3443.

use std::collections::BTreeSet;

use crate::diagnose::configured::judgement;
use crate::diagnose::finding::{Code, Confidence, Finding};
use crate::diagnose::remedy;
use crate::diagnose::rule::Rule;
use crate::diagnose::seen::Group;
use crate::facts::{Facts, Source};

/// Azure called and did not get through.
pub(crate) const RULE: Rule = Rule { code: Code::ControlPlaneUnreachable, needs: &[Source::Network], find };

fn find(facts: &Facts<'_>) -> Vec<Finding> {
    let call = judgement(facts).and_then(|network| network.control_plane.as_ref());
    let Some(call) = call.filter(|call| call.is_reached() == Some(false)) else { return Vec::new() };
    let shut: Group<'_> = facts.seen().filter(|seen| seen.class.azures_call.is_some()).collect();
    let title = "Azure cannot reach the instance's management endpoint on TCP 3443.".to_owned();
    let detail = format!(
        "Azure Resource Manager was asked for a part of the instance that only its management endpoint can give, and failed: \
         {call}. A rule or route that the documents show accounts for it where one is named here; else the instance is still \
         being deployed, or a device on the way drops the call or the reply."
    );
    let fix = remedy::advise(
        facts,
        "Allow TCP 3443 from ApiManagement to VirtualNetwork in the security group of the subnet, send replies straight back to \
         Internet, and check that the instance has been provisioned.",
        remedy::allow_in(facts, "ApiManagement", &BTreeSet::from([3443])),
    );
    vec![Finding::new(Code::ControlPlaneUnreachable, Confidence::High, title, detail, shut.ids(), fix)]
}
