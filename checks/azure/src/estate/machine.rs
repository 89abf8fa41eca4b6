//! The machine, its interface, and the rules and routes that Azure applies to it.

use apim_probe_checks::network::DocumentKind as Kind;
use apim_probe_checks::network::ResourceId;
use serde_json::Value;

use crate::estate::ids::{id, id_at};
use crate::estate::walk::{Walk, entries};
use crate::imds::Machine;
use crate::reason::Reason;

/// Interfaces of one machine at most.
const MAX_INTERFACES: usize = 8;

/// Where this machine stands.
#[derive(Debug, Default)]
pub(super) struct Here {
    /// The machine.
    pub(super) machine: Option<ResourceId>,
    /// Its interface in the subnet.
    pub(super) interface: Option<ResourceId>,
    /// The subnet.
    pub(super) subnet: Option<ResourceId>,
}

impl Here {
    /// The subscriptions of machine and network, each once.
    pub(super) fn subscriptions(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let ids = [&self.machine, &self.subnet].into_iter().flatten();
        for subscription in ids.filter_map(|id| id.segment("subscriptions")) {
            if !found.iter().any(|known| known.eq_ignore_ascii_case(subscription)) {
                found.push(subscription.to_owned());
            }
        }
        found
    }
}

impl Walk<'_> {
    /// From the machine to its subnet.
    pub(super) async fn machine(&self, machine: &Machine) -> Here {
        let Some(machine_id) = id(&machine.id) else { return Here::default() };
        let mut here = Here { machine: Some(machine_id.clone()), ..Here::default() };
        let interfaces = if machine_id.segment("virtualMachineScaleSets").is_some() {
            let path = format!("{machine_id}/networkInterfaces");
            self.get(Kind::NetworkInterface, &path).await.map(entries).unwrap_or_default()
        } else {
            self.interfaces(&machine_id).await
        };
        let is_this = |interface: &&Value| {
            let mac = interface.pointer("/properties/macAddress").and_then(Value::as_str).map(bare_mac);
            mac.is_some_and(|mac| machine.macs.iter().any(|known| bare_mac(known) == mac))
        };
        let is_primary =
            |interface: &&Value| interface.pointer("/properties/primary") == Some(&Value::Bool(true));
        let chosen = interfaces
            .iter()
            .find(is_this)
            .or_else(|| interfaces.iter().find(is_primary))
            .or_else(|| interfaces.first());
        if let Some(interface) = chosen {
            here.interface = id_at(interface, "/id");
            here.subnet = id_at(interface, "/properties/ipConfigurations/0/properties/subnet/id");
            if let Some(group) = id_at(interface, "/properties/networkSecurityGroup/id") {
                self.get(Kind::SecurityGroup, group.as_str()).await;
            }
        }
        here
    }

    async fn interfaces(&self, machine: &ResourceId) -> Vec<Value> {
        let Some(answer) = self.get(Kind::VirtualMachine, machine.as_str()).await else { return Vec::new() };
        let listed = answer.pointer("/properties/networkProfile/networkInterfaces").and_then(Value::as_array);
        let ids: Vec<ResourceId> = listed.into_iter().flatten().filter_map(|one| id_at(one, "/id")).collect();
        let mut interfaces = Vec::new();
        for interface in ids.iter().take(MAX_INTERFACES) {
            interfaces.extend(self.get(Kind::NetworkInterface, interface.as_str()).await);
        }
        interfaces
    }

    /// The rules and routes that Azure applies, which takes it some time; admin rules likewise. Without a machine the refusal
    /// stands with the `service` that was named.
    pub(super) async fn effective(&self, here: &Here, service: Option<&str>) {
        let of_interface = |kind, path: &'static str| {
            async move {
                match (&here.interface, &here.machine) {
                    (Some(interface), _) => drop(self.get(kind, &format!("{interface}/{path}")).await),
                    (None, None) => self.refuse(kind, service.unwrap_or("/"), Reason::NoMachine),
                    // What was refused of the machine says why nothing is known of its interface.
                    (None, Some(_)) => {}
                }
            }
        };
        let of_network = async {
            if let Some(subnet) = &here.subnet {
                self.admin_rules(subnet).await;
            }
        };
        tokio::join!(
            of_interface(Kind::EffectiveSecurityRules, "effectiveNetworkSecurityGroups"),
            of_interface(Kind::EffectiveRoutes, "effectiveRouteTable"),
            of_network,
        );
    }

    /// The admin rules of a subnet's network.
    pub(super) async fn admin_rules(&self, subnet: &ResourceId) {
        if let Some(network) = subnet.parent() {
            let path = format!("{network}/listNetworkManagerEffectiveSecurityAdminRules");
            self.get(Kind::AdminRules, &path).await;
        }
    }
}

/// A MAC address without what stands between its digits.
fn bare_mac(mac: &str) -> String {
    mac.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_uppercase()
}
