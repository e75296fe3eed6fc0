//! The server's certificate, and its renewal without a restart.

use super::{
    certificate::{Certificate, Fault, Validity},
    settings::Files,
};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::sync::Arc;
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
    /// Reads both files. One that is not valid now is served all the same: a client that is told
    /// why helps more than a port that is closed.
    pub fn load(files: &Files) -> Result<(Self, Validity), Fault> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let Certificate { key, validity } = Certificate::read(files, &provider)?;
        let certificate = Arc::new(InForce(ArcSwap::from_pointee(key)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault {
                file: "cert",
                unreadable: false,
                message: format!("TLS cannot be set up: {error}"),
            })?
            .with_no_client_auth()
            .with_cert_resolver(certificate.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok((Self { files: files.clone(), certificate, acceptor }, validity))
    }

    /// Reads both files again and serves them from the next handshake on. On an error, and when they
    /// are not valid at `now`, what was in force stays.
    pub fn reload(&self, now: Timestamp) -> Result<Validity, String> {
        let read = Certificate::read(&self.files, &aws_lc_rs::default_provider());
        let Certificate { key, validity } = read.map_err(|fault| fault.message)?;
        validity.check(now).map_err(|why| {
            format!("{why}: `{}`: renew it, or set the clock", self.files.cert.display())
        })?;
        self.certificate.0.store(Arc::new(key));
        Ok(validity)
    }

    /// Shakes hands.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}
