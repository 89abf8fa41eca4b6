//! Networks with an Application Gateway: both sides of it.

use crate::{Test, check, ends, report, run};

pub(crate) const TESTS: &[Test] = &[
    ("gateway::a_good_gateway_is_no_finding", a_good_gateway_is_no_finding),
    ("gateway::an_endpoint_that_is_not_published_is_no_fault", an_endpoint_that_is_not_published_is_no_fault),
    ("gateway::without_a_gateway_there_are_no_rows", without_a_gateway_there_are_no_rows),
];

fn a_good_gateway_is_no_finding() {
    for network in ["gateway", "gateway-private-zone", "gateway-trusted-root"] {
        let report = ends(network, 0, &[]);
        assert_eq!(report["summary"]["verdict"], "healthy", "{network}");
        for kind in ["gateway", "portal", "management"] {
            let probe = check(&report, &format!("app-gateway-probe-{kind}"));
            let client = check(&report, &format!("app-gateway-front-{kind}"));
            for side in [probe, client] {
                assert_eq!(side["status"], "success", "{network}: {side:#}");
                assert_eq!(side["evidence"]["exchange"]["httpStatus"], 200, "{side:#}");
            }
            assert_eq!(probe["evidence"]["peer"]["address"], "10.0.2.10");
            assert_eq!(client["evidence"]["peer"]["address"], "10.0.2.20");
        }
    }
}

fn an_endpoint_that_is_not_published_is_no_fault() {
    let report = ends("gateway-portal-unpublished", 0, &[]);
    for kind in ["portal", "management"] {
        let client = check(&report, &format!("app-gateway-front-{kind}"));
        assert_eq!(client["skipReason"], "not-published", "{client:#}");
    }
}

fn without_a_gateway_there_are_no_rows() {
    let report = report(&run("healthy", &[]));
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|check| check["group"] != "application-gateway"));
}
