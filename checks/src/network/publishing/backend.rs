//! Settings, probe and pool of a chain against the instance that they are to reach.

use std::net::IpAddr;

use crate::catalogue::Published;
use crate::network::answers::{Answer, Zones};
use crate::network::gateway::{BackendPool, BackendSettings, HealthProbe};
use crate::network::publishing::chain::{Chain, To, is_health_path, is_own};
use crate::network::publishing::names::OwnNames;
use crate::network::publishing::reason::{Cure, Fault, FaultCode, health_paths, name};
use crate::network::resource::Field;
use crate::network::settings::Gravity;

/// The port on which an instance serves HTTPS.
const HTTPS: u16 = 443;

/// Seconds after which the documents of Microsoft let a request end.
const DOCUMENTED_TIMEOUT: u32 = 180;

/// Seconds that a probe should wait at least, and those after which a dead server still gets requests.
const SHORTEST_PROBE: u32 = 5;
const LONGEST_OUTAGE: u32 = 1800;

/// What is wrong behind the rule of a chain, for the endpoints that it serves.
#[must_use]
pub fn faults(chain: &Chain<'_>, endpoints: &[Published], own: &OwnNames, zones: &Zones<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let backend = Backend { chain, endpoints, own };
    match chain.settings {
        To::Part(settings) => {
            faults.extend(backend.settings(settings));
            faults.extend(backend.probe(settings));
        }
        To::Nothing | To::Dangling(_) | To::Unknown => {}
    }
    if let To::Part(pool) = chain.pool {
        faults.extend(backend.pool(pool, zones));
    }
    faults
}

struct Backend<'c, 'a> {
    chain: &'c Chain<'a>,
    endpoints: &'c [Published],
    own: &'c OwnNames,
}

impl Backend<'_, '_> {
    /// The name that the endpoint should be called by: the listener's where it is the instance's, else the first of its own.
    fn wanted(&self) -> Option<String> {
        let hosts = self.chain.listener.hosts.given().into_iter().flatten();
        let named = hosts.map(String::as_str).find(|host| self.is_named(host));
        let first = self.endpoints.first().and_then(|endpoint| self.own.names_of(*endpoint).first().copied());
        named.or(first).map(str::to_owned)
    }

    /// True for a name of one of the endpoints.
    fn is_named(&self, host: &str) -> bool {
        self.own.endpoint(host).is_some_and(|endpoint| self.endpoints.contains(&endpoint))
    }

    fn endpoint(&self) -> &'static str {
        self.endpoints.first().map_or("endpoint", |endpoint| name(*endpoint))
    }

    fn settings(&self, settings: &BackendSettings) -> Vec<Fault> {
        let mut faults = Vec::new();
        let part = settings.id.name();
        let speaks_http = is(&settings.protocol, "Http");
        if speaks_http {
            let says = format!("The settings {part} speak HTTP to the instance, which serves HTTPS.");
            let step = format!("Set protocol Https and port {HTTPS} in the settings {part}.");
            faults.push(
                Fault::new(FaultCode::SettingsProtocol, says, step)
                    .values("Http".to_owned(), "Https".to_owned()),
            );
        }
        match settings.port {
            Field::Given(port) if port != HTTPS && !(speaks_http && port == 80) => {
                let says =
                    format!("The settings {part} call port {port}, and the instance serves on {HTTPS}.");
                let step = format!("Set port {HTTPS} in the settings {part}.");
                let fault = Fault::new(FaultCode::SettingsPort, says, step);
                faults.push(fault.values(port.to_string(), HTTPS.to_string()));
            }
            _ => {}
        }
        faults.extend(self.host(settings));
        if let Field::Given(seconds) = settings.timeout
            && seconds < DOCUMENTED_TIMEOUT
        {
            let says = format!(
                "The settings {part} end a request after {seconds} s; the documents of Microsoft give an instance {DOCUMENTED_TIMEOUT} s."
            );
            let step = format!("Set the request timeout of the settings {part} to {DOCUMENTED_TIMEOUT} s.");
            let fault = Fault::new(FaultCode::SettingsTimeout, says, step).weighing(Gravity::Info);
            faults.push(fault.values(seconds.to_string(), DOCUMENTED_TIMEOUT.to_string()));
        }
        faults.into_iter().map(|fault| fault.of_part(part, &settings.place)).collect()
    }

    /// The host that reaches the instance must be one of its names.
    fn host(&self, settings: &BackendSettings) -> Option<Fault> {
        let part = settings.id.name();
        let step = match self.wanted() {
            Some(wanted) => format!("Set the host name {wanted} in the settings {part}."),
            None => format!("Set a name of the instance as host name in the settings {part}."),
        };
        if self.chain.picks() {
            let addresses: Vec<&str> =
                self.chain.targets().iter().map(String::as_str).filter(|target| is_address(target)).collect();
            let first = addresses.first()?;
            let says = format!(
                "The settings {part} take the host name from the pool, which holds the address {first}: the instance answers no request \
                 for an address."
            );
            let fault = Fault::new(FaultCode::SettingsPickHost, says, step);
            return Some(fault.values((*first).to_owned(), self.wanted()));
        }
        let host = self.chain.host()?;
        if self.is_named(host) || self.is_of_another(settings) {
            return None;
        }
        let what = if self.own.has(host) {
            format!("a name of the instance, but not of its {}", self.endpoint())
        } else {
            "none of the instance's names".to_owned()
        };
        let says = format!(
            "The settings {part} send the host name {host}, which is {what}: the instance answers 404, or closes the connection."
        );
        Some(Fault::new(FaultCode::SettingsHost, says, step).values(host.to_owned(), self.wanted()))
    }

    /// True where settings and probe are another endpoint's as a whole: then it is the rule that leads there.
    fn is_of_another(&self, settings: &BackendSettings) -> bool {
        self.another(settings).is_some()
    }

    /// The endpoint whose settings and probe these are as a whole, where the chain does not serve it.
    fn another(&self, _settings: &BackendSettings) -> Option<Published> {
        another(self.chain, self.endpoints, self.own)
    }

    fn probe(&self, settings: &BackendSettings) -> Vec<Fault> {
        let probe = match self.chain.probe {
            To::Part(probe) => probe,
            To::Unknown => return Vec::new(),
            To::Nothing | To::Dangling(_) => return vec![self.no_probe(settings)],
        };
        // What is another endpoint's is right for that one.
        let another = self.another(settings);
        let of: Vec<Published> = another.map_or_else(|| self.endpoints.to_vec(), |endpoint| vec![endpoint]);
        let asked = Backend { chain: self.chain, endpoints: &of, own: self.own };
        let found = [
            asked.probe_host(probe, settings),
            asked.probe_path(probe),
            probe_protocol(probe, settings),
            probe_port(probe, settings),
            probe_match(probe),
            probe_timing(probe),
        ];
        found.into_iter().flatten().map(|fault| fault.of_part(probe.id.name(), &probe.place)).collect()
    }

    fn no_probe(&self, settings: &BackendSettings) -> Fault {
        let part = settings.id.name();
        let says = format!(
            "The settings {part} have no probe: the default one asks https://127.0.0.1/, and the instance answers only for its own \
             names, so that every server is unhealthy."
        );
        let path = self.endpoints.first().and_then(|endpoint| health_paths(*endpoint).first());
        let path = path.copied().unwrap_or_default();
        let host = self.wanted().unwrap_or_else(|| "a name of the instance".to_owned());
        let step = format!("Add a probe to the settings {part}: Https, host {host}, path {path}.");
        let mut fault = Fault::new(FaultCode::ProbeDefault, says, step)
            .values(None, self.wanted().map(|host| format!("https://{host}{path}")))
            .of_part(part, &settings.place);
        fault.cure = self.wanted().map(|host| Cure::Probe { host });
        fault
    }

    fn probe_host(&self, probe: &HealthProbe, settings: &BackendSettings) -> Option<Fault> {
        let part = probe.id.name();
        let wanted = self.wanted();
        let step = match &wanted {
            Some(wanted) => format!("Set the host {wanted} in the probe {part}."),
            None => format!("Set a name of the instance as host of the probe {part}."),
        };
        let fault = |says: String, has: Option<String>| {
            Some(Fault::new(FaultCode::ProbeHost, says, step.clone()).values(has, wanted.clone()))
        };
        if probe.host_from_settings == Field::Given(true) {
            let has_name = !settings.host.is_absent() || self.chain.picks();
            return if has_name {
                None
            } else {
                fault(
                    format!(
                        "The probe {part} takes its host from the settings {}, which name none.",
                        settings.id.name()
                    ),
                    None,
                )
            };
        }
        match &probe.host {
            Field::Unreadable => None,
            Field::Absent => fault(format!("The probe {part} names no host: it asks for 127.0.0.1."), None),
            Field::Given(host) if self.is_named(host) => None,
            Field::Given(host) => {
                let what = if self.own.has(host) {
                    format!("not a name of the {}", self.endpoint())
                } else {
                    "none of the instance's names".to_owned()
                };
                fault(
                    format!(
                        "The probe {part} asks for the host {host}, which is {what}: the instance answers 404, or closes the connection."
                    ),
                    Some(host.clone()),
                )
            }
        }
    }

    fn probe_path(&self, probe: &HealthProbe) -> Option<Fault> {
        let path = probe.path.given()?;
        if self.endpoints.iter().any(|endpoint| is_health_path(*endpoint, path)) {
            return None;
        }
        let part = probe.id.name();
        let wanted = self.endpoints.first().and_then(|endpoint| health_paths(*endpoint).first()).copied()?;
        let says = format!(
            "The probe {part} asks for {path}; the health page of the {} is {wanted}, and the instance answers 404 elsewhere.",
            self.endpoint()
        );
        let fault =
            Fault::new(FaultCode::ProbePath, says, format!("Set the path {wanted} in the probe {part}."));
        // Whoever takes other answers than the usual ones may know what that page answers.
        let takes_others = statuses(probe).iter().any(|(first, last)| *last >= 400 || *first < 200);
        let fault = if takes_others { fault.weighing(Gravity::Info) } else { fault };
        Some(fault.values(path.clone(), wanted.to_owned()))
    }

    fn pool(&self, pool: &BackendPool, zones: &Zones<'_>) -> Vec<Fault> {
        let part = pool.id.name();
        let targets = match &pool.targets {
            Field::Unreadable => return Vec::new(),
            Field::Absent => {
                let needs = self.own.addresses.first().map(ToString::to_string).or_else(|| self.wanted());
                let says = format!("The pool {part} has no server.");
                let step = match &needs {
                    Some(needs) => format!("Put {needs} into the pool {part}."),
                    None => format!("Put the private address of the instance into the pool {part}."),
                };
                let fault = Fault::new(FaultCode::PoolEmpty, says, step).values(None, needs);
                return vec![fault.of_part(part, &pool.place)];
            }
            Field::Given(targets) => targets,
        };
        let found: Vec<Option<Fault>> =
            targets.iter().map(|target| self.target(target, part, zones)).collect();
        let some_work = found.iter().any(Option::is_none);
        // The command replaces the whole list: what is right stays.
        let right = targets.iter().zip(&found).filter(|(_, fault)| fault.is_none());
        let address = self.own.addresses.first().map_or("<PRIVATE_IP>".to_owned(), ToString::to_string);
        let servers = right.map(|(target, _)| target.clone()).chain([address]).collect::<Vec<_>>().join(",");
        let weigh = |mut fault: Fault| {
            if some_work {
                fault.gravity = Gravity::Warning;
            }
            fault.cure.get_or_insert_with(|| Cure::set(&[("servers", &servers)]));
            fault
        };
        found.into_iter().flatten().map(|fault| weigh(fault).of_part(part, &pool.place)).collect()
    }

    fn target(&self, target: &str, part: &str, zones: &Zones<'_>) -> Option<Fault> {
        let address = self.own.addresses.first().map(ToString::to_string);
        let instead = match &address {
            Some(address) => format!(
                "Put {address}, the address of the instance, into the pool {part} in place of {target}."
            ),
            None => {
                format!("Put the private address of the instance into the pool {part} in place of {target}.")
            }
        };
        let fault = |code: FaultCode, says: String, step: String| {
            Some(Fault::new(code, says, step).values(target.to_owned(), address.clone()))
        };
        if let Ok(address) = target.parse::<IpAddr>() {
            let is_known = !self.own.addresses.is_empty();
            return if is_known && !self.own.addresses.contains(&address) {
                let says = format!(
                    "The pool {part} holds {address}, and the instance has {}.",
                    self.own.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                );
                fault(FaultCode::PoolAddress, says, instead)
            } else {
                None
            };
        }
        let answer = zones.resolve(target);
        if let Answer::Addresses(found) = &answer {
            let is_right =
                self.own.addresses.is_empty() || found.iter().any(|it| self.own.addresses.contains(it));
            if is_right && (is_own(self.own, target) || !self.own.addresses.is_empty()) {
                return None;
            }
            if !is_right {
                let found = found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let says =
                    format!("The pool {part} holds {target}, which the private zone answers with {found}.");
                return fault(FaultCode::PoolAddress, says, instead);
            }
        }
        if !is_own(self.own, target) {
            let says = format!(
                "The pool {part} holds {target}, which is none of the instance's names, and no document gives it the instance's address."
            );
            return fault(FaultCode::PoolName, says, instead);
        }
        let (code, says, step) = self.own_name(target, part, &answer, zones)?;
        let fault = fault(code, says, step)?;
        Some(match answer {
            Answer::NotLinked(zone) => fault.cured_by(Cure::Link { zone: zone.clone() }),
            Answer::NoRecord(zone) => {
                let address = self.own.addresses.first().copied();
                fault.cured_by(Cure::Record { zone: zone.clone(), host: target.to_owned(), address })
            }
            Answer::Unknown | Answer::Addresses(_) => fault,
        })
    }

    /// A name of the instance in the pool: the network of the gateway must resolve it to the private address.
    fn own_name(
        &self,
        target: &str,
        part: &str,
        answer: &Answer<'_>,
        zones: &Zones<'_>,
    ) -> Option<(FaultCode, String, String)> {
        let why = match answer {
            Answer::Addresses(_) => return None,
            Answer::Unknown => None,
            Answer::NoRecord(zone) => Some(format!("the private zone {} has no record for it", zone.name())),
            Answer::NotLinked(zone) => {
                Some(format!("the private zone {} is not linked to the gateway's network", zone.name()))
            }
        };
        let step = match answer {
            Answer::NotLinked(zone) => {
                format!("Link the private zone {} to the gateway's virtual network.", zone.name())
            }
            Answer::NoRecord(zone) => {
                format!(
                    "Add an A record for {target} with the instance's private address to the zone {}.",
                    zone.name()
                )
            }
            Answer::Unknown | Answer::Addresses(_) => format!(
                "Put the private address into the pool {part}, or give {target} a private zone that is linked to the gateway's network."
            ),
        };
        if self.own.is_default(target) && zones.is_internal {
            let why = why.unwrap_or_else(|| "no document gives it a private zone or a record".to_owned());
            let says = format!(
                "The pool {part} holds {target}: outside of a private zone that name does not lead to an internal instance, and {why}."
            );
            return Some((FaultCode::PoolName, says, step));
        }
        let says = format!("The pool {part} holds {target}, and {}.", why?);
        Some((FaultCode::NameUnresolved, says, step))
    }
}

/// The endpoint whose settings and probe a chain has as a whole, where it serves another one: the host that is sent, and the
/// probe's, are both that endpoint's.
#[must_use]
pub fn another(chain: &Chain<'_>, endpoints: &[Published], own: &OwnNames) -> Option<Published> {
    let foreign = |host: &str| own.endpoint(host).filter(|endpoint| !endpoints.contains(endpoint));
    let picked = chain.targets().iter().filter(|_| chain.picks()).map(String::as_str).next();
    let sent = foreign(chain.host().or(picked)?)?;
    let from_settings = chain.probe.part().is_none_or(|probe| probe.host_from_settings == Field::Given(true));
    let is_alike = from_settings || chain.probe_host().and_then(foreign) == Some(sent);
    is_alike.then_some(sent)
}

fn is(field: &Field<String>, word: &str) -> bool {
    field.given().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn is_address(target: &str) -> bool {
    target.parse::<IpAddr>().is_ok()
}

/// Where the settings speak HTTP themselves the probe only follows them.
fn probe_protocol(probe: &HealthProbe, settings: &BackendSettings) -> Option<Fault> {
    let wrong = is(&probe.protocol, "Http") && !is(&settings.protocol, "Http");
    wrong.then(|| {
        let part = probe.id.name();
        let says =
            format!("The probe {part} speaks HTTP, and the settings {} speak HTTPS.", settings.id.name());
        Fault::new(FaultCode::ProbeProtocol, says, format!("Set protocol Https in the probe {part}."))
            .values("Http".to_owned(), "Https".to_owned())
    })
}

/// A port that is the settings' own is their fault.
fn probe_port(probe: &HealthProbe, settings: &BackendSettings) -> Option<Fault> {
    let port = *probe.port.given()?;
    let is_right = port == 0 || port == HTTPS || settings.port == Field::Given(port);
    (!is_right).then(|| {
        let part = probe.id.name();
        let says = format!("The probe {part} asks on port {port}, and the instance serves on {HTTPS}.");
        Fault::new(FaultCode::ProbePort, says, format!("Set port {HTTPS} in the probe {part}."))
            .values(port.to_string(), HTTPS.to_string())
    })
}

/// Ranges of status codes that a probe takes; without a list 200 to 399.
fn statuses(probe: &HealthProbe) -> Vec<(u16, u16)> {
    let read = |text: &String| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
    };
    match &probe.statuses {
        Field::Given(written) => written.iter().filter_map(read).collect(),
        Field::Absent | Field::Unreadable => vec![(200, 399)],
    }
}

fn probe_match(probe: &HealthProbe) -> Option<Fault> {
    let part = probe.id.name();
    let takes_ok = statuses(probe).iter().any(|(first, last)| (*first..=*last).contains(&200));
    if !takes_ok {
        let has = probe.statuses.given().map(|all| all.join(", ")).unwrap_or_default();
        let says =
            format!("The probe {part} takes the status codes {has}, and a healthy instance answers 200.");
        let fault = Fault::new(
            FaultCode::ProbeMatch,
            says,
            format!("Set the status codes 200-399 in the probe {part}."),
        );
        return Some(fault.values(has, "200-399".to_owned()));
    }
    let body = probe.body.given()?;
    let says = format!(
        "The probe {part} asks for a body that holds `{body}`: whether the health page does cannot be told from here."
    );
    let step = format!("Leave the body out of the match of the probe {part}.");
    let fault = Fault::new(FaultCode::ProbeMatch, says, step).weighing(Gravity::Info);
    Some(fault.values(body.clone(), None).cured_by(Cure::set(&[("match-body", "")])))
}

fn probe_timing(probe: &HealthProbe) -> Option<Fault> {
    let part = probe.id.name();
    let fault = |has: String, needs: &str, says: String, step: String| {
        let fault = Fault::new(FaultCode::ProbeTiming, says, step).weighing(Gravity::Warning);
        Some(fault.values(has, needs.to_owned()))
    };
    if let Field::Given(timeout) = probe.timeout
        && timeout < SHORTEST_PROBE
    {
        return fault(
            format!("timeout {timeout} s"),
            "timeout 30 s or more",
            format!("The probe {part} waits {timeout} s for an answer: a busy unit is called unhealthy."),
            format!("Set a timeout of 30 s or more in the probe {part}."),
        );
    }
    if probe.threshold == Field::Given(1) {
        return fault(
            "threshold 1".to_owned(),
            "threshold 3 or more",
            format!("The probe {part} calls a server unhealthy after one lost answer."),
            format!("Set a threshold of 3 or more in the probe {part}."),
        );
    }
    let (interval, threshold) = (*probe.interval.given()?, *probe.threshold.given()?);
    let outage = interval.saturating_mul(threshold);
    if outage <= LONGEST_OUTAGE {
        return None;
    }
    fault(
        format!("interval {interval} s, threshold {threshold}"),
        "interval 30 s, threshold 8",
        format!("The probe {part} notices a dead server after {} minutes only.", outage / 60),
        format!("Set an interval of 30 s and a threshold of 8 in the probe {part}."),
    )
}
