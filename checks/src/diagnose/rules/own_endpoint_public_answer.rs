//! The instance's own names lead to a public address.

use crate::run::Run;

use crate::diagnose::own_endpoints::of_scope;
use crate::diagnose::{Code, Finding, Rule};

/// They lead to a public address.
pub const RULE: Rule = Rule { code: Code::OwnEndpointPublicAnswer, find: public_answer };

fn public_answer(run: &Run) -> Vec<Finding> {
    of_scope(run, true)
}
