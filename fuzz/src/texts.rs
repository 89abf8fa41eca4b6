//! What a user, a machine or Azure gives: reports, logs, configuration, answers of the metadata service.

use std::time::UNIX_EPOCH;

use apim_probe::{console, report_file};
use apim_probe_azure::endpoint::Endpoint;
use apim_probe_azure::imds;
use apim_probe_azure::token::{Identity, Token};
use apim_probe_checks::network::read::Reader;
use apim_probe_checks::portal::read as network_status;
use apim_probe_checks::probe::system_conf;
use apim_probe_checks::report::{ExitPolicy, Report};

/// The metadata service's document.
pub(crate) fn metadata(bytes: &[u8]) {
    let _ = imds::parse(bytes);
}

/// A token's file, and the other words of asking.
pub(crate) fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = (Token::from_file(&text, UNIX_EPOCH), Identity::parse(&text), Endpoint::parse(&text));
}

/// resolv.conf and the hosts file.
pub(crate) fn machine(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (resolver, hosts) = (system_conf::resolver(&text), system_conf::hosts(&text));
    let _ = (resolver.is_stub(), hosts.addresses("a.example").len());
}

/// A saved report, as one object or in lines; what is read is judged too.
pub(crate) fn report(bytes: &[u8]) {
    let Some(text) = network_status::text(bytes) else { return };
    if let Ok(sources) = report_file::read::from_json(&text) {
        let _ = Report::new(sources, ExitPolicy::default());
    }
}

/// The log of a console.
pub(crate) fn console(bytes: &[u8]) {
    let _ = console::unframe(&String::from_utf8_lossy(bytes));
}

/// NetworkStatus as the portal, the API and `az` write it.
pub(crate) fn network_status(bytes: &[u8]) {
    let _ = network_status::parse(bytes);
}

/// Exported configuration of any kind and dialect, templates included.
pub(crate) fn configuration(bytes: &[u8]) {
    read_with(Reader::default(), bytes);
}

/// Parameters of a template in the first half, up to a byte of zero, and the template behind it.
pub(crate) fn parameters(bytes: &[u8]) {
    let (first, second) = bytes.split_at(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    if let Ok(reader) = Reader::default().with_parameters("parameters.json", first.to_vec()) {
        read_with(reader, second.get(1..).unwrap_or_default());
    }
}

fn read_with(mut reader: Reader, bytes: &[u8]) {
    if reader.add("a.json", bytes.to_vec()).is_ok() {
        let _ = reader.end();
    }
}
