//! Remedies: commands that can be pasted. What the run does not know stands there as a `<PLACEHOLDER>`.

use std::collections::BTreeSet;

use crate::catalogue::Transport;
use crate::run::Run;

use super::Remedy;

/// Where the findings' pages are.
pub const PAGES: &str = "https://github.com/apim-probe/apim-probe/blob/main/docs/findings/";

/// A host name that may stand in a command line; a placeholder for anything else, whoever wrote it.
pub fn host(name: Option<&str>) -> &str {
    let is_plain = |name: &&str| {
        !name.is_empty()
            && !name.starts_with('-')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    name.filter(is_plain).unwrap_or("<HOST>")
}

/// The start of a `dig` command that asks `server`, given as `address:port`.
pub fn dig(server: &str) -> String {
    match server.parse::<std::net::SocketAddr>() {
        Ok(address) if address.port() == 53 => format!("dig @{}", address.ip()),
        Ok(address) => format!("dig @{} -p {}", address.ip(), address.port()),
        Err(_) => "dig @<SERVER>".to_owned(),
    }
}

/// A remedy without commands.
pub fn words(summary: impl Into<String>) -> Remedy {
    Remedy { summary: summary.into(), ..Remedy::default() }
}

/// The same remedy with one more command.
pub fn and(mut remedy: Remedy, command: impl Into<String>) -> Remedy {
    remedy.commands.push(command.into());
    remedy
}

/// Rules of a network security group that let the subnet reach each tag of `tags` on `port`.
#[must_use]
pub fn allow_outbound(tags: &str, port: u16, protocol: &str) -> Vec<String> {
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
pub fn control_plane_words(ports: &[String]) -> &'static str {
    match ports.iter().any(|port| port == CONTROL_PLANE) {
        true => "; 3443 is the control plane's and must be open to the tag ApiManagement",
        false => "",
    }
}

/// Rules that let `source` in on these ports, and the control plane on its own.
pub fn allow_in(source: &str, ports: &[String]) -> Vec<String> {
    let (control, others): (Vec<String>, Vec<String>) =
        ports.iter().cloned().partition(|port| port == CONTROL_PLANE);
    let rule = |source: &str, ports: &[String]| (!ports.is_empty()).then(|| allow_inbound(source, ports));
    [rule(source, &others), rule("ApiManagement", &control)].into_iter().flatten().collect()
}

/// The tags of what a source prints: `Storage, AzureMonitor (2021 docs: …)` are two.
pub fn tags(printed: &str) -> impl Iterator<Item = &str> {
    printed.split(',').map(str::trim).filter_map(tag_word)
}

/// A rule of Azure Firewall that lets the subnet reach these tags on these ports; what has no tag is anywhere.
pub fn network_rule(ports: &BTreeSet<u16>, transport: Transport, tags: &BTreeSet<&str>) -> String {
    let protocol = if transport == Transport::Udp { "UDP" } else { "TCP" };
    let to: Vec<&str> = match tags.contains("Internet") {
        true => vec!["'*'"],
        // The firewall knows no tag for the network itself.
        false => {
            tags.iter().map(|tag| if *tag == "VirtualNetwork" { "<VNET_PREFIX>" } else { tag }).collect()
        }
    };
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let name = if let [port] = &ports[..] { port.as_str() } else { "outbound" };
    let ports = ports.join(" ");
    format!(
        "az network firewall network-rule create --resource-group <RESOURCE_GROUP> --firewall-name <FIREWALL> \
         --collection-name <COLLECTION> --name apim-{name} --source-addresses <SUBNET_PREFIX> --protocols {protocol} \
         --destination-addresses {} --destination-ports {ports}",
        to.join(" ")
    )
}

/// A rule of Azure Firewall that lets these hosts through by name.
pub fn firewall_rules(port: u16, hosts: &[&str]) -> Vec<String> {
    let protocol = match port {
        80 => "Http=80".to_owned(),
        1433 => "Mssql=1433".to_owned(),
        port => format!("Https={port}"),
    };
    let plain = hosts.iter().map(|name| host(Some(name))).filter(|name| *name != "<HOST>");
    let targets: Vec<&str> = plain.collect();
    if targets.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "az network firewall application-rule create --resource-group <RESOURCE_GROUP> --firewall-name <FIREWALL> \
         --collection-name <COLLECTION> --name apim-{port} --source-addresses <SUBNET_PREFIX> --protocols {protocol} \
         --target-fqdns {}",
        targets.join(" ")
    )]
}

/// A look at what a server answers over TLS, with its certificates.
pub fn openssl(host: &str, port: u16) -> String {
    format!("openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null")
}

/// A look at what a server answers over HTTP, with the headers.
pub fn curl(scheme: &str, host: &str, port: u16) -> String {
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("curl -sv -m 5 {scheme}://{host}/ -o /dev/null"),
        _ => format!("curl -sv -m 5 {scheme}://{host}:{port}/ -o /dev/null"),
    }
}

/// Which private endpoint has this address.
pub fn private_endpoint_of(address: &str) -> String {
    format!(
        "az network private-endpoint list --query \"[?customDnsConfigs[?contains(ipAddresses, '{address}')]]\
         .{{name:name,state:provisioningState}}\" --output table"
    )
}

/// The tag itself of what a source prints: `Storage (2021-2024 docs: …)` is `Storage`.
fn tag_word(printed: &str) -> Option<&str> {
    printed.split([' ', '(', '/', ';', ':']).next().filter(|word| !word.is_empty())
}

/// The service endpoint that keeps a tag's traffic off a forced tunnel, where the platform has one.
pub fn service_endpoint(tag: &str) -> Option<String> {
    let service = match tag.split(['.', ' ']).next().unwrap_or_default() {
        "Storage" => "Microsoft.Storage",
        "Sql" => "Microsoft.Sql",
        "EventHub" => "Microsoft.EventHub",
        "AzureKeyVault" => "Microsoft.KeyVault",
        _ => return None,
    };
    Some(format!(
        "az network vnet subnet update --resource-group <RESOURCE_GROUP> --vnet-name <VNET_NAME> --name <SUBNET_NAME> \
         --service-endpoints {service}"
    ))
}

/// All service endpoints that API Management can use.
pub fn service_endpoints() -> String {
    "az network vnet subnet update --resource-group <RESOURCE_GROUP> --vnet-name <VNET_NAME> --name <SUBNET_NAME> \
     --service-endpoints Microsoft.Storage Microsoft.Sql Microsoft.KeyVault Microsoft.EventHub"
        .to_owned()
}

/// The route that keeps the management traffic of API Management off a forced tunnel.
pub fn management_route() -> String {
    "az network route-table route create --resource-group <RESOURCE_GROUP> --route-table-name <ROUTE_TABLE> \
     --name ApiManagement-to-Internet --address-prefix ApiManagement --next-hop-type Internet"
        .to_owned()
}

/// What must follow a change of the network's DNS servers, for instances that exist already.
pub fn apply_network_configuration(run: &Run) -> String {
    format!("az apim apply-network-updates --resource-group <RESOURCE_GROUP> --name {}", service(run))
}

/// How far the instance's deployment is.
pub fn provisioning_state(run: &Run) -> String {
    format!(
        "az apim show --resource-group <RESOURCE_GROUP> --name {} --query provisioningState",
        service(run)
    )
}

/// The name of the instance, where the run knows it.
pub fn service(run: &Run) -> &str {
    let name = run.plan.instance.service.as_deref().map(|name| host(Some(name)));
    name.filter(|name| *name != "<HOST>").unwrap_or("<SERVICE>")
}

/// The portal's own view, as a file that `--from-network-status` reads.
pub fn network_status(run: &Run) -> String {
    format!(
        "az rest --method get --url \"https://management.azure.com/subscriptions/<SUBSCRIPTION_ID>/resourceGroups/\
         <RESOURCE_GROUP>/providers/Microsoft.ApiManagement/service/{}/networkstatus?api-version=2022-08-01\" \
         --output-file networkstatus.json",
        service(run)
    )
}
