//! One rule, one file, named as the code of its findings.

pub mod address_partial;
pub mod captive_proxy;
pub mod clock_skew;
pub mod dns_not_forwarding;
pub mod dns_server_silent;
pub mod dns_servers_disagree;
pub mod firewall_answers_for_target;
pub mod firewall_list_outdated;
pub mod firewall_rejects;
pub mod flaky;
pub mod local_limit;
pub mod mtu_black_hole;
pub mod names_missing;
pub mod outbound_all_blocked;
pub mod outside_azure;
pub mod own_endpoint_public_answer;
pub mod own_endpoint_wrong_address;
pub mod port_blocked;
pub mod portal_disagrees;
pub mod private_endpoint_unreachable;
pub mod private_link_no_record;
pub mod rate_limited;
pub mod service_tag_blocked;
pub mod slow;
pub mod tls_interception;
