//! Fronts that Azure has and no package: TLS that begins inside another protocol, handed on to a real TLS server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// The answer of FreeTDS's pool to a PRELOGIN, with encryption on: it has none.
const PRELOGIN: &[u8] =
    b"\x04\x01\x00\x2b\0\0\x01\0\0\0\x1a\0\x06\x01\0\x20\0\x01\x02\0\x21\0\x01\x03\0\x22\0\0\
    \x04\0\x22\0\x01\xff\x0a\0\x06\x40\0\0\x01\x01\0";

/// Bytes in one TDS packet: few, so that a flight of the handshake takes several.
const PIECE: usize = 600;

/// Hands every connection on as it is.
pub(crate) fn relay(listen: SocketAddr, backend: SocketAddr) {
    serve(listen, move |client| splice(&client, &TcpStream::connect(backend)?));
}

/// Agrees on TLS in band (AMQP 1.0, part 5, section 5.2.1), and hands on what follows.
pub(crate) fn amqp(listen: SocketAddr, backend: SocketAddr) {
    serve(listen, move |mut client| {
        let mut header = [0; 8];
        client.read_exact(&mut header)?;
        client.write_all(b"AMQP\x02\x01\x00\x00")?;
        match &header {
            b"AMQP\x02\x01\x00\x00" => splice(&client, &TcpStream::connect(backend)?),
            _ => Ok(()),
        }
    });
}

/// Answers PRELOGIN and hands on what the following TDS packets carry; the answers go back in packets of their own.
pub(crate) fn tds(listen: SocketAddr, backend: SocketAddr) {
    serve(listen, move |mut client| {
        unwrap(&mut client)?;
        client.write_all(PRELOGIN)?;
        let mut server = TcpStream::connect(backend)?;
        let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
        thread::spawn(move || wrap(&mut answers, &mut back));
        while let Ok(payload) = unwrap(&mut client) {
            server.write_all(&payload)?;
        }
        server.shutdown(Shutdown::Both)
    });
}

fn serve(listen: SocketAddr, talk: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) {
    let listener = TcpListener::bind(listen).expect("a free address");
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let talk = Arc::clone(&talk);
            thread::spawn(move || talk(client));
        }
    });
}

fn splice(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut answers, &mut back);
        back.shutdown(Shutdown::Both)
    });
    io::copy(&mut &*client, &mut &*server)?;
    server.shutdown(Shutdown::Write)
}

/// The payload of one TDS packet of the pre-login kind.
fn unwrap(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = [0; 8];
    stream.read_exact(&mut header)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] != 0x12 || length < 8 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; length - 8];
    stream.read_exact(&mut payload)?;
    Ok(payload)
}

/// Sends what a TLS server says in TDS packets, only the last of each flight marked as such.
fn wrap(answers: &mut TcpStream, back: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = answers.read(&mut buffer)?;
        let pieces = buffer[..length].chunks(PIECE);
        let last = pieces.len();
        for (number, piece) in (1..).zip(pieces) {
            let size = u16::try_from(piece.len() + 8).expect("a small piece").to_be_bytes();
            let header = [0x12, u8::from(number == last), size[0], size[1], 0, 0, 1, 0];
            back.write_all(&[&header[..], piece].concat())?;
        }
        if length == 0 {
            return back.shutdown(Shutdown::Write);
        }
    }
}
