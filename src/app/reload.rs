//! A file changed: load, check, then swap; else keep what runs.
//!
//! Files are compared by content every few seconds. Kubernetes renews a mounted file by swapping a
//! symbolic link some folders above it, which watching the file itself does not see.

use super::{build, certificate, log, source::Source, tenant::Tenant, variables::Given};
use crate::{
    diagnostic::{Diagnostic, Severity},
    gateway::Gateway,
    metrics::Metrics,
    secret::Reference,
    server::{
        settings::{self, Digest, duration},
        tls::Tls,
    },
};
use serde::Deserialize;
use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// The `reload:` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `every`")]
pub struct Settings {
    /// How often files are looked at; a SIGHUP looks at once, and tries again what was refused.
    #[serde(deserialize_with = "duration")]
    pub every: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { every: Duration::from_secs(5) }
    }
}

/// Files, and what they held when they were last looked at.
pub struct Files {
    paths: Vec<PathBuf>,
    /// Whatever came of it: a change that was refused is told once.
    seen: Vec<Digest>,
}

impl Files {
    /// A tenant's mapping, and the files that its variables come from.
    pub fn of_tenant(tenant: &Tenant) -> Self {
        let secrets = tenant.vars.values().filter_map(|given| match given {
            Given::Reference(Reference::File(path)) => Some(path.clone()),
            _ => None,
        });
        Self::seen(std::iter::once(tenant.mapping.clone()).chain(secrets).collect())
    }

    /// The server's certificate and key.
    pub fn of_certificate(files: &settings::Files) -> Self {
        Self::seen(vec![files.cert.clone(), files.key.clone()])
    }

    /// The configuration itself.
    pub fn of_configuration(file: &Path) -> Self {
        Self::seen(vec![file.to_owned()])
    }

    fn seen(paths: Vec<PathBuf>) -> Self {
        let seen = contents(&paths);
        Self { paths, seen }
    }

    /// Those that are not as they were.
    fn changed(&mut self) -> Vec<String> {
        let found = contents(&self.paths);
        let before = std::mem::replace(&mut self.seen, found);
        let each = self.paths.iter().zip(before.iter().zip(&self.seen));
        let changed = each.filter(|(_, (before, now))| before != now);
        changed.map(|(path, _)| path.display().to_string()).collect()
    }
}

/// Files with what they make. Take [`Files`] before the first making: a change in between is then
/// seen at the first look.
pub struct Watch {
    files: Files,
    made: Made,
    /// 1 is what the process began with.
    generation: u64,
    /// What the files say now is not what runs.
    refused: bool,
    metrics: Arc<Metrics>,
}

/// What files make.
pub enum Made {
    /// What a gateway runs on.
    Mapping {
        /// The tenant's name.
        name: Arc<str>,
        /// What the configuration says of it.
        tenant: Box<Tenant>,
        /// Where that stands.
        source: Source,
        /// What is swapped.
        gateway: Arc<Gateway>,
    },
    /// What the server shows at a handshake.
    Certificate(Arc<Tls>),
    /// What this takes up of the configuration: the clients, and the rest of it with a restart.
    Configuration(Box<dyn Fn() -> Taken + Send>),
}

/// What came of taking something up: findings that do not stand in its way, or why what runs stays.
pub type Taken = Result<Vec<Diagnostic>, Vec<String>>;

/// The tenant's label where there is none.
const NO_TENANT: &str = "-";

impl Watch {
    /// Watches `files`, of which `made` was made.
    pub fn new(files: Files, made: Made, metrics: Arc<Metrics>) -> Self {
        let watch = Self { files, made, generation: 1, refused: false, metrics };
        let (tenant, what) = watch.labels();
        watch.metrics.generation(tenant, what, watch.generation);
        watch
    }

    fn labels(&self) -> (&str, &'static str) {
        match &self.made {
            Made::Mapping { name, .. } => (name, "mapping"),
            Made::Certificate(_) => (NO_TENANT, "certificate"),
            Made::Configuration(_) => (NO_TENANT, "configuration"),
        }
    }

    /// Swaps in what the files say when they have changed; when `asked`, what was refused is tried
    /// again: what stood in its way may be gone. Whether there was something to do.
    fn look(&mut self, asked: bool) -> bool {
        let again = asked && self.refused;
        let changed = self.files.changed();
        if changed.is_empty() && !again {
            return false;
        }
        // Until the end of this: a panic in the middle is a refusal.
        self.refused = true;
        let next = self.generation + 1;
        let made = self.make();
        let kept = if made.is_ok() { next } else { self.generation };
        let (tenant, what) = self.labels();
        // Counted before it is told: who reads the line finds the count.
        self.metrics.reload(tenant, what, made.is_ok(), kept);
        match &made {
            Ok(unwise) => {
                unwise.iter().for_each(|finding| log::warn(tenant, finding));
                let files = changed.join(", ");
                tracing::info!(tenant, what, files, generation = next, "reloaded");
            }
            Err(reasons) => reasons.iter().for_each(|reason| self.refuse(reason)),
        }
        self.generation = kept;
        self.refused = made.is_err();
        true
    }

    fn panicked(&mut self) {
        let (tenant, what) = self.labels();
        self.metrics.reload(tenant, what, false, self.generation);
        self.refuse("it ended in a panic: a mistake in scimshim, please report it");
    }

    fn refuse(&self, reason: &str) {
        let ((tenant, what), kept) = (self.labels(), self.generation);
        tracing::error!(tenant, what, kept, reason, "reload refused");
    }

    /// Makes the new beside what runs, and swaps it whole; on an error what runs stays.
    fn make(&self) -> Taken {
        match &self.made {
            Made::Mapping { name, tenant, source, gateway } => {
                let built = build::live(
                    name,
                    tenant,
                    source,
                    &self.metrics,
                    gateway.remembers(),
                    Some(&gateway.live()),
                );
                let (live, unwise) = built.map_err(|findings| errors(&findings))?;
                gateway.swap(live);
                Ok(unwise)
            }
            Made::Certificate(tls) => {
                let validity = tls.reload(certificate::now()).map_err(|reason| vec![reason])?;
                self.metrics.certificate_expiry(validity.to.as_second());
                Ok(vec![])
            }
            Made::Configuration(take_up) => take_up(),
        }
    }
}

/// Looks at each, whatever becomes of the others: one that panics has been logged as such, and says
/// `panicked`. How many there was something to do for.
fn each<W>(all: &mut [W], look: impl Fn(&mut W) -> bool, panicked: impl Fn(&mut W)) -> usize {
    let one = |one: &mut W| {
        // What a panic leaves half-made is dropped with it: nothing is swapped in before it is whole.
        catch_unwind(AssertUnwindSafe(|| look(one))).unwrap_or_else(|_| {
            panicked(one);
            true
        })
    };
    all.iter_mut().map(one).filter(|changed| *changed).count()
}

/// Looks after `watches` until it is dropped: every so often, and at once when `asked` says so.
pub async fn run<F: Future<Output = ()>>(
    mut watches: Vec<Watch>,
    settings: Settings,
    asked: impl Fn() -> F,
) {
    // What runs has just been made: there is nothing to see at once.
    let mut ticks = interval_at(Instant::now() + settings.every, settings.every);
    // After a suspended night one look is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            _ = ticks.tick() => false,
            () = asked() => true,
        };
        // A big mapping takes milliseconds to check, and requests must not wait for it.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = each(&mut watches, |watch| watch.look(asked), Watch::panicked);
            if asked {
                tracing::info!(changed, "looked at the files");
            }
            watches
        });
        match looked.await {
            Ok(back) => watches = back,
            Err(_) => {
                // Serving goes on with what runs; this future must not end with it.
                tracing::error!("no more reloads until a restart: the last one panicked");
                return std::future::pending().await;
            }
        }
    }
}

/// Those of the findings that stand in the way, as a log tells them.
pub fn errors(findings: &[Diagnostic]) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(ToString::to_string).collect()
}

/// A digest of each file. One that cannot be read counts as empty: that it goes is a change to try and to tell
/// of, and that it comes back another.
fn contents(files: &[PathBuf]) -> Vec<Digest> {
    files.iter().map(|file| Digest::of(&std::fs::read(file).unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_panics_does_not_keep_the_others_from_being_looked_at() {
        let mut all = [0, 1, 2, 3];
        let look = |one: &mut i32| {
            assert_ne!(*one, 1, "in the middle");
            *one += 10;
            *one != 12
        };
        let changed = each(&mut all, look, |one| *one = -1);
        assert_eq!((changed, all), (3, [10, -1, 12, 13]));
    }
}
