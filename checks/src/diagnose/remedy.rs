//! Remedies: commands that can be pasted. What the run does not know stands there as a `<PLACEHOLDER>`.

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
pub fn allow_outbound(tags: &str, port: u16, protocol: &str) -> Vec<String> {
    tags.split(',')
        .map(str::trim)
        .filter_map(tag_word)
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

/// The route that keeps the management traffic of API Management off a forced tunnel.
pub fn management_route() -> String {
    "az network route-table route create --resource-group <RESOURCE_GROUP> --route-table-name <ROUTE_TABLE> \
     --name ApiManagement-to-Internet --address-prefix ApiManagement --next-hop-type Internet"
        .to_owned()
}

/// What must follow a change of the network's DNS servers, for instances that exist already.
pub fn apply_network_configuration() -> String {
    "az rest --method post --url https://management.azure.com/subscriptions/<SUBSCRIPTION_ID>/resourceGroups/\
     <RESOURCE_GROUP>/providers/Microsoft.ApiManagement/service/<SERVICE>/applynetworkconfigurationupdates\
     ?api-version=2022-08-01"
        .to_owned()
}
