//! Crash: where a build for tests can be made to die, to stand still or to leave something out, so that what is
//! promised beyond the end of a process can be proved from outside it (`tests/crash`). Told by the environment, and
//! compiled to nothing in a release build, which takes these variables for keys that nobody knows.
//!
//! | variable | |
//! |---|---|
//! | `SCIMSHIM_CRASH` | orders, with commas between them: `kill@call.after#3`, `stop@any#17`, `pause@commit.before` |
//! | `SCIMSHIM_OFF` | mechanisms that are left out, with commas between them: `journal,settling` |
//! | `SCIMSHIM_TRACE_POINTS` | a file to which every point that is passed is appended, a line each |
//! | `SCIMSHIM_LEASE_MS` | the lease time of a replica, so that its end is not waited for by the second |
//! | `SCIMSHIM_WATCH_MS` | how long a resource is watched whose lease was taken, for the same reason |
//! | `SCIMSHIM_PATIENCE_MS` | how long the client of a create that stopped half-way is waited for |

use std::{
    env,
    fs::{File, OpenOptions},
    io::Write,
    process::{self, Command},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What tells a build for tests what to do.
const VARIABLES: [&str; 3] = ["SCIMSHIM_CRASH", "SCIMSHIM_OFF", "SCIMSHIM_TRACE_POINTS"];

/// And what stands for a constant.
const NUMBERS: [&str; 3] = ["SCIMSHIM_LEASE_MS", "SCIMSHIM_PATIENCE_MS", "SCIMSHIM_WATCH_MS"];

/// As long as a disk takes that is bad and no worse: an answer that does not wait for it is a good deal sooner.
const PAUSE: Duration = Duration::from_millis(25);

/// A place that a request or the store comes by, as `commit.before`. The process may end here: at once, as a SIGKILL
/// would have it, with nothing flushed and nothing undone.
#[inline]
pub fn point(name: &str) {
    if cfg!(debug_assertions) {
        script().passes(name);
    }
}

/// Whether a mechanism is left out, so that a proof can show that it notices.
#[inline]
pub fn off(mechanism: &str) -> bool {
    cfg!(debug_assertions) && script().off.iter().any(|one| one == mechanism)
}

/// Whether a variable of the environment is one of these, and so no key of the configuration.
pub fn is_told_by(variable: &str) -> bool {
    cfg!(debug_assertions) && (VARIABLES.contains(&variable) || NUMBERS.contains(&variable))
}

/// What stands for a constant that a proof cannot wait for; nothing where none is told.
pub fn number(name: &str) -> Option<u64> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let text = env::var(name).ok()?;
    let told = text.parse().ok().filter(|number| *number > 0);
    told.or_else(|| {
        eprintln!("{name}: `{text}` is no number from 1");
        process::exit(1)
    })
}

#[derive(Debug, Default)]
struct Script {
    orders: Vec<Order>,
    off: Vec<String>,
    trace: Option<File>,
}

#[derive(Debug)]
struct Order {
    action: Action,
    /// `any` stands for all points.
    point: String,
    /// The passage that it is for; each one where it does not say.
    nth: Option<u64>,
    passed: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Action {
    Kill,
    /// Until somebody sends SIGCONT.
    Stop,
    Pause,
}

fn script() -> &'static Script {
    static SCRIPT: OnceLock<Script> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let [crash, off, trace] = VARIABLES.map(|name| env::var(name).unwrap_or_default());
        Script::of(&crash, &off, &trace).unwrap_or_else(|why| {
            // A test whose order is not understood would pass for nothing.
            eprintln!("{why}");
            process::exit(1)
        })
    })
}

impl Script {
    fn of(crash: &str, off: &str, trace: &str) -> Result<Self, String> {
        let words = |text: &str| -> Vec<String> {
            text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let orders = words(crash).iter().map(|order| Order::of(order)).collect::<Result<_, _>>()?;
        let open = || OpenOptions::new().create(true).append(true).open(trace);
        let trace = if trace.is_empty() { None } else { Some(open()) };
        let trace = trace.transpose().map_err(|why| format!("SCIMSHIM_TRACE_POINTS: {why}"))?;
        Ok(Self { orders, off: words(off), trace })
    }

    fn passes(&self, point: &str) {
        if let Some(mut trace) = self.trace.as_ref() {
            // One write for each line: points are passed by several threads.
            let _ = trace.write_all(format!("{point}\n").as_bytes());
        }
        let due = self.orders.iter().filter(|order| order.is_due(point));
        due.for_each(|order| order.action.carry_out());
    }
}

impl Order {
    /// Of `ACTION@POINT` or `ACTION@POINT#N`.
    fn of(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "SCIMSHIM_CRASH: `{text}` is no order: say `kill`, `stop` or `pause`, `@`, a point or `any`, and `#` with a number from 1"
            )
        };
        let (action, place) = text.split_once('@').ok_or_else(wrong)?;
        let (point, nth) = match place.split_once('#') {
            Some((point, nth)) => (point, Some(nth.parse().map_err(|_| wrong())?)),
            None => (place, None),
        };
        let action = match action {
            "kill" => Action::Kill,
            "stop" => Action::Stop,
            "pause" => Action::Pause,
            _ => return Err(wrong()),
        };
        if point.is_empty() || nth == Some(0) {
            return Err(wrong());
        }
        Ok(Self { action, point: point.to_owned(), nth, passed: AtomicU64::new(0) })
    }

    fn is_due(&self, point: &str) -> bool {
        if self.point != "any" && self.point != point {
            return false;
        }
        let passed = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        self.nth.is_none_or(|nth| nth == passed)
    }
}

impl Action {
    fn carry_out(self) {
        match self {
            // Unlike a `kill` from outside it is not late: no other thread does a thing after this one came here.
            Self::Kill => process::abort(),
            Self::Stop => {
                // Whoever came here goes on only when all of the process does: the signal is on its way when the
                // command has ended.
                let _ = Command::new("kill").args(["-STOP", &process::id().to_string()]).status();
            }
            Self::Pause => thread::sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(order: &str, points: &[&str]) -> Vec<usize> {
        let order = Order::of(order).unwrap();
        let due = points.iter().enumerate().filter(|(_, point)| order.is_due(point));
        due.map(|(at, _)| at).collect()
    }

    #[test]
    fn an_order_is_for_a_passage_of_its_point() {
        let points = ["a", "b", "a", "a", "b"];
        for (order, at) in [
            ("kill@a#1", vec![0]),
            ("kill@a#3", vec![3]),
            ("stop@b#2", vec![4]),
            ("kill@any#4", vec![3]),
            ("pause@b", vec![1, 4]),
            ("kill@a#4", vec![]),
            ("kill@c#1", vec![]),
        ] {
            assert_eq!(due(order, &points), at, "{order}");
        }
    }

    #[test]
    fn what_is_no_order_is_refused() {
        for order in ["kill", "kill@", "kill@a#0", "kill@a#x", "die@a#1", "@a", "kill@#1"] {
            let refused = Script::of(order, "", "").unwrap_err();
            assert!(refused.contains(&format!("`{order}` is no order")), "{refused}");
        }
        let script = Script::of("kill@a#1,pause@b", "journal,settling", "").unwrap();
        assert_eq!(script.orders.len(), 2);
        assert_eq!(script.off, ["journal", "settling"]);
        assert!(Script::of("", "", "/nowhere/at/all").is_err());
    }

    #[test]
    fn without_orders_nothing_happens_and_nothing_is_off() {
        point("any.point");
        assert!(!off("journal"));
        assert!(is_told_by("SCIMSHIM_OFF") && !is_told_by("SCIMSHIM_PUBLIC_URL"));
    }
}
