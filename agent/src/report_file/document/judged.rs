//! What findings are computed from beside the checks and their decisions: settings, names for commands, what tunnels take,
//! contradictions, and Application Gateways. With it `explain` says of a saved report what the run said.

use apim_probe_checks::network::configuration::Configuration;
use apim_probe_checks::network::judgement::{Judgement, MissingEndpoint, Names, OutboundPath};
use apim_probe_checks::network::settings::{self, Gravity, Setting, SettingId};
use apim_probe_checks::network::told::Disagreement;
use apim_probe_checks::network::{Place, Way};
use apim_probe_checks::plan::CheckId;
use serde::{Deserialize, Serialize};

/// Beside the decisions.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JudgedDoc {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<SettingDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<NamesDoc>,
    /// Absent where nothing says that machines of the subnet reach nothing public.
    #[serde(skip_serializing_if = "Option::is_none")]
    outbound: Option<OutboundDoc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_endpoints: Vec<MissingDoc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disagreements: Vec<DisagreementDoc>,
}

/// Where a reason stands.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PlaceDoc {
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
}

impl PlaceDoc {
    pub(super) fn of(place: Option<&Place>) -> Self {
        let place = place.filter(|place| !place.file.is_empty());
        Self {
            file: place.map(|place| place.file.clone()).unwrap_or_default(),
            pointer: place.map(|place| place.pointer.clone()),
        }
    }

    pub(super) fn read(self) -> Option<Place> {
        let Self { file, pointer } = self;
        (!file.is_empty()).then(|| Place { file, pointer: pointer.unwrap_or_default(), line: None })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct SettingDoc {
    id: SettingId,
    reasons: Vec<SettingReasonDoc>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingReasonDoc {
    code: settings::ReasonCode,
    severity: Gravity,
    text: String,
    step: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(flatten)]
    place: PlaceDoc,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    has: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
}

/// Names of resources, for commands.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NamesDoc {
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_network: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface_resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_resource_group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    service_endpoints: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inbound_priorities: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outbound_priorities: Vec<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<String>,
}

/// Routes past an appliance; none where machines have no way out at all.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutboundDoc {
    routes_past_appliance: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MissingDoc {
    service: String,
    affects: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DisagreementDoc {
    option: String,
    typed: String,
    told: String,
    #[serde(flatten)]
    place: PlaceDoc,
}

impl From<&Configuration> for JudgedDoc {
    fn from(configuration: &Configuration) -> Self {
        let Judgement { settings, names, outbound, missing_endpoints, .. } = &configuration.judgement;
        let missing = |one: &MissingEndpoint| MissingDoc {
            service: one.service.clone(),
            affects: one.affects.iter().map(ToString::to_string).collect(),
        };
        let disagreement = |one: &Disagreement| DisagreementDoc {
            option: one.option.clone().into_owned(),
            typed: one.typed.clone(),
            told: one.told.clone(),
            place: PlaceDoc::of(Some(&one.place)),
        };
        Self {
            settings: settings.iter().map(SettingDoc::from).collect(),
            names: (*names != Names::default()).then(|| NamesDoc::from(names)),
            outbound: match outbound {
                OutboundPath::Open => None,
                OutboundPath::None => Some(OutboundDoc { routes_past_appliance: Vec::new() }),
                OutboundPath::PastAppliance(routes) => {
                    Some(OutboundDoc { routes_past_appliance: routes.clone() })
                }
            },
            missing_endpoints: missing_endpoints.iter().map(missing).collect(),
            disagreements: configuration.disagreements.iter().map(disagreement).collect(),
        }
    }
}

impl JudgedDoc {
    /// The judgement but for what stands with the checks, and the contradictions.
    pub(crate) fn read(self) -> (Judgement, Vec<Disagreement>) {
        let missing = |one: MissingDoc| MissingEndpoint {
            service: one.service,
            affects: one.affects.into_iter().map(CheckId).collect(),
        };
        let disagreement = |one: DisagreementDoc| Disagreement {
            option: one.option.into(),
            typed: one.typed,
            told: one.told,
            place: one.place.read().unwrap_or_default(),
        };
        let judgement = Judgement {
            settings: self.settings.into_iter().map(Setting::from).collect(),
            names: self.names.map(Names::from).unwrap_or_default(),
            outbound: match self.outbound {
                None => OutboundPath::Open,
                Some(it) if it.routes_past_appliance.is_empty() => OutboundPath::None,
                Some(it) => OutboundPath::PastAppliance(it.routes_past_appliance),
            },
            missing_endpoints: self.missing_endpoints.into_iter().map(missing).collect(),
            ..Judgement::default()
        };
        (judgement, self.disagreements.into_iter().map(disagreement).collect())
    }
}

impl From<&Setting> for SettingDoc {
    fn from(setting: &Setting) -> Self {
        let reason = |reason: &settings::Reason| SettingReasonDoc {
            code: reason.code,
            severity: reason.gravity,
            text: reason.says.clone(),
            step: reason.step.clone(),
            source: reason.source.clone().into_owned(),
            place: PlaceDoc::of(reason.place.as_ref()),
            has: reason.has.clone(),
            needs: reason.needs.clone(),
        };
        Self { id: setting.id, reasons: setting.reasons.iter().map(reason).collect() }
    }
}

impl From<SettingDoc> for Setting {
    fn from(doc: SettingDoc) -> Self {
        let reason = |reason: SettingReasonDoc| settings::Reason {
            code: reason.code,
            gravity: reason.severity,
            says: reason.text,
            step: reason.step,
            source: reason.source.into(),
            place: reason.place.read(),
            has: reason.has,
            needs: reason.needs,
        };
        Self { id: doc.id, reasons: doc.reasons.into_iter().map(reason).collect() }
    }
}

impl From<&Names> for NamesDoc {
    fn from(names: &Names) -> Self {
        let Names {
            service,
            service_resource_group,
            virtual_network,
            subnet,
            network_resource_group,
            security_group,
            security_resource_group,
            interface_group,
            interface_resource_group,
            route_table,
            route_resource_group,
            service_endpoints,
            priorities,
            rules,
        } = names.clone();
        let of = |wanted: Way| -> Vec<u32> {
            priorities.iter().filter(|(way, _)| *way == wanted).map(|(_, number)| *number).collect()
        };
        Self {
            service,
            service_resource_group,
            virtual_network,
            subnet,
            network_resource_group,
            security_group,
            security_resource_group,
            interface_group,
            interface_resource_group,
            route_table,
            route_resource_group,
            service_endpoints,
            inbound_priorities: of(Way::Inbound),
            outbound_priorities: of(Way::Outbound),
            rules,
        }
    }
}

impl From<NamesDoc> for Names {
    fn from(doc: NamesDoc) -> Self {
        let of = |way: Way, numbers: Vec<u32>| numbers.into_iter().map(move |number| (way, number));
        let inbound = of(Way::Inbound, doc.inbound_priorities);
        Self {
            service: doc.service,
            service_resource_group: doc.service_resource_group,
            virtual_network: doc.virtual_network,
            subnet: doc.subnet,
            network_resource_group: doc.network_resource_group,
            security_group: doc.security_group,
            security_resource_group: doc.security_resource_group,
            interface_group: doc.interface_group,
            interface_resource_group: doc.interface_resource_group,
            route_table: doc.route_table,
            route_resource_group: doc.route_resource_group,
            service_endpoints: doc.service_endpoints,
            priorities: inbound.chain(of(Way::Outbound, doc.outbound_priorities)).collect(),
            rules: doc.rules,
        }
    }
}
