//! The state of the instance: provisioning, platform, and dated changes that concern it.

use std::time::{Duration, SystemTime};

use crate::network::Service;
use crate::network::choose::Chosen;

use super::{Gravity, Reason, ReasonCode};

const STV1: &str =
    "https://learn.microsoft.com/azure/api-management/breaking-changes/stv1-platform-retirement-august-2024";
const TRUSTED: &str = "https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026";
const MANAGED: &str = "https://learn.microsoft.com/azure/api-management/breaking-changes/managed-certificates-suspension-august-2025";
const STATES: &str = "https://learn.microsoft.com/rest/api/apimanagement/api-management-service/get";

/// The property by which an instance gives trusted-service connectivity up.
const OFF_SWITCH: &str =
    "Microsoft.WindowsAzure.ApiManagement.Gateway.ManagedIdentity.DisableOverPrivilegedAccess";

const DOMAINS: &str = "https://learn.microsoft.com/azure/api-management/configure-custom-domain";

/// How long before its end a certificate is spoken of: CAs and key vaults renew earlier.
const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Instances from this day on never had trusted-service connectivity.
const NEVER_TRUSTED_SINCE: &str = "2025-12-01";

/// What is wrong with the instance as it is; `None` without a document of it, or for one that is only planned.
pub(super) fn reasons(chosen: &Chosen<'_>, now: SystemTime) -> Option<Vec<Reason>> {
    let service = chosen.service.filter(|service| !service.planned)?;
    let found = [provisioning(service), platform(service), trusted(service), managed(service)];
    Some(found.into_iter().flatten().chain(certificates(service, now)).collect())
}

fn provisioning(service: &Service) -> Option<Reason> {
    let state = service.provisioning_state.given()?;
    let name = service.id.name();
    let (gravity, step) = match state.to_ascii_lowercase().as_str() {
        "succeeded" => return None,
        "failed" | "stopped" | "terminating" | "deleted" => (
            Gravity::Error,
            "Fix what this report names, then apply the network configuration; the activity log has the operation's error.",
        ),
        _ => (Gravity::Warning, "Wait until the operation ends: what is judged now may change with it."),
    };
    let says = format!("The instance {name} is in provisioning state {state}.");
    let reason = Reason::new(ReasonCode::ProvisioningState, gravity, (says, step.to_owned()), STATES);
    Some(reason.at(Some(&service.place)).values(Some(state.clone()), Some("Succeeded".to_owned())))
}

fn platform(service: &Service) -> Option<Reason> {
    let is_retired = |version: &String| version.eq_ignore_ascii_case("stv1");
    let location = service.locations().find(|at| at.platform_version.given().is_some_and(is_retired))?;
    let place = location.location.given().map(|location| format!(" in {location}")).unwrap_or_default();
    let says = format!(
        "The instance {}{place} runs on platform stv1, which ended on 31 August 2024 (sovereign clouds: 24 February 2025).",
        service.id.name()
    );
    let step = "Migrate to stv2: a new subnet or address may be needed, and addresses change.";
    let reason = Reason::new(ReasonCode::PlatformRetired, Gravity::Error, (says, step.to_owned()), STV1);
    Some(reason.at(Some(&service.place)).values(Some("stv1".to_owned()), Some("stv2".to_owned())))
}

/// Only an instance that had the connectivity can lose it: one from before it was withheld, as far as documents tell, which has
/// not given it up.
fn trusted(service: &Service) -> Option<Reason> {
    let had = service.created.given().is_none_or(|created| created.as_str() < NEVER_TRUSTED_SINCE);
    let gave_up = service
        .custom_properties
        .iter()
        .any(|(key, value)| key.eq_ignore_ascii_case(OFF_SWITCH) && value.eq_ignore_ascii_case("true"));
    (had && !gave_up).then(|| {
        let says = format!(
            "Since 15 March 2026 the gateway of {} is no longer let through service firewalls as a trusted Microsoft service \
             (Storage, Key Vault, Managed HSM, Service Bus, Event Hubs, Container Registry).",
            service.id.name()
        );
        let step = "Where a policy calls such a service, give it a network path: a private endpoint, a service endpoint or an allowed address.";
        let said = (says, step.to_owned());
        Reason::new(ReasonCode::TrustedServices, Gravity::Info, said, TRUSTED).at(Some(&service.place))
    })
}

fn managed(service: &Service) -> Option<Reason> {
    let is_managed = |source: &String| source.eq_ignore_ascii_case("managed");
    let host =
        service.hostnames.iter().find(|host| host.certificate_source.given().is_some_and(is_managed))?;
    let says = format!(
        "{} has a free managed certificate: new ones cannot be made until 30 October 2026, and renewal needs inbound TCP 80 from ApiManagement.",
        host.name
    );
    let step = "Let ApiManagement in on port 80, or bring a certificate of your own from Key Vault.";
    let reason =
        Reason::new(ReasonCode::ManagedCertificates, Gravity::Info, (says, step.to_owned()), MANAGED);
    Some(reason.at(Some(&service.place)))
}

/// Certificates of custom domains that have expired by the day of the run, or will within a month. Those of the default names are
/// the platform's own.
fn certificates(service: &Service, now: SystemTime) -> impl Iterator<Item = Reason> {
    let day = |at: SystemTime| humantime::format_rfc3339_seconds(at).to_string()[..10].to_owned();
    let (today, soon) = (day(now), day(now + SOON));
    let of_platform = |source: &String| source.eq_ignore_ascii_case("builtin");
    let own = service
        .hostnames
        .iter()
        .filter(move |host| !host.certificate_source.given().is_some_and(of_platform));
    own.filter_map(move |host| {
        let expires = host.expires.as_ref().filter(|expires| **expires <= soon)?;
        let (gravity, says) = if *expires < today {
            let says = format!("The certificate of {} expired on {expires}: clients and the probe of an Application Gateway refuse it.", host.name);
            (Gravity::Warning, says)
        } else {
            (Gravity::Info, format!("The certificate of {} expires on {expires}.", host.name))
        };
        let step = "Renew it; one from Key Vault is taken over by itself while the instance's identity may read the secret.";
        let reason = Reason::new(ReasonCode::CertificateExpiry, gravity, (says, step.to_owned()), DOMAINS);
        Some(reason.at(Some(&service.place)).values(Some(expires.clone()), None))
    })
}
