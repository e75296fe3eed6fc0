//! Values that are made up where the client sends none: a first password.
//!
//! The mapping says what such a value is made of. Where the randomness comes from is an argument, as
//! the present instant is: this floor knows neither.

use crate::secret::Secret;

/// Shorter values are guessed, and longer ones are refused by many vendors.
pub const LENGTHS: std::ops::RangeInclusive<i64> = 8..=256;
/// Different characters at least: with fewer even a long value is a weak one.
const CHARACTERS: usize = 10;
/// Throws until a byte is a fair one: each is at least as likely as not, so this many misses are a
/// source that is broken.
const THROWS: usize = 128;

/// A kind of character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `A` to `Z`.
    Upper,
    /// `a` to `z`.
    Lower,
    /// `0` to `9`.
    Digit,
    /// What vendors count as a symbol and neither JSON, forms nor shells treat in a way of their own.
    Symbol,
}

impl Class {
    /// Each with its word.
    pub const NAMED: [(&str, Class); 4] = [
        ("upper", Class::Upper),
        ("lower", Class::Lower),
        ("digit", Class::Digit),
        ("symbol", Class::Symbol),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::NAMED.into_iter().find(|(_, class)| *class == self).map_or("", |(word, _)| word)
    }

    fn characters(self) -> &'static str {
        match self {
            Class::Upper => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Class::Lower => "abcdefghijklmnopqrstuvwxyz",
            Class::Digit => "0123456789",
            Class::Symbol => "!#%*+-.=?@_~",
        }
    }
}

/// What a value is made of (`generate`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    length: usize,
    needs: Vec<Class>,
    avoid: String,
}

/// Makes a value of a recipe; nothing when there is no randomness to be had.
pub type Maker = fn(&Recipe) -> Option<Secret>;

impl Recipe {
    /// Characters in all, the kinds of which there is at least one, and those that never stand in it.
    /// The length is one of [`LENGTHS`]. The error says what `avoid` takes away.
    pub fn new(length: usize, needs: Vec<Class>, avoid: String) -> Result<Self, String> {
        let recipe = Self { length, needs, avoid };
        let none = recipe.needs.iter().find(|class| recipe.left_of(**class).is_empty());
        if let Some(class) = none {
            return Err(format!("`avoid` leaves no {}, and one is needed", class.word()));
        }
        match recipe.alphabet().len() {
            left if left < CHARACTERS => Err(format!(
                "`avoid` leaves {left} characters to choose from; at least {CHARACTERS}"
            )),
            _ => Ok(recipe),
        }
    }

    /// A fresh value. `fill` fills bytes with randomness, or says that it cannot.
    ///
    /// One of each needed kind, the rest out of all, then shuffled: so that no place tells the kind.
    pub fn make(&self, mut fill: impl FnMut(&mut [u8]) -> bool) -> Option<Secret> {
        let mut below = |count: usize| below(count, &mut fill);
        let mut pick = |of: &[char]| of.get(below(of.len())?).copied();
        let mut made = Vec::with_capacity(self.length);
        for class in &self.needs {
            made.push(pick(&self.left_of(*class))?);
        }
        let alphabet = self.alphabet();
        while made.len() < self.length {
            made.push(pick(&alphabet)?);
        }
        // Fisher and Yates: each order is as likely as any other.
        for last in (1..made.len()).rev() {
            made.swap(last, below(last + 1)?);
        }
        Some(Secret::new(made.into_iter().collect::<String>()))
    }

    /// Letters and digits, and symbols where they are asked for: not every vendor takes them.
    fn alphabet(&self) -> Vec<char> {
        let classes = Class::NAMED.into_iter().map(|(_, class)| class);
        let used =
            classes.filter(|class| *class != Class::Symbol || self.needs.contains(&Class::Symbol));
        used.flat_map(|class| self.left_of(class)).collect()
    }

    fn left_of(&self, class: Class) -> Vec<char> {
        class.characters().chars().filter(|c| !self.avoid.contains(*c)).collect()
    }
}

impl std::fmt::Display for Recipe {
    /// What it is, in words; never a value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} characters", self.length)?;
        if !self.needs.is_empty() {
            let needs: Vec<&str> = self.needs.iter().map(|class| class.word()).collect();
            write!(f, " with {}", needs.join(", "))?;
        }
        Ok(())
    }
}

/// A number below `count`, at most 256, each as likely as any other: the end of the bytes that is no
/// multiple of `count` is thrown again.
fn below(count: usize, fill: &mut impl FnMut(&mut [u8]) -> bool) -> Option<usize> {
    let fair = 256 - 256_usize.checked_rem(count)?;
    (0..THROWS).find_map(|_| {
        let mut byte = [0_u8];
        let filled = fill(&mut byte);
        let [byte] = byte.map(usize::from);
        (filled && byte < fair).then_some(byte % count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are not random and well mixed: what comes of them can be told.
    fn mixed() -> impl FnMut(&mut [u8]) -> bool {
        let mut state = 7_u64;
        move |bytes| {
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
            true
        }
    }

    #[test]
    fn a_value_has_its_length_what_it_needs_and_nothing_else() {
        use Class::{Digit, Lower, Symbol, Upper};
        let table = [
            (8, vec![Upper, Lower, Digit, Symbol], ""),
            (8, vec![Digit], "012345678"),
            (20, vec![Upper, Lower, Digit, Symbol], "0O1lI"),
            (256, vec![], "abcdefghijklmnopqrstuvwxyz"),
            (12, vec![Symbol], "!#%*+-.=?@_"),
        ];
        let mut fill = mixed();
        for (length, needs, avoid) in table {
            let recipe = Recipe::new(length, needs.clone(), avoid.to_owned()).unwrap();
            for _ in 0..200 {
                let made = recipe.make(&mut fill).unwrap();
                let made = made.expose();
                assert_eq!(made.chars().count(), length);
                assert!(!made.contains(|c| avoid.contains(c)), "{made}");
                let has = |class: &Class| made.contains(|c| class.characters().contains(c));
                assert!(needs.iter().all(has), "{made}");
                assert_eq!(has(&Symbol), needs.contains(&Symbol), "{made}");
            }
        }
    }

    #[test]
    fn each_character_and_each_place_is_as_likely_as_any_other() {
        let recipe = Recipe::new(10, vec![Class::Digit], String::new()).unwrap();
        let (mut fill, rounds) = (mixed(), 20_000_usize);
        let (mut first_digit, mut letters) = (0_usize, [0_usize; 26]);
        for _ in 0..rounds {
            let made = recipe.make(&mut fill).unwrap();
            first_digit += usize::from(made.expose().starts_with(|c: char| c.is_ascii_digit()));
            for byte in made.expose().bytes().filter(u8::is_ascii_lowercase) {
                letters[usize::from(byte - b'a')] += 1;
            }
        }
        // One place holds the needed digit and nine any of 62: (1 + 9 * 10/62) / 10 of the places.
        let expected = rounds * 245 / 1_000;
        assert!(first_digit.abs_diff(expected) < rounds / 50, "{first_digit} of {rounds}");
        let mean = letters.iter().sum::<usize>() / 26;
        assert!(letters.iter().all(|count| count.abs_diff(mean) < mean / 10), "{letters:?}");
    }

    #[test]
    fn what_cannot_be_made_is_not_made() {
        let avoid = |needs, avoid: &str| Recipe::new(8, needs, avoid.to_owned()).unwrap_err();
        assert_eq!(
            avoid(vec![Class::Digit], "0123456789"),
            "`avoid` leaves no digit, and one is needed"
        );
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0";
        assert_eq!(
            avoid(vec![], letters),
            "`avoid` leaves 9 characters to choose from; at least 10"
        );
        let recipe = Recipe::new(8, Vec::new(), String::new()).unwrap();
        assert_eq!(recipe.make(|_| false), None);
        // A source that is stuck above the fair bytes ends all the same.
        let stuck = |bytes: &mut [u8]| {
            bytes.fill(255);
            true
        };
        assert_eq!(recipe.make(stuck), None);
    }
}
