//! A certificate chain and its key, read from files, and from when to when it is valid.

use super::settings::Files;
use jiff::Timestamp;
use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use std::{fmt, path::Path};

/// What the server shows at a handshake.
#[derive(Debug)]
pub struct Certificate {
    /// Chain and key; they fit.
    pub key: CertifiedKey,
    /// Of the server's own, the first of the chain.
    pub validity: Validity,
}

/// From when to when a client takes a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore`
    pub from: Timestamp,
    /// `notAfter`
    pub to: Timestamp,
}

/// Why there is no certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key of `server.tls` that names the file at fault.
    pub file: &'static str,
    /// It cannot be read: where it is mounted it may be there.
    pub unreadable: bool,
    /// Names the file, what is wrong with it, and the remedy.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Validity {
    /// What is wrong with it at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), String> {
        let Self { from, to } = self;
        if now < *from {
            return Err(format!("the certificate is not valid before {from}"));
        }
        if now > *to {
            return Err(format!("the certificate has expired at {to}"));
        }
        Ok(())
    }

    fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            from: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            to: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
        })
    }
}

impl Certificate {
    /// Reads both files.
    pub fn read(files: &Files, provider: &CryptoProvider) -> Result<Self, Fault> {
        let (cert, key) = (files.cert.display(), files.key.display());
        let of_cert = |message| Fault { file: "cert", unreadable: false, message };
        let of_key = |message| Fault { file: "key", unreadable: false, message };
        let chain = CertificateDer::pem_slice_iter(&contents("cert", &files.cert)?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| of_cert(format!("certificate file `{cert}` is not PEM: {error}")))?;
        let own = chain.first().ok_or_else(|| {
            of_cert(format!(
                "certificate file `{cert}` holds no certificate: it must hold `BEGIN CERTIFICATE`, \
                 the server's own first"
            ))
        })?;
        let validity = Validity::of(own).ok_or_else(|| {
            of_cert(format!("certificate file `{cert}` holds no X.509 certificate: renew it"))
        })?;
        let private = contents("key", &files.key)?;
        let private = PrivateKeyDer::from_pem_slice(&private).map_err(|_| {
            let expected = "it must be PEM and not encrypted";
            of_key(format!("key file `{key}` holds no private key: {expected}"))
        })?;
        let key = CertifiedKey::from_der(chain, private, provider).map_err(|error| {
            of_key(format!(
                "key `{key}` and certificate `{cert}` do not fit: {error}: renew both together"
            ))
        })?;
        Ok(Self { key, validity })
    }
}

/// Each of the two files that cannot be read.
pub fn unreadable(files: &Files) -> impl Iterator<Item = Fault> {
    let both = [("cert", &files.cert), ("key", &files.key)];
    both.into_iter().filter_map(|(file, path)| contents(file, path).err())
}

fn contents(file: &'static str, path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| {
        let message =
            format!("file `{}` cannot be read: {error}: see `server.tls`", path.display());
        Fault { file, unreadable: true, message }
    })
}
