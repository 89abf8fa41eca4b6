//! What can be typed of an Application Gateway.

use clap::Args;

use super::azure;
use super::values;
use crate::error::UserError;

/// What `--app-gateway` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppGateway {
    /// A resource id, which is read from Azure.
    Id(String),
    /// A host name or address of the front end, which is probed.
    Front(String),
}

/// The Application Gateway in front of the instance.
#[derive(Debug, Args)]
#[command(next_help_heading = "Instance")]
pub struct GatewayArgs {
    /// Application Gateway in front of the service: host name or address of its front end, both sides of which are probed; with
    /// --azure also its resource id, which is read
    #[arg(long, value_name = "FQDN|IP|ID", value_parser = parse)]
    pub app_gateway: Vec<AppGateway>,
}

/// A resource id, a host name or an address.
///
/// # Errors
/// What was expected.
pub fn parse(text: &str) -> Result<AppGateway, String> {
    if text.starts_with('/') {
        return azure::app_gateway(text).map(AppGateway::Id);
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<std::net::IpAddr>() {
        return Ok(AppGateway::Front(address.to_string()));
    }
    let name = values::host_name(text).ok().filter(|name| name.contains('.'));
    let is_number = |name: &String| name.rsplit('.').next().is_some_and(|last| last.parse::<u32>().is_ok());
    name.filter(|name| !is_number(name)).map(AppGateway::Front).ok_or_else(|| {
        "expected the host name or the address of its front end, such as agw.contoso.com or 10.0.5.4, without scheme and port"
            .to_owned()
    })
}

impl GatewayArgs {
    /// The front end to probe, where one was named.
    ///
    /// # Errors
    /// Two front ends, or a resource id, which is not probed.
    pub fn front(&self) -> Result<Option<String>, UserError> {
        if let Some(id) = self.id() {
            let error = UserError::new(format!("`{id}` is a resource id, which cannot be probed"));
            return Err(error.hint(
                "--app-gateway takes the host name or address of the front end here; `apim-probe fetch` and --azure read the id",
            ));
        }
        self.front_beside_azure()
    }

    /// The resource id, where one was named.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.app_gateway.iter().find_map(|given| match given {
            AppGateway::Id(id) => Some(id.as_str()),
            AppGateway::Front(_) => None,
        })
    }

    /// The front end to probe where Azure reads what is named by its id.
    ///
    /// # Errors
    /// Two front ends.
    pub fn front_beside_azure(&self) -> Result<Option<String>, UserError> {
        let mut fronts = Vec::new();
        for given in &self.app_gateway {
            match given {
                AppGateway::Front(front) if !fronts.contains(&front) => fronts.push(front),
                AppGateway::Front(_) | AppGateway::Id(_) => {}
            }
        }
        match fronts[..] {
            [] => Ok(None),
            [front] => Ok(Some(front.clone())),
            _ => Err(UserError::new("--app-gateway names two front ends")
                .hint("run once for each: every one is judged by itself")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_end_is_a_host_name_or_an_address() {
        let front = |text: &str| Ok(AppGateway::Front(text.to_owned()));
        assert_eq!(parse("AGW.contoso.com."), front("agw.contoso.com"));
        assert_eq!(parse("10.0.5.4"), front("10.0.5.4"));
        assert_eq!(parse("[fd00::4]"), front("fd00::4"));
        for bad in [
            "",
            "agw",
            "10.0.5",
            "10.0.5.400",
            "agw.contoso.com:443",
            "http://agw.contoso.com",
            "a b.example",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("/subscriptions/1/x").is_err_and(|error| error.contains("applicationGateways")));
    }
}
