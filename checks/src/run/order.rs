//! In which order checks start: DNS servers first, then tags and ports in turn, so that a device which minds how many
//! come at once strikes across them and is not taken for a rule about one. Pure.

use std::collections::BTreeMap;

use crate::arrange;
use crate::catalogue::Transport;
use crate::plan::Check;

/// The places of `checks` in the order in which they start.
pub(super) fn starting_order<'a>(checks: impl Iterator<Item = (usize, &'a Check)>) -> Vec<usize> {
    let mut turns: BTreeMap<(Option<&str>, Option<u16>), usize> = BTreeMap::new();
    let mut order: Vec<(bool, usize, usize)> = checks
        .map(|(place, check)| {
            let turn = turns.entry((check.service_tag.as_deref(), check.port())).or_default();
            *turn += 1;
            (check.transport != Transport::UdpTcp, *turn, place)
        })
        .collect();
    arrange::by(&mut order, Ord::cmp);
    order.into_iter().map(|(.., place)| place).collect()
}
