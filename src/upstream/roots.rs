//! The TLS side of a vendor's client: whom it trusts, and who it says that it is.

use super::{Error, error::Kind, settings::Identity};
use crate::dial::roots::{add, certificates, client, trusted};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{PrivateKeyDer, pem::PemObject},
};

/// One that trusts the system and `own` (PEM texts), and shows `identity` to a vendor that asks. One whose vendor is
/// reached in the clear, beside it, trusts nobody: the system's bundle costs a megabyte and milliseconds.
pub fn client_config(
    own: &[String],
    identity: Option<&Identity>,
    encrypted: bool,
) -> Result<ClientConfig, Error> {
    let of_ca = |what: String| unusable(format!("`tls.ca` {what}"));
    let store = match encrypted {
        true => trusted(own).map_err(of_ca)?,
        false => {
            let mut store = RootCertStore::empty();
            add(&mut store, own).map_err(of_ca)?;
            store
        }
    };
    let config = client(store).map_err(|error| unusable(format!("tls: {error}")))?;
    let Some(Identity { certificate, key }) = identity else {
        return Ok(config.with_no_client_auth());
    };
    let chain =
        certificates(certificate).map_err(|what| unusable(format!("`tls.certificate` {what}")))?;
    // Neither library's own words: they may repeat what was found.
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| {
        unusable("`tls.key` holds no key: expected PEM, PKCS#8, PKCS#1 or SEC1".to_owned())
    })?;
    config
        .with_client_auth_cert(chain, key)
        .map_err(|_| unusable("`tls.certificate` and `tls.key` do not belong together".to_owned()))
}

fn unusable(message: String) -> Error {
    Error { kind: Kind::Invalid, message }
}
