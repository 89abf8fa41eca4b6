//! Peers that end the connection before a word is said, or say the wrong one: the connect was good, however fast the end
//! comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use apim_probe_checks::catalogue::Protocol;
use apim_probe_checks::outcome::{Cause, Outcome, Stage};

use crate::lab::{LOOPBACK, check, failed, run};

/// How often each is tried: which of the two sides is faster differs from time to time.
const TIMES: usize = 25;

/// A peer in a thread of its own, which does the same to every connection at once.
fn peer(act: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || act(stream));
        }
    });
    address
}

fn reset(stream: TcpStream) {
    let socket = socket2::Socket::from(stream);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
}

/// FIN at once; what comes then is answered by a RST.
fn close(stream: TcpStream) {
    drop(stream);
}

/// The connection stays open for as long as the other side wants.
fn until_closed(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn greet(mut stream: TcpStream) {
    let _ = stream.write_all(b"SSH-2.0-lab\r\n");
    until_closed(stream);
}

/// Answers any request with two letters that are no DER.
fn answer(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 1024]);
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
    until_closed(stream);
}

async fn outcomes(act: fn(TcpStream), protocol: Protocol) -> Vec<Outcome> {
    let address = peer(act);
    let mut outcomes = Vec::new();
    for _ in 0..TIMES {
        outcomes.push(run(check(protocol, address)).await);
    }
    outcomes
}

#[tokio::test]
async fn a_reset_before_the_first_word_is_no_refused_connect() {
    for outcome in outcomes(reset, Protocol::Https).await {
        failed(&outcome, Stage::Handshake, Cause::TlsReset);
        assert!(outcome.evidence.peer.is_some(), "the connect is kept");
    }
    for outcome in outcomes(reset, Protocol::Http).await {
        failed(&outcome, Stage::Exchange, Cause::ExchangeReset);
    }
    for outcome in outcomes(reset, Protocol::Smb).await {
        failed(&outcome, Stage::Exchange, Cause::ExchangeReset);
    }
}

/// Which of the two is seen depends on whose packet is first: words that are there before the close are lost with it, which
/// is a reset indeed. The errors behind them are told apart in the tests of `wire.rs` and `tls.rs`.
#[tokio::test]
async fn a_close_before_the_first_word_fails_where_the_first_word_is_due() {
    for outcome in outcomes(close, Protocol::Https).await {
        let failure = outcome.failure().expect("a failure");
        assert_eq!(failure.stage, Stage::Handshake);
        assert!(matches!(failure.cause, Cause::TlsClosed | Cause::TlsReset), "{failure:?}");
    }
}

#[tokio::test]
async fn a_greeting_before_the_request_is_another_protocol() {
    for outcome in outcomes(greet, Protocol::Http).await {
        failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
    }
}

#[tokio::test]
async fn text_that_is_no_der_proves_no_responder() {
    for protocol in [Protocol::Ocsp, Protocol::Crl, Protocol::Aia] {
        let outcome = run(check(protocol, peer(answer))).await;
        failed(&outcome, Stage::Exchange, Cause::ExchangeUnexpected);
    }
}
