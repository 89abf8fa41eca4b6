//! Reads the catalogue's TOML with the library's own types, refuses a malformed row, and embeds the rest as deflated JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[allow(dead_code, unused_imports, unused_macros, unfulfilled_lint_expectations)]
#[path = "src/catalogue.rs"]
mod catalogue;
#[path = "src/validate.rs"]
mod validate;

use catalogue::{Catalogue, Cloud, Endpoint, Issuer, Region, Source};

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
}

fn main() {
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=src/catalogue.rs");
    println!("cargo::rerun-if-changed=src/validate.rs");
    println!("cargo::rustc-env=APIM_PROBE_TARGET={}", env::var("TARGET").expect("cargo sets TARGET"));
    let catalogue = read_catalogue(Path::new("catalogue"));
    let faults = validate::faults(&catalogue);
    assert!(faults.is_empty(), "the catalogue is malformed:\n{}", faults.join("\n"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let json = serde_json::to_vec(&catalogue).expect("the catalogue is plain data");
    pack(&out.join("catalogue.json.deflate"), &json);
    pack(&out.join("pages.json.deflate"), &serde_json::to_vec(&pages()).expect("pages are text"));
}

fn pack(file: &Path, bytes: &[u8]) {
    let packed = miniz_oxide::deflate::compress_to_vec(bytes, 10);
    fs::write(file, packed).expect("OUT_DIR can be written");
}

/// The documentation's pages on findings, and its table of causes, by name.
fn pages() -> BTreeMap<String, String> {
    println!("cargo::rerun-if-changed=../docs/findings");
    println!("cargo::rerun-if-changed=../docs/causes.md");
    let findings = fs::read_dir("../docs/findings").expect("docs/findings can be read");
    let files = findings.map(|file| file.expect("docs/findings can be read").path());
    files
        .chain([PathBuf::from("../docs/causes.md")])
        .map(|path| {
            let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        })
        .collect()
}

fn read_catalogue(folder: &Path) -> Catalogue {
    let head: Head = read(&folder.join("catalogue.toml"));
    let mut endpoints = Vec::new();
    for group in &head.groups {
        let file = folder.join("endpoints").join(format!("{group}.toml"));
        let rows: Endpoints = read(&file);
        let strayed = rows.endpoint.iter().find(|row| row.group != *group);
        assert!(strayed.is_none(), "{}: a row of another group", file.display());
        endpoints.extend(rows.endpoint);
    }
    let clouds = ["public", "usgov", "china"];
    let files = fs::read_dir(folder.join("clouds")).expect("catalogue/clouds can be read");
    let clouds: BTreeMap<String, Cloud> = files
        .map(|file| read::<Cloud>(&file.expect("catalogue/clouds can be read").path()))
        .map(|cloud| (cloud.id.clone(), cloud))
        .inspect(|(id, _)| assert!(clouds.contains(&id.as_str()), "cloud `{id}` is not in the contract"))
        .collect();
    Catalogue {
        version: head.version,
        sourced_at: head.sourced_at,
        endpoints,
        clouds,
        regions: read::<Regions>(&folder.join("regions.toml")).region,
        sources: read::<BTreeMap<String, Source>>(&folder.join("sources.toml")),
        issuers: read::<Issuers>(&folder.join("issuers.toml")).issuer,
    }
}

fn read<T: DeserializeOwned>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
