//! What can be typed: the command line and its words, nothing else.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use apim_probe_checks::catalogue::{self, Profile, Protocol, VnetMode};
use apim_probe_checks::instance::{CustomEndpoint, HostnameKind};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::render::format::Format;
use crate::render::redact::Redaction;

/// Says which of the things that Azure API Management depends on can be reached from this machine, and why not.
#[derive(Debug, Parser)]
#[command(
    name = "apim-probe",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Exit codes: 0 healthy or degraded, 1 a required check failed, 2 usage error, 3 undecided, \
4 only optional checks failed (--strict), 130 and 143 interrupted."
)]
pub struct Cli {
    /// What to do; `check` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `check`, which may be typed without its name.
    #[command(flatten)]
    pub check: CheckArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every check that applies, in parallel, and report
    Check(Box<CheckArgs>),
    /// Print what `check` would do; sends no packet at all
    Plan(Box<CheckArgs>),
    /// Repeat until every required check succeeds; print changes only
    Wait(Box<WaitArgs>),
    /// Judge a saved report again, or explain a finding, a cause or an endpoint
    Explain(ExplainArgs),
    /// Compare two saved reports: what got worse, better, new or gone
    Diff(DiffArgs),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual page, of one command where it is named
    Man {
        /// The command
        command: Option<String>,
    },
    /// Print the JSON Schema of the report
    Schema,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A saved report in json or jsonl, or the log of a console (`-` for standard input); or the code of a finding, a cause or an endpoint
    #[arg(value_name = "FILE|CODE")]
    pub what: String,
    /// How the report is written.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Options of `wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Give up after this time; the exit code is then that of the last run
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = duration)]
    pub timeout: Duration,
    /// The options of each run.
    #[command(flatten)]
    pub check: CheckArgs,
}

/// Options of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing required got worse, 1 something did, 2 bad input.")]
pub struct DiffArgs {
    /// The earlier report, json or jsonl (`-` for standard input)
    #[arg(value_name = "A")]
    pub before: String,
    /// The later report, json or jsonl (`-` for standard input)
    #[arg(value_name = "B")]
    pub after: String,
    /// How the comparison is written
    #[arg(short, long, default_value = "human", value_name = "F", value_parser = words(COMPARISON_FORMATS, Format::as_str))]
    pub format: Format,
    /// What is kept out of it.
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Colours of the human form
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
}

/// Options of `check`, and of `plan` where they make sense there.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What is known of the instance.
    #[command(flatten)]
    pub instance: InstanceArgs,
    /// Which checks are wanted.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// How the network is asked.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// How the report is written.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// What is known of the instance.
#[derive(Debug, Args)]
#[command(next_help_heading = "Instance")]
pub struct InstanceArgs {
    /// Cloud [default: from the metadata service, else public]
    #[arg(long, value_parser = PossibleValuesParser::new(["public", "usgov", "china"]))]
    pub cloud: Option<String>,
    /// ARM region id, such as eastus2 [default: from the metadata service]
    #[arg(long, value_name = "ID")]
    pub region: Option<String>,
    /// Mode of the virtual network integration
    #[arg(long, value_name = "MODE", default_value = "internal", value_parser = words(VnetMode::ALL, VnetMode::as_str))]
    pub vnet_mode: VnetMode,
    /// Catalogue profile: classic (Developer and Premium), premium-v2 or workspace
    #[arg(long, default_value = "classic", value_parser = words(Profile::ALL, Profile::as_str))]
    pub profile: Profile,
    /// Storage account of the instance, name or full host name; may repeat
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub storage_account: Vec<String>,
    /// SQL server of the instance; may repeat
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub sql_server: Vec<String>,
    /// Key vault of the instance; may repeat
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub key_vault: Vec<String>,
    /// Event Hubs namespace; may repeat
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub event_hub: Vec<String>,
    /// Redis cache; may repeat
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub redis: Vec<String>,
    /// The API Management service itself, name or host name
    #[arg(long, value_name = "NAME", value_parser = service_name)]
    pub service: Option<String>,
    /// Private address to which the service's names must resolve in internal mode
    #[arg(long, value_name = "IP")]
    pub private_ip: Option<IpAddr>,
    /// Custom domain of the service: KIND is gateway, portal, developer, management or scm; may repeat
    #[arg(long, value_name = "KIND=FQDN", value_parser = hostname)]
    pub hostname: Vec<(HostnameKind, String)>,
    /// The portal's NetworkStatus as JSON (`-` for standard input)
    #[arg(long, value_name = "FILE")]
    pub from_network_status: Option<PathBuf>,
    /// One more endpoint, `,required` behind it makes it count; may repeat
    #[arg(long, value_name = "HOST:PORT[/PROTOCOL][,required]", value_parser = endpoint)]
    pub endpoint: Vec<CustomEndpoint>,
}

/// Which checks are wanted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// Only this endpoint id or group; may repeat
    #[arg(long, value_name = "ID|GROUP")]
    pub only: Vec<String>,
    /// Without this endpoint id or group; may repeat
    #[arg(long, value_name = "ID|GROUP")]
    pub skip: Vec<String>,
    /// Leave out what is optional
    #[arg(long)]
    pub required_only: bool,
}

/// How the network is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Ask this name server instead of the system's; may repeat
    #[arg(long, value_name = "IP[:PORT]", value_parser = dns_server)]
    pub dns_server: Vec<SocketAddr>,
    /// PEM file that replaces the bundled public roots
    #[arg(long, value_name = "PEM")]
    pub public_roots: Option<PathBuf>,
    /// Do not ask the metadata service
    #[arg(long)]
    pub no_imds: bool,
    /// Do not compare with 168.63.129.16
    #[arg(long)]
    pub no_azure_dns: bool,
    /// The run ends by then, whatever happens
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub deadline: Duration,
    /// Time for one connect, hedges included
    #[arg(long, value_name = "TIME", default_value = "3200ms", value_parser = duration)]
    pub connect_timeout: Duration,
    /// Checks in flight
    #[arg(long, value_name = "N", default_value = "128", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
}

/// How the report is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub struct ReportArgs {
    /// How the report on stdout is written
    #[arg(short, long, default_value = "human", value_name = "F", value_parser = words(Format::ALL, Format::as_str))]
    pub format: Format,
    /// Also write format F (or the one of the file's ending) to PATH, framed where that is a serial console; may repeat
    #[arg(short, long, value_name = "[F=]PATH")]
    pub output: Vec<String>,
    /// The last N bytes of the human report, verdict last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub summary_bytes: Option<u32>,
    /// Optional failures count: exit 4
    #[arg(long)]
    pub strict: bool,
    /// Exit 0 in place of 1, 3 and 4
    #[arg(long)]
    pub exit_zero: bool,
    /// What is kept out of it.
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Colours of the human report
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
    /// Only what is wrong
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every check with its stages
    #[arg(short, long)]
    pub verbose: bool,
}

/// What is kept out of a report.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// What is taken out: `ids` (subscription and tenant ids, user names, query strings), or `names`, which also puts stable
    /// pseudonyms in place of host names, addresses and resource groups
    #[arg(long, value_enum, default_value = "ids", value_name = "WHAT", hide_possible_values = true)]
    redact: Redact,
    /// Keep subscription ids, user names and query strings
    #[arg(long, conflicts_with = "redact")]
    no_redact: bool,
}

impl RedactArgs {
    /// What both flags mean together.
    #[must_use]
    pub const fn level(&self) -> Redaction {
        match (self.no_redact, self.redact) {
            (true, _) => Redaction::Secrets,
            (false, Redact::Ids) => Redaction::Ids,
            (false, Redact::Names) => Redaction::Names,
        }
    }
}

/// What `--redact` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Redact {
    /// Ids, user names and query strings.
    Ids,
    /// Host names, addresses and resource groups too.
    Names,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The formats of a comparison.
const COMPARISON_FORMATS: &[Format] = &[Format::Human, Format::Json, Format::Markdown];

/// A parser of one of `values`, whose words the help lists and shells complete.
fn words<T>(values: &'static [T], word: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let known = PossibleValuesParser::new(values.iter().map(move |value| word(*value)));
    known.try_map(move |typed| {
        values.iter().copied().find(|value| word(*value) == typed).ok_or("it is not one of them")
    })
}

/// A number and a unit: `500ms`, `10s`, `1.5m`, `1h`; above zero.
fn duration(text: &str) -> Result<Duration, String> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let scale = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("a number and a unit are wanted: ms, s, m or h".to_owned()),
    };
    let number: f64 =
        number.parse().map_err(|_| "a number and a unit are wanted: ms, s, m or h".to_owned())?;
    match Duration::try_from_secs_f64(number * scale) {
        Ok(duration) if !duration.is_zero() && duration <= Duration::from_secs(86_400) => Ok(duration),
        _ => Err("it must lie above zero and within a day".to_owned()),
    }
}

/// A bare name or a host name: letters, digits, hyphens, underscores and dots; a vault's URI is its host name too.
fn host_name(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let label_is_fine = |label: &str| {
        let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    match name.len() <= 253 && name.split('.').all(label_is_fine) {
        true => Ok(name),
        false => Err("this is no host name".to_owned()),
    }
}

/// The name of a service, from any of its own host names too.
fn service_name(text: &str) -> Result<String, String> {
    let name = host_name(text)?;
    let clouds = catalogue::embedded().clouds;
    let mut suffixes = clouds.values().filter_map(|cloud| cloud.suffixes.get("apim"));
    match name.split_once('.') {
        None => Ok(name),
        Some((service, rest))
            if suffixes.any(|suffix| rest == suffix || rest.ends_with(&format!(".{suffix}"))) =>
        {
            Ok(service.to_owned())
        }
        Some(_) => {
            Err("a custom domain is given with --hostname, such as --hostname gateway=api.contoso.com"
                .to_owned())
        }
    }
}

fn hostname(text: &str) -> Result<(HostnameKind, String), String> {
    let (kind, name) = text.split_once('=').ok_or("KIND=FQDN is wanted, such as gateway=api.contoso.com")?;
    let kind =
        HostnameKind::parse(kind).ok_or("KIND is `gateway`, `portal`, `developer`, `management` or `scm`")?;
    Ok((kind, host_name(name)?))
}

fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    match (text.parse(), bare.parse::<IpAddr>()) {
        (Ok(address), _) => Ok(address),
        (Err(_), Ok(ip)) => Ok(SocketAddr::new(ip, 53)),
        _ => {
            Err("an address is wanted, with or without a port: 10.0.2.4, 10.0.2.4:53 or [fd00::4]:53"
                .to_owned())
        }
    }
}

/// `HOST:PORT[/PROTOCOL][,required]`.
fn endpoint(text: &str) -> Result<CustomEndpoint, String> {
    let (target, required) = match text.rsplit_once(',') {
        Some((target, "required")) => (target, true),
        Some((_, word)) => return Err(format!("`{word}` is not `required`")),
        None => (text, false),
    };
    let (address, protocol) = match target.split_once('/') {
        Some((address, word)) => {
            let protocol = Protocol::parse(word).ok_or_else(|| format!("`{word}` is no protocol"))?;
            (address, Some(protocol))
        }
        None => (target, None),
    };
    let (host, port) = address.rsplit_once(':').ok_or("HOST:PORT is wanted")?;
    let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or("the port must be 1 to 65535")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = match bare.parse::<IpAddr>() {
        Ok(ip) => ip.to_string(),
        Err(_) => host_name(host)?,
    };
    let protocol = protocol.unwrap_or_else(|| of_port(port));
    Ok(CustomEndpoint { host, port, protocol, required })
}

/// What is spoken on a well-known port; TLS elsewhere.
const fn of_port(port: u16) -> Protocol {
    match port {
        443 => Protocol::Https,
        80 => Protocol::Http,
        1433 => Protocol::Tds,
        5671 | 5672 => Protocol::Amqp,
        445 => Protocol::Smb,
        25 | 587 | 25028 => Protocol::Smtp,
        6380 | 10000 => Protocol::Redis,
        123 => Protocol::Ntp,
        53 => Protocol::Dns,
        1688 => Protocol::Kms,
        _ => Protocol::Tls,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_duration_needs_a_number_above_zero_and_a_unit() {
        assert_eq!(duration("3200ms"), Ok(Duration::from_millis(3200)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        for bad in ["10", "0s", "-1s", "s", "", "1d", "1e3s", "99999h", "1.2.3s", "NaNs"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_endpoint_takes_its_protocol_from_the_port_unless_told() {
        let read = |text| endpoint(text).map(|e| (e.host, e.port, e.protocol, e.required));
        assert_eq!(read("a.example:443"), Ok(("a.example".into(), 443, Protocol::Https, false)));
        assert_eq!(read("a.example:1433,required"), Ok(("a.example".into(), 1433, Protocol::Tds, true)));
        assert_eq!(read("[::1]:8443/https"), Ok(("::1".into(), 8443, Protocol::Https, false)));
        assert_eq!(read("10.0.0.1:9/tcp,required"), Ok(("10.0.0.1".into(), 9, Protocol::Tcp, true)));
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
    fn a_name_server_may_leave_its_port_out() {
        assert_eq!(dns_server("10.0.2.4"), Ok("10.0.2.4:53".parse().unwrap()));
        assert_eq!(dns_server("10.0.2.4:5353"), Ok("10.0.2.4:5353".parse().unwrap()));
        assert_eq!(dns_server("[::1]"), Ok("[::1]:53".parse().unwrap()));
        assert!(dns_server("dns.example").is_err());
    }
}
