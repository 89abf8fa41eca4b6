#compdef apim-probe

autoload -U is-at-least

_apim-probe() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'*--app-gateway=[Application Gateway in front of the service\: host name or address of its front end, both sides of which are probed; with --azure also its resource id, which is read]:FQDN|IP|ID:_default' \
'*--config=[Exported configuration to judge with\: a file, a folder (its *.json) or \`-\`; may repeat]:PATH:_default' \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'(--token-file)--identity=[Managed identity to use where the machine has several\: its client id or resource id]:ID:_default' \
'--token-file=[Access token in place of an identity\: a file with the output of \`az account get-access-token\`, or the bare token (\`-\` for standard input)]:FILE:_files' \
'--arm-endpoint=[Azure Resource Manager at another address than the cloud'\''s own]:URL:_default' \
'--azure-timeout=[Stop asking Azure by then, whatever happens \[default\: 45s\]]:TIME:_default' \
'--public-roots=[PEM file that replaces the bundled public roots]:PEM:_files' \
'*--trusted-root=[PEM file of a private root that signs the service'\''s certificates, as the Application Gateway is to hold it; may repeat]:PEM:_files' \
'--deadline=[End the run by then, whatever happens]:TIME:_default' \
'--connect-timeout=[Give up on a connection after this time, retries included]:TIME:_default' \
'--concurrency=[Checks that run at the same time]:N:_default' \
'-f+[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'--format=[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'*-o+[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'*--output=[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'--summary-bytes=[Cut the human report to N bytes, the verdict last]:N:_default' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human report is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'--azure[Ask Azure itself, with this machine'\''s managed identity or a token\: names, rules, routes and state that nobody gave]' \
'--strict[Exit 4 if only optional checks fail]' \
'--exit-zero[Exit 0 instead of 1, 3 and 4, for boot scripts]' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'(-v --verbose)-q[Only what is wrong]' \
'(-v --verbose)--quiet[Only what is wrong]' \
'-v[Every check with its stages]' \
'--verbose[Every check with its stages]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_apim-probe_commands" \
"*::: :->apim-probe" \
&& ret=0
    case $state in
    (apim-probe)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:apim-probe-command-$line[1]:"
        case $line[1] in
            (check)
_arguments "${_arguments_options[@]}" : \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'*--app-gateway=[Application Gateway in front of the service\: host name or address of its front end, both sides of which are probed; with --azure also its resource id, which is read]:FQDN|IP|ID:_default' \
'*--config=[Exported configuration to judge with\: a file, a folder (its *.json) or \`-\`; may repeat]:PATH:_default' \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'(--token-file)--identity=[Managed identity to use where the machine has several\: its client id or resource id]:ID:_default' \
'--token-file=[Access token in place of an identity\: a file with the output of \`az account get-access-token\`, or the bare token (\`-\` for standard input)]:FILE:_files' \
'--arm-endpoint=[Azure Resource Manager at another address than the cloud'\''s own]:URL:_default' \
'--azure-timeout=[Stop asking Azure by then, whatever happens \[default\: 45s\]]:TIME:_default' \
'--public-roots=[PEM file that replaces the bundled public roots]:PEM:_files' \
'*--trusted-root=[PEM file of a private root that signs the service'\''s certificates, as the Application Gateway is to hold it; may repeat]:PEM:_files' \
'--deadline=[End the run by then, whatever happens]:TIME:_default' \
'--connect-timeout=[Give up on a connection after this time, retries included]:TIME:_default' \
'--concurrency=[Checks that run at the same time]:N:_default' \
'-f+[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'--format=[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'*-o+[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'*--output=[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'--summary-bytes=[Cut the human report to N bytes, the verdict last]:N:_default' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human report is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'--azure[Ask Azure itself, with this machine'\''s managed identity or a token\: names, rules, routes and state that nobody gave]' \
'--strict[Exit 4 if only optional checks fail]' \
'--exit-zero[Exit 0 instead of 1, 3 and 4, for boot scripts]' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'(-v --verbose)-q[Only what is wrong]' \
'(-v --verbose)--quiet[Only what is wrong]' \
'-v[Every check with its stages]' \
'--verbose[Every check with its stages]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'*--app-gateway=[Application Gateway in front of the service\: host name or address of its front end, both sides of which are probed; with --azure also its resource id, which is read]:FQDN|IP|ID:_default' \
'-f+[Form of the plan\: csv has one row a rule, for a firewall team]:F:((human\:"For people"
json\:"For programs"
markdown\:"For a ticket or a page"
csv\:"One row a rule"))' \
'--format=[Form of the plan\: csv has one row a rule, for a firewall team]:F:((human\:"For people"
json\:"For programs"
markdown\:"For a ticket or a page"
csv\:"One row a rule"))' \
'--color=[When the human form is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'-v[Where each target comes from, its rule and its sources; optional checks that will not be run too]' \
'--verbose[Where each target comes from, its rule and its sources; optional checks that will not be run too]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(wait)
_arguments "${_arguments_options[@]}" : \
'--timeout=[Give up after this time; the exit code is then that of the last run]:TIME:_default' \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'*--app-gateway=[Application Gateway in front of the service\: host name or address of its front end, both sides of which are probed; with --azure also its resource id, which is read]:FQDN|IP|ID:_default' \
'*--config=[Exported configuration to judge with\: a file, a folder (its *.json) or \`-\`; may repeat]:PATH:_default' \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'(--token-file)--identity=[Managed identity to use where the machine has several\: its client id or resource id]:ID:_default' \
'--token-file=[Access token in place of an identity\: a file with the output of \`az account get-access-token\`, or the bare token (\`-\` for standard input)]:FILE:_files' \
'--arm-endpoint=[Azure Resource Manager at another address than the cloud'\''s own]:URL:_default' \
'--azure-timeout=[Stop asking Azure by then, whatever happens \[default\: 45s\]]:TIME:_default' \
'--public-roots=[PEM file that replaces the bundled public roots]:PEM:_files' \
'*--trusted-root=[PEM file of a private root that signs the service'\''s certificates, as the Application Gateway is to hold it; may repeat]:PEM:_files' \
'--deadline=[End the run by then, whatever happens]:TIME:_default' \
'--connect-timeout=[Give up on a connection after this time, retries included]:TIME:_default' \
'--concurrency=[Checks that run at the same time]:N:_default' \
'-f+[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'--format=[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'*-o+[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'*--output=[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'--summary-bytes=[Cut the human report to N bytes, the verdict last]:N:_default' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human report is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'--azure[Ask Azure itself, with this machine'\''s managed identity or a token\: names, rules, routes and state that nobody gave]' \
'--strict[Exit 4 if only optional checks fail]' \
'--exit-zero[Exit 0 instead of 1, 3 and 4, for boot scripts]' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'(-v --verbose)-q[Only what is wrong]' \
'(-v --verbose)--quiet[Only what is wrong]' \
'-v[Every check with its stages]' \
'--verbose[Every check with its stages]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
'--service=[The API Management service\: its resource id or name \[default\: the one in this machine'\''s subnet\]]:ID|NAME:_default' \
'--app-gateway=[Resource id of the Application Gateway in front of it]:ID:_default' \
'-o+[Write the bundle to this new file, for its owner alone \[default\: standard output\]]:BUNDLE.json:_default' \
'--output=[Write the bundle to this new file, for its owner alone \[default\: standard output\]]:BUNDLE.json:_default' \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'--public-roots=[PEM file that replaces the bundled public roots]:PEM:_files' \
'(--token-file)--identity=[Managed identity to use where the machine has several\: its client id or resource id]:ID:_default' \
'--token-file=[Access token in place of an identity\: a file with the output of \`az account get-access-token\`, or the bare token (\`-\` for standard input)]:FILE:_files' \
'--arm-endpoint=[Azure Resource Manager at another address than the cloud'\''s own]:URL:_default' \
'--azure-timeout=[Stop asking Azure by then, whatever happens \[default\: 45s\]]:TIME:_default' \
'--print-role[Print the smallest custom role that can read all of it; sends nothing]' \
'--no-imds[Do not ask the metadata service\: needs --token-file and the resource id of the service]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(review)
_arguments "${_arguments_options[@]}" : \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'*--inbound=[A flow from this address into the subnet; may repeat]:IP:PORT[/tcp|udp][,required]:_default' \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'(--token-file)--identity=[Managed identity to use where the machine has several\: its client id or resource id]:ID:_default' \
'--token-file=[Access token in place of an identity\: a file with the output of \`az account get-access-token\`, or the bare token (\`-\` for standard input)]:FILE:_files' \
'--arm-endpoint=[Azure Resource Manager at another address than the cloud'\''s own]:URL:_default' \
'--azure-timeout=[Stop asking Azure by then, whatever happens \[default\: 45s\]]:TIME:_default' \
'--app-gateway=[Resource id of the Application Gateway in front of the service, to be read too with --azure]:ID:_default' \
'--public-roots=[PEM file that replaces the bundled public roots, with --azure]:PEM:_files' \
'-f+[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'--format=[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'*-o+[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'*--output=[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'--summary-bytes=[Cut the human report to N bytes, the verdict last]:N:_default' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human report is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'--azure[Ask Azure itself, with this machine'\''s managed identity or a token\: names, rules, routes and state that nobody gave]' \
'--strict[Exit 4 if only optional checks fail]' \
'--exit-zero[Exit 0 instead of 1, 3 and 4, for boot scripts]' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'(-v --verbose)-q[Only what is wrong]' \
'(-v --verbose)--quiet[Only what is wrong]' \
'-v[Every check with its stages]' \
'--verbose[Every check with its stages]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::paths -- Exported or planned configuration\: a file, a folder (its *.json) or `-`; may repeat:_default' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'*--config=[Exported configuration to judge with\: a file, a folder (its *.json) or \`-\`; may repeat]:PATH:_default' \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'-f+[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'--format=[How the report on stdout is written]:F:(human json jsonl network-status markdown html junit tap nagios openmetrics sarif)' \
'*-o+[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'*--output=[Also write format F (or the one of the file'\''s ending) to PATH, framed where that is a serial console; may repeat]:[F=]PATH:_default' \
'--summary-bytes=[Cut the human report to N bytes, the verdict last]:N:_default' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human report is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'--strict[Exit 4 if only optional checks fail]' \
'--exit-zero[Exit 0 instead of 1, 3 and 4, for boot scripts]' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'(-v --verbose)-q[Only what is wrong]' \
'(-v --verbose)--quiet[Only what is wrong]' \
'-v[Every check with its stages]' \
'--verbose[Every check with its stages]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::what -- Saved reports in json or jsonl, or the log of a console (`-` for standard input); several make one table. Or one code\: of a finding, a cause, an endpoint, a group, a service tag or a host name:(dns-server-silent dns-not-forwarding dns-servers-disagree private-link-no-record private-endpoint-unreachable outbound-all-blocked service-tag-blocked port-blocked firewall-rejects firewall-answers-for-target tls-interception clock-skew captive-proxy address-partial flaky firewall-list-outdated own-endpoint-public-answer own-endpoint-wrong-address portal-disagrees outside-azure names-missing local-limit host-blocked names-not-found service-unavailable certificate-unfit own-endpoint-silent address-refuses mtu-black-hole rate-limited slow nsg-rule-denies nsg-rule-missing admin-rule-denies nic-rule-denies route-drops route-to-appliance management-route-missing service-endpoint-missing nsg-missing subnet-unfit no-outbound-path dns-configuration deployment-unfit instance-state gateway-unfit gateway-backend-unhealthy control-plane-unreachable configuration-disagrees dns-timeout dns-unreachable dns-nxdomain dns-no-records dns-servfail dns-refused dns-malformed dns-sinkhole dns-wrong-address connect-timeout connect-refused connect-rejected connect-no-route tls-timeout tls-reset tls-closed tls-alert tls-not-tls cert-untrusted cert-name-mismatch cert-expired cert-not-yet-valid cert-invalid exchange-timeout exchange-reset exchange-closed exchange-unexpected http-blocked http-error ntp-unsynchronised control-plane-unreachable rule-denies admin-rule-denies route-drops setting-wrong local-resource deadline storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'-f+[How the comparison is written]:F:(human json markdown)' \
'--format=[How the comparison is written]:F:(human json markdown)' \
'--redact=[What is taken out\: \`ids\` (subscription and tenant ids, user names, query strings), or \`names\`, which also puts stable pseudonyms in place of host names, addresses and resource groups]:WHAT:((ids\:"Ids, user names and query strings"
names\:"Host names, addresses and resource groups too"))' \
'--color=[When the human form is coloured]:WHEN:((auto\:"On a terminal"
always\:"Always"
never\:"Never"))' \
'(--redact)--no-redact[Keep subscription ids, user names and query strings]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':before -- The earlier report, json or jsonl (`-` for standard input):_default' \
':after -- The later report, json or jsonl (`-` for standard input):_default' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- The shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::command -- The command \[default\: the program itself\]:(check plan review wait fetch explain diff completions man schema version)' \
&& ret=0
;;
(rules)
_arguments "${_arguments_options[@]}" : \
'--cloud=[Cloud \[default\: from the metadata service, else public\]]:CLOUD:(public usgov china)' \
'--region=[Region, by id or name, such as eastus2 or "East US 2" \[default\: from the metadata service\]]:ID:(eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3)' \
'--vnet-mode=[Mode of the virtual network integration \[default\: internal\]]:MODE:(internal external)' \
'--profile=[Kind of instance\: classic is Developer and Premium \[default\: classic\]]:PROFILE:(classic premium-v2 workspace)' \
'*--storage-account=[Storage account of the instance, name or full host name; may repeat]:NAME:_default' \
'*--sql-server=[SQL server of the instance; may repeat]:NAME:_default' \
'*--key-vault=[Key vault of the instance; may repeat]:NAME:_default' \
'*--event-hub=[Event Hubs namespace; may repeat]:NAME:_default' \
'*--redis=[Redis cache; may repeat]:NAME:_default' \
'--service=[The API Management service itself\: name, host name or resource id]:NAME|ID:_default' \
'--private-ip=[Private address to which the service'\''s names must resolve in internal mode]:IP:_default' \
'*--hostname=[Custom domain of the service\: KIND is gateway, portal, developer, management or scm; may repeat]:KIND=FQDN:_default' \
'--from-network-status=[The portal'\''s NetworkStatus as JSON (\`-\` for standard input)]:FILE:_files' \
'*--endpoint=[One more endpoint; add \`,required\` to make it count towards the verdict; may repeat]:HOST:PORT[/PROTOCOL][,required]:_default' \
'*--only=[Only this endpoint id or group (\`apim-probe plan\` lists them); may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--skip=[Without this endpoint id or group; may repeat]:ID|GROUP:(storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration)' \
'*--dns-server=[Ask this DNS server instead of the system'\''s; may repeat]:IP[:PORT]:_default' \
'--as=[Language of what is written]:LANGUAGE:((az\:"Commands of the Azure CLI"
bicep\:"A Bicep file"
terraform\:"A Terraform file for the provider azurerm"
arm\:"An ARM template"
azure-firewall\:"An ARM template of a rule collection group of an Azure Firewall policy"
csv\:"A table for a firewall team"
markdown\:"Tables for a ticket or a page"))' \
'*--config=[Exported configuration to judge with\: a file, a folder (its *.json) or \`-\`; may repeat]:PATH:_default' \
'--subnet=[The subnet that is meant, where the documents have several\: its name or id]:NAME|ID:_default' \
'--parameters=[Values for the parameters of an ARM template]:FILE:_files' \
'--only-part=[Only this part]:PART:(outbound inbound routes endpoints dns firewall gateway)' \
'--forced-tunnel=[The default route leads to this appliance\: adds the route back for the control plane and the service endpoints]:NEXT-HOP-IP:_default' \
'--priority=[Priority of the first rule]:N:_default' \
'--required-only[Leave out what is optional]' \
'--no-imds[Do not ask the metadata service]' \
'--no-azure-dns[Do not compare with 168.63.129.16]' \
'--regional-tags[Service tags of the instance'\''s region in place of the global ones; needs --region]' \
'--strict-deny[End with a deny in both directions]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(version)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_apim-probe__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:apim-probe-help-command-$line[1]:"
        case $line[1] in
            (check)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(wait)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(fetch)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(review)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rules)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(version)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_apim-probe_commands] )) ||
_apim-probe_commands() {
    local commands; commands=(
'check:Run every check that applies, in parallel, and report' \
'plan:Print what \`check\` would do; sends no packet at all' \
'wait:Repeat until every required check succeeds; print changes only' \
'fetch:Read from Azure what \`review\` judges, with this machine'\''s identity or a token, and write one bundle' \
'review:Judge exported or planned configuration alone; sends no packet at all' \
'explain:Judge saved reports again, or explain a finding, a cause or an endpoint' \
'diff:Compare two saved reports\: what got worse, better, new or gone' \
'completions:Print the completion script of a shell' \
'man:Print the manual page of the program or of a command' \
'rules:Write the rules, routes and records that the instance needs; changes nothing' \
'schema:Print the JSON Schema of the report' \
'version:Print the version of the program and of its catalogue' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'apim-probe commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__check_commands] )) ||
_apim-probe__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe check commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__completions_commands] )) ||
_apim-probe__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe completions commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__diff_commands] )) ||
_apim-probe__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe diff commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__explain_commands] )) ||
_apim-probe__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe explain commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__fetch_commands] )) ||
_apim-probe__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe fetch commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help_commands] )) ||
_apim-probe__subcmd__help_commands() {
    local commands; commands=(
'check:Run every check that applies, in parallel, and report' \
'plan:Print what \`check\` would do; sends no packet at all' \
'wait:Repeat until every required check succeeds; print changes only' \
'fetch:Read from Azure what \`review\` judges, with this machine'\''s identity or a token, and write one bundle' \
'review:Judge exported or planned configuration alone; sends no packet at all' \
'explain:Judge saved reports again, or explain a finding, a cause or an endpoint' \
'diff:Compare two saved reports\: what got worse, better, new or gone' \
'completions:Print the completion script of a shell' \
'man:Print the manual page of the program or of a command' \
'rules:Write the rules, routes and records that the instance needs; changes nothing' \
'schema:Print the JSON Schema of the report' \
'version:Print the version of the program and of its catalogue' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'apim-probe help commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__check_commands] )) ||
_apim-probe__subcmd__help__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help check commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__completions_commands] )) ||
_apim-probe__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help completions commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__diff_commands] )) ||
_apim-probe__subcmd__help__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help diff commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__explain_commands] )) ||
_apim-probe__subcmd__help__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help explain commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__fetch_commands] )) ||
_apim-probe__subcmd__help__subcmd__fetch_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help fetch commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__help_commands] )) ||
_apim-probe__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help help commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__man_commands] )) ||
_apim-probe__subcmd__help__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help man commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__plan_commands] )) ||
_apim-probe__subcmd__help__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help plan commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__review_commands] )) ||
_apim-probe__subcmd__help__subcmd__review_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help review commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__rules_commands] )) ||
_apim-probe__subcmd__help__subcmd__rules_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help rules commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__schema_commands] )) ||
_apim-probe__subcmd__help__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help schema commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__version_commands] )) ||
_apim-probe__subcmd__help__subcmd__version_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help version commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__help__subcmd__wait_commands] )) ||
_apim-probe__subcmd__help__subcmd__wait_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe help wait commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__man_commands] )) ||
_apim-probe__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe man commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__plan_commands] )) ||
_apim-probe__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe plan commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__review_commands] )) ||
_apim-probe__subcmd__review_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe review commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__rules_commands] )) ||
_apim-probe__subcmd__rules_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe rules commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__schema_commands] )) ||
_apim-probe__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe schema commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__version_commands] )) ||
_apim-probe__subcmd__version_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe version commands' commands "$@"
}
(( $+functions[_apim-probe__subcmd__wait_commands] )) ||
_apim-probe__subcmd__wait_commands() {
    local commands; commands=()
    _describe -t commands 'apim-probe wait commands' commands "$@"
}

if [ "$funcstack[1]" = "_apim-probe" ]; then
    _apim-probe "$@"
else
    compdef _apim-probe apim-probe
fi
