//! Certificates: a public-looking authority, a company's inspecting one, and leaves with every fault.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

use crate::fault::Fault;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The authorities of the lab.
#[derive(Debug)]
pub struct Authority {
    public: Signer,
    /// Its intermediate has expired.
    late: Signer,
    company: Signer,
    key: KeyPair,
}

#[derive(Debug)]
struct Signer {
    root: CertificateDer<'static>,
    pem: String,
    chain: Vec<CertificateDer<'static>>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes fresh authorities.
    ///
    /// # Errors
    /// The random source or the encoder fails.
    pub fn new() -> Result<Self, Error> {
        let (public, late) = public_signers()?;
        Ok(Self { public, late, company: signer("Contoso Inspection Root")?, key: KeyPair::generate()? })
    }

    /// The public root, as `--public-roots` takes it.
    #[must_use]
    pub fn public_pem(&self) -> &str {
        &self.public.pem
    }

    /// The inspecting company's root, as a machine's own store would hold it.
    #[must_use]
    pub fn company_pem(&self) -> &str {
        &self.company.pem
    }

    /// A DER certificate of the lab, for AIA answers.
    #[must_use]
    pub fn root_der(&self) -> &[u8] {
        &self.public.root
    }

    /// The inspecting company's root as DER bytes.
    #[must_use]
    pub fn company_der(&self) -> &[u8] {
        &self.company.root
    }

    /// A server configuration for `hosts` with the fault's certificate.
    ///
    /// # Errors
    /// A name that no certificate can hold.
    pub fn server(&self, hosts: &[&str], fault: Fault) -> Result<Arc<ServerConfig>, Error> {
        let names = match fault {
            Fault::WrongName => &["wrong.example"],
            Fault::ForeignBox => &["filter.contoso.example"],
            _ => hosts,
        };
        let mut params =
            CertificateParams::new(names.iter().copied().map(str::to_owned).collect::<Vec<_>>())?;
        if let Some(name) = names.first() {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.extended_key_usages = vec![match fault {
            Fault::WrongUse => ExtendedKeyUsagePurpose::ClientAuth,
            _ => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        let now = OffsetDateTime::now_utc();
        let (from, until) = match fault {
            Fault::Expired | Fault::InspectedExpired => (-400, -10),
            Fault::NotYetValid => (10, 400),
            _ => (-10, 300),
        };
        params.not_before = now + Duration::days(from);
        params.not_after = now + Duration::days(until);
        let signer = match fault {
            Fault::Inspected | Fault::InspectedExpired | Fault::ForeignBox => &self.company,
            Fault::IssuerExpired => &self.late,
            _ => &self.public,
        };
        let chain = match fault {
            Fault::SelfSigned => vec![params.self_signed(&self.key)?.der().clone()],
            Fault::LeafOnly => vec![params.signed_by(&self.key, &signer.issuer)?.der().clone()],
            _ => {
                let leaf = params.signed_by(&self.key, &signer.issuer)?.der().clone();
                std::iter::once(leaf).chain(signer.chain.iter().cloned()).collect()
            }
        };
        let key = PrivateKeyDer::try_from(self.key.serialize_der())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match fault {
            Fault::WantsCertificate => {
                let mut roots = RootCertStore::empty();
                roots.add(self.company.root.clone())?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
                builder.with_client_cert_verifier(verifier)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// A root and an intermediate that signs.
fn signer(name: &str) -> Result<Signer, Error> {
    let (root, issuer) = root(name)?;
    below(&root, &issuer, ca(&name.replace("Root", "Issuing CA 01"))?)
}

/// The public root with two intermediates: a good one, and one that has expired.
fn public_signers() -> Result<(Signer, Signer), Error> {
    let (root, issuer) = root("Lab Public Root")?;
    let good = below(&root, &issuer, ca("Lab Public Issuing CA 01")?)?;
    let mut late = ca("Lab Public Issuing CA 00")?;
    late.not_after = OffsetDateTime::now_utc() - Duration::days(5);
    Ok((good, below(&root, &issuer, late)?))
}

fn root(name: &str) -> Result<(Certificate, Issuer<'static, KeyPair>), Error> {
    let key = KeyPair::generate()?;
    let params = ca(name)?;
    let root = params.self_signed(&key)?;
    Ok((root, Issuer::new(params, key)))
}

/// An intermediate below a root.
fn below(
    root: &Certificate,
    issuer: &Issuer<'static, KeyPair>,
    params: CertificateParams,
) -> Result<Signer, Error> {
    let key = KeyPair::generate()?;
    let intermediate = params.signed_by(&key, issuer)?;
    Ok(Signer {
        root: root.der().clone(),
        pem: root.pem(),
        chain: vec![intermediate.der().clone()],
        issuer: Issuer::new(params, key),
    })
}

fn ca(name: &str) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(1000);
    params.not_after = now + Duration::days(3000);
    Ok(params)
}
