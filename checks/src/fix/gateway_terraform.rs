//! An Application Gateway that publishes an instance, as a resource of Terraform.

use std::fmt::Write as _;

use super::gateway::{Publication, REQUEST_TIMEOUT};

/// The body of `azurerm_application_gateway`. `address` gives the expression of a pool's address.
pub(super) fn body(all: &[&Publication], address: impl Fn(&Publication) -> String) -> String {
    let mut text = String::from(
        "  sku {\n    name     = \"Standard_v2\"\n    tier     = \"Standard_v2\"\n    capacity = 2\n  }\n\n  \
         ssl_policy {\n    policy_type = \"Predefined\"\n    policy_name = \"AppGwSslPolicy20220101\"\n  }\n\n  \
         identity {\n    type         = \"UserAssigned\"\n    identity_ids = [var.identity_id]\n  }\n\n  \
         gateway_ip_configuration {\n    name      = \"gateway\"\n    subnet_id = var.gateway_subnet_id\n  }\n\n  \
         frontend_ip_configuration {\n    name                 = \"public\"\n    public_ip_address_id = var.public_ip_address_id\n  }\n\n  \
         frontend_port {\n    name = \"https\"\n    port = 443\n  }\n\n  \
         ssl_certificate {\n    name                = \"hosts\"\n    key_vault_secret_id = var.certificate_secret_id\n  }\n",
    );
    for one in all {
        let [pool, probe, settings, listener, rule] =
            ["pool", "probe", "settings", "listener", "rule"].map(|kind| one.part(kind));
        let Publication { host, path, interval, timeout, threshold, priority, .. } = one;
        let address = address(one);
        let _ = write!(
            text,
            "\n  backend_address_pool {{\n    name         = \"{pool}\"\n    ip_addresses = [{address}]\n  }}\n\n  \
             probe {{\n    name                = \"{probe}\"\n    protocol            = \"Https\"\n    host                = \"{host}\"\n    \
             path                = \"{path}\"\n    interval            = {interval}\n    timeout             = {timeout}\n    \
             unhealthy_threshold = {threshold}\n  }}\n\n  \
             backend_http_settings {{\n    name                  = \"{settings}\"\n    protocol              = \"Https\"\n    \
             port                  = 443\n    cookie_based_affinity = \"Disabled\"\n    host_name             = \"{host}\"\n    \
             request_timeout       = {REQUEST_TIMEOUT}\n    probe_name            = \"{probe}\"\n  }}\n\n  \
             http_listener {{\n    name                           = \"{listener}\"\n    protocol                       = \"Https\"\n    \
             host_name                      = \"{host}\"\n    require_sni                    = true\n    \
             frontend_ip_configuration_name = \"public\"\n    frontend_port_name             = \"https\"\n    \
             ssl_certificate_name           = \"hosts\"\n  }}\n\n  \
             request_routing_rule {{\n    name                       = \"{rule}\"\n    rule_type                  = \"Basic\"\n    \
             priority                   = {priority}\n    http_listener_name         = \"{listener}\"\n    \
             backend_address_pool_name  = \"{pool}\"\n    backend_http_settings_name = \"{settings}\"\n  }}\n"
        );
    }
    text
}
