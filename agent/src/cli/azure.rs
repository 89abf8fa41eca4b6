//! What can be typed of asking Azure.

use std::path::PathBuf;
use std::time::Duration;

use apim_probe_azure::endpoint::Endpoint;
use apim_probe_checks::server::Server;
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::values;

/// Exit codes of `fetch`.
pub const FETCH_EXIT_CODES: &str =
    "Exit codes: 0 at least one document was read, 2 usage error, 3 none was read, 130 and 143 interrupted.";

/// How Azure is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Azure")]
pub struct AzureArgs {
    /// Managed identity to use where the machine has several: its client id or resource id
    #[arg(long, value_name = "ID", conflicts_with = "token_file")]
    pub identity: Option<String>,
    /// Access token in place of an identity: a file with the output of `az account get-access-token`, or the bare token
    /// (`-` for standard input)
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Azure Resource Manager at another address than the cloud's own
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub arm_endpoint: Option<Endpoint>,
    /// Stop asking Azure by then, whatever happens [default: 45s]
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub azure_timeout: Option<Duration>,
}

/// Asking Azure beside what is done anyway.
#[derive(Debug, Args)]
#[command(next_help_heading = "Azure")]
pub struct AskArgs {
    /// Ask Azure itself, with this machine's managed identity or a token: names, rules, routes and state that nobody gave
    #[arg(long)]
    pub azure: bool,
    /// How Azure is asked.
    #[command(flatten)]
    pub how: AzureArgs,
}

/// Options of `fetch`.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The API Management service: its resource id or name [default: the one in this machine's subnet]
    #[arg(long, value_name = "ID|NAME", value_parser = service, help_heading = "Instance")]
    pub service: Option<String>,
    /// Resource id of the Application Gateway in front of it
    #[arg(long, value_name = "ID", value_parser = app_gateway, help_heading = "Instance")]
    pub app_gateway: Option<String>,
    /// Write the bundle to this new file, for its owner alone [default: standard output]
    #[arg(short, long, value_name = "BUNDLE.json")]
    pub output: Option<String>,
    /// Print the smallest custom role that can read all of it; sends nothing
    #[arg(long)]
    pub print_role: bool,
    /// Cloud [default: from the metadata service, else public]
    #[arg(long, value_parser = PossibleValuesParser::new(["public", "usgov", "china"]), help_heading = "Instance")]
    pub cloud: Option<String>,
    /// Ask this DNS server instead of the system's; may repeat
    #[arg(long, value_name = "IP[:PORT]", help_heading = "Network")]
    pub dns_server: Vec<Server>,
    /// PEM file that replaces the bundled public roots
    #[arg(long, value_name = "PEM", help_heading = "Network")]
    pub public_roots: Option<PathBuf>,
    /// Do not ask the metadata service: needs --token-file and the resource id of the service
    #[arg(long, help_heading = "Network")]
    pub no_imds: bool,
    /// How Azure is asked.
    #[command(flatten)]
    pub azure: AzureArgs,
}

fn endpoint(text: &str) -> Result<Endpoint, String> {
    Endpoint::parse(text)
        .map_err(|error| format!("expected a URL such as https://management.azure.com, but {error}"))
}

/// A resource id of an instance, or its name or host name as it was typed.
pub fn service_or_id(text: &str) -> Result<String, String> {
    if text.starts_with('/') { service(text) } else { values::service_name(text) }
}

/// A resource id of an instance, or its name.
pub fn service(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        resource_id(text, "Microsoft.ApiManagement/service")
    } else {
        values::service_name(text).map(|name| name.split('.').next().unwrap_or_default().to_owned())
    }
}

/// The resource id of an Application Gateway.
pub fn app_gateway(text: &str) -> Result<String, String> {
    resource_id(text, "Microsoft.Network/applicationGateways")
}

/// `/subscriptions/ID/resourceGroups/NAME/providers/TYPE/NAME`.
fn resource_id(text: &str, kind: &str) -> Result<String, String> {
    let expected = || format!("expected /subscriptions/…/resourceGroups/…/providers/{kind}/NAME");
    let is_plain = |part: &&str| {
        !part.is_empty()
            && *part != ".."
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.()".contains(c))
    };
    let id = text.trim_end_matches('/');
    let parts: Vec<&str> = id.strip_prefix('/').ok_or_else(expected)?.split('/').collect();
    let [subscriptions, _, groups, _, providers, namespace, of_kind, _] = parts[..] else {
        return Err(expected());
    };
    let is_meant = subscriptions.eq_ignore_ascii_case("subscriptions")
        && groups.eq_ignore_ascii_case("resourceGroups")
        && providers.eq_ignore_ascii_case("providers")
        && format!("{namespace}/{of_kind}").eq_ignore_ascii_case(kind)
        && parts.iter().all(is_plain);
    if is_meant { Ok(id.to_owned()) } else { Err(expected()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_begins_with_a_slash() {
        let id = "/subscriptions/1-2/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw";
        assert_eq!(app_gateway(id), Ok(id.to_owned()));
        assert!(app_gateway(&format!("agw.example,{id}")).is_err());
    }

    #[test]
    fn an_id_of_another_type_is_refused() {
        let id = |kind: &str| format!("/subscriptions/1-2/resourceGroups/rg/providers/{kind}/contoso");
        assert_eq!(
            service(&id("Microsoft.ApiManagement/service")),
            Ok(id("Microsoft.ApiManagement/service"))
        );
        assert!(service(&id("microsoft.apimanagement/SERVICE")).is_ok());
        assert_eq!(service("contoso").as_deref(), Ok("contoso"));
        assert_eq!(service("contoso.azure-api.net").as_deref(), Ok("contoso"));
        for bad in [
            id("Microsoft.Network/applicationGateways"),
            format!("{}/apis/x", id("Microsoft.ApiManagement/service")),
            "/subscriptions/1".to_owned(),
            "/subscriptions/1/resourceGroups/../providers/Microsoft.ApiManagement/service/x".to_owned(),
            "/subscriptions/1/resourceGroups/a?b/providers/Microsoft.ApiManagement/service/x".to_owned(),
        ] {
            assert!(service(&bad).is_err(), "{bad}");
        }
        assert!(app_gateway(&id("Microsoft.Network/applicationGateways")).is_ok());
    }
}
