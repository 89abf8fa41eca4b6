//! How the value of an option is read: what was expected, what was given, and what may have been meant.

use std::net::IpAddr;
use std::time::Duration;

use apim_probe_checks::catalogue::{self, Direction, Protocol, Requirement, Transport};
use apim_probe_checks::diagnose::Code;
use apim_probe_checks::instance::{CustomEndpoint, HostnameKind, LiteralFlow};
use apim_probe_checks::outcome::Cause;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};

/// A parser of one of `values`, whose words the help lists and shells complete; an error names the nearest.
pub fn words<T>(values: &'static [T], word: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let known = PossibleValuesParser::new(values.iter().map(move |value| word(*value)));
    known.try_map(move |typed| {
        values.iter().copied().find(|value| word(*value) == typed).ok_or("expected one of the listed words")
    })
}

/// A list that completion offers and that is not the whole of what may be typed.
#[derive(Debug, Clone)]
pub struct Offered(fn() -> Vec<String>);

impl TypedValueParser for Offered {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

/// A region by its id or its name; ids are offered.
pub fn region() -> Offered {
    Offered(|| catalogue::embedded().regions.iter().map(|region| region.id.clone()).collect())
}

/// An endpoint id or a group.
pub fn endpoint_or_group() -> Offered {
    Offered(|| {
        let mut words: Vec<String> = Vec::new();
        for word in catalogue::embedded().endpoints.iter().flat_map(|row| [&row.group, &row.id]) {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        words
    })
}

/// A command of the program.
pub fn command() -> Offered {
    Offered(|| {
        [
            "check",
            "plan",
            "review",
            "wait",
            "fetch",
            "explain",
            "diff",
            "completions",
            "man",
            "schema",
            "version",
        ]
        .map(str::to_owned)
        .to_vec()
    })
}

/// What `explain` knows beside files.
pub fn topic() -> Offered {
    Offered(|| {
        let codes = Code::ALL.iter().map(|code| code.as_str().to_owned());
        let causes = Cause::ALL.iter().map(|cause| cause.as_str().to_owned());
        codes.chain(causes).chain((endpoint_or_group().0)()).collect()
    })
}

/// A number and a unit: `500ms`, `10s`, `1.5m`, `1h`; above zero, at most a day, to a millionth of the unit.
pub fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = number.contains(|c: char| c.is_ascii_digit()) && !fraction.contains('.');
    let expected = || {
        let meant =
            if unit.is_empty() && is_number { format!("; did you mean `{number}s`?") } else { String::new() };
        format!("expected a number with a unit (ms, s, m, h) such as `5s` or `1500ms`{meant}")
    };
    let millionth: u64 = match unit {
        _ if !is_number => return Err(expected()),
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(expected()),
    };
    // Whole units, then six places behind the point.
    let digits = whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(6));
    let number =
        digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    match Duration::from_nanos(number.saturating_mul(millionth)) {
        duration if !duration.is_zero() && duration <= Duration::from_secs(86_400) => Ok(duration),
        _ => Err("expected more than zero and at most 24h".to_owned()),
    }
}

/// A bare name or a host name: letters, digits, hyphens, underscores and dots; a vault's URI is its host name too.
pub fn host_name(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let label_is_fine = |label: &str| {
        let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    if name.len() <= 253 && name.split('.').all(label_is_fine) {
        Ok(name)
    } else {
        Err("expected a name or a host name: letters, digits and hyphens, with dots between labels"
            .to_owned())
    }
}

/// A storage account: 3 to 24 lower-case letters and digits, or a full host name.
pub fn storage_account(text: &str) -> Result<String, String> {
    let is_account = |name: &str| {
        (3..=24).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    match host_name(text) {
        Ok(name) if name.contains('.') || is_account(&name) => Ok(name),
        _ => Err(
            "expected the name of a storage account (3 to 24 lower-case letters and digits) or a host name"
                .to_owned(),
        ),
    }
}

/// The name of a service, or any of its own host names, which are kept whole: they tell the cloud.
pub fn service_name(text: &str) -> Result<String, String> {
    let name = host_name(text)?;
    let clouds = &catalogue::embedded().clouds;
    let mut suffixes = clouds.values().filter_map(|cloud| cloud.suffixes.get("apim"));
    let is_own = |suffix: &String| name.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.ends_with('.'));
    if !name.contains('.') || suffixes.any(is_own) {
        Ok(name)
    } else {
        Err(format!(
            "expected the name of the service; a custom domain is given as `--hostname gateway={name}`"
        ))
    }
}

/// `KIND=FQDN`.
pub fn hostname(text: &str) -> Result<(HostnameKind, String), String> {
    let kinds = || HostnameKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let (kind, name) =
        text.split_once('=').ok_or_else(|| format!("expected KIND=FQDN, for example `gateway={text}`"))?;
    let kind = HostnameKind::parse(kind)
        .ok_or_else(|| format!("expected KIND to be one of {}, got `{kind}`", kinds()))?;
    Ok((kind, host_name(name)?))
}

/// `HOST:PORT[/PROTOCOL][,required]`.
pub fn endpoint(text: &str) -> Result<CustomEndpoint, String> {
    let (target, requirement) = match text.rsplit_once(',') {
        Some((target, "required")) => (target, Requirement::Required),
        Some((_, word)) => return Err(format!("expected `required` after the comma, got `{word}`")),
        None => (text, Requirement::Optional),
    };
    let (address, protocol, transport) = match target.split_once('/') {
        Some((address, "udp")) => (address, None, Some(Transport::Udp)),
        Some((address, word)) => (address, Some(protocol(word)?), None),
        None => (target, None, None),
    };
    let (host, port) = address
        .rsplit_once(':')
        .ok_or_else(|| format!("expected HOST:PORT, for example `{}:443`", address.trim_end_matches('/')))?;
    let number = port.parse::<u16>().ok().filter(|port| *port > 0);
    let port = number.ok_or_else(|| format!("expected a port between 1 and 65535, got `{port}`"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = match bare.parse::<IpAddr>() {
        Ok(ip) => ip.to_string(),
        Err(_) => host_name(host)?,
    };
    let protocol = protocol.unwrap_or_else(|| Protocol::of_port(port));
    Ok(CustomEndpoint { host, port, protocol, transport, requirement })
}

/// `IP:PORT[/tcp|udp][,required]`: from that address to this port of the subnet.
pub fn inbound(text: &str) -> Result<LiteralFlow, String> {
    let read = match text.strip_suffix(",required").unwrap_or(text).split_once('/') {
        Some((_, word)) if !matches!(word, "tcp" | "udp") => {
            return Err(format!("expected `tcp` or `udp` behind the port, got `{word}`"));
        }
        _ => endpoint(text)?,
    };
    // Without a word it is TCP, whatever usually listens there.
    let read = match read.transport {
        Some(_) => read,
        None => CustomEndpoint { protocol: Protocol::Tcp, ..read },
    };
    literal(&read, Direction::Inbound)
        .ok_or_else(|| format!("expected an address, got the name `{}`", read.host))
}

/// The flow of an endpoint that is named by its address; `None` for a name.
pub fn literal(endpoint: &CustomEndpoint, direction: Direction) -> Option<LiteralFlow> {
    Some(LiteralFlow {
        direction,
        address: endpoint.host.parse().ok()?,
        port: endpoint.port,
        transport: endpoint.transport.unwrap_or_else(|| endpoint.protocol.transport()),
        protocol: endpoint.protocol,
        requirement: endpoint.requirement,
    })
}

fn protocol(word: &str) -> Result<Protocol, String> {
    let known = || Protocol::ALL.iter().map(|protocol| protocol.as_str());
    Protocol::parse(word).ok_or_else(|| {
        let meant = catalogue::nearest(word, known().map(|known| (known, known)));
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        format!("expected a protocol ({}), got `{word}`{meant}", known().collect::<Vec<_>>().join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_a_number_above_zero_and_a_unit() {
        assert_eq!(duration("3200ms"), Ok(Duration::from_millis(3200)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration(".25s"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("24.h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(duration("0.0000019h"), Ok(Duration::from_micros(3_600)));
        for bad in [
            "99999999999999999999999h",
            "24.000001h",
            "0.0000001s",
            ".s",
            "10",
            "0s",
            "-1s",
            "s",
            "",
            "1d",
            "1e3s",
            "99999h",
            "1.2.3s",
            "NaNs",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert!(duration("5").is_err_and(|error| error.ends_with("did you mean `5s`?")));
    }

    #[test]
    fn an_endpoint_takes_its_protocol_from_the_port_unless_told() {
        let read = |text| endpoint(text).map(|e| (e.host, e.port, e.protocol, e.requirement.as_str()));
        assert_eq!(read("a.example:443"), Ok(("a.example".into(), 443, Protocol::Https, "optional")));
        assert_eq!(
            read("a.example:1433,required"),
            Ok(("a.example".into(), 1433, Protocol::Tds, "required"))
        );
        assert_eq!(read("[::1]:8443/https"), Ok(("::1".into(), 8443, Protocol::Https, "optional")));
        assert_eq!(read("10.0.0.1:9/tcp,required"), Ok(("10.0.0.1".into(), 9, Protocol::Tcp, "required")));
        for bad in [
            "a.example",
            "a.example:0",
            "a.example:70000",
            "a.example:1/x",
            ":1",
            "a b:1",
            "a:1,optional",
            "-a:1",
        ] {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_storage_account_is_named_as_azure_names_it() {
        assert_eq!(storage_account("apimst123"), Ok("apimst123".into()));
        assert_eq!(storage_account("x-y.blob.core.windows.net"), Ok("x-y.blob.core.windows.net".into()));
        for bad in ["My_Storage!", "st", "with-hyphen", "a234567890123456789012345"] {
            assert!(storage_account(bad).is_err(), "{bad}");
        }
    }
}
