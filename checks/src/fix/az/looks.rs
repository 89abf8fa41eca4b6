//! Looks as commands of the Azure CLI: they change nothing.

use std::net::IpAddr;

use super::{resource_group, rule, subnet, table};
use crate::fix::Scope;
use crate::fix::az_gateway;
use crate::fix::shell::known;
use crate::fix::step::{FlowEnds, Look};
use crate::network::Way;

/// What is asked of a subnet.
const SUBNET: &str = "{defaultOutboundAccess:defaultOutboundAccess,natGateway:natGateway.id,routeTable:routeTable.id,\
                      nsg:networkSecurityGroup.id,serviceEndpoints:serviceEndpoints[].service,\
                      delegations:delegations[].serviceName}";

/// What is asked of an instance.
const INSTANCE: &str = "{state:provisioningState,sku:sku,platform:platformVersion,mode:virtualNetworkType,\
                        subnet:virtualNetworkConfiguration.subnetResourceId}";

/// The command of a look; `None` for one that the Azure CLI has no part in.
pub(super) fn look(look: &Look, scope: &Scope) -> Option<String> {
    let group = resource_group(scope);
    Some(match look {
        Look::IpFlow(ends) => ip_flow(ends, scope),
        Look::NextHop { from, to } => format!(
            "az network watcher show-next-hop {} --source-ip {} --dest-ip {}",
            machine(scope),
            address(*from, "<VM_IP>"),
            address(*to, "<ADDRESS>")
        ),
        Look::EffectiveRules => {
            format!("az network nic list-effective-nsg --resource-group {group} --name {}", interface(scope))
        }
        Look::EffectiveRoutes => format!(
            "az network nic show-effective-route-table --resource-group {group} --name {} --output table",
            interface(scope)
        ),
        Look::Subnet => format!("az network vnet subnet show {} --query \"{SUBNET}\"", subnet(scope)),
        Look::Rule { group, name } => rule_of_group(name, group.as_ref(), scope),
        Look::Rules => format!(
            "az network nsg rule list --resource-group {group} --nsg-name {} --include-default --output table",
            known(scope.security_group.as_deref(), "<NSG_NAME>")
        ),
        Look::Routes => format!("az network route-table route list {} --output table", table(scope)),
        Look::AdminRules => format!(
            "az network manager list-effective-security-admin-rule --resource-group {group} --virtual-network-name {}",
            known(scope.virtual_network.as_deref(), "<VNET_NAME>")
        ),
        Look::DnsServers => format!(
            "az network vnet show --resource-group {group} --name {} --query dhcpOptions.dnsServers",
            known(scope.virtual_network.as_deref(), "<VNET_NAME>")
        ),
        Look::InterfaceWith(address) => format!(
            "az network nic list --query \"[?ipConfigurations[?privateIPAddress=='{}']]\
             .{{nic:name,endpoint:privateEndpoint.id,vm:virtualMachine.id}}\" --output table",
            self::address(*address, "<ADDRESS>")
        ),
        Look::Zones => {
            "az network private-dns zone list --query \"[].{name:name,group:resourceGroup}\" --output table"
                .to_owned()
        }
        Look::ZoneLinks(zone) => format!(
            "az network private-dns link vnet list --resource-group <RESOURCE_GROUP> --zone-name {} --output table",
            known(Some(zone), "<ZONE>")
        ),
        Look::Instance => format!(
            "az apim show --resource-group {group} --name {} --query \"{INSTANCE}\"",
            known(scope.service.as_deref(), "<SERVICE>")
        ),
        Look::NetworkStatus => network_status(scope),
        Look::GatewayPart { at, kind, name } => az_gateway::show(*kind, name, &at.name, at.group.as_deref()),
        Look::GatewayHealth(at) => az_gateway::show_health(&at.name, at.group.as_deref()),
        Look::SnatPorts => "az monitor metrics list --resource-group <RESOURCE_GROUP> --resource <FIREWALL> \
                            --resource-type Microsoft.Network/azureFirewalls --metrics SNATPortUtilization \
                            --interval 5m --output table"
            .to_owned(),
        _ => return None,
    })
}

/// A rule of the group that is named, else of the subnet's own.
fn rule_of_group(name: &str, group: Option<&String>, scope: &Scope) -> String {
    let group = group.or(scope.security_group.as_ref()).cloned();
    format!("az network nsg rule show {}", rule(name, &Scope { security_group: group, ..scope.clone() }))
}

/// The portal's own view, as a file that `--from-network-status` reads. `az rest` fills in the cloud that it is signed in
/// to and its subscription.
fn network_status(scope: &Scope) -> String {
    format!(
        "az rest --method get --url \"/subscriptions/{{subscriptionId}}/resourceGroups/{}/providers/\
         Microsoft.ApiManagement/service/{}/networkstatus?api-version=2022-08-01\" --output-file networkstatus.json",
        resource_group(scope),
        known(scope.service.as_deref(), "<SERVICE>")
    )
}

fn interface(scope: &Scope) -> &str {
    known(scope.interface.as_deref(), "<VM_NIC>")
}

fn machine(scope: &Scope) -> String {
    format!(
        "--resource-group {} --vm {}",
        resource_group(scope),
        known(scope.machine.as_deref(), "<VM_NAME>")
    )
}

/// A source port that is as good as any: the rule is the same for all.
const SOURCE_PORT: u16 = 60000;

fn ip_flow(ends: &FlowEnds, scope: &Scope) -> String {
    let local = address(ends.local, "<VM_IP>");
    let remote = ends.remote.map_or_else(|| "<ADDRESS>".to_owned(), |remote| remote.ip().to_string());
    let port = ends.remote.map_or_else(|| "<PORT>".to_owned(), |remote| remote.port().to_string());
    let (direction, near, far) = match ends.direction {
        Way::Outbound => ("Outbound", SOURCE_PORT.to_string(), port),
        Way::Inbound => ("Inbound", port, SOURCE_PORT.to_string()),
    };
    let protocol = ends.transport.name();
    format!(
        "az network watcher test-ip-flow {} --direction {direction} --protocol {protocol} --local {local}:{near} \
         --remote {remote}:{far}",
        machine(scope)
    )
}

fn address(address: Option<IpAddr>, placeholder: &str) -> String {
    address.map_or_else(|| placeholder.to_owned(), |address| address.to_string())
}
