//! The known name that a mistyped one was probably meant to be.

/// Distances are computed in quadratic time; no attribute is named longer than this.
const LONGEST: usize = 64;

/// The candidate nearest to `name`, without case, when it is near enough to be worth saying.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    if name.len() > LONGEST {
        return None;
    }
    let bound = (name.len() / 3).max(1);
    candidates
        .map(|candidate| (distance(&name, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many bytes must be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut left_of_x = None;
    for (row, x) in a.bytes().enumerate() {
        let mut line = vec![row + 1];
        let mut left_of_y = None;
        let (mut corner, mut left) = (row, row + 1);
        for (column, y) in b.bytes().enumerate() {
            let above = last.get(column + 1).copied().unwrap_or(usize::MAX - 1);
            let mut best = (corner + usize::from(x != y)).min(left + 1).min(above + 1);
            if left_of_x == Some(y) && left_of_y == Some(x) {
                let swapped = column.checked_sub(1).and_then(|at| before.get(at));
                best = best.min(swapped.map_or(best, |swapped| swapped + 1));
            }
            line.push(best);
            (corner, left, left_of_y) = (above, best, Some(y));
        }
        before = std::mem::replace(&mut last, line);
        left_of_x = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("emial", "email", 1),
            ("username", "userName", 1),
            ("abcdef", "abcdef", 0),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn names() {
        let known = ["userName", "nickName", "emails"];
        for (name, expected) in [
            ("username", Some("userName")),
            ("emial", Some("emails")),
            ("email", Some("emails")),
            ("nickname2", Some("nickName")),
            ("zz", None),
            ("department", None),
        ] {
            assert_eq!(nearest(name, known.into_iter()), expected, "{name}");
        }
    }
}
