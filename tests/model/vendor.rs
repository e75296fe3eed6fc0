//! The vendor as the model sees it: two attributes and a list of things, and calls that change them.

use crate::state::{NOBODY, WRITES};

/// What a client asks for. The number is the value that it wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intent {
    /// One call that may be repeated, and shows: a deactivation, a change of a name.
    Set(u8),
    /// Two calls: the first shows, the second does not (a flag, then the sessions are ended).
    Two(u8),
    /// Two calls of which the second writes over the first (a field that must be cleared before it is set).
    Through(u8),
    /// One call that may not be repeated, whose effect shows: a POST that makes a thing.
    Post(u8),
    /// Two calls: a POST that makes a thing, then one that may be repeated and sets it.
    Build(u8),
    /// One call that may not be repeated, and does not show.
    Blind(u8),
    /// The same with a key by which the vendor knows it again, so that it may be repeated.
    Keyed(u8),
    /// The same whose key is another one each time.
    Rekeyed(u8),
    /// One call that the vendor never takes.
    Poison(u8),
}

/// One writing call, by its effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// Sets the attribute that a read shows; may be repeated.
    Show(u8),
    /// Sets the attribute that no read shows; may be repeated.
    Hide(u8),
    /// Makes a thing; a second call makes a second one.
    Make(u8),
    /// Sets the hidden attribute, and does harm when it comes twice.
    Once(u8),
    /// The same, and the vendor knows it again: a second one does nothing.
    Known(u8),
    /// Taken for one of those, and not known again.
    Taken(u8),
    /// Is refused for good.
    Refused,
}

/// What stands in the attribute that `Through` passes by.
const CLEARED: u8 = 9;

impl Intent {
    pub fn calls(self) -> [Option<Call>; 2] {
        match self {
            Self::Set(value) => [Some(Call::Show(value)), None],
            Self::Two(value) => [Some(Call::Show(value)), Some(Call::Hide(value))],
            Self::Through(value) => [Some(Call::Show(CLEARED)), Some(Call::Show(value))],
            Self::Post(value) => [Some(Call::Make(value)), None],
            Self::Build(value) => [Some(Call::Make(value)), Some(Call::Show(value))],
            Self::Blind(value) => [Some(Call::Once(value)), None],
            Self::Keyed(value) => [Some(Call::Known(value)), None],
            Self::Rekeyed(value) => [Some(Call::Taken(value)), None],
            Self::Poison(_) => [Some(Call::Refused), None],
        }
    }

    pub fn call(self, at: u8) -> Option<Call> {
        self.calls().get(usize::from(at)).copied().flatten()
    }

    pub fn has_several_calls(self) -> bool {
        self.call(1).is_some()
    }

    /// It makes a thing, which is then to be seen.
    pub fn makes(self) -> bool {
        matches!(self, Self::Post(_) | Self::Build(_))
    }

    /// What must stand in each attribute once all calls have had their effect.
    pub fn wants(self) -> [Option<u8>; 2] {
        match self {
            Self::Set(value) | Self::Through(value) | Self::Build(value) => [Some(value), None],
            Self::Two(value) => [Some(value), Some(value)],
            Self::Blind(value) | Self::Keyed(value) | Self::Rekeyed(value) => [None, Some(value)],
            Self::Post(_) | Self::Poison(_) => [None, None],
        }
    }
}

impl Call {
    /// May be repeated without harm.
    pub fn is_safe(self) -> bool {
        !matches!(self, Self::Make(_) | Self::Once(_))
    }

    /// Its effect can be seen in the vendor's record.
    pub fn is_visible(self) -> bool {
        matches!(self, Self::Show(_) | Self::Make(_))
    }
}

/// The two attributes, and who has written them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Vendor {
    /// The attribute that a read shows, and the one that it does not.
    pub values: [u8; 2],
    /// The entry whose call changed the attribute last.
    pub by: [u8; 2],
    /// The entries, as bits, that have written the attribute at all.
    pub wrote: [u8; 2],
    /// How often the unsafe call of each entry has had its effect.
    pub counts: [u8; WRITES],
}

impl Vendor {
    pub const NEW: Self =
        Self { values: [0; 2], by: [NOBODY; 2], wrote: [0; 2], counts: [0; WRITES] };

    /// Lets a call of an entry have its effect. Returns the attribute that it changed.
    pub fn apply(&mut self, call: Call, entry: u8) -> Option<usize> {
        let (attribute, value) = match call {
            Call::Show(value) => (0, value),
            Call::Hide(value) => (1, value),
            Call::Known(_) if self.counts[usize::from(entry)] > 0 => return None,
            Call::Once(value) | Call::Known(value) | Call::Taken(value) => {
                self.counts[usize::from(entry)] += 1;
                (1, value)
            }
            Call::Make(_) => {
                self.counts[usize::from(entry)] += 1;
                return None;
            }
            Call::Refused => return None,
        };
        self.wrote[attribute] |= 1 << entry;
        let changed = self.values[attribute] != value;
        if changed {
            self.values[attribute] = value;
            self.by[attribute] = entry;
        }
        changed.then_some(attribute)
    }
}
