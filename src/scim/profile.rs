//! Profiles: the named habits of one kind of client.

/// Whose habits a tenant expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Okta's cloud.
    #[default]
    Okta,
    /// Okta's on-premises agent, SCIM 1.1.
    OktaOpp11,
    /// Microsoft Entra ID.
    Entra,
    /// None: the RFC and nothing else.
    Strict,
}

impl Profile {
    /// All of them, by the name that a configuration gives.
    pub const NAMES: [(&'static str, Profile); 4] = [
        ("okta", Profile::Okta),
        ("okta-opp-1.1", Profile::OktaOpp11),
        ("entra", Profile::Entra),
        ("strict", Profile::Strict),
    ];

    /// The profile of a name.
    pub fn named(name: &str) -> Option<Profile> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, profile)| *profile)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, profile)| *profile == self).map_or("strict", |(name, _)| name)
    }

    /// The client repeats a 429 by itself and leaves a 503 to a person.
    pub fn repeats_429(self) -> bool {
        matches!(self, Profile::Okta | Profile::OktaOpp11)
    }
}
