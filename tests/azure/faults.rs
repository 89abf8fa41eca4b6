//! Every fault ends by the deadline, is told with its reason, and hinders nothing else.

use std::time::{Duration, Instant};

use apim_probe_azure::MAX_REQUESTS;
use apim_probe_azure::estate::Subject;
use apim_probe_azure::reason::Reason;
use apim_probe_lab::arm::ArmFault;

use crate::{asked, rule, text};

/// How long the faults of this table may take.
const PATIENCE: Duration = Duration::from_secs(6);

/// A fault at some path, the kind that is refused for it, why, and ARM's status.
const FAULTS: [(&str, ArmFault, &str, Reason, Option<u16>); 22] = [
    ("networkstatus", ArmFault::Forbidden, "network-status", Reason::Forbidden, Some(403)),
    ("effectiveRouteTable", ArmFault::Forbidden, "effective-routes", Reason::Forbidden, Some(403)),
    (
        "networkSecurityGroups/nsg-apim?",
        ArmFault::NotFound,
        "network-security-group",
        Reason::NotFound,
        Some(404),
    ),
    ("vnet-lab?", ArmFault::Gone, "virtual-network", Reason::NotFound, Some(410)),
    (
        "effectiveNetworkSecurityGroups",
        ArmFault::Conflict,
        "effective-security-rules",
        Reason::Conflict,
        Some(409),
    ),
    ("effectiveRouteTable", ArmFault::NotRunning, "effective-routes", Reason::BadRequest, Some(400)),
    ("networkstatus", ArmFault::ThrottledLong, "network-status", Reason::Throttled, Some(429)),
    ("networkstatus", ArmFault::ServerError, "network-status", Reason::ServerError, Some(500)),
    ("effectiveRouteTable", ArmFault::Accepted202, "effective-routes", Reason::Timeout, None),
    ("networkstatus", ArmFault::Accepted202, "network-status", Reason::Timeout, None),
    ("networkstatus", ArmFault::ForeignLocation, "network-status", Reason::ForeignAddress, None),
    ("networkstatus", ArmFault::HalfBody, "network-status", Reason::Unreadable, Some(200)),
    ("networkstatus", ArmFault::Huge, "network-status", Reason::TooLarge, Some(200)),
    ("networkstatus", ArmFault::ForeignRedirect, "network-status", Reason::ForeignAddress, Some(307)),
    ("effectiveRouteTable", ArmFault::ForeignLocation, "effective-routes", Reason::ForeignAddress, None),
    ("Endpoints", ArmFault::ForeignPage, "outbound-dependencies", Reason::ForeignAddress, None),
    ("networkstatus", ArmFault::Silent, "network-status", Reason::Timeout, None),
    ("networkstatus", ArmFault::Encoded, "network-status", Reason::Unreadable, Some(200)),
    ("networkstatus", ArmFault::NotJson, "network-status", Reason::Unreadable, None),
    ("networkstatus", ArmFault::Echo, "network-status", Reason::Unreadable, Some(200)),
    ("privateDnsZones?", ArmFault::Forbidden, "private-dns-zone", Reason::Forbidden, Some(403)),
    ("/apis", ArmFault::ServerError, "control-plane", Reason::ServerError, Some(500)),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_is_one_refusal_with_its_reason() {
    let mut wrong = Vec::new();
    for (at, fault, kind, reason, status) in FAULTS {
        let begun = Instant::now();
        let (fetched, requests) = asked(&Subject::default(), vec![rule(at, fault)], PATIENCE).await;
        let fetched = fetched.unwrap();
        let refused: Vec<(&str, Reason, Option<u16>)> =
            fetched.bundle.refused.iter().map(|one| (one.kind.as_str(), one.reason, one.status)).collect();
        // What waits to the end leaves no time for what comes last.
        let is_late = reason == Reason::Timeout;
        let is_told = refused.first() == Some(&(kind, reason, status));
        if !is_told || (refused.len() > 1 && !is_late) {
            wrong.push(format!("{fault:?} at {at}: {refused:?}"));
        }
        if begun.elapsed() > PATIENCE + Duration::from_secs(1) || requests.len() > MAX_REQUESTS as usize {
            wrong.push(format!("{fault:?} at {at}: {:?}, {} requests", begun.elapsed(), requests.len()));
        }
        if fetched.bundle.documents.len() < 10 && !is_late {
            wrong.push(format!("{fault:?} at {at}: {} documents", fetched.bundle.documents.len()));
        }
        let all = format!("{}{fetched:?}", text(&fetched));
        if all.contains("canary-token") {
            wrong.push(format!("{fault:?} at {at}: the token is in the output"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_passes_on_repetition_is_no_refusal() {
    for fault in [ArmFault::ThrottledTwice, ArmFault::UnavailableOnce] {
        let (fetched, _) =
            asked(&Subject::default(), vec![rule("networkstatus", fault)], Duration::from_secs(20)).await;
        assert_eq!(fetched.unwrap().bundle.refused, Vec::new(), "{fault:?}");
    }
}

#[tokio::test]
async fn after_401_nothing_more_is_sent() {
    let (fetched, requests) =
        asked(&Subject::default(), vec![rule("", ArmFault::Unauthorized)], PATIENCE).await;
    let fetched = fetched.unwrap();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(fetched.bundle.documents.is_empty());
    assert!(fetched.bundle.refused.iter().any(|one| one.reason == Reason::Unauthorized), "{fetched:?}");
}

#[tokio::test]
async fn a_refusal_names_the_action_that_azure_names() {
    let (fetched, _) =
        asked(&Subject::default(), vec![rule("virtualNetworks/vnet-lab?", ArmFault::Forbidden)], PATIENCE)
            .await;
    assert_eq!(fetched.unwrap().bundle.refused[0].action, "Microsoft.Network/virtualNetworks/read");
}

#[tokio::test]
async fn a_management_endpoint_that_azure_cannot_reach_is_a_document_and_no_refusal() {
    let (fetched, requests) =
        asked(&Subject::default(), vec![rule("/apis", ArmFault::Management)], Duration::from_secs(20)).await;
    let fetched = fetched.unwrap();
    let child = fetched.bundle.documents.iter().find(|one| one.kind.as_str() == "control-plane").unwrap();
    assert_eq!(child.body, serde_json::json!({"status": 500, "code": "ManagementApiRequestFailed"}));
    assert_eq!(fetched.bundle.refused, Vec::new());
    assert_eq!(requests.iter().filter(|request| request.path.contains("/apis")).count(), 1);
}

#[tokio::test]
async fn a_list_without_end_ends_within_the_budget() {
    let (fetched, requests) = asked(
        &Subject::default(),
        vec![rule("Microsoft.ApiManagement/service?", ArmFault::Endless), rule("?page", ArmFault::Endless)],
        Duration::from_secs(20),
    )
    .await;
    assert!(requests.len() <= MAX_REQUESTS as usize);
    assert_eq!(fetched.unwrap().bundle.refused[0].reason, Reason::TooLarge);
}
