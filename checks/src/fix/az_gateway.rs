//! Changes of an Application Gateway as commands of the Azure CLI.

use super::gateway::{PartChange, PartKind, Publication, REQUEST_TIMEOUT};
use super::shell::known;

/// `az network application-gateway probe update …`: fields of a part that is there.
#[must_use]
pub fn change(change: &PartChange, gateway: &str, group: Option<&str>) -> String {
    let words = |value: &str| value.split(',').map(word).collect::<Vec<_>>().join(" ");
    let sets: Vec<String> = change
        .sets
        .iter()
        .map(|(option, value)| format!("--{} {}", known(Some(option), "<OPTION>"), words(value)))
        .collect();
    let name = known(Some(&change.name), placeholder(change.kind));
    format!("{} {} {} --name {name} {}", noun(change.kind), change.verb, of(gateway, group), sets.join(" "))
}

/// The look at a part before it is changed.
#[must_use]
pub fn show(kind: PartKind, name: &str, gateway: &str, group: Option<&str>) -> String {
    format!("{} show {} --name {}", noun(kind), of(gateway, group), known(Some(name), placeholder(kind)))
}

/// What backend health says now; Azure takes up to a minute to answer.
#[must_use]
pub fn show_health(gateway: &str, group: Option<&str>) -> String {
    format!(
        "az network application-gateway show-backend-health --resource-group {} --name {}",
        known(group, "<RESOURCE_GROUP>"),
        known(Some(gateway), "<GATEWAY_NAME>")
    )
}

/// `az network application-gateway start …`
#[must_use]
pub fn start(gateway: &str, group: Option<&str>) -> String {
    format!(
        "az network application-gateway start --resource-group {} --name {}",
        known(group, "<RESOURCE_GROUP>"),
        known(Some(gateway), "<GATEWAY_NAME>")
    )
}

/// A probe, and the settings that are to use it.
#[must_use]
pub fn add_probe(probe: &Publication, settings: &str, gateway: &str, group: Option<&str>) -> Vec<String> {
    let change = PartChange {
        verb: "update",
        kind: PartKind::Settings,
        name: settings.to_owned(),
        sets: vec![("probe".to_owned(), probe.part("probe"))],
    };
    vec![self::probe(probe, gateway, group), self::change(&change, gateway, group)]
}

fn probe(one: &Publication, gateway: &str, group: Option<&str>) -> String {
    format!(
        "az network application-gateway probe create {} --name {} --protocol Https --host {} --path {} --interval {} \
         --timeout {} --threshold {}",
        of(gateway, group),
        one.part("probe"),
        word(&one.host),
        one.path,
        one.interval,
        one.timeout,
        one.threshold
    )
}

/// The commands that publish an endpoint, in the order in which they are to be run.
#[must_use]
pub fn publish(one: &Publication, gateway: &str, group: Option<&str>) -> Vec<String> {
    let of = of(gateway, group);
    let address = one.address.map_or_else(|| "<PRIVATE_IP>".to_owned(), |address| address.to_string());
    let az = "az network application-gateway";
    let (pool, settings, listener, rule) =
        (one.part("pool"), one.part("settings"), one.part("listener"), one.part("rule"));
    vec![
        format!("{az} address-pool create {of} --name {pool} --servers {address}"),
        probe(one, gateway, group),
        format!(
            "{az} http-settings create {of} --name {settings} --protocol Https --port 443 --host-name {} --probe {} --timeout {REQUEST_TIMEOUT}",
            word(&one.host),
            one.part("probe")
        ),
        format!(
            "{az} http-listener create {of} --name {listener} --frontend-ip <FRONTEND_IP> --frontend-port <FRONTEND_PORT_443> --host-name {} --ssl-cert <CERTIFICATE>",
            word(&one.host)
        ),
        format!(
            "{az} rule create {of} --name {rule} --rule-type Basic --priority {} --http-listener {listener} --address-pool {pool} --http-settings {settings}",
            one.priority
        ),
    ]
}

fn of(gateway: &str, group: Option<&str>) -> String {
    format!(
        "--resource-group {} --gateway-name {}",
        known(group, "<RESOURCE_GROUP>"),
        known(Some(gateway), "<GATEWAY_NAME>")
    )
}

/// A value that a shell takes as it stands; a placeholder keeps its marks.
fn word(value: &str) -> &str {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '<' | '>');
    match value {
        "" => "''",
        value if value.chars().all(is_plain) && !value.starts_with('-') => value,
        _ => "<VALUE>",
    }
}

const fn noun(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Probe => "az network application-gateway probe",
        PartKind::Settings => "az network application-gateway http-settings",
        PartKind::Listener => "az network application-gateway http-listener",
        PartKind::Rule => "az network application-gateway rule",
        PartKind::Pool => "az network application-gateway address-pool",
        PartKind::Root => "az network application-gateway root-cert",
    }
}

const fn placeholder(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Probe => "<PROBE>",
        PartKind::Settings => "<SETTINGS>",
        PartKind::Listener => "<LISTENER>",
        PartKind::Rule => "<RULE>",
        PartKind::Pool => "<POOL>",
        PartKind::Root => "<ROOT>",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_changed_in_the_named_fields_and_nothing_reaches_a_shell() {
        let change = |name: &str, value: &str| {
            let change = PartChange {
                verb: "update",
                kind: PartKind::Probe,
                name: name.into(),
                sets: vec![("host".into(), value.into())],
            };
            self::change(&change, "agw", Some("rg"))
        };
        let start = "az network application-gateway probe update --resource-group rg --gateway-name agw";
        assert_eq!(
            change("p", "api.contoso.example"),
            format!("{start} --name p --host api.contoso.example")
        );
        assert_eq!(change("p; x", "a b"), format!("{start} --name <PROBE> --host <VALUE>"));
    }
}
