//! The whole catalogue, its real names, ports and requests, with real servers behind every one of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use crate::pki::Form;
use crate::probe::{PROBE, checks, fact, run, run_under};
use crate::server::Server;
use crate::world::{World, at, socket};
use crate::{NGINX, Need, Test, broker, cache, files, front, names, time, web};

const NEEDS: &[Need] = &[
    NGINX,
    names::UNBOUND[0],
    time::CHRONY[0],
    cache::REDIS[0],
    broker::RABBITMQ[0],
    files::RPC[0],
    files::RPC[1],
    Need::Users,
];

pub(crate) const TESTS: &[Test] = &[Test {
    name: "the_whole_catalogue_is_healthy_where_real_servers_answer",
    needs: NEEDS,
    run: catalogue,
}];

/// The host that all names resolve to.
pub(crate) const AZURE: u8 = 90;

/// The broker's name, which its certificate must have.
pub(crate) const BROKER: &str = "contoso-logs.servicebus.windows.net";

const INSTANCE: [&str; 14] = [
    "--region",
    "eastus2",
    "--storage-account",
    "apimstabc123def456ghi789",
    "--sql-server",
    "apirpsqlabc123def456gh",
    "--key-vault",
    "apikv-abc123def456ghi789",
    "--event-hub",
    "contoso-logs",
    "--redis",
    "contoso-cache",
    "--dns-server",
    "20.64.0.90",
];

/// The checks that the plan has, with a host and not skipped.
fn planned() -> Vec<Value> {
    let output = Command::new(PROBE)
        .args(["plan", "--no-imds", "--no-azure-dns", "--format", "json"])
        .args(INSTANCE)
        .output()
        .expect("the binary runs");
    let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan");
    let all = plan["checks"].as_array().expect("checks").iter();
    all.filter(|check| check.get("skipReason").is_none() && check.get("host").is_some()).cloned().collect()
}

fn of<'a>(plan: &'a [Value], key: &'a str, protocols: &'a [&str]) -> BTreeSet<&'a str> {
    let wanted = plan.iter().filter(|check| protocols.iter().any(|protocol| check["protocol"] == *protocol));
    wanted.filter_map(|check| check[key].as_str()).collect()
}

/// nginx: every HTTPS port, port 80 with what each host has there, and plain TLS on 9443 for the fronts.
fn nginx(world: &World, plan: &[Value]) -> Server {
    let tls = ["https", "tds", "amqp"];
    let names: Vec<&str> = of(plan, "host", &tls).into_iter().collect();
    let leaf = world.pki.issue("azure", Form { names: &names, ..Form::default() });
    let secure = plan.iter().filter(|check| check["protocol"] == "https");
    let mut ports: BTreeSet<u16> =
        secure.filter_map(|check| u16::try_from(check["port"].as_u64()?).ok()).collect();
    ports.insert(9443);
    let mut blocks = String::new();
    for port in &ports {
        let _ = writeln!(
            blocks,
            "server {{ {} location / {{ return 404; }} location = /healthstatus {{ add_header \
             x-ms-keyvault-network-info 'conn_type=Ipv4;addr=$remote_addr;'; return 200 '{{}}'; }} }}",
            web::tls_lines(AZURE, *port, &leaf)
        );
    }
    let dir = world.folder_for("azure-files");
    let file = |name: &str, body: &[u8]| std::fs::write(dir.join(name), body).expect("a file");
    file("crl", &world.pki.revocation_list());
    file("aia", &world.pki.issuing_der());
    let served = |protocol: &str| {
        let names = of(plan, "host", &[protocol]).into_iter().collect::<Vec<_>>().join(" ");
        let root = dir.display();
        let listen = at(AZURE);
        format!(
            "server {{ listen {listen}:80; server_name {names}; root {root}; default_type application/pkix-cert; \
             location / {{ rewrite ^ /{protocol} break; }} }}\n"
        )
    };
    let responders = of(plan, "host", &["ocsp"]).into_iter().collect::<Vec<_>>().join(" ");
    let _ = write!(
        blocks,
        "{}{}server {{ listen {address}:80; server_name {responders}; location / {{ proxy_pass http://127.0.0.1:8890; }} \
         location /ocsp/ {{ proxy_pass http://127.0.0.1:8890/; }} }}\n\
         server {{ listen {address}:80 default_server; default_type application/octet-stream; \
         location / {{ return 200 MSCF; }} location = /connecttest.txt {{ return 200 'Microsoft Connect Test'; }} \
         location /fwlink/ {{ return 302 https://www.microsoft.com/; }} }}\n",
        served("crl"),
        served("aia"),
        address = at(AZURE),
    );
    let listening: Vec<u16> = ports.into_iter().chain([80]).collect();
    web::nginx(world, AZURE, &listening, &blocks)
}

/// Everything that the plan asks for, on one address.
fn azure(world: &World, plan: &[Value]) -> Vec<Server> {
    let records: String = plan
        .iter()
        .filter_map(|check| check["host"].as_str())
        .filter(|host| host.parse::<std::net::IpAddr>().is_err() && *host != "login.microsoftonline.com")
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|host| format!(" local-data: \"{host}. 60 A {}\"\n", at(AZURE)))
        .collect();
    let caches: Vec<&str> = of(plan, "host", &["redis"]).into_iter().collect();
    broker::shared(world);
    let password = ["--port", "0", "--tls-auth-clients", "no", "--requirepass", "not-ours"];
    let (smbd, rpc) = files::both(world, AZURE);
    front::tds(socket(AZURE, 1433), socket(AZURE, 9443));
    front::amqp(socket(AZURE, 5672), socket(AZURE, 9443));
    front::relay(socket(AZURE, 1688), socket(AZURE, 135));
    vec![
        nginx(world, plan),
        names::unbound(world, AZURE, &records),
        time::chrony(world, AZURE, "local stratum 3\nallow\n"),
        cache::redis(world, AZURE, &caches, &password),
        web::ocsp(world, 8890),
        smbd,
        rpc,
    ]
}

fn catalogue(world: &World) {
    let plan = planned();
    let _servers = azure(world, &plan);
    healthy(world, &plan);
    untrusted(world);
}

fn healthy(world: &World, plan: &[Value]) {
    let output = run(world, &INSTANCE);
    let found = checks(&output);
    let failed: Vec<&Value> =
        found.iter().filter(|check| check["status"] != "success" && check["status"] != "skipped").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let proved: Vec<&Value> = found.iter().filter(|check| check["status"] == "success").collect();
    assert_eq!(proved.len(), plan.len());
    let protocols: BTreeSet<&str> = proved.iter().filter_map(|check| check["protocol"].as_str()).collect();
    let all = ["aia", "amqp", "crl", "dns", "http", "https", "kms", "ntp", "ocsp", "redis", "smb", "tds"];
    assert_eq!(protocols.into_iter().collect::<Vec<_>>(), all);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!((&report["summary"]["verdict"], output.status.code()), (&"healthy".into(), Some(0)));
    for check in proved {
        match check["protocol"].as_str().unwrap_or_default() {
            "https" | "amqp" | "redis" | "tds" => assert_eq!(check["evidence"]["tls"]["trust"], "public"),
            "ocsp" => assert_eq!(fact(check, "ocspStatus"), "successful", "{check:#}"),
            "crl" | "aia" => assert_eq!(fact(check, "httpStatus"), 200),
            _ => {}
        }
        if check["endpoint"] == "keyvault-apim" {
            assert!(
                fact(check, "keyVaultNetworkInfo")
                    .as_str()
                    .is_some_and(|info| info.contains("addr=20.64.0."))
            );
        }
    }
}

/// The same servers under roots that are not theirs: every chain is refused and kept, but for the rows whose authority
/// is Microsoft's own.
fn untrusted(world: &World) {
    let other = world.pki.self_signed("other-root");
    let output = run_under(&other.chain.to_string_lossy(), &INSTANCE);
    let (mut accepted, mut refused) = (BTreeSet::new(), 0);
    for check in checks(&output).iter().filter(|check| check["evidence"].get("tls").is_some()) {
        let tls = &check["evidence"]["tls"];
        assert_eq!((&tls["trust"], tls["chain"].as_array().map(Vec::len)), (&"untrusted".into(), Some(2)));
        if check["status"] == "success" {
            accepted.insert(check["endpoint"].as_str().unwrap_or_default().to_owned());
        } else {
            refused += usize::from(check["cause"] == "cert-untrusted");
        }
    }
    assert_eq!(accepted.into_iter().collect::<Vec<_>>(), ["windows-update"]);
    assert!(refused > 40, "{refused}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let root = &report["findings"][0];
    assert_eq!((&root["code"], output.status.code()), (&"tls-interception".into(), Some(1)));
    assert!(root["title"].as_str().is_some_and(|title| title.contains("Real Test Root")), "{root:#}");
}
