//! The instance's own names lead to a public address.

use crate::diagnose::finding::{Code, Finding};
use crate::diagnose::own_endpoints::{Astray, leading};
use crate::diagnose::rule::Rule;
use crate::facts::{Facts, Source};

/// They lead to a public address.
pub(crate) const RULE: Rule =
    Rule { code: Code::OwnEndpointPublicAnswer, needs: &[Source::Run], find: public_answer };

fn public_answer(facts: &Facts<'_>) -> Vec<Finding> {
    leading(facts, Astray::Public)
}
