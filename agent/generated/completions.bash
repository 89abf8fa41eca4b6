_apim__probe() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="apim__probe"
                ;;
            apim__probe,check)
                cmd="apim__probe__subcmd__check"
                ;;
            apim__probe,completions)
                cmd="apim__probe__subcmd__completions"
                ;;
            apim__probe,diff)
                cmd="apim__probe__subcmd__diff"
                ;;
            apim__probe,explain)
                cmd="apim__probe__subcmd__explain"
                ;;
            apim__probe,fetch)
                cmd="apim__probe__subcmd__fetch"
                ;;
            apim__probe,help)
                cmd="apim__probe__subcmd__help"
                ;;
            apim__probe,man)
                cmd="apim__probe__subcmd__man"
                ;;
            apim__probe,plan)
                cmd="apim__probe__subcmd__plan"
                ;;
            apim__probe,review)
                cmd="apim__probe__subcmd__review"
                ;;
            apim__probe,rules)
                cmd="apim__probe__subcmd__rules"
                ;;
            apim__probe,schema)
                cmd="apim__probe__subcmd__schema"
                ;;
            apim__probe,version)
                cmd="apim__probe__subcmd__version"
                ;;
            apim__probe,wait)
                cmd="apim__probe__subcmd__wait"
                ;;
            apim__probe__subcmd__help,check)
                cmd="apim__probe__subcmd__help__subcmd__check"
                ;;
            apim__probe__subcmd__help,completions)
                cmd="apim__probe__subcmd__help__subcmd__completions"
                ;;
            apim__probe__subcmd__help,diff)
                cmd="apim__probe__subcmd__help__subcmd__diff"
                ;;
            apim__probe__subcmd__help,explain)
                cmd="apim__probe__subcmd__help__subcmd__explain"
                ;;
            apim__probe__subcmd__help,fetch)
                cmd="apim__probe__subcmd__help__subcmd__fetch"
                ;;
            apim__probe__subcmd__help,help)
                cmd="apim__probe__subcmd__help__subcmd__help"
                ;;
            apim__probe__subcmd__help,man)
                cmd="apim__probe__subcmd__help__subcmd__man"
                ;;
            apim__probe__subcmd__help,plan)
                cmd="apim__probe__subcmd__help__subcmd__plan"
                ;;
            apim__probe__subcmd__help,review)
                cmd="apim__probe__subcmd__help__subcmd__review"
                ;;
            apim__probe__subcmd__help,rules)
                cmd="apim__probe__subcmd__help__subcmd__rules"
                ;;
            apim__probe__subcmd__help,schema)
                cmd="apim__probe__subcmd__help__subcmd__schema"
                ;;
            apim__probe__subcmd__help,version)
                cmd="apim__probe__subcmd__help__subcmd__version"
                ;;
            apim__probe__subcmd__help,wait)
                cmd="apim__probe__subcmd__help__subcmd__wait"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        apim__probe)
            opts="-f -o -q -v -h -V --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --app-gateway --config --subnet --parameters --azure --identity --token-file --arm-endpoint --azure-timeout --public-roots --trusted-root --deadline --connect-timeout --concurrency --format --output --summary-bytes --strict --exit-zero --redact --no-redact --color --quiet --verbose --help --version check plan wait fetch review explain diff completions man rules schema version help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --token-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --arm-endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --azure-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --public-roots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__check)
            opts="-f -o -q -v -h --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --app-gateway --config --subnet --parameters --azure --identity --token-file --arm-endpoint --azure-timeout --public-roots --trusted-root --deadline --connect-timeout --concurrency --format --output --summary-bytes --strict --exit-zero --redact --no-redact --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --token-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --arm-endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --azure-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --public-roots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__completions)
            opts="-h --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__diff)
            opts="-f -h --format --redact --no-redact --color --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --format)
                    COMPREPLY=($(compgen -W "human json markdown" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json markdown" -- "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__explain)
            opts="-f -o -q -v -h --config --subnet --parameters --format --output --summary-bytes --strict --exit-zero --redact --no-redact --color --quiet --verbose --help dns-server-silent dns-not-forwarding dns-servers-disagree private-link-no-record private-endpoint-unreachable outbound-all-blocked service-tag-blocked port-blocked firewall-rejects firewall-answers-for-target tls-interception clock-skew captive-proxy address-partial flaky firewall-list-outdated own-endpoint-public-answer own-endpoint-wrong-address portal-disagrees outside-azure names-missing local-limit host-blocked names-not-found service-unavailable certificate-unfit own-endpoint-silent address-refuses mtu-black-hole rate-limited slow nsg-rule-denies nsg-rule-missing admin-rule-denies nic-rule-denies route-drops route-to-appliance management-route-missing service-endpoint-missing nsg-missing subnet-unfit no-outbound-path dns-configuration deployment-unfit instance-state gateway-unfit gateway-backend-unhealthy control-plane-unreachable configuration-disagrees dns-timeout dns-unreachable dns-nxdomain dns-no-records dns-servfail dns-refused dns-malformed dns-sinkhole dns-wrong-address connect-timeout connect-refused connect-rejected connect-no-route tls-timeout tls-reset tls-closed tls-alert tls-not-tls cert-untrusted cert-name-mismatch cert-expired cert-not-yet-valid cert-invalid exchange-timeout exchange-reset exchange-closed exchange-unexpected http-blocked http-error ntp-unsynchronised control-plane-unreachable rule-denies admin-rule-denies route-drops setting-wrong local-resource deadline storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__fetch)
            opts="-o -h --service --app-gateway --output --print-role --cloud --dns-server --public-roots --no-imds --identity --token-file --arm-endpoint --azure-timeout --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --public-roots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --token-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --arm-endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --azure-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help)
            opts="check plan wait fetch review explain diff completions man rules schema version help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__check)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__completions)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__diff)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__explain)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__fetch)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__man)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__plan)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__review)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__rules)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__schema)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__version)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__help__subcmd__wait)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__man)
            opts="-h --help check plan review wait fetch explain diff completions man schema version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__plan)
            opts="-f -v -h --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --app-gateway --format --color --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json markdown csv" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json markdown csv" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__review)
            opts="-f -o -q -v -h --subnet --parameters --inbound --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --azure --identity --token-file --arm-endpoint --azure-timeout --app-gateway --public-roots --format --output --summary-bytes --strict --exit-zero --redact --no-redact --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --inbound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --token-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --arm-endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --azure-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --public-roots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__rules)
            opts="-h --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --as --config --subnet --parameters --only-part --forced-tunnel --regional-tags --strict-deny --priority --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -W "az bicep terraform arm azure-firewall csv markdown" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only-part)
                    COMPREPLY=($(compgen -W "outbound inbound routes endpoints dns firewall gateway" -- "${cur}"))
                    return 0
                    ;;
                --forced-tunnel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --priority)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__schema)
            opts="-h --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__version)
            opts="-h --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        apim__probe__subcmd__wait)
            opts="-f -o -q -v -h --timeout --cloud --region --vnet-mode --profile --storage-account --sql-server --key-vault --event-hub --redis --service --private-ip --hostname --from-network-status --endpoint --only --skip --required-only --dns-server --no-imds --no-azure-dns --app-gateway --config --subnet --parameters --azure --identity --token-file --arm-endpoint --azure-timeout --public-roots --trusted-root --deadline --connect-timeout --concurrency --format --output --summary-bytes --strict --exit-zero --redact --no-redact --color --quiet --verbose --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --cloud)
                    COMPREPLY=($(compgen -W "public usgov china" -- "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -W "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 canadacentral canadaeast brazilsouth northeurope westeurope francecentral francesouth uksouth ukwest uaenorth uaecentral southafricanorth southafricawest eastasia southeastasia japaneast japanwest koreacentral koreasouth australiaeast australiasoutheast australiacentral australiacentral2 centralindia southindia westindia centraluseuap eastus2euap westus3 brazilsoutheast germanywestcentral germanynorth norwayeast norwaywest swedencentral swedensouth switzerlandnorth switzerlandwest jioindiacentral jioindiawest austriaeast belgiumcentral chilecentral indonesiacentral israelcentral israelnorthwest italynorth malaysiasouth malaysiawest mexicocentral newzealandnorth polandcentral qatarcentral spaincentral taiwannorth taiwannorthwest southcentralus2 southeastus southeastus3 usgovvirginia usgovtexas usgovarizona usgoviowa usdodeast usdodcentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3" -- "${cur}"))
                    return 0
                    ;;
                --vnet-mode)
                    COMPREPLY=($(compgen -W "internal external" -- "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "classic premium-v2 workspace" -- "${cur}"))
                    return 0
                    ;;
                --storage-account)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sql-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --key-vault)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --event-hub)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redis)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --private-ip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hostname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --from-network-status)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --skip)
                    COMPREPLY=($(compgen -W "storage storage-blob storage-table storage-queue storage-file storage-package storage-smtp-queue storage-generic storage-devportal sql sql-database sql-regional-gateway sql-redirect-ports sql-legacy-ports keyvault keyvault-apim keyvault-customer controlplane controlplane-inbound monitor monitor-gcs monitor-gcs-warm monitor-global-metrics monitor-prod3 monitor-prod5 monitor-shoebox2 monitor-warm-regional monitor-legacy identity entra-login entra-login-legacy-name entra-login-regional graph graph-legacy credential-manager eventhub eventhub-amqps eventhub-amqp eventhub-https appinsights appinsights-ingest appinsights-ingest-regional appinsights-live portal-diagnostics portal-mail captcha captcha-legacy smtp-legacy tls-pki internet-80 crl-microsoft crl-mscrl crl-www-microsoft crl3-digicert crl4-digicert cacerts-digicert cacerts-geotrust caissuers-microsoft ocsp-digicert ocsp-oneocsp ocsp-digicert-cn crl-digicert-cn cacerts-digicert-cn dead-ocsp-msocsp dead-oneocsp-msocsp typo-csp-digicert internal-infrastructure ntp diag-12000 watson ms-telemetry azure-profiler shavamanifest internal-pki windows-update go-microsoft defender observed-extras kms platform dns-vnet dns-azure imds wireserver arm event-grid servicebus-legacy intra-vnet cache-internal cache-external-redis cache-external-managed-redis rate-limit-sync scm inbound in-client in-client-http in-managed-certificate in-lb-6390 in-lb-6391 in-lb-stv1 in-traffic-manager own-endpoints own-gateway own-portal-legacy own-developer-portal own-management own-configuration application-gateway app-gateway-probe-gateway app-gateway-probe-portal app-gateway-probe-management app-gateway-front-gateway app-gateway-front-portal app-gateway-front-management other-platforms premium-v2-injection v2-integration-storage workspace-gateway shgw-configuration" -- "${cur}"))
                    return 0
                    ;;
                --dns-server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --app-gateway)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --subnet)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parameters)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --token-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --arm-endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --azure-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --public-roots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trusted-root)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadline)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --concurrency)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -W "human json jsonl network-status markdown html junit tap nagios openmetrics sarif" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --redact)
                    COMPREPLY=($(compgen -W "ids names" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _apim__probe -o nosort -o bashdefault -o default apim-probe
else
    complete -F _apim__probe -o bashdefault -o default apim-probe
fi
