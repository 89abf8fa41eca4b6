//! The plan of each cloud, mode and profile against a reviewed file; `UPDATE_EXPECTED=1` rewrites the files.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use apim_probe_checks::catalogue::{self, Condition, Profile, VnetMode};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::outcome::SkipReason;
use apim_probe_checks::plan::{Check, Plan};
use apim_probe_checks::server::Server;

/// An instance whose every name is known.
fn instance(cloud: &str, vnet_mode: VnetMode, profile: Profile) -> Instance {
    let region = match cloud {
        "usgov" => "usgovvirginia",
        "china" => "chinaeast2",
        _ => "eastus2",
    };
    Instance {
        cloud: cloud.to_owned(),
        region: Some(region.to_owned()),
        vnet_mode,
        profile,
        service: Some("contoso".to_owned()),
        private_ip: Some([10, 0, 1, 4].into()),
        storage_accounts: vec!["apimstexample".to_owned()],
        sql_servers: vec!["apirpsqlexample".to_owned()],
        key_vaults: vec!["apikv-example".to_owned(), "customer".to_owned()],
        event_hubs: vec!["customer-logs".to_owned()],
        redis: vec!["customer".to_owned(), "customer.eastus2.redis.azure.net".to_owned()],
        dns_servers: vec![Server::at(IpAddr::from([10, 0, 2, 4]))],
        ..Instance::default()
    }
}

fn line(check: &Check) -> String {
    let skip = check.skip_reason().map(|reason| format!(" skipped: {reason}")).unwrap_or_default();
    let required = if check.is_optional() { "optional" } else { "required" };
    let kind = check.resource_type.as_deref().unwrap_or("-");
    let tag = check.service_tag.as_deref().unwrap_or("-");
    let address = check.must_resolve_to.map(|ip| format!(" must be {ip}")).unwrap_or_default();
    let (protocol, transport) = (check.protocol, check.transport);
    format!(
        "{} {protocol}/{transport} {required} type={kind} tag={tag} from={}{address}{skip}\n",
        check.id, check.origin
    )
}

#[test]
fn every_plan_is_the_reviewed_one() {
    let catalogue = catalogue::embedded();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/catalogue/expected");
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    for cloud in catalogue.clouds.keys() {
        for mode in VnetMode::ALL {
            for profile in Profile::ALL {
                let plan = Plan::new(catalogue, &instance(cloud, *mode, *profile)).unwrap();
                let text: String = plan.checks.iter().map(line).collect();
                let file = folder.join(format!("{cloud}-{mode}-{profile}.txt"));
                if update {
                    fs::write(&file, &text).unwrap();
                }
                let expected = fs::read_to_string(&file).unwrap_or_default();
                assert_eq!(text, expected, "{} (UPDATE_EXPECTED=1 rewrites it)", file.display());
            }
        }
    }
}

#[test]
fn a_row_that_needs_something_shown_applies_where_a_document_shows_it() {
    let catalogue = catalogue::embedded();
    let of = |instance: &Instance, id: &str| {
        let plan = Plan::new(catalogue, instance).unwrap();
        plan.checks.into_iter().find(|check| check.endpoint == id).unwrap()
    };
    let mut instance = instance("public", VnetMode::External, Profile::Classic);
    assert_eq!(of(&instance, "in-traffic-manager").skip_reason(), Some(SkipReason::SingleRegion));
    assert_eq!(of(&instance, "in-managed-certificate").skip_reason(), Some(SkipReason::NoManagedCertificate));
    instance.shown = Condition::ALL.iter().copied().collect();
    assert_eq!(
        of(&instance, "in-traffic-manager").id.as_str(),
        "in-traffic-manager/contoso.azure-api.net:443"
    );
    assert_eq!(of(&instance, "in-managed-certificate").skip_reason(), Some(SkipReason::NotCheckable));
}
