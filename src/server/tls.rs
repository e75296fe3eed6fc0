//! The server's certificate, and its renewal without a restart.

use super::settings::Files;
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// TLS 1.2 and 1.3 with the certificate in force.
pub struct Tls {
    files: Files,
    certificate: Arc<InForce>,
    acceptor: TlsAcceptor,
}

/// Shakes hands with a whole key: one that is swapped in serves the next handshake, connections that
/// are open keep theirs.
#[derive(Debug)]
struct InForce(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for InForce {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads both files. The error names the file, what is wrong with it, and the remedy.
    pub fn load(files: &Files) -> Result<Self, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certificate = Arc::new(InForce(ArcSwap::from_pointee(read(files, &provider)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_no_client_auth()
            .with_cert_resolver(certificate.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { files: files.clone(), certificate, acceptor })
    }

    /// Reads both files again and serves them from the next handshake on; on an error what was in
    /// force stays.
    pub fn reload(&self) -> Result<(), String> {
        let certified = read(&self.files, &aws_lc_rs::default_provider())?;
        self.certificate.0.store(Arc::new(certified));
        Ok(())
    }

    /// Shakes hands.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}

fn read(files: &Files, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let (cert, key) = (files.cert.display(), files.key.display());
    let chain = CertificateDer::pem_slice_iter(&contents(&files.cert)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("certificate file `{cert}` is not PEM: {error}"))?;
    if chain.is_empty() {
        return Err(format!(
            "certificate file `{cert}` holds no certificate: it must hold `BEGIN CERTIFICATE`, \
             the server's own first"
        ));
    }
    let private = PrivateKeyDer::from_pem_slice(&contents(&files.key)?).map_err(|_| {
        format!("key file `{key}` holds no private key: it must be PEM and not encrypted")
    })?;
    CertifiedKey::from_der(chain, private, provider).map_err(|error| {
        format!("key `{key}` and certificate `{cert}` do not fit: {error}: renew both together")
    })
}

fn contents(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| {
        format!("file `{}` cannot be read: {error}: see `server.tls`", path.display())
    })
}
