//! DNS servers in a report: named without port 53 where people read them, with their port where they are evidence.

use apim_probe_checks::outcome::Answerer;
use apim_probe_checks::server::{Server, ServerError};
use serde::{Deserialize, Serialize};

/// A configured server: `10.0.2.4`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ConfiguredDoc(pub(crate) Server);

impl From<ConfiguredDoc> for String {
    fn from(ConfiguredDoc(server): ConfiguredDoc) -> Self {
        server.to_string()
    }
}

impl TryFrom<String> for ConfiguredDoc {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse().map(Self)
    }
}

/// The list of configured servers, as a document has it.
pub(crate) fn configured(servers: &[Server]) -> Vec<ConfiguredDoc> {
    servers.iter().copied().map(ConfiguredDoc).collect()
}

/// The list of configured servers that a document has.
pub(crate) fn of_configured(servers: &[ConfiguredDoc]) -> Vec<Server> {
    servers.iter().map(|ConfiguredDoc(server)| *server).collect()
}

/// Who answered for a name: `10.0.2.4:53`, or `hosts file`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct AnswererDoc(pub(crate) Answerer);

impl From<AnswererDoc> for String {
    fn from(AnswererDoc(answerer): AnswererDoc) -> Self {
        answerer.to_string()
    }
}

impl TryFrom<String> for AnswererDoc {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        let answerer = if text == Answerer::HostsFile.to_string() {
            Answerer::HostsFile
        } else {
            Answerer::Server(text.parse()?)
        };
        Ok(Self(answerer))
    }
}

/// A server that was asked: `10.0.2.4:53`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct AskedDoc(pub(crate) Server);

impl From<AskedDoc> for String {
    fn from(AskedDoc(server): AskedDoc) -> Self {
        server.socket().to_string()
    }
}

impl TryFrom<String> for AskedDoc {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse().map(Self)
    }
}
