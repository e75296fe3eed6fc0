//! The vendor in words: where it is, how calls are signed, how fast, and what its failures mean.

use super::{counted, errors::row, login};
use crate::{
    mapping::plan::{AuthPlan, Encoding, GrantPlan, UpstreamPlan},
    upstream::settings::{Carrier, Scheme},
};
use std::{
    fmt::{self, Write},
    time::Duration,
};

/// The `upstream:` section.
pub fn words(upstream: &UpstreamPlan, out: &mut String) -> fmt::Result {
    writeln!(out, "\nthe vendor at {}", upstream.base_url.as_written())?;
    writeln!(out, "  calls are {}", signed(&upstream.auth))?;
    if let AuthPlan::Login(login) = &upstream.auth {
        login::words(login, out)?;
    }
    if let Some((certificate, _)) = &upstream.tls.identity {
        writeln!(out, "  it is shown the certificate {}", certificate.as_written())?;
    }
    if let Some(ca) = &upstream.tls.ca {
        writeln!(out, "  authorities of {} are trusted beside the system's", ca.as_written())?;
    }
    for (name, template) in &upstream.headers {
        writeln!(out, "  each has the header {name}: {}", template.as_written())?;
    }
    if upstream.encoding == Encoding::Form {
        writeln!(out, "  bodies are forms")?;
    }
    writeln!(out, "  {}", pace(upstream))?;
    if let Some(probe) = &upstream.probe {
        let (method, path) = (&probe.method, probe.path.as_written());
        writeln!(out, "  {method} {path} tells whether it is there and takes our credential")?;
    }
    if !upstream.errors.is_empty() {
        writeln!(
            out,
            "  an answer means, the first of these that holds, else what its status says:"
        )?;
    }
    upstream.errors.iter().try_for_each(|one| writeln!(out, "    {}", row(one)))
}

fn signed(auth: &AuthPlan) -> String {
    match auth {
        AuthPlan::None => "not signed".to_owned(),
        AuthPlan::Bearer(token) => {
            format!("signed by `authorization: Bearer {}`", token.as_written())
        }
        AuthPlan::Basic { user, password } => {
            let (user, password) = (user.as_written(), password.as_written());
            format!("signed by `authorization: Basic` of `{user}:{password}`")
        }
        AuthPlan::Header { name, value } => {
            format!("signed by the header `{name}: {}`", value.as_written())
        }
        AuthPlan::OAuth(oauth) => {
            let how = match oauth.grant {
                GrantPlan::ClientCredentials => "client credentials",
                GrantPlan::Password { .. } => "a user's password",
                GrantPlan::RefreshToken(_) => "a refresh token",
            };
            format!("signed by a token from {}, for {how}", oauth.token_url.as_written())
        }
        AuthPlan::Login(login) => {
            let value = login.value.as_written();
            match &login.send {
                Carrier::Header(name) => format!("signed by the header `{name}: {value}`"),
                Carrier::Query(name) => format!("signed by the parameter `?{name}={value}`"),
                Carrier::Cookie(name) => format!("signed by the cookie `{name}={value}`"),
            }
        }
        AuthPlan::Client(scheme) => {
            let scheme = match scheme {
                Scheme::Bearer => "Bearer ",
                Scheme::Basic => "Basic ",
                Scheme::AsSent => "",
            };
            format!("signed by `authorization: {scheme}<the client's credential>`")
        }
        AuthPlan::Query { name, value } => {
            format!("signed by the parameter `?{name}={}`", value.as_written())
        }
    }
}

fn pace(upstream: &UpstreamPlan) -> String {
    let limits = &upstream.limits;
    let rate = limits.requests.iter().map(|(requests, per)| {
        format!("at most {} in {}, ", counted(*requests as usize, "call"), time(*per))
    });
    let headers = limits.remaining.iter().map(|remaining| {
        let until = limits.reset.iter().map(|reset| format!(" until `{reset}`"));
        format!(", and none{} when `{remaining}` is 0", until.collect::<String>())
    });
    format!(
        "{}{} at once, {} for each; one that failed is tried {} more{}",
        rate.collect::<String>(),
        limits.concurrent,
        time(upstream.timeout),
        counted(upstream.retries.times as usize, "time"),
        headers.collect::<String>(),
    )
}

/// `1m`, `20s`, `150ms`
pub fn time(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    match (seconds, millis) {
        (seconds, 0) if seconds > 0 && seconds % 60 == 0 => format!("{}m", seconds / 60),
        (seconds, 0) => format!("{seconds}s"),
        _ => format!("{}ms", time.as_millis()),
    }
}
