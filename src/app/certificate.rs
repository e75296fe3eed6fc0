//! The server's certificate as the configuration names it: what is wrong with its files.

use super::source::{Source, finding};
use crate::{
    diagnostic::Diagnostic,
    server::{
        certificate::{Certificate, Fault, unreadable},
        settings::Files,
    },
};
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;

/// Every finding of the files at `server.tls`. One that cannot be read is a warning: a configuration
/// is checked where it is written, and its key is only where it runs.
pub fn findings(files: Option<&Files>, source: &Source) -> Vec<Diagnostic> {
    let Some(files) = files else { return Vec::new() };
    match Certificate::read(files, &aws_lc_rs::default_provider()) {
        Ok(certificate) => {
            let expired = certificate.validity.check(now()).err().map(|why| {
                let help = "clients refuse it: renew it, or set the clock";
                let place = source.place(&["server", "tls", "cert"]);
                Diagnostic::warning("C018", place, why).help(help)
            });
            expired.into_iter().collect()
        }
        Err(fault) if fault.unreadable => {
            let warning = |fault: Fault| {
                let place = source.place(&["server", "tls", fault.file]);
                let help = "`serve` needs it: mount it where that runs, and let us read it";
                Diagnostic::warning("C017", place, fault.message).help(help)
            };
            unreadable(files).map(warning).collect()
        }
        Err(fault) => vec![refused(&fault, source)],
    }
}

/// The finding without which a server would not start.
pub fn refused(fault: &Fault, source: &Source) -> Diagnostic {
    let help = match fault.file {
        "cert" => "`cert` names the chain in PEM, the server's own certificate first",
        _ => "`key` names the certificate's private key in PEM, not encrypted",
    };
    let place = source.place(&["server", "tls", fault.file]);
    finding("C017", place, fault.message.clone(), Some(help.to_owned()))
}

/// Now, for what depends on a certificate's dates.
#[expect(clippy::disallowed_methods, reason = "where the time enters that certificates depend on")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
