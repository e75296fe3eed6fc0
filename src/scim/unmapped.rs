//! The names in a body that no served schema has.

use super::shown;

/// So many are remembered by name: enough for whoever reads the log, and a body of a hundred thousand
/// unknown names stays cheap.
const REMEMBERED: usize = 100;

/// What was left out of a body, as `name` or `URN:name`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnmappedNames {
    names: Vec<String>,
    more: usize,
}

impl UnmappedNames {
    /// Notes a name; one that is known already says nothing new.
    pub(in crate::scim) fn push(&mut self, name: impl FnOnce() -> String) {
        if self.names.len() == REMEMBERED {
            self.more += 1;
            return;
        }
        let name = shown::name(&name());
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// The first hundred, each once.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many there were; beyond the names that are remembered, every occurrence counts.
    pub fn count(&self) -> usize {
        self.names.len() + self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_few_short_and_counted() {
        let mut unmapped = UnmappedNames::default();
        for name in ["a", "b\r\n", "a"] {
            unmapped.push(|| name.to_owned());
        }
        assert_eq!(
            (unmapped.names(), unmapped.count()),
            (["a".to_owned(), r"b\r\n".to_owned()].as_slice(), 2)
        );
        for number in 0..100_000 {
            unmapped.push(|| format!("n{number}"));
        }
        assert_eq!((unmapped.names().len(), unmapped.count()), (REMEMBERED, 100_002));
    }
}
