//! An Application Gateway, the health of its backends, and its own subnet.

use apim_probe_checks::network::DocumentKind as Kind;

use crate::estate::ids::{id, id_at};
use crate::estate::walk::Walk;

impl Walk<'_> {
    /// The gateway of this id, where one is named.
    pub(super) async fn gateway(&self, named: Option<&str>) {
        let Some(gateway) = named.and_then(id) else { return };
        let health = format!("{gateway}/backendhealth");
        let (answer, _) = tokio::join!(
            self.get(Kind::ApplicationGateway, gateway.as_str()),
            self.get(Kind::BackendHealth, &health)
        );
        let pointer = "/properties/gatewayIPConfigurations/0/properties/subnet/id";
        if let Some(subnet) = answer.and_then(|answer| id_at(&answer, pointer)) {
            self.network(&subnet).await;
        }
    }
}
