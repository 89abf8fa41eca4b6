//! `rules`: writes the configuration that the instance needs, from the rows that the checks come from. Sends no packet and
//! changes nothing.

use std::io::Write;

use apim_probe_checks::catalogue::{self, Catalogue, Published, VnetMode};
use apim_probe_checks::fix::missing;
use apim_probe_checks::fix::needed::{Part, Wishes, needed};
use apim_probe_checks::fix::{Fix, Scope, arm, az, azure_firewall, bicep, csv, markdown, terraform};
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::choose::Chosen;
use apim_probe_checks::network::judge::Judge;
use apim_probe_checks::network::publishing::chain::listener_endpoints;
use apim_probe_checks::network::publishing::names::OwnNames;
use apim_probe_checks::network::publishing::subnet;
use apim_probe_checks::network::{ApplicationGateway, Network};

use crate::cli::{RulesArgs, RulesForm};
use crate::documents::Documents;
use crate::error::UserError;
use crate::instance::gather;
use crate::stdout::write_out;

/// Prints the rules.
///
/// # Errors
/// A bad flag or file, or rules that do not fit behind `--priority`.
pub(super) fn run(args: &RulesArgs, out: &mut dyn Write) -> Result<u8, UserError> {
    let catalogue = catalogue::embedded();
    let mut instance = gather(catalogue, &args.scope)?.instance;
    if args.regional_tags && instance.region.is_none() {
        return Err(
            UserError::new("expected --region beside --regional-tags").hint("for example --region eastus2")
        );
    }
    // The rules are for the instance's network: what this machine asks says nothing about it.
    instance.dns_servers.clone_from(&args.scope.sources.dns_server);
    let region = args.scope.instance.region.as_ref().and(instance.region.as_deref());
    let documents = Documents::read(&args.config.config, &args.config.reading, region, Vec::new())?;
    if let Some(documents) = &documents {
        documents.fill_in(&mut instance, &args.scope.instance, catalogue)?;
    }
    let mut wishes = wishes(args, &instance);
    let (fixes, scope) = match &documents {
        None => {
            let scope = Scope { location: instance.region.clone(), ..default_names(args) };
            (all(catalogue, &instance, &wishes)?, scope)
        }
        Some(documents) => {
            let mut chosen = documents.chosen()?;
            let listened = listened(&documents.network, &chosen, &instance, catalogue);
            let gateway = of_gateway(args, &documents.network, &mut chosen)?;
            let judge = Judge::new(&chosen, instance.region.as_deref());
            wishes.forced_tunnel = wishes.forced_tunnel.or_else(|| missing::tunnel(&judge));
            let found =
                missing::missing(all(catalogue, &instance, &wishes)?, &chosen, &judge).map_err(|rule| {
                    UserError::new(format!("no priority ahead of what denies is free for the rule `{rule}`"))
                        .hint("make room in the group: renumber the rule that denies")
                })?;
            let is_new =
                |fix: &Fix| !matches!(fix, Fix::Publication(one) if listened.contains(&one.endpoint));
            let fixes: Vec<Fix> = found.fixes.into_iter().filter(is_new).collect();
            found.beyond.iter().for_each(|clause| hint(clause));
            (fixes, Scope { gateway, ..missing::scope(&chosen) })
        }
    };
    if wishes.forced_tunnel.is_some() {
        tell_about_the_tunnel(&instance);
    }
    if scope.network_group.is_some() || scope.route_group.is_some() {
        tell_about_groups(args.form);
    }
    let is_firewall = |fix: &Fix| matches!(fix, Fix::Firewall(_));
    if fixes.is_empty() || (args.form == RulesForm::AzureFirewall && !fixes.iter().any(is_firewall)) {
        hint(match &documents {
            Some(_) if scope.gateway.is_some() => NO_LISTENER_MISSING,
            Some(_) => "nothing is missing",
            None => nothing(args),
        });
        return Ok(0);
    }
    write_out(out, &rendered(&fixes, &scope, args))?;
    Ok(0)
}

/// Of a gateway what has no listener is written, and no part is changed that is there.
const NO_LISTENER_MISSING: &str = "nothing is missing: each endpoint has its listener, and `apim-probe review` says what is wrong on its way";

/// Names of what is made for a gateway, where it is a gateway's part that is asked for.
fn default_names(args: &RulesArgs) -> Scope {
    if args.only_part != Some(Part::Gateway) {
        return Scope::default();
    }
    Scope {
        security_group: Some("nsg-agw".to_owned()),
        subnet: Some("snet-agw".to_owned()),
        gateway: (args.form != RulesForm::Az).then(|| "agw-apim".to_owned()),
        ..Scope::default()
    }
}

/// Endpoints for which a gateway has a listener already: what is wrong on their way is for `review` to say.
fn listened(
    network: &Network,
    chosen: &Chosen<'_>,
    instance: &Instance,
    catalogue: &Catalogue,
) -> Vec<Published> {
    let Some(own) = OwnNames::new(chosen, instance, catalogue) else { return Vec::new() };
    let of = |gateway: &ApplicationGateway| -> Vec<Published> {
        let listeners = gateway.listeners.iter();
        listeners.flat_map(|listener| listener_endpoints(gateway, listener, &own)).collect()
    };
    network.gateways.iter().flat_map(of).collect()
}

/// Of a gateway among the documents its own subnet is what its rules are for; its name.
fn of_gateway<'a>(
    args: &RulesArgs,
    network: &'a Network,
    chosen: &mut Chosen<'a>,
) -> Result<Option<String>, UserError> {
    if args.only_part != Some(Part::Gateway) {
        return Ok(None);
    }
    let [gateway] = network.gateways.as_slice() else {
        let error =
            UserError::new(format!("expected one Application Gateway, got {}", network.gateways.len()));
        return Err(error.hint("name its document with --config, or leave --config out to write a new one"));
    };
    let Some(ground) = subnet::chosen(network, gateway) else {
        let name = gateway.id.name();
        let error =
            UserError::new(format!("no document describes the subnet of the Application Gateway `{name}`"));
        return Err(error.hint("add the virtual network of the gateway: `az network vnet show`"));
    };
    *chosen = ground;
    if matches!(args.form, RulesForm::Arm | RulesForm::Bicep | RulesForm::Terraform) {
        hint("a deployment replaces a gateway as a whole: take over its other parts, or use --as az");
    }
    Ok(Some(gateway.id.name().to_owned()))
}

/// All that is needed.
fn all(catalogue: &Catalogue, instance: &Instance, wishes: &Wishes) -> Result<Vec<Fix>, UserError> {
    needed(catalogue, instance, wishes).map_err(|count| {
        UserError::new(format!("expected room for {count} rules from priority {} to 4096", wishes.priority))
            .hint("give a lower --priority")
    })
}

/// Why nothing is written.
fn nothing(args: &RulesArgs) -> &'static str {
    match args.only_part {
        Some(Part::Routes | Part::Endpoints) if args.forced_tunnel.is_none() => {
            "routes and service endpoints are needed under forced tunneling only: give --forced-tunnel NEXT-HOP-IP"
        }
        Some(Part::Gateway) if args.form == RulesForm::AzureFirewall => {
            "nothing of an Application Gateway is written for a firewall: its subnet needs its own way to the internet"
        }
        Some(Part::Dns) => "records are needed in internal mode, for the names of --service and --hostname",
        _ => "nothing of this kind is needed",
    }
}

fn wishes(args: &RulesArgs, instance: &Instance) -> Wishes {
    let parts = match args.only_part {
        // No rule of a firewall lets a gateway's own traffic through.
        Some(Part::Gateway) if args.form == RulesForm::AzureFirewall => Vec::new(),
        Some(part) => vec![part],
        None => default_parts(args),
    };
    Wishes {
        parts,
        required_only: instance.selection.required_only,
        forced_tunnel: args.forced_tunnel,
        regional_tags: args.regional_tags,
        regions: instance.region.iter().cloned().collect(),
        strict_deny: args.strict_deny,
        beside_documents: !args.config.config.is_empty(),
        priority: args.priority,
    }
}

/// The parts that a form has where none is named: a firewall's rules have a form of their own; commands and templates hold what
/// belongs to the network itself.
fn default_parts(args: &RulesArgs) -> Vec<Part> {
    let network = [Part::Inbound, Part::Outbound, Part::Routes, Part::Endpoints, Part::Dns];
    match args.form {
        RulesForm::AzureFirewall => vec![Part::Firewall],
        RulesForm::Csv | RulesForm::Markdown => all_of_the_network(),
        RulesForm::Az if args.forced_tunnel.is_some() => all_of_the_network(),
        RulesForm::Az | RulesForm::Bicep | RulesForm::Terraform | RulesForm::Arm => network.to_vec(),
    }
}

/// Every part but that of an Application Gateway, which not everybody has.
fn all_of_the_network() -> Vec<Part> {
    Part::ALL.iter().copied().filter(|part| *part != Part::Gateway).collect()
}

/// What no rule can do under forced tunneling.
fn tell_about_the_tunnel(instance: &Instance) {
    if instance.cloud == "china" {
        hint(
            "in `china` routes do not take the tag ApiManagement: route its addresses to Internet one by one",
        );
    }
    if instance.vnet_mode == VnetMode::External {
        hint("in external mode replies to clients go into the tunnel too: route their addresses to Internet");
    }
}

/// A deployment goes into one resource group.
fn tell_about_groups(form: RulesForm) {
    if matches!(form, RulesForm::Arm | RulesForm::Bicep) {
        hint(
            "group, routes and network are in different resource groups: deploy each part into its own, with --only-part",
        );
    }
}

fn hint(text: &str) {
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(std::io::stderr(), "hint: {text}");
}

fn rendered(fixes: &[Fix], scope: &Scope, args: &RulesArgs) -> String {
    match args.form {
        RulesForm::Az => {
            let lines = fixes.iter().flat_map(|fix| az::commands(fix, scope));
            lines.map(|line| format!("{line}\n")).collect()
        }
        RulesForm::Bicep => bicep::render(fixes, scope),
        RulesForm::Terraform => terraform::render(fixes, scope),
        RulesForm::Arm => arm::render(fixes, scope),
        RulesForm::AzureFirewall => azure_firewall::render(fixes, scope, args.priority),
        RulesForm::Csv => csv::render(fixes),
        RulesForm::Markdown => markdown::render(fixes),
    }
}
