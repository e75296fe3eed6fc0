//! What a schema and an attribute are (RFC 7643 §2, §7).

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

impl Type {
    /// As a schema document says it (RFC 7643 §7).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

impl Mutability {
    /// As a schema document says it (RFC 7643 §7).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

impl Returned {
    /// As a schema document says it (RFC 7643 §7).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

impl Uniqueness {
    /// As a schema document says it (RFC 7643 §7).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
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
    /// Follows from where the resource is told, so that no filter and no order knows it.
    pub told: bool,
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

impl Attribute {
    /// An attribute of `kind` with the defaults of RFC 7643 §2.2: optional, readWrite, returned by
    /// default, not unique. Text compares without case; binaries and references with it (§2.3.6, §2.3.7).
    pub fn new(name: &str, kind: Type) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: String::new(),
            required: false,
            canonical_values: Vec::new(),
            enforced: false,
            pattern: None,
            case_exact: matches!(kind, Type::Binary | Type::Reference),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            attributes: Vec::new(),
            // RFC 7643 §2.4: the URL of what a value refers to.
            told: name.eq_ignore_ascii_case("$ref"),
        }
    }

    /// Unicode text.
    pub fn text(name: &str) -> Self {
        Self::new(name, Type::String)
    }

    /// `true` or `false`.
    pub fn boolean(name: &str) -> Self {
        Self::new(name, Type::Boolean)
    }

    /// An instant.
    pub fn date_time(name: &str) -> Self {
        Self::new(name, Type::DateTime)
    }

    /// A URI of one of `types`: resource types, `external` or `uri`.
    pub fn reference(name: &str, types: &[&str]) -> Self {
        let reference_types = types.iter().map(|&kind| kind.to_owned()).collect();
        Self { reference_types, ..Self::new(name, Type::Reference) }
    }

    /// An object of sub-attributes.
    pub fn complex(name: &str, attributes: Vec<Attribute>) -> Self {
        Self { attributes, ..Self::new(name, Type::Complex) }
    }

    /// Says what it is for.
    pub fn about(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// Makes it a list of values.
    pub fn list(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    /// Must be assigned.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Compares with case.
    pub fn case_exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    /// Suggests values.
    pub fn suggest(mut self, values: &[&str]) -> Self {
        self.canonical_values = values.iter().map(|&value| value.to_owned()).collect();
        self
    }

    /// Says who may write it.
    pub fn mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    /// Says when it is in a response.
    pub fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    /// Says how values must differ.
    pub fn unique(mut self, uniqueness: Uniqueness) -> Self {
        self.uniqueness = uniqueness;
        self
    }

    /// Says that it follows from where the resource is told.
    pub fn told(mut self) -> Self {
        self.told = true;
        self
    }

    /// What `sub` says in an element that does not say it: the kind of resource that a reference leads to, where
    /// the schema allows one only (RFC 7643 §2.4).
    pub fn implied(&self, sub: &Attribute) -> Option<&str> {
        if sub.name != "type" {
            return None;
        }
        let [only] = self.sub("$ref")?.reference_types.as_slice() else { return None };
        sub.canonical_values.contains(only).then_some(only)
    }

    /// The sub-attribute of that name, in any case (R82; RFC 7643 §2.1).
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

impl Schema {
    /// The attribute of that name, in any case (R20; RFC 7643 §2.1).
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// The attribute of that name, in any case.
pub(in crate::scim) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
