//! Whom we trust to vouch for a vendor: the system's certificate authorities where there are any,
//! else those compiled in, and the tenant's own beside them.
//!
//! An image FROM scratch has no certificate store, and a client that only knew the system's would
//! not start there.

use super::{Error, error::Kind};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{env, sync::Arc};

/// Where systems keep their bundle.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The TLS side of a client that trusts the system and `own` (PEM texts). One whose vendor is reached
/// in the clear, beside it, trusts nobody: the system's bundle costs a megabyte and milliseconds.
pub fn client_config(own: &[String], encrypted: bool) -> Result<ClientConfig, Error> {
    let mut store = match encrypted {
        true => system()
            .unwrap_or_else(|| RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
        false => RootCertStore::empty(),
    };
    for pem in own {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| unusable("no PEM"))?;
            store.add(certificate).map_err(|_| unusable("no certificate authority"))?;
        }
    }
    // The provider is named: with two in a process rustls would refuse to guess.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error { kind: Kind::Invalid, message: format!("tls: {error}") })?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}

fn unusable(why: &str) -> Error {
    let message = format!("a certificate authority of the tenant cannot be used: it is {why}");
    Error { kind: Kind::Invalid, message }
}

/// The system's bundle, if one is there and holds anything.
fn system() -> Option<RootCertStore> {
    let named = env::var("SSL_CERT_FILE").ok();
    let files = named.iter().map(String::as_str).chain(BUNDLES);
    files.filter_map(|file| CertificateDer::pem_file_iter(file).ok()).find_map(|certificates| {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(certificates.flatten());
        (!store.is_empty()).then_some(store)
    })
}
