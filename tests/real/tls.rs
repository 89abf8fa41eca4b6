//! What is reported of a TLS session, against what nginx and OpenSSL themselves say of it.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::pki::{Form, RSA};
use crate::probe::{PROBE, ask, checks, failed, passed};
use crate::server::Server;
use crate::web::{nginx, tls_lines};
use crate::world::{World, feed, host};
use crate::{NGINX, Test};

const WEB: &[crate::Need] = &[NGINX];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "a_tls_1_3_session_is_what_nginx_and_openssl_say", needs: WEB, run: tls13 },
    Test { name: "a_tls_1_2_session_with_rsa_is_what_nginx_and_openssl_say", needs: WEB, run: tls12 },
    Test { name: "each_fault_of_a_certificate_has_its_cause_and_keeps_the_chain", needs: WEB, run: faults },
    Test { name: "alerts_of_nginx_are_named", needs: WEB, run: alerts },
    Test { name: "a_root_of_this_machine_alone_is_private", needs: WEB, run: private },
];

/// What OpenSSL says about the session and the chain of `address`.
struct Seen {
    text: String,
    chain: Vec<Value>,
}

fn openssl(world: &World, name: &str) -> Seen {
    let output = Command::new("openssl")
        .args(["s_client", "-showcerts", "-servername", name, "-CAfile", &world.pki.root()])
        .args(["-verify_return_error", "-verify_hostname", name, "-alpn", "http/1.1"])
        .args(["-connect", &format!("{name}:443")])
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let begin = "-----BEGIN CERTIFICATE-----";
    let chain = text.split(begin).skip(1).map(|rest| describe(&format!("{begin}{rest}"))).collect();
    Seen { text, chain }
}

/// A certificate as OpenSSL describes it, in the words of the report.
fn describe(pem: &str) -> Value {
    let form = [
        "-nameopt",
        "sep_comma_plus_space,sname,esc_ctrl,utf8",
        "-dateopt",
        "iso_8601",
        "-ext",
        "subjectAltName",
    ];
    let asked = ["x509", "-noout", "-subject", "-issuer", "-dates", "-fingerprint", "-sha256"];
    let text = String::from_utf8(feed("openssl", &[&asked[..], &form].concat(), pem)).expect("text");
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches('=').to_owned()
    };
    let date = |name: &str| field(name).replacen(' ', "T", 1);
    let names = text.lines().find(|line| line.contains("DNS:")).unwrap_or_default();
    let names: Vec<&str> = names.split(", ").filter_map(|name| name.trim().strip_prefix("DNS:")).collect();
    serde_json::json!({
        "subject": field("subject"), "issuer": field("issuer"), "notBefore": date("notBefore"),
        "notAfter": date("notAfter"),
        "sha256": field("sha256 Fingerprint").replace(':', "").to_lowercase(),
        "dnsNames": names,
    })
}

fn web(world: &World, number: u8, form: Form<'_>, lines: &str) -> Server {
    let leaf = world.pki.issue(&format!("tls-{number}"), form);
    let block = format!("server {{ {} {lines} return 404; }}", tls_lines(number, 443, &leaf));
    nginx(world, number, &[443], &block)
}

/// Compares our evidence with OpenSSL's, and with the line that nginx wrote about our own session.
fn compare(world: &World, number: u8, server: &Server, session: [&str; 4]) {
    let [version, cipher, their_version, their_cipher] = session;
    let check = ask(world, &format!("{}:443", host(number)));
    passed(&check, &["resolve", "connect", "handshake", "exchange"]);
    let ours = format!("{their_version} {their_cipher} {} http/1.1|", host(number));
    assert!(server.log().contains(&ours), "{}", server.log());

    let seen = openssl(world, &host(number));
    assert!(seen.text.contains("Verify return code: 0 (ok)"), "{}", seen.text);
    assert!(seen.text.contains(&format!("New, {their_version}, Cipher is {their_cipher}")), "{}", seen.text);

    let tls = &check["evidence"]["tls"];
    assert_eq!((&tls["version"], &tls["cipher"]), (&version.into(), &cipher.into()));
    assert_eq!((&tls["alpn"], &tls["trust"]), (&"http/1.1".into(), &"public".into()));
    assert_eq!(seen.chain.len(), 2, "{}", seen.text);
    assert_eq!(tls["chain"], Value::from(seen.chain));
}

fn tls13(world: &World) {
    let names = &["*.real.example", "vault.azure.example"];
    let lines = "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;";
    let server = web(
        world,
        81,
        Form { names, organization: "Contoso, Ltd. (Zürich) \u{202e}", ..Form::default() },
        lines,
    );
    let cipher = "TLS_CHACHA20_POLY1305_SHA256";
    compare(world, 81, &server, ["TLS 1.3", cipher, "TLSv1.3", cipher]);
}

fn tls12(world: &World) {
    let lines = "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384;";
    let server = web(world, 82, Form { key: RSA, ..Form::default() }, lines);
    let cipher = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    compare(world, 82, &server, ["TLS 1.2", cipher, "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384"]);
}

fn faults(world: &World) {
    let pki = &world.pki;
    let expired = Form { dates: ("20240101000000Z", "20240201000000Z"), ..Form::default() };
    let future = Form { dates: ("20480101000000Z", "20490101000000Z"), ..Form::default() };
    let elsewhere = Form { names: &["sql.elsewhere.example"], ..Form::default() };
    let leaves = [
        (pki.issue("expired", expired), "cert-expired", 2),
        (pki.issue("future", future), "cert-not-yet-valid", 2),
        (pki.issue("elsewhere", elsewhere), "cert-name-mismatch", 2),
        (pki.self_signed("self"), "cert-untrusted", 1),
    ];
    let blocks: String = (9000..)
        .zip(&leaves)
        .map(|(port, (leaf, ..))| format!("server {{ {} return 200; }}", tls_lines(83, port, leaf)))
        .collect();
    let _server = nginx(world, 83, &[9000, 9001, 9002, 9003], &blocks);
    for (port, (_, cause, length)) in (9000..).zip(&leaves) {
        let check = ask(world, &format!("{}:{port}/https", host(83)));
        failed(&check, "handshake", cause);
        assert_eq!(check["evidence"]["tls"]["chain"].as_array().map(Vec::len), Some(*length), "{check:#}");
    }
}

fn alerts(world: &World) {
    let leaf = world.pki.issue("alerts", Form::default());
    let blocks = format!(
        "server {{ listen {}:9100 ssl; ssl_reject_handshake on; }} server {{ {} ssl_protocols TLSv1.1; }}",
        crate::world::at(84),
        tls_lines(84, 9101, &leaf)
    );
    let _server = nginx(world, 84, &[9100, 9101], &blocks);
    for (port, alert) in [(9100, "unrecognized_name"), (9101, "protocol_version")] {
        let check = ask(world, &format!("{}:{port}/tls", host(84)));
        let error = failed(&check, "handshake", "tls-alert");
        assert!(error.contains(alert), "{error}");
    }
}

fn private(world: &World) {
    let _server = web(world, 85, Form::default(), "");
    let target = format!("{}:443", host(85));
    let run = |store: &str| {
        let output = Command::new(PROBE)
            .args(["check", "--no-imds", "--no-azure-dns", "--format", "json", "--only", "custom"])
            .args(["--endpoint", &target])
            .env("SSL_CERT_FILE", store)
            .env_remove("SSL_CERT_DIR")
            .output()
            .expect("the binary runs");
        checks(&output).remove(0)
    };
    let check = run(&world.pki.root());
    passed(&check, &["resolve", "connect", "handshake", "exchange"]);
    assert_eq!(check["evidence"]["tls"]["trust"], "private");
    let check = run(&world.pki.path("openssl.cnf"));
    let error = failed(&check, "handshake", "cert-untrusted");
    assert!(error.contains("Real Test Root"), "{error}");
    assert_eq!(check["evidence"]["tls"]["trust"], "untrusted");
}
