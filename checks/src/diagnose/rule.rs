//! One rule: what it says, which facts it needs, and how it finds what it says.

use crate::diagnose::finding::{Code, Finding};
use crate::facts::{Facts, Source};

/// One rule: it looks at the facts alone and says what it sees.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What its findings say.
    pub code: Code,
    /// Sources without which it has nothing to look at.
    pub needs: &'static [Source],
    /// Every finding of this kind; severity and folding are decided afterwards.
    pub find: fn(&Facts<'_>) -> Vec<Finding>,
}
