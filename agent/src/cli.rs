//! What can be typed: the command line and its words, nothing else.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use apim_probe_checks::catalogue::{self, Profile, VnetMode};
use apim_probe_checks::fix::needed::Part;
use apim_probe_checks::instance::{CustomEndpoint, HostnameKind, LiteralFlow};
use apim_probe_checks::server::Server;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::render::format::Format;
use values::words;

pub mod azure;
pub mod environment;
mod examples;
pub mod gateway;
mod report;
pub mod values;

pub use report::{Redact, RedactArgs, ReportArgs, When};

/// Checks that a subnet can reach everything Azure API Management depends on, and explains what blocks it
#[derive(Debug, Parser)]
#[command(name = "apim-probe", version, args_conflicts_with_subcommands = true)]
#[command(after_help = examples::EXIT_CODES, after_long_help = examples::PROGRAM)]
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
    #[command(after_help = examples::EXIT_CODES, after_long_help = examples::CHECK)]
    Check(Box<CheckArgs>),
    /// Print what `check` would do; sends no packet at all
    #[command(after_long_help = examples::PLAN)]
    Plan(Box<PlanArgs>),
    /// Repeat until every required check succeeds; print changes only
    #[command(after_help = examples::EXIT_CODES, after_long_help = examples::WAIT)]
    Wait(Box<WaitArgs>),
    /// Read from Azure what `review` judges, with this machine's identity or a token, and write one bundle
    #[command(after_help = azure::FETCH_EXIT_CODES, after_long_help = examples::FETCH)]
    Fetch(Box<azure::FetchArgs>),
    /// Judge exported or planned configuration alone; sends no packet at all
    #[command(after_help = examples::EXIT_CODES, after_long_help = examples::REVIEW)]
    Review(Box<ReviewArgs>),
    /// Judge saved reports again, or explain a finding, a cause or an endpoint
    #[command(after_long_help = examples::EXPLAIN)]
    Explain(ExplainArgs),
    /// Compare two saved reports: what got worse, better, new or gone
    #[command(after_help = examples::DIFF_EXIT_CODES, after_long_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Print the completion script of a shell
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        #[arg(value_parser = words(Shell::ALL, Shell::as_str))]
        shell: Shell,
    },
    /// Print the manual page of the program or of a command
    #[command(after_long_help = examples::MAN)]
    Man {
        /// The command [default: the program itself]
        #[arg(value_parser = values::command())]
        command: Option<String>,
    },
    /// Write the rules, routes and records that the instance needs; changes nothing
    #[command(after_long_help = examples::RULES)]
    Rules(Box<RulesArgs>),
    /// Print the JSON Schema of the report
    #[command(after_long_help = examples::SCHEMA)]
    Schema,
    /// Print the version of the program and of its catalogue
    #[command(after_long_help = examples::VERSION)]
    Version,
}

catalogue::words! {
    /// Shells that have a completion script.
    Shell {
        /// Bourne again.
        Bash = "bash",
        /// Elvish.
        Elvish = "elvish",
        /// fish.
        Fish = "fish",
        /// PowerShell.
        Powershell = "powershell",
        /// Z shell.
        Zsh = "zsh",
    }
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Saved reports in json or jsonl, or the log of a console (`-` for standard input); several make one table. Or one
    /// code: of a finding, a cause, an endpoint, a group, a service tag or a host name
    #[arg(value_name = "PATH|CODE", required = true, value_parser = values::topic())]
    pub what: Vec<String>,
    /// Exported configuration to judge the report with.
    #[command(flatten)]
    pub configuration: ConfigArgs,
    /// How the report is written.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Exported configuration beside packets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// Exported configuration to judge with: a file, a folder (its *.json) or `-`; may repeat
    #[arg(long, value_name = "PATH")]
    pub config: Vec<String>,
    /// How the documents are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How configuration is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ReadingArgs {
    /// The subnet that is meant, where the documents have several: its name or id
    #[arg(long, value_name = "NAME|ID")]
    pub subnet: Option<String>,
    /// Values for the parameters of an ARM template
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
}

/// Options of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Exported or planned configuration: a file, a folder (its *.json) or `-`; may repeat
    #[arg(value_name = "PATH", required_unless_present = "azure")]
    pub paths: Vec<String>,
    /// How the documents are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// A flow from this address into the subnet; may repeat
    #[arg(long, value_name = "IP:PORT[/tcp|udp][,required]", value_parser = values::inbound, help_heading = "Configuration")]
    pub inbound: Vec<LiteralFlow>,
    /// What is to be judged.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Whether and how Azure is asked.
    #[command(flatten)]
    pub ask: azure::AskArgs,
    /// Resource id of the Application Gateway in front of the service, to be read too with --azure
    #[arg(long, value_name = "ID", value_parser = azure::app_gateway, help_heading = "Instance")]
    pub app_gateway: Option<String>,
    /// PEM file that replaces the bundled public roots, with --azure
    #[arg(long, value_name = "PEM", help_heading = "Network")]
    pub public_roots: Option<PathBuf>,
    /// How the report is written.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Options of `wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Give up after this time; the exit code is then that of the last run
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = values::duration)]
    pub timeout: Duration,
    /// The options of each run.
    #[command(flatten)]
    pub check: CheckArgs,
}

/// The formats of a comparison.
const COMPARISON_FORMATS: &[Format] = &[Format::Human, Format::Json, Format::Markdown];

/// Options of `diff`.
#[derive(Debug, Args)]
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
    /// When the human form is coloured
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What is to be checked.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The Application Gateway in front of the instance.
    #[command(flatten)]
    pub gateway: gateway::GatewayArgs,
    /// Exported configuration to judge with.
    #[command(flatten)]
    pub configuration: ConfigArgs,
    /// Whether and how Azure is asked.
    #[command(flatten)]
    pub ask: azure::AskArgs,
    /// How the network is asked.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// How the report is written.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What would be checked.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The Application Gateway in front of the instance.
    #[command(flatten)]
    pub gateway: gateway::GatewayArgs,
    /// Form of the plan: csv has one row a rule, for a firewall team
    #[arg(short, long, value_enum, default_value = "human", value_name = "F", help_heading = "Report")]
    pub format: PlanFormat,
    /// When the human form is coloured
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN", help_heading = "Report")]
    pub color: When,
    /// Where each target comes from, its rule and its sources; optional checks that will not be run too
    #[arg(short, long, help_heading = "Report")]
    pub verbose: bool,
}

/// The forms of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a ticket or a page.
    Markdown,
    /// One row a rule.
    Csv,
}

/// Options of `rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What the instance is.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Language of what is written
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", help_heading = "Rules")]
    pub form: RulesForm,
    /// Exported configuration: only what is missing there is written.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Only this part
    #[arg(long, value_name = "PART", value_parser = words(Part::ALL, Part::as_str), help_heading = "Rules")]
    pub only_part: Option<Part>,
    /// The default route leads to this appliance: adds the route back for the control plane and the service endpoints
    #[arg(long, value_name = "NEXT-HOP-IP", help_heading = "Rules")]
    pub forced_tunnel: Option<IpAddr>,
    /// Service tags of the instance's region in place of the global ones; needs --region
    #[arg(long, help_heading = "Rules")]
    pub regional_tags: bool,
    /// End with a deny in both directions
    #[arg(long, help_heading = "Rules")]
    pub strict_deny: bool,
    /// Priority of the first rule
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(100..=4096), help_heading = "Rules")]
    pub priority: u16,
}

/// The languages of `rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesForm {
    /// Commands of the Azure CLI.
    Az,
    /// A Bicep file.
    Bicep,
    /// A Terraform file for the provider azurerm.
    Terraform,
    /// An ARM template.
    Arm,
    /// An ARM template of a rule collection group of an Azure Firewall policy.
    AzureFirewall,
    /// A table for a firewall team.
    Csv,
    /// Tables for a ticket or a page.
    Markdown,
}

/// What is to be checked: all that decides which targets there are.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// What is known of the instance.
    #[command(flatten)]
    pub instance: InstanceArgs,
    /// Which checks are wanted.
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Whom the machine may ask.
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// What is known of the instance.
#[derive(Debug, Args)]
#[command(next_help_heading = "Instance")]
pub struct InstanceArgs {
    /// Cloud [default: from the metadata service, else public]
    #[arg(long, value_parser = PossibleValuesParser::new(["public", "usgov", "china"]))]
    pub cloud: Option<String>,
    /// Region, by id or name, such as eastus2 or "East US 2" [default: from the metadata service]
    #[arg(long, value_name = "ID", value_parser = values::region(), hide_possible_values = true)]
    pub region: Option<String>,
    /// Mode of the virtual network integration [default: internal]
    #[arg(long, value_name = "MODE", value_parser = words(VnetMode::ALL, VnetMode::as_str))]
    pub vnet_mode: Option<VnetMode>,
    /// Kind of instance: classic is Developer and Premium [default: classic]
    #[arg(long, value_parser = words(Profile::ALL, Profile::as_str))]
    pub profile: Option<Profile>,
    /// Storage account of the instance, name or full host name; may repeat
    #[arg(long, value_name = "NAME", value_parser = values::storage_account)]
    pub storage_account: Vec<String>,
    /// SQL server of the instance; may repeat
    #[arg(long, value_name = "NAME", value_parser = values::host_name)]
    pub sql_server: Vec<String>,
    /// Key vault of the instance; may repeat
    #[arg(long, value_name = "NAME", value_parser = values::host_name)]
    pub key_vault: Vec<String>,
    /// Event Hubs namespace; may repeat
    #[arg(long, value_name = "NAME", value_parser = values::host_name)]
    pub event_hub: Vec<String>,
    /// Redis cache; may repeat
    #[arg(long, value_name = "NAME", value_parser = values::host_name)]
    pub redis: Vec<String>,
    /// The API Management service itself: name, host name or resource id
    #[arg(long, value_name = "NAME|ID", value_parser = azure::service_or_id)]
    pub service: Option<String>,
    /// Private address to which the service's names must resolve in internal mode
    #[arg(long, value_name = "IP")]
    pub private_ip: Option<IpAddr>,
    /// Custom domain of the service: KIND is gateway, portal, developer, management or scm; may repeat
    #[arg(long, value_name = "KIND=FQDN", value_parser = values::hostname)]
    pub hostname: Vec<(HostnameKind, String)>,
    /// The portal's NetworkStatus as JSON (`-` for standard input)
    #[arg(long, value_name = "FILE")]
    pub from_network_status: Option<PathBuf>,
    /// One more endpoint; add `,required` to make it count towards the verdict; may repeat
    #[arg(long, value_name = "HOST:PORT[/PROTOCOL][,required]", value_parser = values::endpoint)]
    pub endpoint: Vec<CustomEndpoint>,
}

impl InstanceArgs {
    /// The bare name of the service: the last part of an id, the first label of a host name.
    #[must_use]
    pub fn service_name(&self) -> Option<&str> {
        let service = self.service.as_deref()?;
        service.rsplit('/').next()?.split('.').next()
    }
}

/// Which checks are wanted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionArgs {
    /// Only this endpoint id or group (`apim-probe plan` lists them); may repeat
    #[arg(long, value_name = "ID|GROUP", value_parser = values::endpoint_or_group(), hide_possible_values = true)]
    pub only: Vec<String>,
    /// Without this endpoint id or group; may repeat
    #[arg(long, value_name = "ID|GROUP", value_parser = values::endpoint_or_group(), hide_possible_values = true)]
    pub skip: Vec<String>,
    /// Leave out what is optional
    #[arg(long)]
    pub required_only: bool,
}

/// Whom the machine may ask.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct SourceArgs {
    /// Ask this DNS server instead of the system's; may repeat
    #[arg(long, value_name = "IP[:PORT]")]
    pub dns_server: Vec<Server>,
    /// Do not ask the metadata service
    #[arg(long)]
    pub no_imds: bool,
    /// Do not compare with 168.63.129.16
    #[arg(long)]
    pub no_azure_dns: bool,
}

/// How the network is asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// PEM file that replaces the bundled public roots
    #[arg(long, value_name = "PEM")]
    pub public_roots: Option<PathBuf>,
    /// PEM file of a private root that signs the service's certificates, as the Application Gateway is to hold it; may repeat
    #[arg(long, value_name = "PEM")]
    pub trusted_root: Vec<PathBuf>,
    /// End the run by then, whatever happens
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = values::duration)]
    pub deadline: Duration,
    /// Give up on a connection after this time, retries included
    #[arg(long, value_name = "TIME", default_value = "3200ms", value_parser = values::duration)]
    pub connect_timeout: Duration,
    /// Checks that run at the same time
    #[arg(long, value_name = "N", default_value = "512", value_parser = clap::value_parser!(u16).range(1..))]
    pub concurrency: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
