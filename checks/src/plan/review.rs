//! The plan of `review`: one check for each row that applies, since configuration is judged by tag and port, not by name.

use std::net::IpAddr;

use crate::catalogue::{CUSTOM, Catalogue, Direction, Endpoint, Role, RunWhen, Transport};
use crate::instance::{Instance, LiteralFlow};
use crate::network::configuration::is_decided_by_configuration;
use crate::network::settings::SettingId;
use crate::outcome::SkipReason;
use crate::plan::{CONFIGURATION, Check, CheckId, Plan, PlanError, Work, build};
use crate::portal::Portal;

impl Plan {
    /// The checks of a review. Nothing is skipped because a name, an instance or a probe is missing.
    ///
    /// # Errors
    /// A selection that names nothing, or leaves nothing.
    pub fn for_review(
        catalogue: &Catalogue,
        instance: &Instance,
    ) -> Result<(Self, Option<Portal>), PlanError> {
        let (mut plan, portal) = Self::with_portal(catalogue, instance)?;
        let mut checks: Vec<Check> = Vec::with_capacity(plan.checks.len());
        for row in catalogue.endpoints.iter().filter(|row| build::applies(instance, row)) {
            let targets: Vec<&Check> = plan.checks.iter().filter(|check| check.endpoint == row.id).collect();
            if matches!(row.role, Role::NameServer | Role::AzureDns)
                && targets.iter().any(|check| check.host().is_some())
            {
                // Each DNS server is a target of its own.
                checks.extend(targets.into_iter().cloned().map(judged));
            } else if row.run != RunWhen::Fallback && !is_out_of_cloud(catalogue, instance, row) {
                let check = of_row(row, &targets);
                checks.extend(Some(check).filter(|check| build::is_selected(instance, check)));
            }
        }
        let rowless = plan.checks.into_iter().filter(|check| catalogue.endpoint(&check.endpoint).is_none());
        checks.extend(rowless.map(judged));
        checks.extend(
            instance.literals.iter().map(literal).filter(|check| build::is_selected(instance, check)),
        );
        plan.checks = checks;
        Ok((plan, portal))
    }
}

/// A cloud may take a row out.
fn is_out_of_cloud(catalogue: &Catalogue, instance: &Instance, row: &Endpoint) -> bool {
    let cloud = catalogue.clouds.get(&instance.cloud);
    cloud.is_some_and(|cloud| cloud.hosts.get(&row.id).is_some_and(Vec::is_empty))
}

/// The check of a whole row: all its ports, transports, tags and directions.
fn of_row(row: &Endpoint, targets: &[&Check]) -> Check {
    let skip = targets
        .iter()
        .find_map(|check| check.skip_reason())
        .filter(|reason| !is_decided_by_configuration(*reason));
    let check = Check::without_target(row, skip.unwrap_or(SkipReason::NotCheckable));
    // NetworkStatus' own classification wins over the catalogue's.
    let told = targets.iter().map(|check| check.requirement).min();
    Check { requirement: told.unwrap_or(check.requirement), ..check }
}

/// A check that no packet decides.
fn judged(check: Check) -> Check {
    let reason = check.skip_reason().unwrap_or(SkipReason::NotCheckable);
    check.skipped_for(Some(reason))
}

fn literal(flow: &LiteralFlow) -> Check {
    let (word, purpose) = match flow.direction {
        Direction::Inbound => ("inbound", "given with --inbound"),
        Direction::Outbound | Direction::Both => (CUSTOM, "given with --endpoint"),
    };
    let address = match flow.address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    };
    let udp = if flow.transport == Transport::Udp { "/udp" } else { "" };
    Check {
        id: CheckId(format!("{word}/{address}:{}{udp}", flow.port)),
        name: flow.address.to_string(),
        purpose: purpose.to_owned(),
        work: Work::Skip {
            reason: SkipReason::NotCheckable,
            host: Some(flow.address.to_string()),
            port: Some(flow.port),
        },
        protocol: flow.protocol,
        transport: flow.transport,
        direction: flow.direction,
        requirement: flow.requirement,
        ..Check::without_row(CUSTOM, Role::Custom)
    }
}

impl Check {
    /// The check of a setting; the documents decide it.
    #[must_use]
    pub fn setting(id: SettingId) -> Self {
        Self {
            name: id.name().to_owned(),
            group: CONFIGURATION.to_owned(),
            purpose: id.purpose().to_owned(),
            requirement: id.requirement(),
            ..Self::without_row(id.as_str(), Role::Setting)
        }
    }
}
