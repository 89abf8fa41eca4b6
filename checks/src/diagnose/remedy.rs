//! Remedies: commands that can be pasted. What the run does not know stands there as a `<PLACEHOLDER>`.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Transport;
use crate::diagnose::finding::Remedy;
use crate::facts::Facts;
use crate::plan::Check;

/// A host name that may stand in a command line; a placeholder for anything else, whoever wrote it.
pub(super) fn host(name: Option<&str>) -> &str {
    let is_plain = |name: &&str| {
        !name.is_empty()
            && !name.starts_with('-')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    name.filter(is_plain).unwrap_or("<HOST>")
}

/// The start of a `dig` command that asks `server`, given as `address:port`.
pub(super) fn dig(server: &str) -> String {
    match server.parse::<std::net::SocketAddr>() {
        Ok(address) if address.port() == 53 => format!("dig @{}", address.ip()),
        Ok(address) => format!("dig @{} -p {}", address.ip(), address.port()),
        Err(_) => "dig @<SERVER>".to_owned(),
    }
}

/// The addresses of a name as this machine sees them, and as 168.63.129.16 does.
pub(super) fn addresses(host: &str) -> Vec<String> {
    vec![format!("dig +short {host}"), format!("dig +short @168.63.129.16 {host}")]
}

/// A remedy without commands.
pub(super) fn words(summary: impl Into<String>) -> Remedy {
    Remedy { summary: summary.into(), ..Remedy::default() }
}

/// The same remedy with one more command.
pub(super) fn and(mut remedy: Remedy, command: impl Into<String>) -> Remedy {
    remedy.commands.push(command.into());
    remedy
}

/// Rules of a network security group that let the subnet reach each tag of `tags` on `port`.
#[must_use]
pub fn allow_outbound(tags: &str, port: u16, transport: Transport) -> Vec<String> {
    let protocol = if transport == Transport::Udp { "Udp" } else { "Tcp" };
    self::tags(tags)
        .map(|tag| {
            format!(
                "az network nsg rule create --resource-group <RESOURCE_GROUP> --nsg-name <NSG_NAME> \
                 --name Allow-{}-{port}-Outbound --priority <FREE_PRIORITY> --direction Outbound --access Allow \
                 --protocol {protocol} --source-address-prefixes VirtualNetwork --source-port-ranges '*' \
                 --destination-address-prefixes {tag} --destination-port-ranges {port}",
                tag.replace('.', "-")
            )
        })
        .collect()
}

/// A rule of the network security group of the instance's subnet that lets `source` in on `ports`.
#[must_use]
pub fn allow_inbound(source: &str, ports: &[String]) -> String {
    format!(
        "az network nsg rule create --resource-group <RESOURCE_GROUP> --nsg-name <NSG_NAME> \
         --name Allow-{source}-{}-Inbound --priority <FREE_PRIORITY> --direction Inbound --access Allow --protocol Tcp \
         --source-address-prefixes {source} --source-port-ranges '*' --destination-address-prefixes VirtualNetwork \
         --destination-port-ranges {}",
        ports.join("-"),
        ports.join(" ")
    )
}

/// The port on which the control plane comes in, from its own service tag.
const CONTROL_PLANE: &str = "3443";

/// Who must be let in on the control plane's port, where it is among `ports`; else nothing.
pub(super) fn control_plane_words(ports: &[String]) -> &'static str {
    match ports.iter().any(|port| port == CONTROL_PLANE) {
        true => "; 3443 is the control plane's and must be open to the tag ApiManagement",
        false => "",
    }
}

/// How far the instance is, and the rules that let `source` in on its ports, and the control plane on its own.
pub(super) fn allow_in(facts: &Facts<'_>, source: &str, ports: &[String]) -> Vec<String> {
    let (control, others): (Vec<String>, Vec<String>) =
        ports.iter().cloned().partition(|port| port == CONTROL_PLANE);
    let rule = |source: &str, ports: &[String]| (!ports.is_empty()).then(|| allow_inbound(source, ports));
    let rules = [rule(source, &others), rule("ApiManagement", &control)];
    [Some(provisioning_state(facts))].into_iter().chain(rules).flatten().collect()
}

/// The tags of what a source prints: `Storage, AzureMonitor (2021 docs: …)` are two.
pub(super) fn tags(printed: &str) -> impl Iterator<Item = &str> {
    printed.split(',').map(str::trim).filter_map(tag_word)
}

/// Names that one rule lists; of more, those that a service tag covers are allowed by their tag.
const LISTED: usize = 8;

/// Rules of an Azure Firewall policy that let these checks through: by name what speaks HTTP, by service tag the rest,
/// which an application rule cannot carry. Of many names only those without a tag are listed.
pub(super) fn firewall(checks: &[&Check]) -> Vec<String> {
    let names: BTreeSet<&str> = checks.iter().filter_map(|check| check.host()).collect();
    let by_name = |check: &&&Check| {
        check.protocol.is_http() && (names.len() <= LISTED || check.tag_or_internet() == "Internet")
    };
    let (named, tagged): (Vec<&Check>, Vec<&Check>) =
        checks.iter().copied().partition(|check| by_name(&check));
    let mut by_port: BTreeMap<(u16, bool), Vec<&str>> = BTreeMap::new();
    for check in named {
        let Some(port) = check.port() else { continue };
        let hosts = by_port.entry((port, check.protocol.is_plain_http())).or_default();
        let name = host(check.host());
        if name != "<HOST>" && !hosts.contains(&name) {
            hosts.push(name);
        }
    }
    let mut rules = network_rules(&tagged);
    rules.extend(by_port.iter().filter(|(_, hosts)| !hosts.is_empty()).map(|((port, plain), hosts)| {
        let protocol = if *plain { "Http" } else { "Https" };
        let what = format!("--protocols {protocol}={port} --target-fqdns {}", hosts.join(" "));
        collection(&format!("apim-names-{port}"), "ApplicationRule", &what)
    }));
    rules
}

/// Rules of an Azure Firewall policy for the service tags of these checks, one a transport; what has no tag is anywhere.
pub(super) fn network_rules(checks: &[&Check]) -> Vec<String> {
    let of = |transport: Transport| {
        let here = || checks.iter().filter(move |check| check.transport == transport);
        let ports: BTreeSet<u16> = here().filter_map(|check| check.port()).collect();
        let tags: BTreeSet<&str> = here().flat_map(|check| tags(check.tag_or_internet())).collect();
        (!ports.is_empty()).then(|| network_rule(transport, &ports, &tags))
    };
    [Transport::Tcp, Transport::Udp].into_iter().filter_map(of).collect()
}

fn network_rule(transport: Transport, ports: &BTreeSet<u16>, tags: &BTreeSet<&str>) -> String {
    let to: Vec<&str> = match tags.contains("Internet") {
        true => vec!["'*'"],
        // The firewall knows no tag for the network itself.
        false => {
            tags.iter().map(|tag| if *tag == "VirtualNetwork" { "<VNET_PREFIX>" } else { tag }).collect()
        }
    };
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let last = if let [port] = &ports[..] { port.as_str() } else { "outbound" };
    let transport = transport.as_str();
    let what = format!(
        "--ip-protocols {} --destination-addresses {} --destination-ports {}",
        transport.to_uppercase(),
        to.join(" "),
        ports.join(" ")
    );
    collection(&format!("apim-{transport}-{last}"), "NetworkRule", &what)
}

/// A rule in a collection of its own: an existing one may deny.
fn collection(name: &str, kind: &str, what: &str) -> String {
    format!(
        "az network firewall policy rule-collection-group collection add-filter-collection \
         --resource-group <RESOURCE_GROUP> --policy-name <FIREWALL_POLICY> \
         --rule-collection-group-name <RULE_COLLECTION_GROUP> --name {name} --collection-priority <FREE_PRIORITY> \
         --action Allow --rule-name {name} --rule-type {kind} --source-addresses <SUBNET_PREFIX> {what}"
    )
}

/// Advice, and what its commands for a firewall are good for.
pub(super) fn on_firewall(advice: &str, commands: Vec<String>) -> Remedy {
    let note = match commands.iter().filter(|line| line.starts_with("az network firewall ")).count() {
        0 => "",
        1 => " The firewall command is for an Azure Firewall policy; any other firewall needs the same rule.",
        _ => {
            " The firewall commands are for an Azure Firewall policy; any other firewall needs the same rules."
        }
    };
    Remedy { summary: format!("{advice}{note}"), commands, doc_url: None }
}

/// For what this machine's own routing table keeps from leaving.
pub(super) fn own_route() -> Remedy {
    and(
        words("Remove the unreachable or prohibiting route on this machine, or add a default route."),
        "ip route show table all",
    )
}

/// A look at what a server answers over TLS, with its certificates.
pub(super) fn openssl(host: &str, port: u16) -> String {
    format!("openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null")
}

/// A look at the time that a server tells, which sets nothing.
pub(super) fn chronyd(host: &str, port: u16) -> String {
    format!("chronyd -Q 'server {host} port {port} iburst'")
}

/// A look at what a server answers over HTTP, with the headers.
pub(super) fn curl(scheme: &str, host: &str, port: u16) -> String {
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("curl -sv -m 5 {scheme}://{host}/ -o /dev/null"),
        _ => format!("curl -sv -m 5 {scheme}://{host}:{port}/ -o /dev/null"),
    }
}

/// What has this private address: the network interface of a private endpoint, or of another machine by now. The private
/// endpoint itself tells its addresses only while it has no DNS zone group.
pub(super) fn owner_of(address: &str) -> String {
    format!(
        "az network nic list --query \"[?ipConfigurations[?privateIPAddress=='{address}']]\
         .{{nic:name,endpoint:privateEndpoint.id,vm:virtualMachine.id}}\" --output table"
    )
}

/// The tag itself of what a source prints: `Storage (2021-2024 docs: …)` is `Storage`.
fn tag_word(printed: &str) -> Option<&str> {
    printed.split([' ', '(', '/', ';', ':']).next().filter(|word| !word.is_empty())
}

/// The service endpoint `Microsoft.…` that keeps a service's traffic off a forced tunnel.
pub(super) fn service_endpoint(service: &str) -> String {
    format!(
        "az network vnet subnet update --resource-group <RESOURCE_GROUP> --vnet-name <VNET_NAME> --name <SUBNET_NAME> \
         --service-endpoints {service}"
    )
}

/// All service endpoints that API Management can use.
pub(super) fn service_endpoints() -> String {
    "az network vnet subnet update --resource-group <RESOURCE_GROUP> --vnet-name <VNET_NAME> --name <SUBNET_NAME> \
     --service-endpoints Microsoft.Storage Microsoft.Sql Microsoft.KeyVault Microsoft.EventHub"
        .to_owned()
}

/// The route that keeps the management traffic of API Management off a forced tunnel.
pub(super) fn management_route() -> String {
    "az network route-table route create --resource-group <RESOURCE_GROUP> --route-table-name <ROUTE_TABLE> \
     --name ApiManagement-to-Internet --address-prefix ApiManagement --next-hop-type Internet"
        .to_owned()
}

/// What must follow a change of the network's DNS servers, for instances that exist already.
pub(super) fn apply_network_configuration(facts: &Facts<'_>) -> String {
    format!("az apim apply-network-updates --resource-group <RESOURCE_GROUP> --name {}", service(facts))
}

/// How far the instance's deployment is.
fn provisioning_state(facts: &Facts<'_>) -> String {
    format!(
        "az apim show --resource-group <RESOURCE_GROUP> --name {} --query provisioningState",
        service(facts)
    )
}

/// The name of the instance, where the run knows it.
pub(super) fn service<'a>(facts: &Facts<'a>) -> &'a str {
    let name = facts.plan.instance.service.as_deref().map(|name| host(Some(name)));
    name.filter(|name| *name != "<HOST>").unwrap_or("<SERVICE>")
}

/// The portal's own view, as a file that `--from-network-status` reads. `az rest` fills in the cloud that it is signed in
/// to and its subscription.
pub(super) fn network_status(facts: &Facts<'_>) -> String {
    format!(
        "az rest --method get --url \"/subscriptions/{{subscriptionId}}/resourceGroups/<RESOURCE_GROUP>/providers/\
         Microsoft.ApiManagement/service/{}/networkstatus?api-version=2022-08-01\" --output-file networkstatus.json",
        service(facts)
    )
}
