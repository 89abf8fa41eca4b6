//! The cryptography of TLS: ring's, without private keys.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{ClientConfig, Error, RootCertStore};

/// A client that takes chains which end in `roots`, and shows no certificate of its own.
///
/// # Panics
/// Never: ring supports the versions that rustls takes by default.
#[must_use]
pub fn client(roots: Arc<RootCertStore>) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// What TLS is spoken with. No certificate of ours is ever shown to a server, so that the code that signs is left out.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { key_provider: &NoKeys, ..ring::default_provider() })
}

/// No private key is taken.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("no private key is used".to_owned()))
    }
}
