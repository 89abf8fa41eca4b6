//! A decision in words, the same in every report.

use crate::catalogue::Role;
use crate::network::decision::{By, Decision, Field, NearMiss, RouteRef, RuleRef, Ruling};
use crate::network::judgement::{Extent, Judgement};
use crate::network::routing::NextHop;
use crate::network::settings::Setting;
use crate::network::{Access, ControlPlane};
use crate::outcome::{Cause, Failure, Stage, Status};
use crate::plan::Check;

impl Decision {
    /// What it says and by what, as a clause: `denied by "DenyInternet" (200, nsg-apim)`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let word = match self.ruling {
            Ruling::Allowed => "allowed",
            Ruling::Denied => "denied",
            Ruling::Unknown => "cannot tell",
        };
        match (self.ruling, self.by) {
            (Ruling::Unknown, by) => format!("{word}: {}", self.doubt(by)),
            (_, By::Rule | By::DefaultRule) => match &self.nsg {
                Some(rule) if rule.name.is_some() => format!("{word} by {rule}"),
                Some(rule) => format!("{word}: nothing in {} allows it", named(&rule.group)),
                None => format!("{word} by the default rules"),
            },
            (_, By::AdminRule) => match &self.admin {
                Some(rule) => format!("{word} by the security admin rule {rule}"),
                None => format!("{word} by a security admin rule"),
            },
            (_, By::Route) => match &self.route {
                Some(route) => format!("{word}: {route} drops it"),
                None => format!("{word}: a route drops it"),
            },
            (_, By::NoNsg) => format!("{word}: the subnet has no security group"),
            (_, By::Platform) => format!("{word}: only a rule with its platform tag could stop it"),
            (_, By::Setting) => format!("{word} by a setting"),
            (_, By::Appliance | By::Gateway | By::Partial | By::UnknownTag | By::NoDocument) => {
                word.to_owned()
            }
        }
    }

    /// What keeps a decision open.
    fn doubt(&self, by: By) -> String {
        let named = |rule: &Option<RuleRef>| rule.as_ref().filter(|rule| rule.name.is_some()).cloned();
        let rule = match (named(&self.admin), named(&self.nsg)) {
            // An admin rule that allows leaves it to the group: either may be the one in doubt.
            (Some(admin), Some(nsg)) if admin.access == Some(Access::Allow) => {
                Some(format!("{admin} or {nsg}"))
            }
            (admin, nsg) => admin.or(nsg).map(|rule| rule.to_string()),
        };
        let route = self.route.as_ref().map_or_else(|| "a route".to_owned(), ToString::to_string);
        match (by, rule) {
            (By::Appliance, _) => format!("{route} leads to a device, which decides"),
            (By::Gateway, _) => format!("{route} leads to a gateway, and what is behind it decides"),
            (By::Partial, Some(rule))
                if self.nsg.as_ref().and_then(|rule| rule.access) == Some(Access::Allow) =>
            {
                let route = self.route.as_ref().map(|route| format!(", or {route},")).unwrap_or_default();
                format!("{rule}{route} covers a part of it, or could not be read whole")
            }
            (By::Partial, Some(rule)) => format!("{rule} covers a part of it, or could not be read whole"),
            (By::Partial, None) => "a part of the rules could not be read".to_owned(),
            (By::UnknownTag, Some(rule)) => format!("no document tells whether a tag of {rule} holds it"),
            (By::UnknownTag, None) => format!("no document tells what the tag of {route} holds"),
            _ => "the document that decides it was not given".to_owned(),
        }
    }

    /// How the check of this flow ends where no packet decides it.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.ruling {
            Ruling::Allowed => Status::Success,
            Ruling::Unknown => Status::Undecided(None),
            Ruling::Denied => {
                let cause = match self.by {
                    By::AdminRule => Cause::AdminRuleDenies,
                    By::Route => Cause::RouteDrops,
                    By::Setting => Cause::SettingWrong,
                    _ => Cause::RuleDenies,
                };
                Status::Failure(Failure::new(Stage::Configuration, cause, self.sentence()))
            }
        }
    }
}

impl Setting {
    /// How its check ends.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.reasons.first().filter(|_| self.fails()) {
            Some(worst) => {
                Status::Failure(Failure::new(Stage::Configuration, Cause::SettingWrong, worst.says.clone()))
            }
            None => Status::Success,
        }
    }
}

impl Judgement {
    /// How a check ends where no packet decides it; `None` where configuration says nothing of it.
    #[must_use]
    pub fn status(&self, check: &Check) -> Option<Status> {
        let of_setting = || self.settings.iter().find(|setting| setting.id.as_str() == check.endpoint);
        self.decision(&check.id).map(Decision::status).or_else(|| of_setting().map(Setting::status))
    }

    /// True where only what Azure refused to show would decide a check.
    #[must_use]
    pub fn is_withheld(&self, check: &Check) -> bool {
        let decision = self.decision(&check.id);
        self.extent == Extent::Partial && decision.is_some_and(|decision| decision.by == By::NoDocument)
    }

    /// How Azure's own call ended, where this check is of the endpoint that it went to.
    #[must_use]
    pub fn azures_call(&self, check: &Check) -> Option<&ControlPlane> {
        let is_its = check.role() == Role::ControlPlane;
        self.control_plane.as_ref().filter(|control| is_its && control.is_reached().is_some())
    }
}

fn named(group: &str) -> &str {
    if group.is_empty() { "the effective rules" } else { group }
}

impl std::fmt::Display for RuleRef {
    /// `"DenyInternet" (200, nsg-apim)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "\"{name}\"")?,
            None => f.write_str("the end of the list")?,
        }
        match (self.priority, self.group.as_str()) {
            (Some(priority), "") => write!(f, " ({priority})"),
            (Some(priority), group) => write!(f, " ({priority}, {group})"),
            (None, "") => Ok(()),
            (None, group) => write!(f, " ({group})"),
        }
    }
}

impl std::fmt::Display for RouteRef {
    /// `the route "to-firewall" (0.0.0.0/0 to 10.0.9.4, rt-apim)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the route ")?;
        if let Some(name) = &self.name {
            write!(f, "\"{name}\" ")?;
        }
        write!(f, "({} to ", self.prefix)?;
        match (&self.address, &self.next_hop) {
            (Some(address), _) => write!(f, "{address}")?,
            (None, NextHop::None) => f.write_str("None")?,
            (None, hop) => f.write_str(hop.as_str())?,
        }
        match &self.table {
            Some(table) => write!(f, ", {table})"),
            None => f.write_str(")"),
        }
    }
}

impl std::fmt::Display for NearMiss {
    /// `"AllowSql" (300, nsg-apim) misses by its port: it has 1443, the flow needs 1433`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.name)?;
        match self.priority {
            Some(priority) => write!(f, " ({priority}, {})", self.group)?,
            None => write!(f, " ({})", self.group)?,
        }
        match self.field {
            Field::Priority => {
                write!(f, " would allow it but stands behind: priority {}, needed {}", self.has, self.needs)
            }
            Field::Access => write!(f, " names it and denies: access {}, needed {}", self.has, self.needs),
            field => write!(f, " misses by its {field}: it has {}, the flow needs {}", self.has, self.needs),
        }
    }
}
