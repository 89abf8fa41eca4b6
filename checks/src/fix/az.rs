//! Changes as commands of the Azure CLI, ready to paste. What is not known stands there as a `<PLACEHOLDER>`.

use super::step::{Action, Change};
use super::{
    Allowance, End, FirewallRule, Fix, Hop, Record, Route, RuleChange, RuleField, Scope, SecurityRule,
    ServiceEndpoint, az_gateway, shell,
};
use crate::fix::shell::known;
use crate::network::RuleProtocol;

mod looks;

/// The commands of one step, in the order in which they are to be run: those of the Azure CLI, else those of a shell.
#[must_use]
pub fn step(action: &Action, scope: &Scope) -> Vec<String> {
    match action {
        Action::Look(look) => looks::look(look, scope).or_else(|| shell::look(look)).into_iter().collect(),
        Action::Change(change) => match self::change(change, scope) {
            commands if commands.is_empty() => shell::change(change).into_iter().collect(),
            commands => commands,
        },
    }
}

/// The commands of a change of Azure's configuration; empty for one of another thing.
fn change(change: &Change, scope: &Scope) -> Vec<String> {
    match change {
        Change::Add(fix) => commands(fix, scope),
        Change::AddServiceEndpoints(services) => vec![added_service_endpoints(services, scope)],
        Change::Rule(change) => vec![change_rule(change, scope)],
        Change::DeleteRoute(name) => vec![delete_route(name, scope)],
        Change::AttachGroup => attach_group(scope),
        Change::AttachNatGateway => attach_nat_gateway(scope),
        Change::ApplyNetworkConfiguration => vec![format!(
            "az apim apply-network-updates --resource-group {} --name {}",
            resource_group(scope),
            known(scope.service.as_deref(), "<SERVICE>")
        )],
        Change::ZoneRecord { zone, group, name, address } => vec![format!(
            "az network private-dns record-set a add-record --resource-group {} --zone-name {} \
             --record-set-name {} --ipv4-address {}",
            known(group.as_deref(), "<RESOURCE_GROUP>"),
            known(Some(zone), "<ZONE>"),
            if name == "@" { "'@'" } else { known(Some(name), "<RECORD>") },
            address.map_or_else(|| "<PRIVATE_ENDPOINT_IP>".to_owned(), |address| address.to_string())
        )],
        Change::ZoneLink { zone, group, network } => {
            vec![zone_link(zone, group.as_deref(), network.as_deref())]
        }
        Change::Elsewhere(what) => self::change(&what.0, &what.1),
        Change::GatewayPart { at, change } => {
            vec![az_gateway::change(change, &at.name, at.group.as_deref())]
        }
        Change::GatewayProbe { at, probe, settings } => {
            az_gateway::add_probe(probe, settings, &at.name, at.group.as_deref())
        }
        Change::GatewayStart(at) => vec![az_gateway::start(&at.name, at.group.as_deref())],
        Change::HostsFile { .. }
        | Change::StepClock
        | Change::KeepClock
        | Change::ClampSegments
        | Change::OpenFiles
        | Change::RestartResolver => Vec::new(),
    }
}

/// The commands of one change, in the order in which they are to be run.
#[must_use]
pub fn commands(fix: &Fix, scope: &Scope) -> Vec<String> {
    match fix {
        Fix::SecurityRule(rule) => vec![security_rule(rule, scope)],
        Fix::Route(route) => vec![self::route(route, scope)],
        Fix::ServiceEndpoints(endpoints) => vec![service_endpoints(endpoints, scope)],
        Fix::Firewall(rule) => vec![firewall_rule(rule, scope)],
        Fix::Record(record) => self::record(record, scope),
        Fix::Publication(one) => {
            let gateway = scope.gateway.as_deref().unwrap_or("<GATEWAY_NAME>");
            az_gateway::publish(one, gateway, scope.resource_group.as_deref())
        }
    }
}

/// `az network nsg rule create …`
#[must_use]
pub fn security_rule(rule: &SecurityRule, scope: &Scope) -> String {
    let priority =
        rule.priority.map_or_else(|| "<FREE_PRIORITY>".to_owned(), |priority| priority.to_string());
    let described = if rule.description.is_empty() {
        String::new()
    } else {
        format!(" --description \"{}\"", rule.description)
    };
    format!(
        "az network nsg rule create --resource-group {} --nsg-name {} --name {} --priority {priority} --direction {} \
         --access {} --protocol {} --source-address-prefixes {} \
         --destination-address-prefixes {} --destination-port-ranges {}{described}",
        resource_group(scope),
        known(scope.security_group.as_deref(), "<NSG_NAME>"),
        rule.name,
        match rule.direction {
            crate::network::Way::Inbound => "Inbound",
            crate::network::Way::Outbound => "Outbound",
        },
        rule.access,
        quoted(rule.protocol.as_str()),
        end(&rule.source),
        end(&rule.destination),
        rule.port_words().iter().map(|ports| quoted(ports)).collect::<Vec<_>>().join(" "),
    )
}

/// `az network nsg rule update …`: one field of a rule that is there.
fn change_rule(change: &RuleChange, scope: &Scope) -> String {
    let sets = match &change.sets {
        RuleField::Priority(priority) => format!("--priority {priority}"),
        RuleField::Access(access) => format!("--access {access}"),
        RuleField::Protocol(protocol) => format!("--protocol {}", quoted(protocol.as_str())),
        RuleField::Source(source) => format!("--source-address-prefixes {}", end(source)),
        RuleField::Destination(destination) => format!("--destination-address-prefixes {}", end(destination)),
        RuleField::Ports(ports) => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            format!("--destination-port-ranges {}", ports.join(" "))
        }
    };
    format!("az network nsg rule update {} {sets}", rule(&change.name, scope))
}

fn rule(name: &str, scope: &Scope) -> String {
    format!(
        "--resource-group {} --nsg-name {} --name {}",
        resource_group(scope),
        known(scope.security_group.as_deref(), "<NSG_NAME>"),
        known(Some(name), "<RULE_NAME>")
    )
}

/// `az network route-table route delete …`
fn delete_route(name: &str, scope: &Scope) -> String {
    format!(
        "az network route-table route delete {} --name {}",
        table(scope),
        known(Some(name), "<ROUTE_NAME>")
    )
}

fn table(scope: &Scope) -> String {
    let name = known(scope.route_table.as_deref(), "<ROUTE_TABLE>");
    format!("--resource-group {} --route-table-name {name}", group_of(scope.route_group.as_deref(), scope))
}

/// The resource group of a resource, where that is known to be another than most have.
fn group_of<'a>(other: Option<&'a str>, scope: &'a Scope) -> &'a str {
    other.map_or_else(|| resource_group(scope), |group| known(Some(group), "<RESOURCE_GROUP>"))
}

/// A group is made first and attached when its rules exist: until then everything passes as before.
fn attach_group(scope: &Scope) -> Vec<String> {
    let new = || named_after_subnet("nsg-", scope).unwrap_or_else(|| "<NSG_NAME>".to_owned());
    let name =
        scope.security_group.clone().map_or_else(new, |name| known(Some(&name), "<NSG_NAME>").to_owned());
    vec![
        format!("az network nsg create --resource-group {} --name {name}", resource_group(scope)),
        format!("az network vnet subnet update {} --network-security-group {name}", subnet(scope)),
    ]
}

fn attach_nat_gateway(scope: &Scope) -> Vec<String> {
    let name = named_after_subnet("nat-", scope).unwrap_or_else(|| "<NAT_GATEWAY>".to_owned());
    let group = group_of(scope.network_group.as_deref(), scope);
    vec![
        format!("az network public-ip create --resource-group {group} --name {name}-ip --sku Standard"),
        format!(
            "az network nat gateway create --resource-group {group} --name {name} --public-ip-addresses {name}-ip"
        ),
        format!("az network vnet subnet update {} --nat-gateway {name}", subnet(scope)),
    ]
}

/// The name of a resource that is made for the subnet, where that is known.
fn named_after_subnet(prefix: &str, scope: &Scope) -> Option<String> {
    let subnet = known(scope.subnet.as_deref(), "");
    (!subnet.is_empty()).then(|| format!("{prefix}{subnet}"))
}

fn subnet(scope: &Scope) -> String {
    format!(
        "--resource-group {} --vnet-name {} --name {}",
        group_of(scope.network_group.as_deref(), scope),
        known(scope.virtual_network.as_deref(), "<VNET_NAME>"),
        known(scope.subnet.as_deref(), "<SUBNET_NAME>")
    )
}

fn route(route: &Route, scope: &Scope) -> String {
    let address = match route.hop {
        Hop::Appliance(address) => format!(" --next-hop-ip-address {address}"),
        Hop::Internet => String::new(),
    };
    format!(
        "az network route-table route create {} --name {} --address-prefix {} --next-hop-type {}{address}",
        table(scope),
        known(Some(&route.name), "<ROUTE_NAME>"),
        route.prefix,
        route.hop.word(),
    )
}

/// The whole list where documents told what is there, else what is added to it.
fn service_endpoints(endpoints: &[ServiceEndpoint], scope: &Scope) -> String {
    let services: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.service.as_str()).collect();
    if scope.subnet.is_none() {
        return added_service_endpoints(&services, scope);
    }
    format!("az network vnet subnet update {} --service-endpoints {}", subnet(scope), services.join(" "))
}

/// The present list is put in by a query, because Azure replaces it.
fn added_service_endpoints<S: AsRef<str>>(services: &[S], scope: &Scope) -> String {
    let services: Vec<&str> = services.iter().map(AsRef::as_ref).collect();
    let subnet = subnet(scope);
    format!(
        "az network vnet subnet update {subnet} --service-endpoints $(az network vnet subnet show {subnet} \
         --query \"serviceEndpoints[].service\" --output tsv) {}",
        services.join(" ")
    )
}

/// A rule in a collection of its own: an existing one may deny.
fn firewall_rule(rule: &FirewallRule, scope: &Scope) -> String {
    let (kind, what) = match &rule.allows {
        Allowance::Names { protocol, port, hosts } => (
            "ApplicationRule",
            format!(
                "--protocols {protocol}={port} --target-fqdns {}",
                hosts.iter().map(|host| quoted(host)).collect::<Vec<_>>().join(" ")
            ),
        ),
        Allowance::Addresses { protocol, ports, to } => {
            let protocol = if *protocol == RuleProtocol::Udp { "UDP" } else { "TCP" };
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            let what = format!(
                "--ip-protocols {protocol} --destination-addresses {} --destination-ports {}",
                end(to),
                ports.join(" ")
            );
            ("NetworkRule", what)
        }
    };
    let source =
        scope.subnet_prefix.map_or_else(|| "<SUBNET_PREFIX>".to_owned(), |prefix| prefix.to_string());
    format!(
        "az network firewall policy rule-collection-group collection add-filter-collection --resource-group {} \
         --policy-name <FIREWALL_POLICY> --rule-collection-group-name <RULE_COLLECTION_GROUP> --name {} \
         --collection-priority <FREE_PRIORITY> --action Allow --rule-name {} --rule-type {kind} \
         --source-addresses {source} {what}",
        resource_group(scope),
        rule.name,
        rule.name,
    )
}

fn zone_link(zone: &str, group: Option<&str>, network: Option<&str>) -> String {
    let zone = known(Some(zone), "<ZONE>");
    format!(
        "az network private-dns link vnet create --resource-group {} --zone-name {zone} --name {} \
         --virtual-network {} --registration-enabled false",
        known(group, "<RESOURCE_GROUP>"),
        zone.replace('.', "-"),
        known(network, "<VNET_NAME>"),
    )
}

fn record(record: &Record, scope: &Scope) -> Vec<String> {
    let group = group_of(scope.network_group.as_deref(), scope);
    let address = record.address.map_or_else(|| "<PRIVATE_IP>".to_owned(), |address| address.to_string());
    let host = &record.host;
    vec![
        format!("az network private-dns zone create --resource-group {group} --name {host}"),
        zone_link(host, Some(group), scope.virtual_network.as_deref()),
        format!(
            "az network private-dns record-set a add-record --resource-group {group} --zone-name {host} \
             --record-set-name '@' --ipv4-address {address}"
        ),
    ]
}

fn end(end: &End) -> String {
    end.words().iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// In quotes where a shell would read more into it.
fn quoted(word: &str) -> String {
    if word.contains('*') { format!("'{word}'") } else { word.to_owned() }
}

fn resource_group(scope: &Scope) -> &str {
    known(scope.resource_group.as_deref(), "<RESOURCE_GROUP>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::step::Look;
    use crate::network::{Access, PortRange, Way};

    #[test]
    fn a_rule_is_looked_at_and_changed_in_one_field() {
        let scope = Scope { security_group: Some("nsg-apim".into()), ..Scope::default() };
        let change = |sets| change_rule(&RuleChange { name: "AllowSql".into(), sets }, &scope);
        let start = "az network nsg rule update --resource-group <RESOURCE_GROUP> --nsg-name nsg-apim --name AllowSql";
        assert_eq!(
            change(RuleField::Ports(vec![PortRange::one(1433)])),
            format!("{start} --destination-port-ranges 1433")
        );
        assert_eq!(change(RuleField::Priority(190)), format!("{start} --priority 190"));
        assert_eq!(
            change(RuleField::Destination(End::Tag("Sql".into()))),
            format!("{start} --destination-address-prefixes Sql")
        );
        let shown = |name: &str| {
            let look = Look::Rule { group: None, name: name.to_owned() };
            step(&Action::Look(look), &scope).concat()
        };
        assert!(shown("x; rm -rf ~").ends_with("--name <RULE_NAME>"), "{}", shown("x; rm -rf ~"));
    }

    fn sql() -> SecurityRule {
        SecurityRule {
            name: "Allow-Sql-Outbound".to_owned(),
            description: "Required: configuration database".to_owned(),
            direction: Way::Outbound,
            priority: Some(110),
            access: Access::Allow,
            protocol: RuleProtocol::Tcp,
            source: End::network(),
            destination: End::Tag("Sql".to_owned()),
            ports: vec![PortRange::one(1433)],
        }
    }

    #[test]
    fn a_rule_names_its_group_and_both_sides() {
        let scope = Scope { security_group: Some("nsg-apim".to_owned()), ..Scope::default() };
        assert_eq!(
            commands(&Fix::SecurityRule(sql()), &scope),
            [
                "az network nsg rule create --resource-group <RESOURCE_GROUP> --nsg-name nsg-apim --name Allow-Sql-Outbound \
              --priority 110 --direction Outbound --access Allow --protocol Tcp --source-address-prefixes VirtualNetwork \
              --destination-address-prefixes Sql --destination-port-ranges 1433 \
              --description \"Required: configuration database\""
            ]
        );
    }

    #[test]
    fn a_name_that_a_shell_would_read_is_left_open() {
        let scope = Scope { security_group: Some("nsg; rm -rf /".to_owned()), ..Scope::default() };
        assert!(security_rule(&sql(), &scope).contains("--nsg-name <NSG_NAME> "));
    }
}
