//! The sets of roots: the public ones, those that the user named, and this machine's own, which is read only when a chain asks
//! for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ring::digest::{SHA256, digest};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::provider::client;
use crate::catalogue::Issuer;

/// Root certificates, public and private.
#[derive(Debug, Clone)]
pub struct Roots {
    provider: Arc<CryptoProvider>,
    config: ClientConfig,
    public: Arc<RootCertStore>,
    named: Arc<RootCertStore>,
    azure: Arc<BTreeSet<String>>,
    system: Arc<OnceLock<System>>,
}

/// This machine's own store.
#[derive(Debug)]
pub(super) struct System {
    /// Roots that the catalogue lists as Azure's: as good as public.
    pub azure: RootCertStore,
    /// Every root.
    pub all: RootCertStore,
}

impl Roots {
    /// Mozilla's roots as bundled; `issuers` are those that Azure uses beside them.
    #[must_use]
    pub fn bundled(issuers: &[Issuer]) -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.to_vec();
        Self::new(RootCertStore { roots }, issuers)
    }

    /// No public root at all: for a run without TLS.
    #[must_use]
    pub fn none() -> Self {
        Self::new(RootCertStore::empty(), &[])
    }

    /// The roots of a PEM file in place of the bundled ones.
    ///
    /// # Errors
    /// The file cannot be read, or holds no certificate: one line saying which.
    pub fn from_pem(path: &Path, issuers: &[Issuer]) -> Result<Self, String> {
        Ok(Self::new(store(path)?, issuers))
    }

    /// The same roots, and those of these PEM files, which are trusted as this machine's own are, and by an Application
    /// Gateway of its backend.
    ///
    /// # Errors
    /// As [`Roots::from_pem`].
    pub fn with_named(self, files: &[PathBuf]) -> Result<Self, String> {
        let mut named = RootCertStore::empty();
        for file in files {
            named.extend(store(file)?.roots);
        }
        Ok(Self { named: Arc::new(named), ..self })
    }

    /// The public roots alone.
    #[must_use]
    pub fn public_store(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.public)
    }

    fn new(public: RootCertStore, issuers: &[Issuer]) -> Self {
        let config = client(Arc::new(RootCertStore::empty()));
        Self {
            provider: Arc::clone(config.crypto_provider()),
            config,
            public: Arc::new(public),
            named: Arc::new(RootCertStore::empty()),
            azure: Arc::new(issuers.iter().map(|issuer| issuer.sha256.clone()).collect()),
            system: Arc::default(),
        }
    }

    /// A configuration to start from; its verifier must be replaced.
    pub(super) fn client_config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Algorithms.
    pub(super) fn provider(&self) -> &Arc<CryptoProvider> {
        &self.provider
    }

    /// The public roots.
    pub(super) fn public(&self) -> &RootCertStore {
        &self.public
    }

    /// The roots that the user named.
    pub(super) fn named(&self) -> &RootCertStore {
        &self.named
    }

    /// This machine's own store, read at the first call: 20 to 30 ms, so only for a chain that is not public.
    pub(super) fn system(&self) -> &System {
        self.system.get_or_init(|| System::load(&self.azure))
    }
}

/// The certificates of a PEM file.
fn store(path: &Path) -> Result<RootCertStore, String> {
    let unreadable =
        |error: rustls::pki_types::pem::Error| format!("cannot read `{}`: {error}", path.display());
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        let certificate = certificate.map_err(unreadable)?;
        store.add(certificate).map_err(|error| format!("`{}` holds a bad root: {error}", path.display()))?;
    }
    if store.is_empty() {
        return Err(format!("`{}` holds no certificate in PEM form", path.display()));
    }
    Ok(store)
}

impl System {
    fn load(azure: &BTreeSet<String>) -> Self {
        let mut system = Self { azure: RootCertStore::empty(), all: RootCertStore::empty() };
        for certificate in rustls_native_certs::load_native_certs().certs {
            if azure.contains(&sha256(&certificate)) {
                let _ = system.azure.add(certificate.clone());
            }
            let _ = system.all.add(certificate);
        }
        system
    }
}

/// SHA-256 in lower-case hex.
#[must_use]
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = digest(&SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
