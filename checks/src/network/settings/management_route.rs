//! Whether replies to the control plane leave the subnet the way the calls came in.

use crate::network::NextHop;
use crate::network::choose::Chosen;
use crate::network::decision::{By, Fate};
use crate::network::derive::{Path, RouteSet, Routes};
use crate::network::judge::Judge;
use crate::network::routing::RouteSource;
use crate::network::side::End;
use crate::network::tags::TagName;

use super::{Gravity, Reason, ReasonCode, Surroundings, Use};

const SOURCE: &str = "https://learn.microsoft.com/azure/api-management/api-management-using-with-vnet#force-tunnel-traffic-to-on-premises-firewall-using-expressroute-or-network-virtual-appliance";

/// Why replies go astray; `None` where no document of routes was given, or the tier has no control plane in the subnet.
pub(super) fn reasons(
    chosen: &Chosen<'_>,
    judge: &Judge<'_>,
    used: Use,
    around: &Surroundings<'_>,
) -> Option<Vec<Reason>> {
    let Routes::Known(routes) = judge.routes() else { return None };
    if used != Use::Classic {
        return None;
    }
    let default = routes.take(&End::Internet, judge.known());
    let is_tunnelled = matches!(default.fate, Fate::Unknown(By::Appliance | By::Gateway));
    let tag = TagName::read("ApiManagement");
    let back = routes.take(&End::Tag(tag), judge.known());
    let (Some(path), true) = (default.path, is_tunnelled && back.fate != Fate::Passes) else {
        return Some(Vec::new());
    };
    let is_china = around.cloud == "china";
    if is_china && routes.paths.iter().any(is_to_a_host_or_net) {
        return Some(Vec::new());
    }
    let gravity = match (is_china, around.is_management_failing) {
        (true, _) => Gravity::Info,
        (false, true) => Gravity::Error,
        (false, false) => Gravity::Warning,
    };
    let hosts = routes_to_hosts(routes);
    let but = if hosts > 0 && !is_china {
        format!(
            " {hosts} narrow routes lead to Internet; whether they hold all addresses of the tag, only its list tells."
        )
    } else {
        String::new()
    };
    let says = format!(
        "The default route {}leads to {}, and no route returns the tag ApiManagement to Internet: replies to calls on 3443 take \
         another way than the calls.{but}",
        path.name.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default(),
        hop(path)
    );
    let step = if is_china {
        "Add routes to Internet for the control plane's addresses: tags do not work in routes here."
    } else {
        "Add a route with the tag ApiManagement and next hop Internet to the subnet's route table."
    };
    let place = path.name.place.as_ref().or_else(|| chosen.subnet.map(|subnet| &subnet.place));
    let reason = Reason::new(ReasonCode::ReturnRouteMissing, gravity, (says, step.to_owned()), SOURCE);
    Some(vec![reason.at(place)])
}

fn hop(path: &Path) -> String {
    match (&path.next_hop, path.name.address) {
        (Some(NextHop::Gateway), _) => "a gateway".to_owned(),
        (_, Some(address)) => format!("the appliance {address}"),
        _ => "an appliance".to_owned(),
    }
}

/// A route to Internet as narrow as those that stand for single addresses of the control plane.
fn is_to_a_host_or_net(path: &Path) -> bool {
    path.source == RouteSource::User
        && path.next_hop == Some(NextHop::Internet)
        && path.prefix().is_some_and(|prefix| prefix.addr().is_ipv4() && prefix.prefix_len() >= 24)
}

fn routes_to_hosts(routes: &RouteSet) -> usize {
    routes.paths.iter().filter(|path| is_to_a_host_or_net(path)).count()
}
