//! The server's certificate as the configuration names it: what is wrong with its files.

use super::source::{Source, finding};
use crate::{
    diagnostic::Diagnostic,
    server::{
        certificate::{Certificate, Fault},
        settings::Files,
    },
};
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;

/// Every finding of the files at `server.tls`. One that cannot be read is a warning: a configuration
/// is checked where it is written, and its key is only where it runs.
pub fn findings(files: Option<&Files>, source: &Source) -> Vec<Diagnostic> {
    let read = files.map(|files| Certificate::read(files, &aws_lc_rs::default_provider()));
    let found = match read {
        None => None,
        Some(Ok(certificate)) => certificate.validity.check(now()).err().map(|why| {
            let help = "clients refuse it: renew it, or set the clock";
            Diagnostic::warning("C018", source.place(&["server", "tls", "cert"]), why).help(help)
        }),
        Some(Err(fault)) if fault.unreadable => {
            let place = source.place(&["server", "tls", fault.file]);
            Some(Diagnostic::warning("C017", place, fault.message))
        }
        Some(Err(fault)) => Some(refused(&fault, source)),
    };
    found.into_iter().collect()
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
