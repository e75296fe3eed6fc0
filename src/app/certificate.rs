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
                Diagnostic::warning("C017", place, fault.message)
            };
            unreadable(files).map(warning).collect()
        }
        Err(fault) => vec![refused(&fault, source)],
    }
}

/// The finding without which a server would not start.
pub fn refused(fault: &Fault, source: &Source) -> Diagnostic {
    finding("C017", source.place(&["server", "tls", fault.file]), fault.message.clone(), None)
}

/// Now, for what depends on a certificate's dates.
#[expect(clippy::disallowed_methods, reason = "where the time enters that certificates depend on")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
