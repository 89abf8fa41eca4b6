//! Asking the lab's Azure Resource Manager on loopback: what is read, in which order, and how every fault ends.

#![expect(clippy::disallowed_methods, reason = "deadlines and ages of tokens are counted from now")]
#![allow(clippy::unwrap_used)] // a lab that cannot be started is the test's failure

mod faults;
mod walk;

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use apim_probe_azure::endpoint::Endpoint;
use apim_probe_azure::estate::{Fetched, Settings, Subject, SubjectError, TokenSource, fetch};
use apim_probe_azure::imds::Machine;
use apim_probe_azure::token::Token;
use apim_probe_lab::arm::{Arm, ArmFault, ArmRule, Asked, MACHINE, TOKEN};
use tokio::time::Instant;

/// The lab's machine, as its metadata service names it.
fn machine() -> Machine {
    Machine { id: MACHINE.to_owned(), macs: vec!["000D3A000000".to_owned()] }
}

fn rule(at: &str, fault: ArmFault) -> ArmRule {
    ArmRule { at: at.to_owned(), fault }
}

fn settings(base: &str, machine: Option<Machine>, patience: Duration) -> Settings {
    Settings {
        endpoint: Endpoint::parse(base).unwrap(),
        resource: "https://management.azure.com/".to_owned(),
        deadline: Instant::now() + patience,
        token: TokenSource::File(Token::from_file(TOKEN, SystemTime::now())),
        machine,
        dns_servers: Vec::new(),
        roots: Arc::new(rustls::RootCertStore::empty()),
        proxy: None,
        requests: Rc::default(),
    }
}

/// Asks the lab about a subject, with faults.
async fn asked(
    subject: &Subject,
    rules: Vec<ArmRule>,
    patience: Duration,
) -> (Result<Fetched, SubjectError>, Vec<Asked>) {
    let (address, arm) = Arm::start(rules).await.unwrap();
    let fetched =
        fetch(&settings(&format!("http://{address}"), Some(machine()), patience), subject, None).await;
    (fetched, arm.asked())
}

/// The bundle as text, without the times that differ.
fn text(fetched: &Fetched) -> String {
    let mut value = fetched.bundle.to_json(SystemTime::UNIX_EPOCH);
    for document in value["documents"].as_array_mut().unwrap() {
        document.as_object_mut().unwrap().remove("fetchedAt");
    }
    format!("{value:#}")
}
