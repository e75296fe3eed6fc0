//! Inputs near the seeds: a few changes each, by words and not by bytes, so that most are still read.

/// A stream of numbers that is the same for the same seed (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

type Word = Vec<u8>;

/// What there is to make inputs of.
pub struct Mutator {
    seeds: Vec<Vec<Word>>,
    /// Of all seeds, and of the dictionary.
    words: Vec<Word>,
}

impl Mutator {
    pub fn new(seeds: &[&str], dictionary: Vec<Word>) -> Self {
        let seeds: Vec<_> = seeds.iter().map(|seed| words(seed.as_bytes())).collect();
        let mut known: Vec<_> = seeds.iter().flatten().cloned().chain(dictionary).collect();
        known.sort();
        known.dedup();
        Self { seeds, words: known }
    }

    /// One input.
    pub fn input(&self, chance: &mut Chance) -> Vec<u8> {
        let mut input = chance.of(&self.seeds).clone();
        loop {
            self.change(&mut input, chance);
            if chance.below(2) == 0 {
                break;
            }
        }
        let mut bytes = input.concat();
        // Now and then what no client would write.
        if !bytes.is_empty() && chance.below(32) == 0 {
            let at = chance.below(bytes.len());
            bytes[at] ^= 1 << chance.below(8);
        }
        bytes
    }

    fn change(&self, input: &mut Vec<Word>, chance: &mut Chance) {
        match chance.below(8) {
            0..3 => self.exchange_word(input, chance),
            3..6 => self.exchange_group(input, chance),
            6 => self.disturb(input, chance),
            _ => {
                let (at, word) = (chance.below(input.len() + 1), chance.of(&self.words).clone());
                input.insert(at, word);
            }
        }
    }

    /// A word for one of its kind: what stands around it keeps its form.
    fn exchange_word(&self, input: &mut [Word], chance: &mut Chance) {
        if input.is_empty() {
            return;
        }
        let at = chance.below(input.len());
        let alike: Vec<_> =
            self.words.iter().filter(|word| kind(word) == kind(&input[at])).collect();
        if !alike.is_empty() {
            input[at] = (*chance.of(&alike)).clone();
        }
    }

    /// What stands in brackets for something else in brackets of the same kind.
    fn exchange_group(&self, input: &mut Vec<Word>, chance: &mut Chance) {
        let groups = groups(input);
        if groups.is_empty() {
            return self.exchange_word(input, chance);
        }
        let (from, to) = *chance.of(&groups);
        let donor = chance.of(&self.seeds);
        let alike: Vec<_> = self::groups(donor)
            .into_iter()
            .filter(|(start, _)| donor[*start] == input[from])
            .collect();
        if !alike.is_empty() {
            let (start, end) = *chance.of(&alike);
            input.splice(from..=to, donor[start..=end].iter().cloned());
        }
    }

    /// Words left out, said twice, or in another place.
    fn disturb(&self, input: &mut Vec<Word>, chance: &mut Chance) {
        let (at, other) = (chance.below(input.len() + 1), chance.below(input.len() + 1));
        let (from, to) = (at.min(other), at.max(other).min(at.min(other) + 8));
        match chance.below(3) {
            0 => drop(input.drain(from..to)),
            1 => {
                let again = input[from..to].to_vec();
                input.splice(to..to, again);
            }
            _ if at < input.len() && other < input.len() => input.swap(at, other),
            _ => {}
        }
    }
}

/// Where brackets open and close.
fn groups(input: &[Word]) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut groups = Vec::new();
    for (at, word) in input.iter().enumerate() {
        match word.as_slice() {
            b"(" | b"[" | b"{" => open.push(at),
            b")" | b"]" | b"}" => groups.extend(open.pop().map(|from| (from, at))),
            _ => {}
        }
    }
    groups
}

fn kind(word: &Word) -> u8 {
    match word.first() {
        Some(byte) if byte.is_ascii_digit() => b'0',
        Some(byte) if byte.is_ascii_alphabetic() => b'a',
        byte => byte.copied().unwrap_or_default(),
    }
}

/// Runs of letters and digits, texts in double quotes, and signs, each a word.
fn words(text: &[u8]) -> Vec<Word> {
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':') || *byte > 127;
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => quoted(rest),
            byte if is_name(byte) => rest.iter().take_while(|byte| is_name(byte)).count(),
            _ => 1,
        };
        let (word, left) = rest.split_at(length);
        words.push(word.to_vec());
        rest = left;
    }
    words
}

/// How long a text in quotes is; one that is not closed is its first quote.
fn quoted(text: &[u8]) -> usize {
    let mut escaped = false;
    let closing = text.iter().skip(1).position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    closing.map_or(1, |at| at + 2)
}
