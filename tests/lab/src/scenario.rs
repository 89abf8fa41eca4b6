//! Scenarios: what is wrong with the network, as data.

use serde::Deserialize;

use crate::arm::{ArmRule, Estate};
use crate::fault::{DnsFault, Fault};
use crate::gateway::Gateway;
use crate::identity::{Identities, TokenFault};

/// A network with its faults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// One sentence for the list.
    pub description: String,
    /// Rules of the firewall between the VM and Azure, in order.
    pub firewall: Vec<Rule>,
    /// Services that misbehave; the first that fits counts.
    pub service: Vec<Misbehaviour>,
    /// Name servers that the VM is configured to ask; none means 10.0.2.4 alone.
    pub resolver: Vec<Resolver>,
    /// Names with answers of their own.
    pub name: Vec<NameRule>,
    /// Percentage of SYNs that are lost.
    pub syn_loss: u8,
    /// Rules of nft for what the firewall forwards, as they stand, ahead of all others.
    pub nft: Vec<String>,
    /// Shell lines for the VM, the firewall and the machine of the servers, run when the network stands.
    pub vm: Vec<String>,
    /// See `vm`.
    pub fw: Vec<String>,
    /// See `vm`.
    pub azure: Vec<String>,
    /// Routers between the VM and the firewall.
    pub routers: u8,
    /// The VM has IPv6, which the firewall rejects.
    pub ipv6: bool,
    /// Azure Resource Manager, and the identity of the machine; without it the machine has none.
    pub arm: Option<Platform>,
    /// Variables in the environment of the command.
    pub environment: std::collections::BTreeMap<String, String>,
    /// An Application Gateway and the instance behind it.
    pub gateway: Option<Gateway>,
    /// Options of the command, behind those that a gateway needs: a later one replaces an earlier one.
    pub options: Vec<String>,
}

impl Scenario {
    /// Options that `check` needs to meet this network: the instance and its gateway, and what the scenario adds.
    pub fn check_options(&self) -> impl Iterator<Item = String> + '_ {
        let of_gateway = self.gateway.iter().flat_map(Gateway::check_options);
        of_gateway.chain(self.options.iter().cloned())
    }
}

/// What the machine can ask Azure itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Platform {
    /// The identities of the machine.
    pub identity: Identities,
    /// How the first requests for a token end.
    pub token: Vec<TokenFault>,
    /// How all further ones end.
    pub token_lasts: Option<TokenFault>,
    /// Faults of ARM at some paths.
    pub rules: Vec<ArmRule>,
    /// How ARM's own door misbehaves: its certificate, its silence.
    pub fault: Fault,
    /// Its name does not resolve.
    pub has_no_name: bool,
    /// A forward proxy at 10.0.2.8:3128 opens tunnels to it, or refuses them.
    pub proxy: Option<Tunnels>,
    /// What is otherwise than usual in the estate.
    pub estate: Estate,
}

/// What a forward proxy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tunnels {
    /// Opens tunnels to ARM.
    Opens,
    /// Asks for a login that nobody has.
    Refuses,
}

/// A rule of the firewall.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What is done.
    pub action: Action,
    /// Which packets.
    #[serde(flatten)]
    pub target: Target,
}

/// What a firewall does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Lets it through.
    Accept,
    /// Says nothing.
    Drop,
    /// ICMP administratively prohibited.
    Reject,
    /// RST.
    Reset,
}

/// Which targets are meant; what is not said fits all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Service tag of the plan.
    pub tag: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Catalogue id.
    pub endpoint: Option<String>,
    /// Host name.
    pub host: Option<String>,
    /// Protocol of the plan.
    pub protocol: Option<String>,
}

/// Services that misbehave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Misbehaviour {
    /// How.
    pub fault: Fault,
    /// Which.
    #[serde(flatten)]
    pub target: Target,
}

/// A configured name server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolver {
    /// Its address.
    pub address: std::net::IpAddr,
    /// How it misbehaves.
    #[serde(default)]
    pub fault: DnsFault,
}

/// A name with an answer of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRule {
    /// Which names.
    #[serde(flatten)]
    pub target: Target,
    /// The one server that answers so; without it every configured one does, and 168.63.129.16 beside them does not.
    #[serde(default)]
    pub server: Option<std::net::IpAddr>,
    /// How the answer is wrong.
    #[serde(default)]
    pub fault: DnsFault,
    /// Addresses in place of the right one, at which the service is too.
    #[serde(default)]
    pub addresses: Vec<std::net::IpAddr>,
    /// Addresses beside the right one.
    #[serde(default)]
    pub more: Vec<std::net::IpAddr>,
}

/// The scenarios that the lab carries, by name.
const SCENARIOS: &[(&str, &str)] = &[
    ("healthy", include_str!("../scenarios/healthy.toml")),
    ("azure-dns", include_str!("../scenarios/azure-dns.toml")),
    ("sql-blocked", include_str!("../scenarios/sql-blocked.toml")),
    ("forced-tunnel", include_str!("../scenarios/forced-tunnel.toml")),
    ("dns-dead", include_str!("../scenarios/dns-dead.toml")),
    ("dns-one-of-two", include_str!("../scenarios/dns-one-of-two.toml")),
    ("dns-not-forwarding", include_str!("../scenarios/dns-not-forwarding.toml")),
    ("tls-inspected", include_str!("../scenarios/tls-inspected.toml")),
    ("firewall-answers", include_str!("../scenarios/firewall-answers.toml")),
    ("rejected", include_str!("../scenarios/rejected.toml")),
    ("azure", include_str!("../scenarios/azure.toml")),
    ("azure-sql-denied", include_str!("../scenarios/azure-sql-denied.toml")),
    ("metrics-blocked", include_str!("../scenarios/metrics-blocked.toml")),
    ("http-blocked", include_str!("../scenarios/http-blocked.toml")),
    ("captive-portal", include_str!("../scenarios/captive-portal.toml")),
    ("private-link-gone", include_str!("../scenarios/private-link-gone.toml")),
    ("private-endpoint-dead", include_str!("../scenarios/private-endpoint-dead.toml")),
    ("clock-skew", include_str!("../scenarios/clock-skew.toml")),
    ("two-faults", include_str!("../scenarios/two-faults.toml")),
    ("syn-loss", include_str!("../scenarios/syn-loss.toml")),
    ("one-host-dropped", include_str!("../scenarios/one-host-dropped.toml")),
    ("ipv6-answers", include_str!("../scenarios/ipv6-answers.toml")),
    ("all-dropped", include_str!("../scenarios/all-dropped.toml")),
    ("all-rejected", include_str!("../scenarios/all-rejected.toml")),
    ("https-rejected", include_str!("../scenarios/https-rejected.toml")),
    ("https-rejected-sql-dropped", include_str!("../scenarios/https-rejected-sql-dropped.toml")),
    ("all-reset", include_str!("../scenarios/all-reset.toml")),
    ("dns-slow", include_str!("../scenarios/dns-slow.toml")),
    ("dns-tcp-blocked", include_str!("../scenarios/dns-tcp-blocked.toml")),
    ("clock-behind", include_str!("../scenarios/clock-behind.toml")),
    ("ipv6-broken", include_str!("../scenarios/ipv6-broken.toml")),
    ("sni-filter", include_str!("../scenarios/sni-filter.toml")),
    ("proxy-only", include_str!("../scenarios/proxy-only.toml")),
    ("captive-tls", include_str!("../scenarios/captive-tls.toml")),
    ("dns-filter", include_str!("../scenarios/dns-filter.toml")),
    ("private-endpoint-refuses", include_str!("../scenarios/private-endpoint-refuses.toml")),
    ("sign-in-blocked", include_str!("../scenarios/sign-in-blocked.toml")),
    ("dns-disagree", include_str!("../scenarios/dns-disagree.toml")),
    ("storage-unknown", include_str!("../scenarios/storage-unknown.toml")),
    ("vault-unavailable", include_str!("../scenarios/vault-unavailable.toml")),
    ("certificate-expired", include_str!("../scenarios/certificate-expired.toml")),
    ("dns-name-silent", include_str!("../scenarios/dns-name-silent.toml")),
    ("storage-rejected-vault-dropped", include_str!("../scenarios/storage-rejected-vault-dropped.toml")),
    ("dns-disagree-sql-dropped", include_str!("../scenarios/dns-disagree-sql-dropped.toml")),
    ("private-endpoint-dead-captive", include_str!("../scenarios/private-endpoint-dead-captive.toml")),
    ("dns-first-wrong", include_str!("../scenarios/dns-first-wrong.toml")),
    ("dns-first-late-wrong", include_str!("../scenarios/dns-first-late-wrong.toml")),
    ("gateway-403", include_str!("../scenarios/gateway-403.toml")),
    ("gateway-empty", include_str!("../scenarios/gateway-empty.toml")),
    ("rate-limit", include_str!("../scenarios/rate-limit.toml")),
    ("ban", include_str!("../scenarios/ban.toml")),
    ("loss30", include_str!("../scenarios/loss30.toml")),
    ("loss50", include_str!("../scenarios/loss50.toml")),
    ("dns-failing", include_str!("../scenarios/dns-failing.toml")),
    ("dns-silent-at-first", include_str!("../scenarios/dns-silent-at-first.toml")),
    ("dns-slow-first-held", include_str!("../scenarios/dns-slow-first-held.toml")),
    ("dns-slow-mtu", include_str!("../scenarios/dns-slow-mtu.toml")),
    ("dns-limited", include_str!("../scenarios/dns-limited.toml")),
    ("first-held", include_str!("../scenarios/first-held.toml")),
    ("first-reset", include_str!("../scenarios/first-reset.toml")),
    ("servfail-once", include_str!("../scenarios/servfail-once.toml")),
    ("no-edns", include_str!("../scenarios/no-edns.toml")),
    ("long-lost", include_str!("../scenarios/long-lost.toml")),
    ("tcp-only", include_str!("../scenarios/tcp-only.toml")),
    ("vm-reject", include_str!("../scenarios/vm-reject.toml")),
    ("mtu", include_str!("../scenarios/mtu.toml")),
    ("loop", include_str!("../scenarios/loop.toml")),
    ("tunnel-endpoints", include_str!("../scenarios/tunnel-endpoints.toml")),
    ("drop-behind-routers", include_str!("../scenarios/drop-behind-routers.toml")),
    ("rate-limit-sql-dropped", include_str!("../scenarios/rate-limit-sql-dropped.toml")),
    ("loss30-sql-dropped", include_str!("../scenarios/loss30-sql-dropped.toml")),
    ("first-held-sql-dropped", include_str!("../scenarios/first-held-sql-dropped.toml")),
    ("no-edns-sql-dropped", include_str!("../scenarios/no-edns-sql-dropped.toml")),
    ("mtu-sql-dropped", include_str!("../scenarios/mtu-sql-dropped.toml")),
    ("tunnel-endpoints-sql-dropped", include_str!("../scenarios/tunnel-endpoints-sql-dropped.toml")),
    ("vm-reject-sql-dropped", include_str!("../scenarios/vm-reject-sql-dropped.toml")),
    ("own-name-rejected", include_str!("../scenarios/own-name-rejected.toml")),
    ("own-name-rejected-sql-dropped", include_str!("../scenarios/own-name-rejected-sql-dropped.toml")),
    ("no-intermediate", include_str!("../scenarios/no-intermediate.toml")),
    ("no-intermediate-sql-dropped", include_str!("../scenarios/no-intermediate-sql-dropped.toml")),
    ("gateway-403-sql-dropped", include_str!("../scenarios/gateway-403-sql-dropped.toml")),
    ("tcp-only-sql-dropped", include_str!("../scenarios/tcp-only-sql-dropped.toml")),
    ("portal-alone", include_str!("../scenarios/portal-alone.toml")),
    ("portal-tls", include_str!("../scenarios/portal-tls.toml")),
    ("portal-tls-sql-dropped", include_str!("../scenarios/portal-tls-sql-dropped.toml")),
    ("syn-answered-everywhere", include_str!("../scenarios/syn-answered-everywhere.toml")),
    ("comparison-silent", include_str!("../scenarios/comparison-silent.toml")),
    ("stale-private-rejects", include_str!("../scenarios/stale-private-rejects.toml")),
    ("refused-by-chance", include_str!("../scenarios/refused-by-chance.toml")),
    ("refused-by-chance-sql-dropped", include_str!("../scenarios/refused-by-chance-sql-dropped.toml")),
    ("private-address-nobodys", include_str!("../scenarios/private-address-nobodys.toml")),
    ("private-address-wrong-server", include_str!("../scenarios/private-address-wrong-server.toml")),
    ("router-without-route", include_str!("../scenarios/router-without-route.toml")),
    ("gateway-gone", include_str!("../scenarios/gateway-gone.toml")),
    ("no-default-route", include_str!("../scenarios/no-default-route.toml")),
    ("inspected-but-storage", include_str!("../scenarios/inspected-but-storage.toml")),
    ("inspected-expired", include_str!("../scenarios/inspected-expired.toml")),
    ("issuer-expired", include_str!("../scenarios/issuer-expired.toml")),
    ("mtu-one-service", include_str!("../scenarios/mtu-one-service.toml")),
    ("return-path-lost", include_str!("../scenarios/return-path-lost.toml")),
    ("only-https", include_str!("../scenarios/only-https.toml")),
    ("wildcard-dns", include_str!("../scenarios/wildcard-dns.toml")),
    ("rebinding-filter", include_str!("../scenarios/rebinding-filter.toml")),
    ("three-faults", include_str!("../scenarios/three-faults.toml")),
    ("backend-dead", include_str!("../scenarios/backend-dead.toml")),
    ("gateway", include_str!("../scenarios/gateway.toml")),
    ("gateway-private-zone", include_str!("../scenarios/gateway-private-zone.toml")),
    ("gateway-trusted-root", include_str!("../scenarios/gateway-trusted-root.toml")),
    ("gateway-portal-unpublished", include_str!("../scenarios/gateway-portal-unpublished.toml")),
    ("gateway-403-waf", include_str!("../scenarios/gateway-403-waf.toml")),
    ("gateway-404", include_str!("../scenarios/gateway-404.toml")),
    ("gateway-502", include_str!("../scenarios/gateway-502.toml")),
    ("gateway-custom-domain-missing", include_str!("../scenarios/gateway-custom-domain-missing.toml")),
    ("gateway-default-host", include_str!("../scenarios/gateway-default-host.toml")),
    ("gateway-default-probe", include_str!("../scenarios/gateway-default-probe.toml")),
    ("gateway-front-past", include_str!("../scenarios/gateway-front-past.toml")),
    ("gateway-front-refuses", include_str!("../scenarios/gateway-front-refuses.toml")),
    ("gateway-front-silent", include_str!("../scenarios/gateway-front-silent.toml")),
    ("gateway-instance-503", include_str!("../scenarios/gateway-instance-503.toml")),
    ("gateway-instance-silent", include_str!("../scenarios/gateway-instance-silent.toml")),
    ("gateway-listener-expired", include_str!("../scenarios/gateway-listener-expired.toml")),
    ("gateway-listener-name", include_str!("../scenarios/gateway-listener-name.toml")),
    ("gateway-listener-private", include_str!("../scenarios/gateway-listener-private.toml")),
    ("gateway-plain", include_str!("../scenarios/gateway-plain.toml")),
    ("gateway-root-missing", include_str!("../scenarios/gateway-root-missing.toml")),
    ("gateway-instance-tls-floor", include_str!("../scenarios/gateway-instance-tls-floor.toml")),
    ("gateway-tls-floor", include_str!("../scenarios/gateway-tls-floor.toml")),
    (
        "gateway-untrusted-root-sql-dropped",
        include_str!("../scenarios/gateway-untrusted-root-sql-dropped.toml"),
    ),
    ("gateway-untrusted-root", include_str!("../scenarios/gateway-untrusted-root.toml")),
    ("gateway-wrong-host", include_str!("../scenarios/gateway-wrong-host.toml")),
    ("gateway-wrong-probe-sql-dropped", include_str!("../scenarios/gateway-wrong-probe-sql-dropped.toml")),
    ("gateway-wrong-probe", include_str!("../scenarios/gateway-wrong-probe.toml")),
];

/// Names and sentences of all scenarios.
pub fn all() -> impl Iterator<Item = (&'static str, Scenario)> {
    SCENARIOS.iter().filter_map(|(name, text)| Some((*name, toml::from_str(text).ok()?)))
}

/// The scenario with this name, or of this file where the name ends in `.toml`.
///
/// # Errors
/// It does not exist, or its file is malformed.
pub fn named(name: &str) -> Result<Scenario, String> {
    let told = |error: &dyn std::fmt::Display| format!("scenario `{name}`: {error}");
    if name.ends_with(".toml") {
        let text = std::fs::read_to_string(name).map_err(|error| told(&error))?;
        return toml::from_str(&text).map_err(|error| told(&error));
    }
    let (_, text) = SCENARIOS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| format!("unknown network `{name}`; scripts/demo --list shows them"))?;
    toml::from_str(text).map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_exist_is_an_error_with_its_name() {
        assert!(named("/nowhere/gone.toml").unwrap_err().contains("/nowhere/gone.toml"));
        assert!(named("gone").unwrap_err().contains("`gone`"));
    }

    #[test]
    fn every_scenario_can_be_read_and_says_what_it_is() {
        for (name, _) in SCENARIOS {
            let scenario = named(name).unwrap();
            assert!(scenario.description.ends_with('.'), "{name}");
        }
    }
}
