//! A subnet and what hangs on it.

use apim_probe_checks::network::DocumentKind as Kind;
use apim_probe_checks::network::ResourceId;
use serde_json::Value;

use crate::estate::ids::id_at;
use crate::estate::walk::Walk;

/// Public addresses of one NAT gateway at most.
const MAX_ADDRESSES: usize = 4;

impl Walk<'_> {
    /// Subnet, virtual network, group, route table, NAT gateway. Each may be in another resource group.
    pub(super) async fn network(&self, subnet: &ResourceId) {
        let network = async {
            if let Some(network) = subnet.parent() {
                self.get(Kind::VirtualNetwork, network.as_str()).await;
            }
        };
        let subnet = async {
            let Some(answer) = self.get(Kind::Subnet, subnet.as_str()).await else { return };
            let of = |pointer: &str| id_at(&answer, pointer);
            let (group, table) = (of("/properties/networkSecurityGroup/id"), of("/properties/routeTable/id"));
            tokio::join!(
                self.linked(Kind::SecurityGroup, group),
                self.linked(Kind::RouteTable, table),
                self.nat_gateway(of("/properties/natGateway/id")),
            );
        };
        tokio::join!(network, subnet);
    }

    async fn linked(&self, kind: Kind, id: Option<ResourceId>) {
        if let Some(id) = id {
            self.get(kind, id.as_str()).await;
        }
    }

    async fn nat_gateway(&self, id: Option<ResourceId>) {
        let Some(id) = id else { return };
        let Some(answer) = self.get(Kind::NatGateway, id.as_str()).await else { return };
        let addresses = answer.pointer("/properties/publicIpAddresses").and_then(Value::as_array);
        for address in addresses.into_iter().flatten().take(MAX_ADDRESSES) {
            self.linked(Kind::PublicAddress, id_at(address, "/id")).await;
        }
    }
}
