//! What is asked about, and what is said beside the documents.

use apim_probe_checks::network::ResourceId;
use thiserror::Error;

use crate::bundle::Bundle;
use crate::token::TokenError;

/// What is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The instance: a resource id or a name.
    pub service: Option<String>,
    /// The resource id of an Application Gateway.
    pub app_gateway: Option<String>,
    /// The region that is meant, an ARM id, where the instance is in several.
    pub region: Option<String>,
}

/// A question that cannot be answered because it means two things.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// Two instances of one name.
    #[error("the name `{name}` means {}", ids.join(" and "))]
    Ambiguous {
        /// The name that was given.
        name: String,
        /// Their ids.
        ids: Vec<String>,
    },
}

/// What is said beside the documents, each in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// There is no token, so nothing was asked.
    NoToken(TokenError),
    /// No instance has this name.
    NoSuchService(String),
    /// No instance is in this network.
    NoInstance,
    /// Several are, in other subnets of it.
    SeveralInstances(Vec<String>),
    /// The instance is in another subnet of the network than this machine.
    OtherSubnet(String),
}

/// Everything that Azure said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fetched {
    /// Documents and refusals.
    pub bundle: Bundle,
    /// What is to be said beside them.
    pub notes: Vec<Note>,
    /// The subnet that is meant: the instance's, of several the one of this machine; else the machine's.
    pub subnet: Option<ResourceId>,
}
