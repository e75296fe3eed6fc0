//! The User schema (RFC 7643 §4.1, §8.7.1).

use super::definition::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};

/// URN of the User schema.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The User schema as RFC 7643 defines it.
pub fn user() -> Schema {
    Schema {
        id: USER.to_owned(),
        name: "User".to_owned(),
        description: "A user account".to_owned(),
        attributes: [singular(), plural()].concat(),
    }
}

/// §4.1.1.
fn singular() -> Vec<Attribute> {
    vec![
        // Not caseExact: two that differ in case alone are one (R19, RFC 7643 §4.1.1), and a filter finds either
        // (R42, RFC 7644 §3.4.2.2).
        Attribute::text("userName")
            .about("The name the user signs in with.")
            .required()
            .unique(Uniqueness::Server),
        name(),
        Attribute::text("displayName").about("The name shown to people."),
        Attribute::text("nickName").about("The casual name."),
        Attribute::reference("profileUrl", &["external"]).about("A page about the user."),
        Attribute::text("title").about("The title, such as Vice President."),
        Attribute::text("userType").about("How the user stands to the organization."),
        Attribute::text("preferredLanguage").about("The preferred language, such as en-US."),
        Attribute::text("locale").about("Where the user is for dates and numbers, such as en-US."),
        Attribute::text("timezone").about("The time zone, such as Europe/Stockholm."),
        Attribute::boolean("active").about("Whether the user may use the service."),
        Attribute::text("password")
            .about("The password, in clear; written and never read.")
            .case_exact()
            .mutability(Mutability::WriteOnly)
            .returned(Returned::Never),
    ]
}

/// §4.1.2.
fn plural() -> Vec<Attribute> {
    vec![
        values(
            "emails",
            Attribute::text("value").about("The address."),
            &["work", "home", "other"],
        )
        .about("E-mail addresses."),
        values(
            "phoneNumbers",
            Attribute::text("value").about("The number."),
            &["work", "home", "mobile", "fax", "pager", "other"],
        )
        .about("Phone numbers."),
        values(
            "ims",
            Attribute::text("value").about("The address."),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        )
        .about("Instant messaging addresses."),
        values(
            "photos",
            Attribute::reference("value", &["external"]).about("The image."),
            &["photo", "thumbnail"],
        )
        .about("Pictures of the user."),
        addresses(),
        groups(),
        values("entitlements", Attribute::text("value").about("The entitlement."), &[])
            .about("What the user may have."),
        values("roles", Attribute::text("value").about("The role."), &[])
            .about("What the user is."),
        values(
            "x509Certificates",
            Attribute::new("value", Type::Binary).about("DER, in base64."),
            &[],
        )
        .about("Certificates."),
    ]
}

fn name() -> Attribute {
    Attribute::complex(
        "name",
        vec![
            Attribute::text("formatted").about("The whole name, ready to show."),
            Attribute::text("familyName").about("The family name."),
            Attribute::text("givenName").about("The given name."),
            Attribute::text("middleName").about("The middle names."),
            Attribute::text("honorificPrefix").about("What stands before, such as Dr."),
            Attribute::text("honorificSuffix").about("What stands behind, such as III."),
        ],
    )
    .about("The parts of the user's name.")
}

fn addresses() -> Attribute {
    Attribute::complex(
        "addresses",
        vec![
            Attribute::text("formatted").about("The whole address, ready to show."),
            Attribute::text("streetAddress").about("Street and house."),
            Attribute::text("locality").about("City."),
            Attribute::text("region").about("State or region."),
            Attribute::text("postalCode").about("Postal code."),
            Attribute::text("country").about("Country, as ISO 3166-1 alpha-2."),
            kind().suggest(&["work", "home", "other"]),
            primary(),
        ],
    )
    .list()
    .about("Postal addresses.")
}

/// Readable only (R26, R87): a membership is changed at the group (RFC 7643 §4.1.2).
fn groups() -> Attribute {
    let read_only = |attribute: Attribute| attribute.mutability(Mutability::ReadOnly);
    read_only(Attribute::complex(
        "groups",
        vec![
            read_only(Attribute::text("value").about("The group's id.").case_exact()),
            read_only(Attribute::reference("$ref", &["Group"]).about("Where the group is read.")),
            read_only(Attribute::text("display").about("The group's name, for people.")),
            read_only(kind().suggest(&["direct", "indirect"])),
        ],
    ))
    .list()
    .about("The groups the user belongs to.")
}

/// A list of values with the usual sub-attributes (§2.4).
fn values(name: &str, value: Attribute, types: &[&str]) -> Attribute {
    let display = Attribute::text("display").about("A name for people.");
    Attribute::complex(name, vec![value, display, kind().suggest(types), primary()]).list()
}

fn kind() -> Attribute {
    Attribute::text("type").about("What the value is for.")
}

fn primary() -> Attribute {
    Attribute::boolean("primary").about("Whether it is the preferred value; true at most once.")
}
