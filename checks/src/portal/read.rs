//! Reading a NetworkStatus document: the portal's JSON, `az rest`'s, or `Get-AzApiManagementNetworkStatus`'s. Pure.

use std::borrow::Cow;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::server::Server;

use super::{NetworkStatus, NetworkStatusEntry};

/// Entries that are read at most: real documents have under 40 a location.
const MAX_ENTRIES: usize = 1000;

/// Why a file is no NetworkStatus document.
#[derive(Debug, Error)]
pub enum NetworkStatusError {
    /// Neither UTF-8 nor UTF-16 with its mark.
    #[error("it is neither UTF-8 nor UTF-16")]
    NotText,
    /// Not JSON, or cut off.
    #[error("it is not JSON, or it is cut off: {0}")]
    NotJson(serde_json::Error),
    /// JSON of something else.
    #[error("it holds no `connectivityStatus`")]
    Foreign,
    /// An entry that lacks something.
    #[error("entry {0} has no `name` that is text")]
    Nameless(usize),
    /// Far more entries than any instance has.
    #[error("it has more than {MAX_ENTRIES} entries")]
    TooLong,
}

/// Reads every location of a document, as UTF-8 or as the UTF-16 that Windows PowerShell's `>` writes.
///
/// # Errors
/// Why it is none.
pub fn parse(bytes: &[u8]) -> Result<Vec<NetworkStatus>, NetworkStatusError> {
    let text = text(bytes).ok_or(NetworkStatusError::NotText)?;
    let value: Value = serde_json::from_str(&text).map_err(NetworkStatusError::NotJson)?;
    let value = lower_keys(value);
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("value") {
            Some(Value::Array(list)) => list,
            _ => vec![Value::Object(object)],
        },
        _ => return Err(NetworkStatusError::Foreign),
    };
    let locations = list.into_iter().map(location).collect::<Result<Vec<_>, _>>()?;
    match locations.iter().map(|location| location.entries.len()).sum::<usize>() {
        0 if locations.is_empty() => Err(NetworkStatusError::Foreign),
        entries if entries > MAX_ENTRIES => Err(NetworkStatusError::TooLong),
        _ => Ok(locations),
    }
}

/// The text of a file: UTF-8 with or without a byte-order mark, or UTF-16 with one; `None` for other bytes.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let units = pairs.iter().map(|pair| unit(*pair));
        let text = char::decode_utf16(units).collect::<Result<String, _>>().ok()?;
        odd.is_empty().then_some(Cow::Owned(text))
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        plain => std::str::from_utf8(plain).ok().map(Cow::Borrowed),
    }
}

/// REST writes `connectivityStatus`, PowerShell `ConnectivityStatus`: the case of keys says nothing.
fn lower_keys(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), lower_keys(value))).collect(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(lower_keys).collect()),
        other => other,
    }
}

fn location(value: Value) -> Result<NetworkStatus, NetworkStatusError> {
    let Value::Object(mut outer) = value else { return Err(NetworkStatusError::Foreign) };
    let name =
        outer.get("location").and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    let inner = match outer.remove("networkstatus") {
        Some(Value::Object(inner)) => inner,
        _ => outer,
    };
    let Some(Value::Array(entries)) = inner.get("connectivitystatus") else {
        return Err(NetworkStatusError::Foreign);
    };
    let servers = inner.get("dnsservers").and_then(Value::as_array);
    Ok(NetworkStatus {
        location: name,
        dns_servers: servers.into_iter().flatten().filter_map(server).collect(),
        entries: entries
            .iter()
            .enumerate()
            .map(|(place, one)| entry(place, one))
            .collect::<Result<_, _>>()?,
    })
}

/// A server of the list; an entry that is not an address names none.
fn server(value: &Value) -> Option<Server> {
    value.as_str()?.trim().parse().ok()
}

fn entry(place: usize, value: &Value) -> Result<NetworkStatusEntry, NetworkStatusError> {
    let empty = Map::new();
    let object = value.as_object().unwrap_or(&empty);
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text("name");
    if name.trim().is_empty() {
        return Err(NetworkStatusError::Nameless(place));
    }
    Ok(NetworkStatusEntry {
        name,
        status: text("status").to_ascii_lowercase(),
        error: text("error"),
        last_updated: text("lastupdated"),
        last_status_change: text("laststatuschange"),
        resource_type: text("resourcetype"),
        is_optional: object.get("isoptional").and_then(Value::as_bool),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"name":"x.blob.core.windows.net","status":"success","error":"","lastUpdated":"2025-05-07T14:24:38.123456Z","lastStatusChange":"2025-05-07T10:00:00Z","resourceType":"BlobStorage","isOptional":false}"#;

    #[test]
    fn every_shape_of_the_document_is_read() {
        let inner = format!(r#"{{"dnsServers":["10.0.2.4"],"connectivityStatus":[{ENTRY}]}}"#);
        let outer = format!(r#"{{"location":"East US 2","networkStatus":{inner}}}"#);
        for text in [&inner, &outer, &format!("[{outer}]"), &format!(r#"{{"value":[{outer}]}}"#)] {
            let read = parse(text.as_bytes()).unwrap();
            assert_eq!(read[0].dns_servers, ["10.0.2.4".parse().unwrap()], "{text}");
            assert_eq!(read[0].entries[0].resource_type, "BlobStorage");
            assert_eq!(read[0].entries[0].is_optional, Some(false));
        }
        let powershell = r#"{"Location":"East US 2","ConnectivityStatus":[{"Name":"Scm","Status":"Success","IsOptional":true}]}"#;
        assert_eq!(parse(powershell.as_bytes()).unwrap()[0].entries[0].status, "success");
    }

    #[test]
    fn every_encoding_that_shells_write_is_read() {
        let text = format!(r#"{{"dnsServers":[],"connectivityStatus":[{ENTRY}]}}"#);
        let marked = |mark: &[u8], units: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.iter().copied().chain(text.encode_utf16().flat_map(units)).collect()
        };
        let utf8 = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [utf8, marked(b"\xFF\xFE", u16::to_le_bytes), marked(b"\xFE\xFF", u16::to_be_bytes)] {
            assert_eq!(parse(&bytes).unwrap()[0].entries.len(), 1);
        }
        for bytes in [b"\xFF\xFE{".as_slice(), b"\xFF\xFE\x00\xD8", b"\x80{}"] {
            assert!(matches!(parse(bytes), Err(NetworkStatusError::NotText)), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "",
            "{",
            "[]",
            "{}",
            "42",
            "[{}]",
            r#"{"connectivityStatus":[{}]}"#,
            r#"{"connectivityStatus":[{"name":7}]}"#,
            r#"{"connectivityStatus":"x"}"#,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
