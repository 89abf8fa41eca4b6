//! What a peer sends: answers of each protocol, certificates, messages of devices on the way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apim_probe_checks::catalogue::{Protocol, TrustPolicy};
use apim_probe_checks::outcome::Icmp;
use apim_probe_checks::probe::dns::answer::Answer;
use apim_probe_checks::probe::dns::message;
use apim_probe_checks::probe::tls::{ChainPolicy, Roots, chain};
use apim_probe_checks::probe::{self, socket};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RecordType};
use rustls_pki_types::{CertificateDer, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime without sockets");
    static ROOTS: Roots = Roots::none();
}

/// A moment within the life of the seeds' certificates.
const NOW: Duration = Duration::from_secs(1_795_250_117);

/// The answer to a question about the name in the seeds, whose id is that of the bytes.
pub(crate) fn dns(bytes: &[u8]) {
    let name = Name::from_ascii("many.azure.example.").expect("a name");
    let Ok(mut question) = message::question(&name, RecordType::A, message::Form::Edns) else { return };
    question.metadata.id = bytes.first_chunk().map_or(0, |id| u16::from_be_bytes(*id));
    let Some(Ok(reply)) = message::read(bytes, &question) else { return };
    let mut answer = Answer::default();
    message::follow(&reply, &name, &name, &mut answer);
    assert!(answer.cnames.len() <= message::MAX_CNAMES, "aliases are bounded");
    // A refusal with addresses in it stays a refusal.
    let is_fine = reply.metadata.response_code == ResponseCode::NoError && !answer.addresses.is_empty();
    assert_eq!(message::judge(&reply, &answer).is_none(), is_fine);
}

/// Type, code, the family of both ends, the error's number and the addresses.
pub(crate) fn icmp(bytes: &[u8]) {
    let [kind, code, families, number, rest @ ..] = bytes else { return };
    let mut rest = rest.iter().copied().chain(std::iter::repeat(0));
    let mut address = |is_v6: bool| {
        let mut octets = [0; 16];
        octets.iter_mut().zip(&mut rest).for_each(|(octet, byte)| *octet = byte);
        let [a, b, c, d, ..] = octets;
        if is_v6 { IpAddr::V6(Ipv6Addr::from(octets)) } else { IpAddr::V4(Ipv4Addr::new(a, b, c, d)) }
    };
    let peer = SocketAddr::new(address(families & 1 != 0), 443);
    let from = (families & 2 != 0).then(|| address(families & 4 != 0));
    let icmp = Icmp { kind: *kind, code: *code, from };
    let error = std::io::Error::from_raw_os_error(i32::from(*number));
    assert!(socket::icmp_words(icmp, peer).starts_with("ICMP "));
    let _ = (socket::is_time_exceeded(icmp), socket::cause_of(&error, Some(icmp), from));
    let _ = (socket::cause_unsent(&error, peer), socket::cause_of_open(&error));
}

/// A chain: certificates one behind the other, as many as the bytes hold.
pub(crate) fn certificate(bytes: &[u8]) {
    let chain: Vec<CertificateDer<'_>> = split(bytes).into_iter().map(CertificateDer::from).collect();
    let evidence = chain::unfinished(&chain);
    assert!(evidence.chain.len() <= chain.len());
    let names = ["core.example".to_owned()];
    let expected = ChainPolicy { host: "probe.example", accept_names: &names, trust: TrustPolicy::Public };
    let judgement =
        ROOTS.with(|roots| chain::judge(roots, &chain, expected, UnixTime::since_unix_epoch(NOW)));
    assert!(judgement.failure.is_some(), "without a root no chain passes");
}

/// Pieces by the lengths that DER's long form gives; what has none is one piece.
fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() && pieces.len() < 16 {
        let length = match bytes {
            [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => bytes.len(),
        };
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// The bytes as all that a server answers to our request.
pub(crate) fn http(bytes: &[u8]) {
    let answer = RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let (near, mut far) = tokio::io::duplex(64 * 1024);
            let serve = async {
                let _asked = far.read(&mut [0; 1024]).await;
                let _sent = far.write_all(bytes).await;
                drop(far);
            };
            // What is not read once the answer is complete is nobody's.
            let get = probe::http::get(near, "probe.example", 80, "/");
            let (mut get, mut serve) = (std::pin::pin!(get), std::pin::pin!(serve));
            tokio::select! {
                answer = &mut get => answer,
                () = &mut serve => get.await,
            }
        })
    });
    let Ok(answer) = answer else { return };
    for protocol in [Protocol::Https, Protocol::Crl, Protocol::Ocsp] {
        let _ = probe::http::evidence(protocol, &answer, UNIX_EPOCH + NOW);
    }
    let _ = (answer.redirect_host(), answer.is_page());
}

/// The status within an OCSP response.
pub(crate) fn ocsp(bytes: &[u8]) {
    let _ = probe::ocsp::status(bytes);
}

/// A PRELOGIN response.
pub(crate) fn tds(bytes: &[u8]) {
    let _ = probe::tds::read(bytes);
}

/// A protocol header, and a frame of mechanisms.
pub(crate) fn amqp(bytes: &[u8]) {
    let _ = (probe::amqp::body_length(bytes), probe::amqp::names(bytes));
    for variant in [probe::amqp::Variant::Sasl, probe::amqp::Variant::Tls] {
        let _ = probe::amqp::read(bytes, variant);
    }
}

/// A NEGOTIATE response.
pub(crate) fn smb(bytes: &[u8]) {
    let _ = probe::smb::read(bytes);
}

/// One line of an answer.
pub(crate) fn redis(bytes: &[u8]) {
    let _ = probe::redis::read(&String::from_utf8_lossy(bytes));
}

/// Lines of a greeting.
pub(crate) fn smtp(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        let _ = probe::smtp::read(line);
    }
}

/// A packet, whose first eight bytes are also what we sent: the origin stamp is rarely guessed.
pub(crate) fn ntp(bytes: &[u8]) {
    let stamp = bytes.get(24..32).and_then(|at| at.try_into().ok()).map_or(0, u64::from_be_bytes);
    let sent = UNIX_EPOCH + NOW;
    let received: SystemTime = sent + Duration::from_millis(3);
    let _ = probe::ntp::read(bytes, stamp, sent, received);
}

/// A bind acknowledgement.
pub(crate) fn kms(bytes: &[u8]) {
    let _ = (probe::kms::read(bytes), probe::kms::interface(bytes));
}
