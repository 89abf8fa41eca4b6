//! The HTTP answers of Azure's services, as far as a caller without credentials sees them.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::fault::Fault;
use crate::identity::Tokens;

/// Who is asked, and by whom.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Host name.
    pub host: &'a str,
    /// Protocol of the plan: `https`, `http`, `crl`, `aia` or `ocsp`.
    pub protocol: &'a str,
    /// The caller's address.
    pub caller: IpAddr,
    /// DER bytes for certificate and revocation downloads.
    pub der: &'a [u8],
    /// Tokens of the metadata service, where the machine has an identity.
    pub tokens: Option<&'a Tokens>,
}

/// Reads one request and answers it.
///
/// # Errors
/// The connection ends.
pub async fn serve<S>(stream: &mut S, asked: &Asked<'_>, fault: Fault) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = read_head(stream).await?;
    let path = request.split(' ').nth(1).unwrap_or("/").to_owned();
    if let Some(tokens) = asked.tokens.filter(|_| path.starts_with("/metadata/identity/")) {
        let Some((status, fields, body)) = tokens.answer(&request) else {
            return std::future::pending().await;
        };
        stream.write_all(&response(status, fields, body.as_bytes())).await?;
        return stream.shutdown().await;
    }
    let answer = match fault {
        Fault::Http503 => response(503, "", b"busy"),
        Fault::Http407 => response(407, "Proxy-Authenticate: Negotiate\r\n", b""),
        Fault::Http511 => response(511, "", b""),
        Fault::Http403 => response(403, "Content-Type: text/plain\r\n", b"Access denied"),
        Fault::Http404 => response(404, "Content-Type: text/plain\r\n", b"default backend - 404"),
        Fault::Empty200 => response(200, "", b""),
        Fault::OtherBody => response(200, "Content-Type: text/plain\r\n", b"hello"),
        Fault::Http470 => response(470, "", b"Action: Deny. Reason: No rule matched."),
        Fault::BlockPage => {
            response(403, "Content-Type: text/html\r\n", b"<html><body>Blocked by policy</body></html>")
        }
        Fault::LoginPage => response(302, "Location: http://login.guest.example/start\r\n", b""),
        Fault::Garbage => b"\x00\x01\x02 this is not HTTP\r\n".to_vec(),
        Fault::CutShort => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this".to_vec(),
        Fault::SilentAfterTls => std::future::pending().await,
        _ => answer(asked, &path, &request),
    };
    stream.write_all(&answer).await?;
    stream.shutdown().await
}

/// The head of a request, with the empty line that ends it.
///
/// # Errors
/// The connection ends.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// An answer that ends the connection.
pub(crate) fn response(status: u16, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Lab\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n");
    [head.as_bytes(), body].concat()
}

fn answer(asked: &Asked<'_>, path: &str, request: &str) -> Vec<u8> {
    let host = asked.host;
    match asked.protocol {
        "crl" | "aia" => return response(200, "Content-Type: application/pkix-crl\r\n", asked.der),
        // A responder that does not know the issuer: "unauthorized" (RFC 6960, section 4.2.1).
        "ocsp" => {
            return response(200, "Content-Type: application/ocsp-response\r\n", &[0x30, 3, 0x0a, 1, 6]);
        }
        _ => {}
    }
    if host == "169.254.169.254" {
        return metadata(request);
    }
    if path == "/connecttest.txt" {
        return response(200, "Content-Type: text/plain\r\n", b"Microsoft Connect Test");
    }
    if path.ends_with(".cab") {
        return response(200, "Content-Type: application/vnd.ms-cab-compressed\r\n", b"MSCF\0\0\0\0lab");
    }
    if host == "go.microsoft.com" {
        return response(302, "Location: https://www.microsoft.com/\r\n", b"");
    }
    if path == "/healthstatus" {
        let info = format!(
            "x-ms-keyvault-network-info: conn_type=Ipv4;addr={};act_addr_fam=InterNetwork;\r\nx-ms-keyvault-service-version: 1.9.0\r\n",
            asked.caller
        );
        return response(200, &info, b"{}");
    }
    if path.contains("openid-configuration") {
        return response(
            200,
            "Content-Type: application/json\r\n",
            b"{\"token_endpoint\":\"https://lab/token\"}",
        );
    }
    if host.contains(".core.") && !host.contains("monitor") {
        let fields = "Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0\r\nx-ms-request-id: 0000-lab\r\n";
        return response(400, fields, b"<?xml version=\"1.0\"?><Error/>");
    }
    response(404, "x-ms-request-id: 0000-lab\r\n", b"")
}

fn metadata(request: &str) -> Vec<u8> {
    if !request.to_ascii_lowercase().contains("metadata: true") {
        return response(400, "", b"");
    }
    let body = br#"{"compute":{"azEnvironment":"AzurePublicCloud","location":"eastus2","name":"vm-probe","resourceGroupName":"rg-lab","subscriptionId":"11111111-2222-3333-4444-555555555555","resourceId":"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-lab/providers/Microsoft.Compute/virtualMachines/vm-probe","vmId":"lab"},"network":{"interface":[{"ipv4":{"ipAddress":[{"privateIpAddress":"10.0.1.4","publicIpAddress":""}],"subnet":[{"address":"10.0.1.0","prefix":"24"}]},"macAddress":"000D3A000000"}]}}"#;
    response(200, "Content-Type: application/json\r\n", body)
}
