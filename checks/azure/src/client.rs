//! HTTP to one server: no redirect is followed, nothing is decompressed, every body has a bound. Connections are kept
//! for the next request.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use apim_probe_checks::probe::tls;
use apim_probe_checks::server::Server;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, HOST, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;

use crate::address::Address;
use crate::connect::{Route, is_of_tls};
use crate::proxy::Proxy;
use crate::reason::Reason;

/// A connect to ARM or to the proxy, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection on which requests are sent, one behind the other.
type Sender = SendRequest<Full<Bytes>>;

/// A client of one server.
pub(crate) struct Client {
    route: Route,
    /// Connections whose last answer was read to its end.
    idle: Mutex<Vec<Sender>>,
}

/// The head of an answer, and the connection that its body comes on.
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// The header fields.
    pub(crate) headers: HeaderMap,
    body: Incoming,
    sender: Sender,
}

impl Client {
    /// A client for the metadata service: plain HTTP to its literal address, never through a proxy.
    pub(crate) fn metadata(service: IpAddr, connect: Duration) -> Option<Self> {
        let address = Address::parse(&format!("http://{service}"))?;
        Some(Self::of(Route { address, servers: Vec::new(), relay: None, tls: None, time: connect }))
    }

    /// A client for ARM: over chains that end in `roots`, through `proxy` where there is one. `None` where the proxy's address
    /// makes no sense, or wants TLS to the proxy itself.
    pub(crate) fn arm(
        address: Address,
        roots: Arc<RootCertStore>,
        servers: &[Server],
        proxy: Option<&Proxy>,
    ) -> Option<Self> {
        // Plain HTTP is spoken with this machine alone, which no proxy can reach for us.
        let proxy = proxy.filter(|proxy| address.is_https() && !proxy.excepts(&address.host()));
        let relay = proxy.map(|proxy| proxy.relay().ok_or(())).transpose().ok()?;
        let tls = address.is_https().then(|| Arc::new(tls::client(roots)).into());
        Some(Self::of(Route { address, servers: servers.to_vec(), relay, tls, time: CONNECT }))
    }

    fn of(route: Route) -> Self {
        Self { route, idle: Mutex::default() }
    }

    /// Sends one request for `target`, which the server's own address stands before.
    ///
    /// # Errors
    /// Why there is no head of an answer.
    pub(crate) async fn send(
        &self,
        method: &Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, Reason> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method.clone();
        *request.uri_mut() = target.parse().map_err(|_| Reason::BadRequest)?;
        *request.headers_mut() = headers;
        let host = HeaderValue::try_from(self.route.address.authority()).map_err(|_| Reason::BadRequest)?;
        let own = HeaderValue::from_static(concat!("apim-probe/", env!("CARGO_PKG_VERSION")));
        let any = HeaderValue::from_static("*/*");
        request.headers_mut().extend([(HOST, host), (USER_AGENT, own), (ACCEPT, any)]);
        // A server may close a connection that was kept just when the next request goes out on it, and then nobody can tell
        // whether it saw the request. Ours only read, so that sending one twice does no harm.
        if let Some(kept) = self.kept().await {
            match exchange(kept, request.clone()).await {
                Err(error) if is_closed(&error) => {}
                ended => return ended.map_err(|error| reason_of(&error)),
            }
        }
        exchange(self.connect().await?, request).await.map_err(|error| reason_of(&error))
    }

    /// A connection that was kept and is still open.
    async fn kept(&self) -> Option<Sender> {
        loop {
            let mut sender = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    async fn connect(&self) -> Result<Sender, Reason> {
        let stream = self.route.connect().await?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| reason_of(&error))?;
        // What it fails with is told to whoever waits for an answer on it.
        tokio::spawn(connection);
        Ok(sender)
    }

    /// The body of an answer, up to `limit` bytes; `None` where there is more.
    ///
    /// # Errors
    /// The connection ended before the body did.
    pub(crate) async fn body(&self, response: Response, limit: usize) -> Result<Option<Vec<u8>>, Reason> {
        let Response { mut body, sender, .. } = response;
        let is_longer = |length: u64| usize::try_from(length).map_or(true, |length| length > limit);
        if body.size_hint().exact().is_some_and(is_longer) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| reason_of(&error))?;
            let data = frame.data_ref().map_or(&[][..], |data| data);
            if bytes.len() + data.len() > limit {
                return Ok(None);
            }
            bytes.extend_from_slice(data);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        Ok(Some(bytes))
    }
}

async fn exchange(mut sender: Sender, request: Request<Full<Bytes>>) -> hyper::Result<Response> {
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Response { status: head.status.as_u16(), headers: head.headers, body, sender })
}

/// True where the connection ended before anything of an answer came on it.
fn is_closed(error: &hyper::Error) -> bool {
    let is_of_stream = error.source().is_some_and(|source| source.is::<std::io::Error>());
    error.is_canceled() || error.is_closed() || error.is_incomplete_message() || is_of_stream
}

/// One function from hyper's error to the reason: the connection was there, and brought no answer that can be read, unless
/// TLS stands behind it.
fn reason_of(error: &hyper::Error) -> Reason {
    let mut source = error.source();
    while let Some(behind) = source {
        if is_of_tls(behind) {
            return Reason::Untrusted;
        }
        source = behind.source();
    }
    Reason::Unreadable
}

/// The pause that an answer asks for: seconds, or a date.
pub(crate) fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let date = || httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok();
    text.parse().ok().map(Duration::from_secs).or_else(date)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
    use std::sync::mpsc::{Receiver, Sender as Order, channel};
    use std::thread;

    use super::*;

    /// A server that answers so many requests on each connection, closes it on an order, and tells that it has.
    fn server(listener: TcpListener, answers: &'static [usize]) -> (Order<()>, Receiver<()>) {
        let ((order, orders), (told, closed)) = (channel(), channel());
        thread::spawn(move || {
            for requests in answers {
                let (stream, _) = listener.accept().unwrap();
                let mut lines = BufReader::new(&stream).lines();
                for _ in 0..*requests {
                    while !lines.next().unwrap().unwrap().is_empty() {}
                    (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
                }
                orders.recv().unwrap();
                drop(lines);
                drop(stream);
                told.send(()).unwrap();
            }
        });
        (order, closed)
    }

    fn client(address: &str) -> Client {
        let address = Address::parse(address).unwrap();
        Client::arm(address, Arc::new(RootCertStore::empty()), &[], None).unwrap()
    }

    async fn ask(client: &Client) -> Vec<u8> {
        let response = client.send(&Method::GET, "/", HeaderMap::new(), Bytes::new()).await.unwrap();
        client.body(response, 2).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_connection_serves_one_request_after_the_other() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = client(&format!("http://{}", listener.local_addr().unwrap()));
        let _server = server(listener, &[2]);
        assert_eq!([ask(&client).await, ask(&client).await], [b"ok", b"ok"]);
    }

    #[tokio::test]
    async fn a_connection_that_the_server_has_closed_is_replaced() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = client(&format!("http://{}", listener.local_addr().unwrap()));
        let (order, closed) = server(listener, &[1, 1]);
        assert_eq!(ask(&client).await, b"ok");
        // The connection waits for the next request when the server closes it, and nothing else runs on this thread until
        // that is done: the client has not seen the end when it sends again.
        let kept = client.kept().await.unwrap();
        client.idle.lock().unwrap().push(kept);
        order.send(()).unwrap();
        closed.recv().unwrap();
        assert_eq!(ask(&client).await, b"ok");
    }

    #[tokio::test]
    async fn an_answer_that_makes_no_sense_is_not_asked_for_twice() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = client(&format!("http://{}", listener.local_addr().unwrap()));
        let (told, heard) = channel();
        thread::spawn(move || {
            for (stream, answers) in listener.incoming().zip([2, 1]) {
                let stream = stream.unwrap();
                let mut lines = BufReader::new(&stream).lines();
                for answer in [&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"[..], b"\x01\x02\r\n\r\n"]
                    .iter()
                    .take(answers)
                {
                    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                    told.send(()).unwrap();
                    (&stream).write_all(answer).unwrap();
                }
            }
        });
        assert_eq!(ask(&client).await, b"ok");
        let ended = client.send(&Method::GET, "/", HeaderMap::new(), Bytes::new()).await;
        assert_eq!(ended.err(), Some(Reason::Unreadable));
        assert_eq!(heard.try_iter().count(), 2);
    }

    #[tokio::test]
    async fn localhost_is_this_machine_and_its_second_address_is_tried() {
        let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
        let client = client(&format!("http://localhost:{}", listener.local_addr().unwrap().port()));
        let _server = server(listener, &[1]);
        assert_eq!(ask(&client).await, b"ok");
    }
}
