//! One rule, one file, named as the code of its findings; and their order.

use super::rule::Rule;

pub(super) mod address_partial;
pub(super) mod address_refuses;
pub(super) mod admin_rule_denies;
pub(super) mod captive_proxy;
pub(super) mod certificate_unfit;
pub(super) mod clock_skew;
pub(super) mod configuration_disagrees;
pub(super) mod control_plane_unreachable;
pub(super) mod deployment_unfit;
pub(super) mod dns_configuration;
pub(super) mod dns_not_forwarding;
pub(super) mod dns_server_silent;
pub(super) mod dns_servers_disagree;
pub(super) mod firewall_answers_for_target;
pub(super) mod firewall_list_outdated;
pub(super) mod firewall_rejects;
pub(super) mod flaky;
pub(super) mod gateway_backend_unhealthy;
pub(super) mod gateway_unfit;
pub(super) mod host_blocked;
pub(super) mod instance_state;
pub(super) mod local_limit;
pub(super) mod management_route_missing;
pub(super) mod mtu_black_hole;
pub(super) mod names_missing;
pub(super) mod names_not_found;
pub(super) mod nic_rule_denies;
pub(super) mod no_outbound_path;
pub(super) mod nsg_missing;
pub(super) mod nsg_rule_denies;
pub(super) mod nsg_rule_missing;
pub(super) mod outbound_all_blocked;
pub(super) mod outside_azure;
pub(super) mod own_endpoint_public_answer;
pub(super) mod own_endpoint_silent;
pub(super) mod own_endpoint_wrong_address;
pub(super) mod port_blocked;
pub(super) mod portal_disagrees;
pub(super) mod private_endpoint_unreachable;
pub(super) mod private_link_no_record;
pub(super) mod rate_limited;
pub(super) mod route_drops;
pub(super) mod route_to_appliance;
pub(super) mod service_endpoint_missing;
pub(super) mod service_tag_blocked;
pub(super) mod service_unavailable;
pub(super) mod slow;
pub(super) mod subnet_unfit;
pub(super) mod tls_interception;

/// The rules, from causes to consequences: an earlier finding accounts for what a later one says of the same checks.
pub const RULES: &[Rule] = &[
    local_limit::RULE,
    admin_rule_denies::RULE,
    nsg_rule_denies::RULE,
    nsg_rule_missing::RULE,
    nic_rule_denies::RULE,
    route_drops::RULE,
    dns_server_silent::RULE,
    private_link_no_record::RULE,
    dns_not_forwarding::RULE,
    clock_skew::RULE,
    // A portal that answers TLS with its own certificate as well is one device; one that inspects TLS accounts for its pages.
    captive_proxy::RULE,
    tls_interception::RULE,
    captive_proxy::INSPECTED,
    gateway_unfit::SEEN,
    own_endpoint_public_answer::RULE,
    own_endpoint_wrong_address::RULE,
    rate_limited::RULE,
    mtu_black_hole::RULE,
    route_to_appliance::RULE,
    no_outbound_path::RULE,
    outbound_all_blocked::RULE,
    private_endpoint_unreachable::RULE,
    flaky::RULE,
    port_blocked::RULE,
    firewall_list_outdated::RULE,
    host_blocked::RULE,
    service_tag_blocked::RULE,
    firewall_rejects::RULE,
    address_refuses::RULE,
    firewall_answers_for_target::RULE,
    dns_servers_disagree::RULE,
    address_partial::RULE,
    slow::RULE,
    portal_disagrees::RULE,
    outside_azure::RULE,
    names_missing::RULE,
    nsg_missing::RULE,
    subnet_unfit::RULE,
    deployment_unfit::RULE,
    instance_state::RULE,
    management_route_missing::RULE,
    service_endpoint_missing::RULE,
    dns_configuration::RULE,
    gateway_unfit::RULE,
    gateway_backend_unhealthy::RULE,
    control_plane_unreachable::RULE,
    configuration_disagrees::RULE,
];
