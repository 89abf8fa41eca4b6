//! Reads the catalogue's TOML.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Catalogue, Cloud, Endpoint, Issuer, Region, Source, Subordinate};

/// Why the catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A file is not TOML, or not of the catalogue's form.
    #[error("{}: {error}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// A row stands in the file of another group than its own.
    #[error("{}: the row `{id}` is of the group `{group}`", path.display())]
    Strayed {
        /// The file.
        path: PathBuf,
        /// The row.
        id: String,
        /// Its group.
        group: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: String,
    sourced_at: String,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoints {
    endpoint: Vec<Endpoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Regions {
    region: Vec<Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuers {
    issuer: Vec<Issuer>,
    subordinate: Vec<Subordinate>,
}

/// The catalogue in `folder`, rows in the order of its groups; [`faults`](crate::faults) says whether it may be shipped.
///
/// # Errors
/// A file that is missing or not of the catalogue's form.
pub fn read(folder: &Path) -> Result<Catalogue, ReadError> {
    let head: Head = file(folder.join("catalogue.toml"))?;
    let mut endpoints = Vec::new();
    for group in &head.groups {
        let path = folder.join("endpoints").join(format!("{group}.toml"));
        let rows: Endpoints = file(path.clone())?;
        if let Some(row) = rows.endpoint.iter().find(|row| row.group != *group) {
            return Err(ReadError::Strayed { path, id: row.id.clone(), group: row.group.clone() });
        }
        endpoints.extend(rows.endpoint);
    }
    let issuers: Issuers = file(folder.join("issuers.toml"))?;
    Ok(Catalogue {
        version: head.version,
        sourced_at: head.sourced_at,
        endpoints,
        clouds: clouds(&folder.join("clouds"))?,
        regions: file::<Regions>(folder.join("regions.toml"))?.region,
        sources: file::<BTreeMap<String, Source>>(folder.join("sources.toml"))?,
        issuers: issuers.issuer,
        subordinates: issuers.subordinate,
    })
}

fn clouds(folder: &Path) -> Result<BTreeMap<String, Cloud>, ReadError> {
    let failed = |error| ReadError::Io { path: folder.to_owned(), error };
    let mut clouds = BTreeMap::new();
    for entry in folder.read_dir().map_err(failed)? {
        let cloud: Cloud = file(entry.map_err(failed)?.path())?;
        clouds.insert(cloud.id.clone(), cloud);
    }
    Ok(clouds)
}

fn file<T: DeserializeOwned>(path: PathBuf) -> Result<T, ReadError> {
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Err(ReadError::Io { path, error }),
    };
    toml::from_str(&text).map_err(|error| ReadError::Toml { path, error: Box::new(error) })
}

/// The rows beside the manifest, as the build ships them.
#[cfg(test)]
pub(crate) fn shipped() -> Catalogue {
    read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the shipped rows can be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_catalogue_is_named() {
        let error = read(Path::new("no-such-folder")).expect_err("there is none");
        assert!(error.to_string().starts_with("no-such-folder/catalogue.toml: "), "{error}");
    }

    #[test]
    fn every_group_has_rows_and_every_cloud_regions() {
        let catalogue = shipped();
        assert!(catalogue.endpoints.iter().all(|row| !row.group.is_empty()));
        for cloud in catalogue.clouds.keys() {
            assert!(catalogue.regions.iter().any(|region| region.cloud == *cloud), "{cloud} has no region");
        }
    }
}
