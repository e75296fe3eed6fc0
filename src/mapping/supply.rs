//! What a Plan makes of a tenant's variables: the upstream's settings, and what discovery may
//! promise.

use super::{
    credential,
    expr::{Scope, Template},
    plan::{Plan, ResourcePlan},
};
use crate::{
    scim::{dialect::Abilities, discovery::Capabilities},
    secret::Secret,
    upstream::settings::{Identity, Settings},
};
use serde_json::Value;

impl Plan {
    /// The upstream's settings for one tenant. The error names what is missing, never a value.
    pub fn settings(&self, variables: &Value) -> Result<Settings, String> {
        let scope = Scope::new().with("tenant", variables);
        let text = |what: &str, template: &Template| {
            template
                .text(&scope)
                .map_err(|error| error.message)
                .and_then(|text| text.ok_or_else(|| "it is empty".to_owned()))
                .map_err(|why| format!("{what} of mapping `{}` cannot be made: {why}", self.name))
        };
        // Found here, before anything is served: a request could not say so as well.
        self.of_tenant(variables)
            .map_err(|why| format!("a place of mapping `{}`: {why}", self.name))?;
        let auth = credential::auth(&self.upstream.auth, variables, &text)?;
        let tls = &self.upstream.tls;
        let there = |text: &String| !text.trim().is_empty();
        let ca = tls.ca.iter().map(|ca| text("`tls.ca`", ca)).collect::<Result<Vec<_>, _>>()?;
        let identity = match &tls.identity {
            None => None,
            Some((certificate, key)) => {
                let pair = (text("`tls.certificate`", certificate)?, text("`tls.key`", key)?);
                Some(pair).filter(|(certificate, key)| there(certificate) || there(key))
            }
        };
        let mut headers = Vec::new();
        for (name, template) in &self.upstream.headers {
            headers.push((name.clone(), text("a header", template)?));
        }
        Ok(Settings {
            base_url: text("`base_url`", &self.upstream.base_url)?,
            auth,
            headers,
            timeout: self.upstream.timeout,
            limits: self.upstream.limits.clone(),
            retries: self.upstream.retries.clone(),
            roots: ca.into_iter().filter(there).collect(),
            identity: identity
                .map(|(certificate, key)| Identity { certificate, key: Secret::new(key) }),
            ..Settings::default()
        })
    }

    /// What the service can do, for `/ServiceProviderConfig`. A page has `page` resources where the client
    /// does not say, and `longest_page` at most. How clients authenticate, and how much one Bulk may hold, no
    /// mapping knows.
    pub fn capabilities(&self, page: usize, longest_page: usize) -> Capabilities {
        let any = |can: &dyn Fn(&ResourcePlan) -> bool| self.resources.iter().any(can);
        Capabilities {
            patch: any(&|resource| {
                resource.kept()
                    || resource.values_of().is_some()
                    || !resource.operations.update.is_empty()
            }),
            change_password: any(&|resource| {
                resource.rules.iter().any(|rule| {
                    rule.target.to_string() == "password" && rule.writable() && !rule.only_create
                })
            }),
            page,
            longest_page,
            sort: true,
            etag: true,
            bulk: None,
            authentication: Vec::new(),
        }
    }

    /// What can be done with users and groups, for a client that shows no more than that.
    pub fn abilities(&self) -> Abilities {
        let standard = |name: &str| self.resources.iter().find(|each| each.kind.name == name);
        let groups = standard("Group").is_some_and(|group| {
            let can = &group.operations;
            let own = group.kept() || group.values_of().is_some();
            own || can.create.is_some() && !can.update.is_empty()
        });
        let Some(user) = standard("User") else { return Abilities { groups, ..<_>::default() } };
        let changes = |name: &str| {
            user.rules
                .iter()
                .any(|rule| rule.target.to_string() == name && rule.writable() && !rule.only_create)
        };
        let update = !user.operations.update.is_empty();
        Abilities {
            list: user.operations.lists(),
            create: user.operations.create.is_some(),
            update,
            activate: update && changes("active"),
            change_password: update && changes("password"),
            groups,
        }
    }
}
