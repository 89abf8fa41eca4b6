//! What is said of single checks: the path to a service, and the portal's word beside this run's.

use apim_probe_checks::diagnose::classify::Class;
use apim_probe_checks::diagnose::{AccessPath, Seen, access_path, notes, side_by_side};
use apim_probe_checks::facts::Sources;
use apim_probe_checks::portal::Portal;

use crate::judged;
use crate::short::{Network, read};

/// What `say` says of a check alone.
fn seen<T>(line: &str, say: impl Fn(Seen<'_>) -> T) -> T {
    let (check, outcome) = read(line);
    let class = Class::alone(&check, &outcome);
    say(Seen { check: &check, outcome: &outcome, class: &class })
}

/// The portal of a network with this check alone.
fn portal_of(line: &str) -> Portal {
    let network: Network = toml::from_str(&format!("bare = true\nchecks = ['{line}']")).unwrap();
    network.sources().portal.unwrap()
}

fn path_of(line: &str) -> String {
    seen(line, |seen| access_path(seen).unwrap_or_default())
}

#[test]
fn a_private_answer_is_a_private_endpoint_where_the_name_says_so() {
    let linked = path_of(
        "storage-blob apimst.blob.core.windows.net:443 = ok a=10.1.0.5 cname=apimst.privatelink.blob.core.windows.net",
    );
    assert_eq!(linked, "path: private endpoint (10.1.0.5, through a privatelink name)");
    let bare = path_of("sql-database apimsql.database.windows.net:1433 = connect-timeout a=10.1.0.5");
    assert!(bare.contains("private address 10.1.0.5 without a privatelink name"), "{bare}");
}

#[test]
fn a_public_answer_is_public_or_a_service_endpoint_and_only_the_vault_tells_which() {
    let storage = path_of("storage-blob apimst.blob.core.windows.net:443 = ok");
    assert!(storage.contains("does not tell which"), "{storage}");
    let behind = path_of(
        "keyvault-apim apikv.vault.azure.net:443 = ok fact=keyVaultNetworkInfo:conn_type=Ipv4;addr=10.0.1.4;act_addr_fam=InterNetwork;",
    );
    assert_eq!(behind, "path: service endpoint (the vault sees the private address 10.0.1.4)");
    let public = path_of(
        "keyvault-apim apikv.vault.azure.net:443 = ok fact=keyVaultNetworkInfo:conn_type=Ipv4;addr=203.0.113.7;",
    );
    assert_eq!(public, "path: public, without a service endpoint (the vault sees 203.0.113.7)");
    let unlinked = path_of(
        "eventhub-amqp apimeh.servicebus.windows.net:5671 = ok cname=apimeh.privatelink.servicebus.windows.net",
    );
    assert!(unlinked.contains("its zone is not linked"), "{unlinked}");
}

#[test]
fn the_path_is_one_word_for_scripts() {
    let word = |line: &str| seen(line, |seen| AccessPath::of(seen).map(AccessPath::as_str));
    let vault = |seen: &str| {
        word(&format!(
            "keyvault-apim kv.vault.azure.net:443 = ok fact=keyVaultNetworkInfo:conn_type=Ipv4;addr={seen};"
        ))
    };
    let storage = |more: &str| word(&format!("storage-blob st.blob.core.windows.net:443 = {more}"));
    let linked = "cname=st.privatelink.blob.core.windows.net";
    assert_eq!(storage(&format!("ok a=10.1.0.5 {linked}")), Some("private-endpoint"));
    assert_eq!(storage("connect-timeout a=10.1.0.5"), Some("private-address"));
    assert_eq!(storage(&format!("ok {linked}")), Some("public-beside-private-endpoint"));
    assert_eq!(storage("ok"), Some("public-or-service-endpoint"));
    assert_eq!((vault("10.0.1.4"), vault("203.0.113.7")), (Some("service-endpoint"), Some("public")));
    assert_eq!(word("entra-login login.microsoftonline.com:443 = ok"), None);
}

#[test]
fn many_names_are_told_apart_from_one_and_urls_by_their_host() {
    let network: Network = toml::from_str(
        "checks = ['keyvault-apim apikv.vault.azure.net:443 portal=failure = ok', \
         'storage-blob apimst.blob.core.windows.net:443 portal=failure = ok']",
    )
    .unwrap();
    let mut sources = network.sources();
    let titles = |sources: &Sources| -> Vec<String> {
        judged(sources.clone()).findings.into_iter().map(|finding| finding.title).collect()
    };
    assert_eq!(
        titles(&sources),
        ["The portal says that 2 names cannot be reached, and this machine reaches them."]
    );
    let entries = &mut sources.portal.as_mut().unwrap().entries;
    entries.retain(|id, _| id.as_str().starts_with("keyvault"));
    for check in &mut sources.run.plan.checks {
        check.name = format!("https://{}/", check.name);
    }
    let one = "The portal says that apikv.vault.azure.net cannot be reached, and this machine reaches it.";
    assert_eq!(titles(&sources), [one]);
}

#[test]
fn other_services_and_names_without_an_address_have_no_path() {
    assert_eq!(path_of("entra-login login.microsoftonline.com:443 = ok"), "");
    assert_eq!(path_of("storage-blob apimst.blob.core.windows.net:443 = dns-timeout"), "");
}

#[test]
fn the_portal_and_this_run_stand_side_by_side_in_every_combination() {
    let told = |portal: &str, here: &str| {
        let line = format!("keyvault-apim apikv.vault.azure.net:443 portal={portal} = {here}");
        seen(&line, |seen| side_by_side(seen, &portal_of(&line)))
    };
    for (portal, here, meaning) in [
        ("success", "ok", "both reach it"),
        ("failure", "connect-timeout", "neither reaches it"),
        ("failure", "ok", "on the instance's side"),
        ("success", "connect-timeout", "this machine's own network differs"),
        ("initializing", "ok", "has not tested it yet"),
    ] {
        let told = told(portal, here).unwrap();
        assert!(told.starts_with(&format!("portal: {portal}")) && told.contains(meaning), "{told}");
    }
    assert_eq!(told("success", "undecided:deadline"), None);
    assert_eq!(told("odd", "ok"), None);
}

#[test]
fn a_check_has_the_notes_that_apply() {
    let line = "keyvault-apim apikv.vault.azure.net:443 portal=failure@20m = ok";
    let notes = seen(line, |seen| notes(seen, Some(&portal_of(line))));
    assert!(notes[0].starts_with("path: ") && notes[1].contains(", tested 2023-11-14T"), "{notes:?}");
}
