//! Exported configuration: reads the files and folders that were named, and lets them fill in what was not typed.

use std::fs::{self, File};
use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use apim_probe_checks::catalogue::Catalogue;
use apim_probe_checks::instance::Instance;
use apim_probe_checks::network::Network;
use apim_probe_checks::network::choose::{ChoiceError, Chosen};
use apim_probe_checks::network::configuration::{Choice, Configuration, add_settings};
use apim_probe_checks::network::read::{LARGEST_FILE, ReadError, Reader};
use apim_probe_checks::network::told::{Disagreement, Typed, fill_in};
use apim_probe_checks::plan::Plan;
use apim_probe_checks::portal::Portal;
use apim_probe_checks::run::Run;

use crate::cli::{InstanceArgs, ReadingArgs};
use crate::error::UserError;
use crate::report_file::load::reason;

pub mod azure;

/// The documents of an invocation, and which subnet of them is meant.
#[derive(Debug)]
pub struct Documents {
    /// What they say.
    pub network: Network,
    choice: Choice,
    /// What is said beside what the judgement takes for granted, a sentence each.
    said: Vec<String>,
}

impl Documents {
    /// Reads files and folders; `None` where none was named. `machine`: addresses of this machine, which may tell the subnet.
    ///
    /// # Errors
    /// A file that cannot be read, is of no known kind, or contradicts another.
    pub fn read(
        paths: &[String],
        reading: &ReadingArgs,
        region: Option<&str>,
        machine: Vec<IpAddr>,
    ) -> Result<Option<Self>, UserError> {
        if paths.is_empty() {
            return refuse_alone(reading).map(|()| None);
        }
        refuse_twice(paths)?;
        let mut reader = Reader::default();
        if let Some(file) = &reading.parameters {
            let name = file.to_string_lossy();
            reader = reader.with_parameters(&name, bytes(&name)?).map_err(|error| cannot_use(&error))?;
        }
        for path in paths {
            for file in files(path)? {
                reader.add(&file, bytes(&file)?).map_err(|error| cannot_use(&error))?;
            }
        }
        let network = reader.end().map_err(|error| cannot_use(&error))?;
        let choice = Choice { subnet: reading.subnet.clone(), region: region.map(str::to_owned), machine };
        Ok(Some(Self { network, choice, said: Vec::new() }))
    }

    /// The documents that speak for the subnet.
    ///
    /// # Errors
    /// Several subnets could be meant, or the one that was asked for is not there.
    pub fn chosen(&self) -> Result<Chosen<'_>, UserError> {
        Chosen::new(&self.network, self.choice.wish()).map_err(|error| ambiguous(&error))
    }

    /// Fills in what they tell and nobody typed; returns what contradicts.
    ///
    /// # Errors
    /// As [`Documents::chosen`].
    pub fn fill_in(
        &self,
        instance: &mut Instance,
        typed: &InstanceArgs,
        catalogue: &Catalogue,
    ) -> Result<Vec<Disagreement>, UserError> {
        let region = typed.region.as_ref().and(instance.region.clone());
        let typed = Typed {
            cloud: typed.cloud.as_deref(),
            region: region.as_deref(),
            vnet_mode: typed.vnet_mode,
            profile: typed.profile,
            service: typed.service_name(),
            private_ip: typed.private_ip,
        };
        Ok(fill_in(instance, typed, &self.chosen()?, catalogue))
    }

    /// Adds the checks of settings to a plan.
    ///
    /// # Errors
    /// As [`Documents::chosen`].
    pub fn add_settings(&self, plan: &mut Plan) -> Result<(), UserError> {
        add_settings(plan, &self.chosen()?, &self.choice);
        Ok(())
    }

    /// Judges a run with them.
    ///
    /// # Errors
    /// As [`Documents::chosen`].
    pub fn judge(
        &self,
        run: &Run,
        portal: Option<&Portal>,
        disagreements: &[Disagreement],
    ) -> Result<Configuration, UserError> {
        let judged = Configuration::judge(&self.network, &self.choice, run, portal, disagreements.to_vec());
        let mut configuration = judged.map_err(|error| ambiguous(&error))?;
        configuration.basis.assumptions.extend(self.said.iter().cloned());
        Ok(configuration)
    }
}

/// Standard input is read once.
fn refuse_twice(paths: &[String]) -> Result<(), UserError> {
    if paths.iter().filter(|path| *path == "-").count() < 2 {
        return Ok(());
    }
    Err(UserError::new("standard input was named twice")
        .hint("it may hold several JSON documents one after the other"))
}

/// Options that say nothing without a document.
fn refuse_alone(reading: &ReadingArgs) -> Result<(), UserError> {
    let alone = [("--subnet", reading.subnet.is_some()), ("--parameters", reading.parameters.is_some())];
    match alone.into_iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            Err(UserError::new(format!("{option} needs --config"))
                .hint("--config names exported configuration"))
        }
        None => Ok(()),
    }
}

/// The files of a path: itself, or the `*.json` of a folder in the order of their names.
fn files(path: &str) -> Result<Vec<String>, UserError> {
    if path == "-" || !Path::new(path).is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| cannot_read(path, &error))?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let is_document = |file: &PathBuf| {
        file.is_file() && file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
    };
    let mut files: Vec<String> =
        paths.filter(is_document).map(|file| file.to_string_lossy().into_owned()).collect();
    files.sort();
    if files.is_empty() {
        let error = UserError::new(format!("the folder `{path}` has no *.json"));
        return Err(error.hint("folders in it are not read: name them"));
    }
    Ok(files)
}

fn bytes(file: &str) -> Result<Vec<u8>, UserError> {
    let mut bytes = Vec::new();
    let read = match file {
        "-" => std::io::stdin().take(LARGEST_FILE + 1).read_to_end(&mut bytes),
        _ => File::open(file).and_then(|opened| opened.take(LARGEST_FILE + 1).read_to_end(&mut bytes)),
    };
    read.map(|_| bytes).map_err(|error| cannot_read(file, &error))
}

fn cannot_read(file: &str, error: &std::io::Error) -> UserError {
    UserError::new(format!("cannot read `{file}`: {}", reason(error)))
        .hint("name a file, a folder or `-` for standard input")
}

fn cannot_use(error: &ReadError) -> UserError {
    UserError::new(error.to_string()).hint(error.hint())
}

fn ambiguous(error: &ChoiceError) -> UserError {
    let message = error.to_string();
    let hint = match error {
        ChoiceError::SeveralSubnets { .. } | ChoiceError::UnknownSubnet { .. } => {
            "--subnet takes a name or an id"
        }
        ChoiceError::SeveralGroups { .. } | ChoiceError::SeveralTables { .. } => {
            "`az network vnet subnet show` says which one the subnet has"
        }
    };
    UserError::new(message).hint(hint)
}
