//! What stands at the end of each help page: exit codes, and lines to copy.

/// Exit codes of a run.
pub(super) const EXIT_CODES: &str = "Exit codes: 0 healthy or degraded, 1 a required check failed, 2 usage error, 3 undecided, \
4 only optional checks failed (--strict), 130 and 143 interrupted.";

/// Exit codes of a comparison.
pub(super) const DIFF_EXIT_CODES: &str =
    "Exit codes: 0 nothing required got worse, 1 something did, 2 bad input.";

pub(super) const PROGRAM: &str = "\
Examples:
  Check with the names of the instance (portal: Network > Network status):
    apim-probe --storage-account apimst123 --sql-server apirpsql123 --key-vault apikv-123
  Take all names from the portal's own JSON, and keep the report:
    apim-probe --from-network-status status.json -o report.json -o report.html
  Print what would be checked; nothing is sent:
    apim-probe plan --region eastus2
  Help of a command:
    apim-probe help explain

Exit codes:
  0         healthy or degraded (only optional checks failed)
  1         unhealthy: a required check failed
  2         usage or configuration error; nothing was run
  3         undecided: a required check could not be run or decided
  4         with --strict: only optional checks failed
  130, 143  interrupted; the partial report was written

Options of Instance and Network can be given as environment variables: APIM_PROBE_REGION for --region, APIM_PROBE_STORAGE_ACCOUNT for \
--storage-account, and so on. Values of options that may repeat are separated by commas; for switches the value is true or false. \
What is typed wins.";

pub(super) const CHECK: &str = "\
Examples:
  apim-probe check --storage-account apimst123 --sql-server apirpsql123 --key-vault apikv-123
  apim-probe check --service contoso --private-ip 10.0.1.10 --hostname gateway=api.contoso.com
  apim-probe check --endpoint backend.contoso.com:8443/https,required --only custom
  apim-probe check --quiet --strict --format junit --output report.json
  apim-probe check --dns-server 10.0.2.4 --only storage --only sql-database

Exit codes: 0 healthy or degraded, 1 a required check failed, 2 usage error, 3 undecided, 4 only optional checks failed (--strict), \
130 and 143 interrupted.";

pub(super) const PLAN: &str = "\
Examples:
  apim-probe plan --region eastus2
  apim-probe plan --region eastus2 --required-only --format csv >rules.csv
  apim-probe plan --region usgovvirginia --service contoso --vnet-mode external --verbose

Exit codes: 0 the plan was printed, 2 usage error.";

pub(super) const REVIEW: &str = "\
Examples:
  az network nic list-effective-nsg -g RG -n NIC >rules.json
  az network nic show-effective-route-table -g RG -n NIC >routes.json
  apim-probe review rules.json routes.json
  apim-probe review exported/ --subnet snet-apim --inbound 203.0.113.7:443
  bicep build main.bicep && apim-probe review main.json --parameters main.parameters.json --format sarif >review.sarif
  terraform show -json plan.tfplan | apim-probe review -

Exit codes: 0 healthy or degraded, 1 a required flow is denied, 2 usage error, 3 undecided, 4 only optional flows are denied (--strict).";

pub(super) const RULES: &str = "\
Examples:
  apim-probe rules --region eastus2 --as bicep >nsg.bicep
  apim-probe rules --as az --strict-deny --required-only
  apim-probe rules --as terraform --forced-tunnel 10.0.0.4 --service contoso --private-ip 10.0.1.10
  apim-probe rules --as az --config nsg.json --config vnet.json
  apim-probe rules --as csv >firewall-request.csv

Exit codes: 0 the rules were printed, or nothing is missing; 2 usage error.";

pub(super) const WAIT: &str = "\
Examples:
  apim-probe wait --timeout 15m --storage-account apimst123 && az deployment group create ...
  apim-probe wait --timeout 5m --required-only --output report.json

Exit codes: 0 every required check succeeds; at the time-out that of the last run: 1 a required check failed, 3 undecided; \
2 usage error, 130 and 143 interrupted.";

pub(super) const FETCH: &str = "\
Examples:
  apim-probe fetch -o network.json
  apim-probe fetch --service contoso --token-file token.json -o network.json
  apim-probe fetch --print-role >role.json && az role definition create --role-definition role.json

Reads with GET and with POSTs that only read; changes nothing. The bundle names subscriptions and resources; keys, tokens and certificates are left out.

Exit codes: 0 at least one document was read, 2 usage error, 3 none was read, 130 and 143 interrupted.";

pub(super) const EXPLAIN: &str = "\
Examples:
  apim-probe explain report.json
  apim-probe explain report.json --format html --output report.md
  apim-probe explain spoke-*.json                       one table, worst first
  apim-probe explain report.json --redact names -f json >public.json
  apim-probe explain service-tag-blocked                a finding
  apim-probe explain connect-timeout                    a cause
  apim-probe explain sql-database                       an endpoint
  apim-probe explain AzureMonitor                       a service tag

Exit codes: those of the verdict (0, 1, 3, 4); of several reports that of the worst; 0 for a code; 2 bad input.";

pub(super) const DIFF: &str = "\
Examples:
  apim-probe diff before.json after.json
  apim-probe diff before.json after.json --format markdown >>ticket.md

Exit codes: 0 nothing required got worse, 1 something did, 2 bad input.";

pub(super) const COMPLETIONS: &str = "\
Examples:
  source <(apim-probe completions bash)
  apim-probe completions zsh >~/.zfunc/_apim-probe
  apim-probe completions fish >~/.config/fish/completions/apim-probe.fish";

pub(super) const MAN: &str = "\
Examples:
  apim-probe man | man -l -
  apim-probe man check >apim-probe-check.1";

pub(super) const SCHEMA: &str = "\
Example:
  apim-probe schema >report-1.schema.json";

pub(super) const VERSION: &str = "\
Example:
  apim-probe version";
