//! What is tried, and a vendor with a process before it.

use crate::{
    act::Act, fakes::server::Fake, harness::Gateway, mapping, steps::mark_of, subject::Subject,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What is tried.
pub struct Setting {
    /// The mapping, with the time that each of its calls has.
    pub text: String,
    pub acts: Vec<Act>,
    /// A fault stays.
    pub lasting: bool,
    pub profile: &'static str,
}

impl Setting {
    /// All that a subject can do, with its mapping as it is shipped.
    pub fn of<S: Subject>() -> Self {
        Self {
            text: mapping::shipped(S::MAPPING),
            acts: S::ACTS.concat(),
            lasting: false,
            profile: "okta",
        }
    }

    /// The same with faults that stay.
    pub fn lasting<S: Subject>() -> Self {
        Self { lasting: true, ..Self::of::<S>() }
    }
}

/// The mapping of a setting, in files.
pub struct Files {
    /// Who answers at all has answered by then, however busy the machine is.
    pub patient: PathBuf,
    /// Who does not answer is not waited for: for faults that stay, of which one request meets several.
    pub hasty: PathBuf,
}

impl Files {
    pub fn of<S: Subject>(setting: &Setting) -> Self {
        let file = |timeout| mapping::impatient(S::MAPPING, &setting.text, timeout);
        Self { patient: file("2s"), hasty: file("700ms") }
    }
}

/// A vendor and a process before it.
pub struct World<S: Subject> {
    pub vendor: Fake<S>,
    pub gateway: Gateway,
    pub secrets: Vec<&'static str>,
}

impl<S: Subject> World<S> {
    pub async fn begin(file: &Path, profile: &'static str) -> Self {
        let vendor = S::begin().await;
        let tenant = S::tenant(&vendor).mapped(file.to_owned()).profile(profile);
        let secrets = tenant.secrets().collect();
        let gateway = Gateway::one(tenant);
        // A client's own credential is known from here on, and costs no call more.
        gateway.okta().test_credentials().await;
        Self { vendor, gateway, secrets }
    }
}

/// An act without trouble.
pub struct Goal {
    pub act: Act,
    /// The steps that it calls, in order, by their marks.
    pub steps: Vec<String>,
    /// What the client is told.
    pub told: Value,
    /// What the vendor holds then.
    pub held: Value,
    /// What a client reads then.
    pub read: Value,
}

impl Goal {
    pub async fn of<S: Subject>(act: Act, file: &Path, profile: &'static str) -> Self {
        let World { vendor, gateway, .. } = World::<S>::begin(file, profile).await;
        let okta = gateway.okta();
        let ready = act.prepare::<S>(&okta, 0).await;
        vendor.forget();
        let told = ready.ask(&okta).await;
        assert!(act.is_done(told.status), "{} {act:?}: {}", S::MAPPING, told.body);
        let steps = vendor.calls().iter().filter_map(mark_of).collect();
        let held = ready.held(&*vendor.state());
        for (list, members) in S::must_have(act).as_object().into_iter().flatten() {
            for (name, value) in members.as_object().into_iter().flatten() {
                assert_eq!(held[list][0][name], *value, "{} {act:?}: {held}", S::MAPPING);
            }
        }
        let read = ready.read(&okta).await;
        gateway.ended();
        Self { act, steps, told: ready.plain(told.body), held, read }
    }
}
