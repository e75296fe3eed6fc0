//! What an app has from the start when it is made from one of Okta's SCIM templates: nobody types it in.

use crate::scim::schema::{ENTERPRISE_USER, USER};

/// One such attribute, as Okta calls it.
#[derive(Debug)]
pub struct Known {
    /// Variable name.
    pub variable: &'static str,
    /// Display name.
    pub title: &'static str,
    external_name: &'static str,
    namespace: &'static str,
}

const fn core(variable: &'static str, title: &'static str, external_name: &'static str) -> Known {
    Known { variable, title, external_name, namespace: USER }
}

const fn enterprise(
    variable: &'static str,
    title: &'static str,
    external_name: &'static str,
) -> Known {
    Known { variable, title, external_name, namespace: ENTERPRISE_USER }
}

const KNOWN: [Known; 32] = [
    core("userName", "Username", "userName"),
    core("givenName", "Given name", "name.givenName"),
    core("familyName", "Family name", "name.familyName"),
    core("middleName", "Middle name", "name.middleName"),
    core("honorificPrefix", "Honorific prefix", "name.honorificPrefix"),
    core("honorificSuffix", "Honorific suffix", "name.honorificSuffix"),
    core("email", "Email", "emails.^[primary==true].value"),
    core("emailType", "Primary email type", "emails.^[primary==true].type"),
    core("title", "Title", "title"),
    core("displayName", "Display name", "displayName"),
    core("nickName", "Nickname", "nickName"),
    core("profileUrl", "Profile Url", "profileUrl"),
    core("primaryPhone", "Primary phone", "phoneNumbers.^[primary==true].value"),
    core("primaryPhoneType", "Primary phone type", "phoneNumbers.^[primary==true].type"),
    core("addressType", "Address type", "addresses.^[primary==true].type"),
    core("streetAddress", "Street address", "addresses.^[primary==true].streetAddress"),
    core("locality", "Locality", "addresses.^[primary==true].locality"),
    core("region", "Region", "addresses.^[primary==true].region"),
    core("postalCode", "Postal Code", "addresses.^[primary==true].postalCode"),
    core("country", "Country", "addresses.^[primary==true].country"),
    core("formatted", "Formatted", "addresses.^[primary==true].formatted"),
    core("preferredLanguage", "Preferred language", "preferredLanguage"),
    core("locale", "Locale Name", "locale"),
    core("timezone", "Time zone", "timezone"),
    core("userType", "User type", "userType"),
    enterprise("employeeNumber", "Employee number", "employeeNumber"),
    enterprise("costCenter", "Cost center", "costCenter"),
    enterprise("organization", "Organization", "organization"),
    enterprise("division", "Division", "division"),
    enterprise("department", "Department", "department"),
    enterprise("managerValue", "Manager value", "manager.value"),
    enterprise("managerDisplayName", "Manager display name", "manager.displayName"),
];

/// The one of that external name.
pub fn named(external_name: &str, namespace: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|one| one.external_name == external_name && one.namespace == namespace)
}

/// Whether a variable's name is Okta's own.
pub fn takes(variable: &str) -> bool {
    KNOWN.iter().any(|one| one.variable.eq_ignore_ascii_case(variable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mapping::path::RulePath,
        scim::schema::{enterprise_user, user},
    };
    use std::collections::HashSet;

    #[test]
    fn each_is_there_once_and_is_an_attribute_of_its_schema() {
        let (user, enterprise) = (user(), enterprise_user());
        let mut seen = HashSet::new();
        for one in &KNOWN {
            assert!(seen.insert(one.variable) && seen.insert(one.title), "{one:?}");
            let schema = [&user, &enterprise].into_iter().find(|schema| schema.id == one.namespace);
            let path = RulePath::parse(one.external_name).unwrap();
            assert_eq!(path.to_string(), one.external_name);
            let attribute = schema.unwrap().attribute(&path.name).unwrap();
            assert_eq!(path.select.is_some(), attribute.multi_valued, "{one:?}");
            assert!(path.sub.is_none_or(|sub| attribute.sub(&sub).is_some()), "{one:?}");
        }
    }
}
