//! Whom we trust to vouch for a vendor: the system's certificate authorities where there are any,
//! else those compiled in, and the tenant's own beside them; and who we say that we are.
//!
//! An image FROM scratch has no certificate store, and a client that only knew the system's would
//! not start there.

use super::{Error, error::Kind, settings::Identity};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{env, sync::Arc};

/// Where systems keep their bundle.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// The TLS side of a client that trusts the system and `own` (PEM texts), and shows `identity` to a vendor that
/// asks. One whose vendor is reached in the clear, beside it, trusts nobody: the system's bundle costs a megabyte
/// and milliseconds.
pub fn client_config(
    own: &[String],
    identity: Option<&Identity>,
    encrypted: bool,
) -> Result<ClientConfig, Error> {
    let mut store = match encrypted {
        true => system()
            .unwrap_or_else(|| RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
        false => RootCertStore::empty(),
    };
    for pem in own {
        for certificate in certificates("tls.ca", pem)? {
            store.add(certificate).map_err(|_| {
                unusable("`tls.ca` cannot be used: it is no certificate authority".to_owned())
            })?;
        }
    }
    // The provider is named: with two in a process rustls would refuse to guess.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(format!("tls: {error}")))?
        .with_root_certificates(store);
    let Some(Identity { certificate, key }) = identity else {
        return Ok(config.with_no_client_auth());
    };
    let chain = certificates("tls.certificate", certificate)?;
    // Neither library's own words: they may repeat what was found.
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| {
        unusable("`tls.key` holds no key: expected PEM, PKCS#8, PKCS#1 or SEC1".to_owned())
    })?;
    config
        .with_client_auth_cert(chain, key)
        .map_err(|_| unusable("`tls.certificate` and `tls.key` do not belong together".to_owned()))
}

/// The certificates of a PEM text, one at least.
fn certificates(key: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(unusable(format!(
            "`{key}` holds no certificate: expected PEM, which begins with `-----BEGIN CERTIFICATE-----`"
        ))),
    }
}

fn unusable(message: String) -> Error {
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
