//! Whom we trust to vouch for another host: the system's certificate authorities where there are any, else those
//! compiled in, and the operator's own beside them.
//!
//! An image FROM scratch has no certificate store, and a client that only knew the system's would not start there.

use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::WantsClientCert,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{env, sync::Arc};

/// Where systems keep their bundle.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Those of the system and `own` (PEM texts). An error says what is wrong with one of `own`.
pub fn trusted(own: &[String]) -> Result<RootCertStore, String> {
    let mut store = system()
        .unwrap_or_else(|| RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    add(&mut store, own)?;
    Ok(store)
}

/// Trusts `own` as well.
pub fn add(store: &mut RootCertStore, own: &[String]) -> Result<(), String> {
    for pem in own {
        for certificate in certificates(pem)? {
            store
                .add(certificate)
                .map_err(|_| "cannot be used: it is no certificate authority".to_owned())?;
        }
    }
    Ok(())
}

/// The TLS side of a client that trusts these; what it shows of itself is still to be said.
pub fn client(
    store: RootCertStore,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
    // The provider is named: with two in a process rustls would refuse to guess.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(store))
}

/// The certificates of a PEM text, one at least.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(
            "holds no certificate: expected PEM, which begins with `-----BEGIN CERTIFICATE-----`"
                .to_owned(),
        ),
    }
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
