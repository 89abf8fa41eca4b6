//! Files that were named, read together with what Azure answers: what was given as a file wins, and the difference is said.

use std::net::IpAddr;
use std::time::SystemTime;

use apim_probe_azure::bundle::Bundle;
use apim_probe_azure::estate::Fetched;
use apim_probe_checks::network::configuration::Choice;
use apim_probe_checks::network::read::{ReadError, Reader};
use apim_probe_checks::network::{DocumentKind as Kind, Network};

use super::{Documents, bytes, cannot_use, files, refuse_twice};
use crate::cli::ReadingArgs;
use crate::error::UserError;

/// What stands in a report as the file of what Azure answered.
const AZURE: &str = "azure";

/// Answers that a document of another kind makes superfluous, where a file has it: what Azure applies would win over what is
/// written.
const INSTEAD: [(Kind, &[Kind]); 6] = [
    (Kind::EffectiveSecurityRules, &[Kind::EffectiveSecurityRules, Kind::SecurityGroup]),
    (Kind::EffectiveRoutes, &[Kind::EffectiveRoutes, Kind::RouteTable]),
    (Kind::AdminRules, &[Kind::AdminRules]),
    (Kind::NetworkStatus, &[Kind::NetworkStatus]),
    (Kind::OutboundDependencies, &[Kind::OutboundDependencies]),
    (Kind::ControlPlane, &[Kind::ControlPlane]),
];

/// Files that were named, kept until Azure has answered.
#[derive(Debug, Default)]
pub struct Files {
    parameters: Option<(String, Vec<u8>)>,
    named: Vec<(String, Vec<u8>)>,
    choice: Choice,
}

impl Files {
    /// Reads files and folders, of which there may be none.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(
        paths: &[String],
        reading: &ReadingArgs,
        region: Option<&str>,
        machine: Vec<IpAddr>,
    ) -> Result<Self, UserError> {
        refuse_twice(paths)?;
        let read = |file: String| bytes(&file).map(|bytes| (file, bytes));
        let parameters = reading.parameters.as_ref().map(|file| file.to_string_lossy().into_owned());
        let mut named = Vec::new();
        for path in paths {
            named.extend(files(path)?);
        }
        Ok(Self {
            parameters: parameters.map(read).transpose()?,
            named: named.into_iter().map(read).collect::<Result<_, UserError>>()?,
            choice: Choice { subnet: reading.subnet.clone(), region: region.map(str::to_owned), machine },
        })
    }

    /// The documents of the files alone; `None` where none was named.
    ///
    /// # Errors
    /// A file of no known kind, or one that contradicts another.
    pub fn alone(&self) -> Result<Option<Documents>, UserError> {
        if self.named.is_empty() {
            return Ok(None);
        }
        let network = self.network(None).map_err(|error| cannot_use(&error))?;
        Ok(Some(Documents { network, choice: self.choice.clone(), said: Vec::new() }))
    }

    /// The documents of the files and of Azure.
    ///
    /// # Errors
    /// Those of [`Files::alone`]: whatever Azure answers is none.
    pub fn with(&self, fetched: &Fetched) -> Result<Documents, UserError> {
        let own = self.network(None).map_err(|error| cannot_use(&error))?;
        let mut bundle = fetched.bundle.clone();
        let mut said = prefer_files(&own, &mut bundle);
        let network = self.merged(own, bundle, &mut said);
        // Of an instance in several regions the machine's subnet says which one is meant.
        let subnet = self.choice.subnet.clone().or_else(|| fetched.subnet.as_ref().map(ToString::to_string));
        Ok(Documents { network, choice: Choice { subnet, ..self.choice.clone() }, said })
    }

    /// Files and answers as one; of two documents that contradict each other Azure's is left out.
    fn merged(&self, own: Network, mut bundle: Bundle, said: &mut Vec<String>) -> Network {
        loop {
            let error = match self.network(Some(&bundle)) {
                Ok(network) => return network,
                Err(error) => error,
            };
            let held = bundle.documents.len();
            if let ReadError::Conflict { name, what, first, second } = &error {
                let file = [first, second].into_iter().find(|file| *file != AZURE);
                bundle.documents.retain(|one| {
                    !one.id.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name))
                });
                said.push(match file {
                    Some(file) => format!(
                        "Azure's answer differs from `{file}` on {what} of `{name}`: the file counts."
                    ),
                    None => format!("Azure gave two answers on {what} of `{name}`: neither is used."),
                });
            }
            if bundle.documents.len() == held {
                said.push(format!("Azure's answers cannot be used: {error}."));
                return Network { refused: own.refused.clone(), ..own };
            }
        }
    }

    fn network(&self, bundle: Option<&Bundle>) -> Result<Network, ReadError> {
        let mut reader = Reader::default();
        if let Some((file, bytes)) = &self.parameters {
            reader = reader.with_parameters(file, bytes.clone())?;
        }
        for (file, bytes) in &self.named {
            reader.add(file, bytes.clone())?;
        }
        if let Some(bundle) = bundle {
            reader.add(AZURE, bundle.to_json(SystemTime::now()).to_string().into_bytes())?;
        }
        reader.end()
    }
}

/// Leaves out answers of which a file says something.
fn prefer_files(own: &Network, bundle: &mut Bundle) -> Vec<String> {
    let mut said = Vec::new();
    for (kind, instead) in INSTEAD {
        let Some(given) = own.documents.iter().find(|one| instead.contains(&one.kind)) else { continue };
        let held = bundle.documents.len();
        bundle.documents.retain(|one| one.kind != kind);
        if bundle.documents.len() < held {
            said.push(format!("Azure's {kind} are not used: `{}` was given and counts.", given.place.file));
        }
    }
    said
}
