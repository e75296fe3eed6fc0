//! Schema and attribute definitions (RFC 7643 §2, §7) and the three schemas of §4.

/// What a value is (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A real number.
    Decimal,
    /// A whole number.
    Integer,
    /// An xsd:dateTime with a zone.
    DateTime,
    /// Base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may write (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client too.
    ReadWrite,
    /// Once, at creation.
    Immutable,
    /// The client, and nobody reads it.
    WriteOnly,
}

/// When it is in a response (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// Whatever was asked for.
    Always,
    /// In no response.
    Never,
    /// Unless excluded.
    Default,
    /// Only when named in `attributes`.
    Request,
}

/// How values must differ between resources (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// They need not.
    None,
    /// Within this server.
    Server,
    /// Everywhere.
    Global,
}

/// One attribute or sub-attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Canonical spelling; compared without case (RFC 7643 §2.1).
    pub name: String,
    /// What a value is.
    pub kind: Type,
    /// A list of values.
    pub multi_valued: bool,
    /// For people.
    pub description: String,
    /// Must be assigned.
    pub required: bool,
    /// Suggested values; enforced where `enforced` is set.
    pub canonical_values: Vec<String>,
    /// Values outside `canonical_values` are refused with 400 invalidValue.
    pub enforced: bool,
    /// A regular expression every written text must match, else 400 invalidValue.
    pub pattern: Option<regex::Regex>,
    /// Values compare with case.
    pub case_exact: bool,
    /// Who may write.
    pub mutability: Mutability,
    /// When it is in a response.
    pub returned: Returned,
    /// How values must differ.
    pub uniqueness: Uniqueness,
    /// What a Reference may point to.
    pub reference_types: Vec<String>,
    /// Sub-attributes of a Complex.
    pub attributes: Vec<Attribute>,
}

/// A schema: a URN and its attributes.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// Short name: `User`.
    pub name: String,
    /// For people.
    pub description: String,
    /// Its attributes, without the common ones (id, externalId, meta, schemas).
    pub attributes: Vec<Attribute>,
}
