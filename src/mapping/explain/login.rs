//! A login call in words.

use super::calls;
use crate::mapping::plan::LoginPlan;
use std::fmt::{self, Write};

/// The call that gives the token, and where its answer has it.
pub fn words(login: &LoginPlan, out: &mut String) -> fmt::Result {
    writeln!(out, "  the token is had by")?;
    calls::step(&login.step, login.step.evidence, out)?;
    writeln!(out, "        the token is `{}`", login.token.text())?;
    match &login.expires {
        Some(expires) => writeln!(out, "        until `{}`, and renewed before", expires.text()),
        None => writeln!(out, "        until the vendor answers 401"),
    }
}
