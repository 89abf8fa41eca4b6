//! From the machine to everything that is judged.

use std::time::Duration;

use apim_probe_azure::MAX_REQUESTS;
use apim_probe_azure::estate::{Note, Subject, SubjectError, TokenSource, fetch};
use apim_probe_azure::reason::Reason;
use apim_probe_azure::token::TokenError;
use apim_probe_checks::network::read::Reader;
use apim_probe_lab::arm::{Arm, ArmFault, GATEWAY, SERVICE};

use crate::{asked, rule, settings, text};

const PATIENCE: Duration = Duration::from_secs(30);

fn kinds(fetched: &apim_probe_azure::estate::Fetched) -> Vec<&'static str> {
    fetched.bundle.documents.iter().map(|document| document.kind.as_str()).collect()
}

#[tokio::test]
async fn with_nothing_named_the_machine_leads_to_all_of_it_in_order() {
    let (fetched, requests) = asked(&Subject::default(), Vec::new(), PATIENCE).await;
    let fetched = fetched.unwrap();
    assert_eq!(
        kinds(&fetched),
        [
            "virtual-machine",
            "network-interface",
            "subnet",
            "virtual-network",
            "network-security-group",
            "effective-security-rules",
            "effective-routes",
            "effective-admin-rules",
            "api-management",
            "network-status",
            "outbound-dependencies",
            "control-plane",
            "private-dns-zone",
            "private-dns-zone",
            "private-dns-link",
            "private-dns-link",
            "private-dns-records",
            "private-dns-records",
        ],
        "{:?}",
        fetched.bundle.refused
    );
    assert_eq!((fetched.bundle.refused, fetched.notes), (Vec::new(), Vec::new()));
    assert!(requests.len() <= MAX_REQUESTS as usize, "{}", requests.len());
    let posts: Vec<&str> =
        requests.iter().filter(|one| one.method != "GET").map(|one| one.path.as_str()).collect();
    assert_eq!(posts.len(), 3, "{posts:?}");
    for request in &requests {
        assert!(request.fields.iter().any(|field| field == "accept-encoding"), "{request:?}");
        assert!(
            request.path.contains("api-version=") || request.path.starts_with("/operations/"),
            "{request:?}"
        );
    }
}

#[tokio::test]
async fn two_fetches_of_one_estate_differ_in_times_alone_and_hold_no_secret() {
    let subject = Subject { service: None, app_gateway: Some(GATEWAY.to_owned()), region: None };
    let (first, _) = asked(&subject, Vec::new(), PATIENCE).await;
    let (second, _) = asked(&subject, Vec::new(), PATIENCE).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(text(&first), text(&second));
    assert!(kinds(&first).contains(&"backend-health"));
    assert!(!text(&first).contains("canary"), "{}", text(&first));
}

#[tokio::test]
async fn the_readers_of_configuration_know_every_document_of_a_bundle() {
    let subject = Subject { service: None, app_gateway: Some(GATEWAY.to_owned()), region: None };
    let (fetched, _) =
        asked(&subject, vec![rule("effectiveRouteTable", ArmFault::NotRunning)], PATIENCE).await;
    let mut reader = Reader::default();
    reader.add("bundle.json", text(&fetched.unwrap()).into_bytes()).unwrap();
    let network = reader.end().unwrap();
    assert_eq!(network.services.len(), 1);
    assert_eq!(network.network_status.len(), 1);
    assert_eq!(network.effective_groups.map(|groups| groups.len()), Some(1));
    assert_eq!(network.control_plane.map(|control| control.status), Some(200));
    let refused: Vec<(&str, &str)> =
        network.refused.iter().map(|one| (one.kind.as_str(), one.reason.as_str())).collect();
    assert_eq!(refused, [("effective-routes", "bad-request")]);
    assert_eq!(network.passed_over, Vec::new());
}

#[tokio::test]
async fn an_instance_is_found_by_its_name_and_over_the_pages_of_a_list() {
    let subject = Subject { service: Some("CONTOSO-lab".to_owned()), app_gateway: None, region: None };
    let (fetched, requests) = asked(&subject, Vec::new(), PATIENCE).await;
    assert!(kinds(&fetched.unwrap()).contains(&"api-management"));
    assert!(requests.iter().any(|request| request.path.contains("page=2")));
    let nobody = Subject { service: Some("nobody".to_owned()), app_gateway: None, region: None };
    let (fetched, _) = asked(&nobody, Vec::new(), PATIENCE).await;
    assert_eq!(fetched.unwrap().notes, [Note::NoSuchService("nobody".to_owned())]);
}

#[tokio::test]
async fn a_list_of_instances_that_is_refused_does_not_say_that_there_is_none() {
    for service in [None, Some("nobody".to_owned())] {
        let subject = Subject { service, app_gateway: None, region: None };
        let rules = vec![rule("ApiManagement/service?", ArmFault::Forbidden)];
        let fetched = asked(&subject, rules, PATIENCE).await.0.unwrap();
        assert_eq!(
            fetched.bundle.refused.iter().map(|one| one.reason).collect::<Vec<_>>(),
            [Reason::Forbidden]
        );
        assert_eq!(fetched.notes, Vec::new());
    }
}

#[tokio::test]
async fn without_a_machine_the_instance_leads_to_its_network_and_effective_rules_are_refused() {
    let (address, _) = Arm::start(Vec::new()).await.unwrap();
    let subject = Subject { service: Some(SERVICE.to_owned()), app_gateway: None, region: None };
    let fetched =
        fetch(&settings(&format!("http://{address}"), None, PATIENCE), &subject, None).await.unwrap();
    let refused: Vec<(&str, Reason)> =
        fetched.bundle.refused.iter().map(|one| (one.kind.as_str(), one.reason)).collect();
    assert_eq!(
        refused,
        [("effective-security-rules", Reason::NoMachine), ("effective-routes", Reason::NoMachine)]
    );
    let kinds = kinds(&fetched);
    for kind in ["network-security-group", "virtual-network", "effective-admin-rules"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (address, arm) = Arm::start(Vec::new()).await.unwrap();
    let mut settings = settings(&format!("http://{address}"), Some(crate::machine()), PATIENCE);
    settings.token = TokenSource::File(Err(TokenError::Expired));
    let fetched = fetch(&settings, &Subject::default(), None).await;
    let fetched = fetched.unwrap_or_else(|SubjectError::Ambiguous { name, .. }| panic!("{name}"));
    assert_eq!(fetched.notes, [Note::NoToken(TokenError::Expired)]);
    assert!(arm.asked().is_empty() && fetched.bundle.documents.is_empty());
}

/// `wait` asks again and again: the 80 requests are those of the whole invocation.
#[tokio::test]
async fn askings_that_keep_the_count_send_no_more_than_eighty_together() {
    let (address, arm) = Arm::start(Vec::new()).await.unwrap();
    let settings = settings(&format!("http://{address}"), Some(crate::machine()), PATIENCE);
    for _ in 0..4 {
        let _ = fetch(&settings, &Subject::default(), None).await.unwrap();
    }
    let last = fetch(&settings, &Subject::default(), None).await.unwrap();
    assert_eq!(arm.asked().len(), MAX_REQUESTS as usize);
    assert_eq!(settings.requests.get(), MAX_REQUESTS);
    assert!(last.bundle.documents.is_empty());
    assert!(last.bundle.refused.iter().all(|one| one.reason == Reason::Budget), "{:?}", last.bundle.refused);
}
