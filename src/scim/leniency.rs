//! Leniencies: what real clients send beside the RFC, each with a name, and who may.

use super::profile::Profile;

/// One habit of clients that is borne with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leniency {
    /// RFC 7644 §3.5.2: `op` is one of three words.
    OpCase,
    /// RFC 7644 §3.7, RFC 9110 §9.1: methods have a case.
    MethodCase,
    /// RFC 7644 §3.5.2: a path names an attribute.
    EmptyPath,
    /// RFC 7644 §3.5.2.2: remove has no value.
    RemoveListed,
    /// RFC 7644 §3.5.2: without a path, the keys of the value are attributes.
    PathKeys,
    /// RFC 7644 §3.5.2: what is readOnly cannot be changed.
    ReadOnlyKeys,
    /// RFC 7643 §3: `schemas` are those that are served.
    ForeignSchemas,
    /// RFC 7643 §3: `schemas` name all that a representation holds.
    UnnamedExtension,
    /// RFC 7643 §2.3.2.
    BooleanText,
    /// RFC 7643 §2.3.3, §2.3.4.
    NumberText,
    /// RFC 7643 §2.3.1.
    NumericId,
    /// RFC 7643 §2.4.
    SingleForList,
    /// RFC 7643 §2.3.8.
    ListForSingle,
    /// RFC 7643 §2.3.8.
    BareValue,
    /// RFC 7643 §2.4.
    WrappedValue,
    /// RFC 7644 §3.4.2, §3.9: these parameters and no others.
    UnknownParameter,
    /// RFC 7644 §3.4.2.2: text stands in quotes.
    UnquotedValue,
    /// RFC 7644 §3.5.2.3, R69: a filter that selects nothing is noTarget.
    FilteredReplaceAdds,
    /// The response policy, R81: a PATCH answers 200 with the Resource.
    PatchNoContent,
}

impl Leniency {
    /// All of them, in the order of the page that documents them.
    pub const ALL: [Self; 19] = [
        Self::OpCase,
        Self::MethodCase,
        Self::EmptyPath,
        Self::RemoveListed,
        Self::PathKeys,
        Self::ReadOnlyKeys,
        Self::ForeignSchemas,
        Self::UnnamedExtension,
        Self::BooleanText,
        Self::NumberText,
        Self::NumericId,
        Self::SingleForList,
        Self::ListForSingle,
        Self::BareValue,
        Self::WrappedValue,
        Self::UnknownParameter,
        Self::UnquotedValue,
        Self::FilteredReplaceAdds,
        Self::PatchNoContent,
    ];

    /// The metric's label.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpCase => "op_case",
            Self::MethodCase => "method_case",
            Self::EmptyPath => "empty_path",
            Self::RemoveListed => "remove_listed",
            Self::PathKeys => "path_keys",
            Self::ReadOnlyKeys => "read_only_keys",
            Self::ForeignSchemas => "foreign_schemas",
            Self::UnnamedExtension => "unnamed_extension",
            Self::BooleanText => "boolean_text",
            Self::NumberText => "number_text",
            Self::NumericId => "numeric_id",
            Self::SingleForList => "single_for_list",
            Self::ListForSingle => "list_for_single",
            Self::BareValue => "bare_value",
            Self::WrappedValue => "wrapped_value",
            Self::UnknownParameter => "unknown_parameter",
            Self::UnquotedValue => "unquoted_value",
            Self::FilteredReplaceAdds => "filtered_replace_adds",
            Self::PatchNoContent => "patch_no_content",
        }
    }

    /// One sentence: who does it, and how it looks.
    pub fn doc(self) -> &'static str {
        match self {
            Self::OpCase => "`op` in any case: Entra's `\"op\": \"Replace\"`",
            Self::MethodCase => {
                "the method of a Bulk operation in any case: `\"method\": \"delete\"`"
            }
            Self::EmptyPath => "an empty `path` is none: `\"path\": \"\"`",
            Self::RemoveListed => {
                "a `remove` with a value removes of a list what the value lists: Entra and JumpCloud, \
                 `\"op\": \"Remove\", \"path\": \"members\", \"value\": [{\"value\": \"77c1\"}]`"
            }
            Self::PathKeys => {
                "keys of a path-less value are paths: Entra's `\"name.givenName\"`, \
                 `\"emails[type eq \\\"work\\\"].value\"` and `\"urn:…:User:department\"`"
            }
            Self::ReadOnlyKeys => {
                "readOnly attributes in a path-less value are left aside, and so is an `id` that is the \
                 resource's own: Okta's `\"value\": {\"id\": \"g9\", \"displayName\": \"Sales\"}`"
            }
            Self::ForeignSchemas => {
                "`schemas` may name what is not served: Entra's \
                 `http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group`"
            }
            Self::UnnamedExtension => "attributes of an extension that `schemas` does not name",
            Self::BooleanText => {
                "true and false as text: Entra's `\"active\": \"False\"`, in filters `roles[primary eq \"True\"]`"
            }
            Self::NumberText => {
                "numbers as text: `\"level\": \"3\"`, in filters `level eq \"3\"`, in a SearchRequest \
                 `\"count\": \"10\"`"
            }
            Self::NumericId => {
                "ids as numbers: `\"externalId\": 42`, in filters `externalId eq 42`"
            }
            Self::SingleForList => {
                "one value where a list belongs: `\"emails\": {\"value\": \"mia@acme.example\"}`, in a \
                 SearchRequest `\"attributes\": \"userName\"`"
            }
            Self::ListForSingle => {
                "a list of one where one object belongs: Entra's `\"manager\": [{\"value\": \"77b0\"}]`"
            }
            Self::BareValue => {
                "a bare value where `{\"value\": …}` belongs: Entra's `\"manager\": \"77b0\"`"
            }
            Self::WrappedValue => "`{\"value\": …}` where a bare value belongs, in lists",
            Self::UnknownParameter => {
                "parameters of a query that SCIM does not define: Entra's `?aadOptscim062020`"
            }
            Self::UnquotedValue => {
                "text without quotes in a filter: Entra's `filter=externalId eq jyoung`, and `displayName eq 2026`"
            }
            Self::FilteredReplaceAdds => {
                "a `replace` whose filter selects nothing makes the element, where RFC 7644 §3.5.2.3 wants a 400 noTarget: Entra's \
                 `emails[type eq \"work\"].value` of a user without one"
            }
            Self::PatchNoContent => {
                "a PATCH is answered with 204, unless it asks for `attributes`: Entra reads no body"
            }
        }
    }

    /// The profile that alone has it, because it contradicts a rule. `None`: all but `strict` have it.
    pub fn only(self) -> Option<Profile> {
        match self {
            Self::UnquotedValue | Self::FilteredReplaceAdds | Self::PatchNoContent => {
                Some(Profile::Entra)
            }
            _ => None,
        }
    }

    /// Whether a profile's clients may.
    pub fn is_of(self, profile: Profile) -> bool {
        match self.only() {
            Some(only) => profile == only,
            None => profile != Profile::Strict,
        }
    }
}
