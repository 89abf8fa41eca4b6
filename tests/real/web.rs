//! HTTP, HTTPS, CRL, AIA and OCSP from nginx and OpenSSL's responder.

use std::process::Command;

use crate::pki::{Form, Leaf};
use crate::probe::{ask, checks, fact, failed, passed, run};
use crate::server::{Kind, Server};
use crate::world::{World, at, host, socket};
use crate::{NGINX, OPENSSL, Test};

const WEB: &[crate::Need] = &[NGINX];
const SECURE: &[&str] = &["resolve", "connect", "handshake", "exchange"];
const PLAIN: &[&str] = &["resolve", "connect", "exchange"];

pub(crate) const TESTS: &[Test] = &[
    Test { name: "nginx_answers_https_and_sees_the_right_request", needs: WEB, run: https },
    Test { name: "each_status_of_nginx_is_judged", needs: WEB, run: statuses },
    Test { name: "nginx_that_hangs_up_in_place_of_an_answer_is_closed", needs: WEB, run: hangs_up },
    Test { name: "nginx_on_port_80_is_proved_by_its_content", needs: WEB, run: plain },
    Test { name: "a_revocation_list_and_an_issuer_are_fetched", needs: WEB, run: lists },
    Test { name: "a_page_in_place_of_a_list_is_blocked", needs: WEB, run: pages },
    Test { name: "openssls_responder_answers_the_question", needs: &[OPENSSL], run: responder },
];

/// Runs nginx on host `number` with these `server` blocks' contents.
pub(crate) fn nginx(world: &World, number: u8, ports: &[u16], http: &str) -> Server {
    let name = format!("nginx-{number}");
    let dir = world.folder_for(&name);
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders: String =
        temporary.iter().map(|kind| format!("{kind}_temp_path {}/{kind};\n", dir.display())).collect();
    let text = format!(
        "daemon off;\nmaster_process off;\nuser root;\npid {dir}/pid;\nerror_log stderr info;\nevents {{ }}\n\
         http {{\nlog_format seen '$ssl_protocol $ssl_cipher $ssl_server_name $ssl_alpn_protocol|$request|$http_host|\
         $http_user_agent|$http_accept|$http_authorization$http_cookie|$status';\naccess_log /dev/stdout seen;\n\
         {folders}\n{http}\n}}\n",
        dir = dir.display()
    );
    let config = dir.join("nginx.conf");
    std::fs::write(&config, text).expect("a configuration");
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&dir).arg("-e").arg("stderr").arg("-c").arg(config);
    let server = Server::start(world, &name, &mut command);
    ports.iter().fold(server, |server, port| server.listening(Kind::Tcp, socket(number, *port)))
}

/// The lines of a `server` block that listens with TLS and shows `leaf`.
pub(crate) fn tls_lines(number: u8, port: u16, leaf: &Leaf) -> String {
    format!(
        "listen {}:{port} ssl; ssl_certificate {}; ssl_certificate_key {};",
        at(number),
        leaf.chain.display(),
        leaf.key.display()
    )
}

/// nginx on port 443 with a good certificate.
pub(crate) fn tls_server(world: &World, number: u8, lines: &str) -> Server {
    let leaf = world.pki.issue(&format!("nginx-{number}"), Form::default());
    nginx(world, number, &[443], &format!("server {{ {} {lines} }}", tls_lines(number, 443, &leaf)))
}

/// nginx on port 80.
pub(crate) fn plain_server(world: &World, number: u8, lines: &str) -> Server {
    nginx(world, number, &[80], &format!("server {{ listen {}:80; {lines} }}", at(number)))
}

fn https(world: &World) {
    let server = tls_server(world, 70, "location / { add_header x-ms-request-id 1234-real; return 403; }");
    let check = ask(world, &format!("{}:443", host(70)));
    passed(&check, SECURE);
    assert_eq!(fact(&check, "httpStatus"), 403);
    assert!(fact(&check, "server").as_str().is_some_and(|server| server.starts_with("nginx/")), "{check:#}");
    assert!(fact(&check, "dateOffsetMs").as_f64().is_some_and(|offset| offset.abs() <= 2000.0), "{check:#}");
    let seen = "h70.real.example http/1.1|GET / HTTP/1.1|h70.real.example|apim-probe/";
    assert!(server.log().contains(seen), "{}", server.log());
    drop(server);
    failed(&ask(world, &format!("{}:443", host(70))), "connect", "connect-refused");
}

fn statuses(world: &World) {
    let ports: Vec<u16> = vec![200, 302, 400, 401, 404, 407, 470, 500, 502, 503, 511];
    let leaf = world.pki.issue("nginx-71", Form::default());
    let blocks: String = ports
        .iter()
        .map(|status| {
            let listen = tls_lines(71, 8000 + status, &leaf);
            match status {
                302 => format!("server {{ {listen} return 302 https://login.elsewhere.example/; }}"),
                status => format!("server {{ {listen} return {status} 'said so'; }}"),
            }
        })
        .collect();
    let listening: Vec<u16> = ports.iter().map(|status| 8000 + status).collect();
    let _server = nginx(world, 71, &listening, &blocks);
    let endpoints: Vec<String> =
        ports.iter().map(|status| format!("{}:{}/https", host(71), 8000 + status)).collect();
    let options: Vec<&str> = endpoints.iter().flat_map(|endpoint| ["--endpoint", endpoint]).collect();
    let found = checks(&run(world, &[&["--only", "custom"], &options[..]].concat()));
    assert_eq!(found.len(), ports.len());
    for (check, status) in found.iter().zip(&ports) {
        assert_eq!(fact(check, "httpStatus"), *status, "{check:#}");
        match status {
            407 | 470 | 511 => drop(failed(check, "exchange", "http-blocked").to_owned()),
            500.. => drop(failed(check, "exchange", "http-error").to_owned()),
            _ => passed(check, SECURE),
        }
    }
}

fn hangs_up(world: &World) {
    let _server = tls_server(world, 72, "return 444;");
    let check = ask(world, &format!("{}:443", host(72)));
    failed(&check, "exchange", "exchange-closed");
    assert_eq!(check["evidence"]["tls"]["trust"], "public", "the chain is kept");
}

fn plain(world: &World) {
    let _server = plain_server(world, 73, "location / { return 200 hello; } ");
    passed(&ask(world, &format!("{}:80", host(73))), PLAIN);
    failed(&ask(world, &format!("{}:80/https", host(73))), "handshake", "tls-not-tls");
    let _elsewhere = plain_server(world, 74, "return 302 http://login.elsewhere.example/;");
    let check = ask(world, &format!("{}:80", host(74)));
    let error = failed(&check, "exchange", "http-blocked");
    assert!(error.contains("login.elsewhere.example"), "{error}");
    let _broken = plain_server(world, 75, "return 503;");
    failed(&ask(world, &format!("{}:80", host(75))), "exchange", "http-error");
}

/// nginx on port 80 with `body` as a file at every path.
fn file_server(world: &World, number: u8, kind: &str, body: &[u8]) -> Server {
    let dir = world.folder_for(&format!("files-{number}"));
    std::fs::write(dir.join("body"), body).expect("a file");
    let lines = format!(
        "root {}; default_type {kind}; types {{ }} location / {{ rewrite ^ /body break; }}",
        dir.display()
    );
    plain_server(world, number, &lines)
}

fn lists(world: &World) {
    let list = world.pki.revocation_list();
    let _crl = file_server(world, 76, "application/pkix-crl", &list);
    let check = ask(world, &format!("{}:80/crl", host(76)));
    passed(&check, PLAIN);
    assert_eq!(fact(&check, "contentType"), "application/pkix-crl");
    let first: String = list[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(fact(&check, "firstBytes"), &first);
    let _aia = file_server(world, 77, "application/pkix-cert", &world.pki.issuing_der());
    let check = ask(world, &format!("{}:80/aia", host(77)));
    passed(&check, PLAIN);
    assert_eq!(fact(&check, "contentType"), "application/pkix-cert");
}

fn pages(world: &World) {
    let page = b"<!DOCTYPE html><title>Access denied</title>";
    let _server = file_server(world, 78, "text/html", page);
    for protocol in ["crl", "aia", "ocsp"] {
        let check = ask(world, &format!("{}:80/{protocol}", host(78)));
        failed(&check, "exchange", "http-blocked");
    }
    let _text = file_server(world, 79, "text/plain", b"not a list");
    for protocol in ["crl", "aia", "ocsp"] {
        let check = ask(world, &format!("{}:80/{protocol}", host(79)));
        failed(&check, "exchange", "exchange-unexpected");
    }
}

/// OpenSSL's responder, which listens on every address.
pub(crate) fn ocsp(world: &World, port: u16) -> Server {
    let name = format!("ocsp-{port}");
    let index = world.folder_for(&name).join("index.txt");
    std::fs::write(&index, "").expect("an index");
    let (root, key) = (world.pki.root(), world.pki.path("root.key"));
    let mut command = Command::new("openssl");
    command
        .args(["ocsp", "-ignore_err", "-port", &port.to_string()])
        .args(["-CA", &root, "-rsigner", &root, "-rkey", &key, "-index"])
        .arg(index);
    Server::start(world, &name, &mut command).listening(Kind::Tcp, socket(80, port))
}

fn responder(world: &World) {
    let server = ocsp(world, 8888);
    let check = ask(world, &format!("{}:8888/ocsp", host(80)));
    passed(&check, PLAIN);
    assert_eq!((fact(&check, "httpStatus"), fact(&check, "ocspStatus")), (&200.into(), &"successful".into()));
    assert!(!server.log().contains("rror"), "{}", server.log());
    // Asked for a revocation list, it refuses the question.
    let check = ask(world, &format!("{}:8888/crl", host(80)));
    failed(&check, "exchange", "exchange-unexpected");
    failed(&ask(world, &format!("{}:8889/ocsp", host(80))), "connect", "connect-refused");
}
