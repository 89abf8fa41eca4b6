//! Asking Azure: where and with which token, and how what was not got is said.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use apim_probe_azure::bundle::{Bundle, Refusal};
use apim_probe_azure::endpoint::Endpoint;
use apim_probe_azure::estate::{Fetched, Note, TokenSource};
use apim_probe_azure::reason::Reason;
use apim_probe_azure::token::{Identity, MAX_BYTES, Token, TokenError};
use apim_probe_checks::catalogue::Catalogue;

use crate::cli::azure::AzureArgs;
use crate::error::{self, UserError};

pub mod alone;
pub mod asking;

/// The row of Azure Resource Manager in the catalogue.
const ARM_ROW: &str = "arm";

/// Where the token comes from. A file that others can read costs a warning.
///
/// # Errors
/// A token file that cannot be read, or holds no token.
pub fn token_source(args: &AzureArgs) -> Result<TokenSource, UserError> {
    let Some(file) = &args.token_file else {
        return Ok(TokenSource::Metadata(args.identity.as_deref().map(Identity::parse).unwrap_or_default()));
    };
    let bad = |error: &str| {
        UserError::new(format!("`{}` cannot be used as a token: {error}", file.display()))
            .hint("`az account get-access-token --output json` writes one")
    };
    let text = read(file).map_err(|error| bad(&error.to_string()))?;
    match Token::from_file(&text, SystemTime::now()) {
        Err(TokenError::NotToken) => Err(bad(&TokenError::NotToken.to_string())),
        token => Ok(TokenSource::File(token)),
    }
}

fn read(file: &Path) -> io::Result<String> {
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().take(limit).read_to_end(&mut bytes)?;
    } else {
        let mut opened = File::open(file)?;
        if fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
            let message = format!("others can read the token in `{}`: chmod 600", file.display());
            error::warn(&message, &mut io::stderr());
        }
        opened.by_ref().take(limit).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 == limit {
        return Err(io::Error::other("it is larger than any token"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not text"))
}

/// ARM's address in a cloud, unless another was typed; and what the token is for, which is the cloud's own in any case.
#[must_use]
pub fn endpoint(catalogue: &Catalogue, cloud: &str, typed: Option<&Endpoint>) -> Option<(Endpoint, String)> {
    let of_cloud = catalogue.clouds.get(cloud).and_then(|cloud| cloud.hosts.get(ARM_ROW));
    let hosts = of_cloud.or_else(|| Some(&catalogue.endpoint(ARM_ROW)?.hosts))?;
    let own = format!("https://{}", hosts.first()?);
    let endpoint = typed.cloned().or_else(|| Endpoint::parse(&own).ok())?;
    Some((endpoint, format!("{own}/")))
}

/// What is said on standard error beside the documents: one line a note, and one a reason and action.
#[must_use]
pub fn hints(fetched: &Fetched) -> Vec<String> {
    let notes = fetched.notes.iter().map(note);
    let mut refused: BTreeMap<(Reason, &str), Vec<&str>> = BTreeMap::new();
    for one in &fetched.bundle.refused {
        refused.entry((one.reason, &one.action)).or_default().push(&one.id);
    }
    // What ends all requests is one line, whatever was not sent any more.
    let ended = fetched.bundle.refused.iter().find(|one| one.reason.ends_all());
    let ends_all = ended.or_else(|| nothing_for_one_reason(fetched));
    let is_told = |reason: Reason| ends_all.is_some_and(|one| reason.ends_all() || reason == one.reason);
    let refused = refused.into_iter().filter(|((reason, _), _)| !is_told(*reason));
    let refused = refused.map(|((reason, action), ids)| refusal(reason, action, &ids));
    // Where no instance was found, that says it all.
    let is_said = |one: &&Refusal| one.reason == Reason::NoMachine && !fetched.notes.is_empty();
    let ended = ends_all
        .filter(|one| !is_said(one))
        .map(|one| format!("Azure was not read: {} ({} of {})", described(one.reason), one.action, one.id));
    notes.chain(ended).chain(refused).collect()
}

/// The first refusal, where nothing was read and all of it for the one reason.
fn nothing_for_one_reason(fetched: &Fetched) -> Option<&Refusal> {
    let Bundle { documents, refused } = &fetched.bundle;
    let first = refused.first().filter(|_| documents.is_empty() && refused.len() > 1)?;
    refused.iter().all(|one| one.reason == first.reason && one.reason != Reason::Forbidden).then_some(first)
}

fn note(note: &Note) -> String {
    match note {
        Note::NoToken(TokenError::Expired) => {
            "Azure was not asked: the token in --token-file has expired; get a new one".to_owned()
        }
        Note::NoToken(error) => format!(
            "Azure was not asked: {error}; assign a managed identity to this machine (where it has several, name one \
             with --identity), or give a token with --token-file"
        ),
        Note::NoSuchService(name) => {
            format!("no API Management service `{name}` was found; give its resource id with --service")
        }
        Note::NoInstance => {
            "no API Management service was found in this network; give its resource id with --service"
                .to_owned()
        }
        Note::SeveralInstances(ids) => {
            format!(
                "several API Management services are in this network; choose one with --service: {}",
                ids.join(", ")
            )
        }
        Note::OtherSubnet(name) => {
            format!(
                "the API Management service `{name}` is in another subnet of this network than this machine"
            )
        }
    }
}

fn refusal(reason: Reason, action: &str, ids: &[&str]) -> String {
    let more = if ids.len() > 1 { format!(" and {} more", ids.len() - 1) } else { String::new() };
    let first = ids.first().copied().unwrap_or_default();
    let of = if first.is_empty() { String::new() } else { format!(" of {first}{more}") };
    if reason == Reason::Forbidden {
        return format!(
            "not read{of}: the identity may not {action}; `apim-probe fetch --print-role` prints a role"
        );
    }
    format!("not read{of}: {} ({action})", described(reason))
}

const fn described(reason: Reason) -> &'static str {
    match reason {
        Reason::Forbidden => "the identity may not",
        Reason::Unauthorized => "the token is not accepted",
        Reason::NotFound => "there is no such resource",
        Reason::Conflict => "another operation is in the way",
        Reason::Throttled => "Azure throttles requests",
        Reason::ServerError => "Azure failed",
        Reason::Timeout => "no answer in time",
        Reason::Unreachable => "no connection to Azure Resource Manager",
        Reason::Untrusted => {
            "TLS with Azure Resource Manager is not trusted: its certificate must end in a public root, name this host, and be within its dates"
        }
        Reason::Proxy => "the proxy refused the connection",
        Reason::ForeignAddress => "Azure gave an address on another host, which is not followed",
        Reason::TooLarge => "the answer is larger than is read",
        Reason::Unreadable => "the answer cannot be read",
        Reason::BadRequest => "Azure refused the request; effective rules and routes need a running machine",
        Reason::Budget => "the budget of requests is spent",
        Reason::NoMachine => "there is no machine to ask about",
    }
}

#[cfg(test)]
mod tests {
    use apim_probe_checks::network::DocumentKind;

    use super::*;

    #[test]
    fn without_a_machine_an_instance_that_was_not_found_is_one_line() {
        let refused = |kind| Refusal {
            kind,
            id: "shop".to_owned(),
            action: kind.to_string(),
            status: None,
            reason: Reason::NoMachine,
        };
        let mut fetched = Fetched::default();
        fetched.bundle.refused =
            [DocumentKind::EffectiveSecurityRules, DocumentKind::EffectiveRoutes].map(refused).into();
        assert_eq!(
            hints(&fetched),
            ["Azure was not read: there is no machine to ask about (effective-security-rules of shop)"]
        );
        fetched.notes = vec![Note::NoSuchService("shop".to_owned())];
        let said = hints(&fetched);
        assert!(said.len() == 1 && said[0].contains("`shop`") && said[0].contains("--service"), "{said:?}");
    }
}
