//! The limiter against vendors that count, each in its own way, in a time that is made up.

mod shared;

use super::*;
use std::sync::Arc;

/// How a vendor counts.
#[derive(Debug, Clone, Copy)]
enum Counts {
    /// From full second to full second, or minute.
    Fixed,
    /// What came within the last so much time.
    Sliding,
    /// Tokens that grow back, and never more than so many.
    Bucket(f64),
}

/// What a vendor tells beside its refusals.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tells {
    Nothing,
    /// `Retry-After`, in whole seconds.
    When,
    /// What is left, and until when.
    Left,
}

struct Vendor {
    counts: Counts,
    tells: Tells,
    most: u32,
    per: Duration,
    begun: Instant,
    taken: Vec<Instant>,
    refused: u32,
    bucket: (f64, Instant),
}

impl Vendor {
    fn new(counts: Counts, tells: Tells, most: u32, per: Duration) -> Self {
        let begun = Instant::now();
        let full = match counts {
            Counts::Bucket(full) => full,
            _ => 0.0,
        };
        Self {
            counts,
            tells,
            most,
            per,
            begun,
            taken: Vec::new(),
            refused: 0,
            bucket: (full, begun),
        }
    }

    /// One call arrives.
    fn asked(&mut self, now: Instant) -> Heard {
        let window = |at: Instant| (at - self.begun).as_nanos() / self.per.as_nanos();
        let (free, again) = match self.counts {
            Counts::Fixed => {
                let here = self.taken.iter().rev().take_while(|at| window(**at) == window(now));
                let passed = (now - self.begun).as_nanos() % self.per.as_nanos();
                (
                    i64::from(self.most) - here.count() as i64,
                    self.per - Duration::from_nanos(passed as u64),
                )
            }
            Counts::Sliding => {
                let lately = self.taken.iter().rev().take_while(|at| now - **at < self.per);
                let count = lately.count();
                let oldest =
                    self.taken.iter().rev().take(count).next_back().copied().unwrap_or(now);
                (i64::from(self.most) - count as i64, oldest + self.per - now)
            }
            Counts::Bucket(full) => {
                let rate = f64::from(self.most) / self.per.as_secs_f64();
                let (tokens, since) = self.bucket;
                self.bucket = (full.min(tokens + (now - since).as_secs_f64() * rate), now);
                (self.bucket.0 as i64, Duration::from_secs_f64(1.0 / rate))
            }
        };
        let refused = free <= 0;
        if refused {
            self.refused += 1;
        } else {
            self.taken.push(now);
            self.bucket.0 -= 1.0;
        }
        Heard {
            refused,
            pause: (refused && self.tells == Tells::When)
                .then(|| Duration::from_secs(again.as_secs_f64().ceil() as u64)),
            left: (self.tells == Tells::Left).then_some(((free - 1).max(0) as u64, again)),
        }
    }
}

/// Callers that never rest.
const CALLERS: u64 = 64;

/// Lets callers at the vendor for so long; the part of its allowance that they used, and of their calls that were
/// refused.
async fn load(limits: &Limits, vendor: Vendor, lasting: Duration) -> (f64, f64) {
    load_by(&[Arc::new(Limiter::new(limits))], vendor, lasting).await
}

/// The same with callers that are spread over several processes.
async fn load_by(limiters: &[Arc<Limiter>], vendor: Vendor, lasting: Duration) -> (f64, f64) {
    let most = f64::from(vendor.most) * lasting.as_secs_f64() / vendor.per.as_secs_f64();
    let vendor = Arc::new(Mutex::new(vendor));
    let end = Instant::now() + lasting;
    let callers: Vec<_> = (0..CALLERS)
        .zip(limiters.iter().cycle())
        .map(|(caller, limiter)| {
            let (limiter, vendor) = (limiter.clone(), vendor.clone());
            tokio::spawn(async move {
                for nth in 0.. {
                    let place = limiter.enter(end, || Ok(())).await;
                    let Ok(place) = place else { return };
                    // Each way takes another time each time: they overtake each other.
                    let way =
                        |salt: u64| Duration::from_millis(2 + (nth * 7 + caller * 5 + salt) % 9);
                    tokio::time::sleep(way(0)).await;
                    let heard = vendor.lock().unwrap().asked(Instant::now());
                    tokio::time::sleep(way(4)).await;
                    place.heard(heard);
                    if heard.refused {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let vendor = vendor.lock().unwrap();
    let (taken, refused) = (vendor.taken.len() as f64, f64::from(vendor.refused));
    (taken / most, refused / (taken + refused))
}

fn limits(requests: Option<(u32, Duration)>) -> Limits {
    let name = |name: &str| Some(name.to_owned());
    Limits { requests, concurrent: 32, remaining: name("left"), reset: name("reset") }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_told_is_used_and_never_overrun() {
    for (counts, most, per) in [
        (Counts::Fixed, 1_000, SECOND),
        (Counts::Sliding, 200, SECOND),
        (Counts::Bucket(10.0), 200, SECOND),
        (Counts::Fixed, 20, SECOND),
        (Counts::Sliding, 20, SECOND),
        (Counts::Bucket(2.0), 20, SECOND),
        (Counts::Fixed, 3, SECOND),
        (Counts::Sliding, 5, SECOND / 2),
        (Counts::Fixed, 600, MINUTE),
        (Counts::Sliding, 600, MINUTE),
    ] {
        let vendor = Vendor::new(counts, Tells::Nothing, most, per);
        let lasting = if per == MINUTE { 5 * per } else { 20 * SECOND };
        let (used, refused) = load(&limits(Some((most, per))), vendor, lasting).await;
        assert!(used >= 0.95 && refused == 0.0, "{counts:?} {most} in {per:?}: {used} {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_nobody_told_is_found() {
    for (counts, tells, most, per) in [
        (Counts::Fixed, Tells::Nothing, 100, SECOND),
        (Counts::Fixed, Tells::When, 100, SECOND),
        (Counts::Sliding, Tells::Nothing, 100, SECOND),
        (Counts::Sliding, Tells::When, 100, SECOND),
        (Counts::Bucket(20.0), Tells::Nothing, 100, SECOND),
        (Counts::Fixed, Tells::Nothing, 20, SECOND),
        (Counts::Sliding, Tells::When, 20, SECOND),
        (Counts::Bucket(20.0), Tells::Nothing, 20, SECOND),
        (Counts::Fixed, Tells::When, 600, MINUTE),
        (Counts::Sliding, Tells::When, 600, MINUTE),
    ] {
        // Or a mapping told twice as much.
        for told in [None, Some((2 * most, per))] {
            let vendor = Vendor::new(counts, tells, most, per);
            let calls = if most == 100 { 30_000 } else { 6_000 };
            let (used, refused) = load(&limits(told), vendor, per * calls / most).await;
            let case = format!("{counts:?} {tells:?} {most} in {per:?}, told {told:?}");
            assert!(used >= 0.95 && refused < 0.01, "{case}: {used:.3} {refused:.4}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_headers_say_is_kept() {
    for (counts, most, per) in
        [(Counts::Fixed, 200, SECOND), (Counts::Fixed, 40, SECOND), (Counts::Fixed, 600, MINUTE)]
    {
        let vendor = Vendor::new(counts, Tells::Left, most, per);
        let (used, refused) = load(&limits(None), vendor, 10 * per).await;
        assert!(used >= 0.95 && refused == 0.0, "{counts:?} {most} in {per:?}: {used} {refused}");
    }
    // Where only the oldest call is forgotten at the reset, and not all.
    let vendor = Vendor::new(Counts::Sliding, Tells::Left, 600, MINUTE);
    let (used, refused) = load(&limits(None), vendor, 10 * MINUTE).await;
    assert!(used >= 0.95 && refused < 0.01, "{used} {refused}");
    // Fewer than are under way at once, of which nobody knows before the first answer: those are refused, and
    // no more in any window after it.
    let vendor = Vendor::new(Counts::Fixed, Tells::Left, 20, SECOND);
    let (used, refused) = load(&limits(None), vendor, 20 * SECOND).await;
    assert!(used >= 0.95 && refused * 400.0 < 13.0, "{used} {refused}");
}

fn soon(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

async fn enter(limiter: &Limiter, deadline: Instant) -> Result<Place<'_>, Error> {
    limiter.enter(deadline, || Ok(())).await
}

/// An answer that asks for nothing for so long.
fn later(millis: u64) -> Heard {
    Heard { refused: true, pause: Some(Duration::from_millis(millis)), left: None }
}

fn refused(entered: Result<Place<'_>, Error>) -> Option<u128> {
    match entered.unwrap_err().kind {
        Kind::Busy(told) => told.map(|told| told.as_millis()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_holds_all_calls_back_and_ends_those_that_cannot_wait() {
    let limiter = Limiter::new(&Limits { concurrent: 1, ..Limits::default() });
    let begun = Instant::now();
    let first = enter(&limiter, soon(100)).await.unwrap();
    let patient = async {
        let place = enter(&limiter, soon(10_000)).await.unwrap();
        (begun.elapsed().as_millis(), place.heard(Heard::default())).0
    };
    let hurried =
        async { (refused(enter(&limiter, soon(4_000)).await), begun.elapsed().as_millis()) };
    let vendor = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        first.heard(later(5_000))
    };
    let (patient, hurried, _) = tokio::join!(patient, hurried, vendor);
    assert_eq!(patient, 5_050);
    assert_eq!(hurried, (Some(5_000), 50), "at once, and not at its deadline");
    // Those that come now are told at once too, while it lasts.
    let place = enter(&limiter, soon(100)).await.unwrap();
    place.heard(later(7_000));
    assert_eq!(refused(enter(&limiter, soon(6_999)).await), Some(7_000));
    drop(enter(&limiter, soon(7_000)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn nobody_overtakes_and_nobody_waits_in_vain() {
    let limits = Limits { requests: Some((10, SECOND)), concurrent: 2, ..Limits::default() };
    let limiter = Limiter::new(&limits);
    let served = Mutex::new(Vec::new());
    let one = |nth: u64| {
        let (limiter, served) = (&limiter, &served);
        async move {
            // Less than 102 ms are from one to the next: the tenth goes after 918.
            let entered = enter(limiter, soon(if nth == 12 { 1_100 } else { 2_000 })).await;
            match entered {
                Ok(place) => {
                    served.lock().unwrap().push(nth);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    place.heard(Heard::default());
                    Ok(())
                }
                Err(error) => Err((error.kind, Instant::now())),
            }
        }
    };
    let begun = Instant::now();
    let outcomes = futures_util::future::join_all((0..16).map(one)).await;
    let (kind, at) = outcomes.get(12).unwrap().unwrap_err();
    assert_eq!(at, begun, "the thirteenth cannot have its turn in time, and hears so at once");
    let Kind::Busy(Some(wait)) = kind else { panic!("{kind:?}") };
    assert_eq!(wait.as_millis() / 50, 1_200 / 50, "that is how long those before it take");
    let expected: Vec<u64> = (0..16).filter(|nth| *nth != 12).collect();
    assert_eq!(*served.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn only_so_many_at_once_and_a_place_that_is_left_is_free() {
    let limiter = Limiter::new(&Limits { concurrent: 1, ..Limits::default() });
    let held = enter(&limiter, soon(10)).await.unwrap();
    assert_eq!(refused(enter(&limiter, soon(10)).await), None, "nobody knows until when");
    drop(held);
    drop(enter(&limiter, soon(10)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn no_rate_and_no_header_is_too_strange() {
    for requests in [(0, SECOND), (1, Duration::MAX), (u32::MAX, Duration::ZERO), (1, MINUTE)] {
        let limiter = Limiter::new(&Limits { requests: Some(requests), ..Limits::default() });
        // The first, where there is one.
        if let Ok(place) = enter(&limiter, soon(10)).await {
            place.heard(Heard { left: Some((u64::MAX, LONGEST)), ..Heard::default() });
        }
        assert_eq!(enter(&limiter, soon(10)).await.is_ok(), requests.0 == u32::MAX, "{requests:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_for_those_under_way_first_and_the_last_are_spread() {
    let limiter = Limiter::new(&limits(None));
    let left = |left| Heard { left: Some((left, 10 * SECOND)), ..Heard::default() };
    let begun = Instant::now();
    let (one, two) =
        (enter(&limiter, soon(1)).await.unwrap(), enter(&limiter, soon(1)).await.unwrap());
    one.heard(left(4));
    // Four are left, or three where the one under way was not counted: at a quarter of the time, and so on.
    let mut at = Vec::new();
    let mut places = Vec::new();
    for _ in 0..3 {
        places.push(enter(&limiter, soon(20_000)).await.unwrap());
        at.push(begun.elapsed().as_millis());
    }
    assert_eq!(at, [2_500, 5_000, 7_500]);
    let wait = refused(enter(&limiter, soon(2_000)).await);
    assert_eq!(wait, Some(2_500), "none is left until the reset");
    two.heard(Heard { left: Some((5, 5 * SECOND / 2)), ..Heard::default() });
    drop(enter(&limiter, soon(2_000)).await.unwrap());
    assert_eq!(begun.elapsed().as_millis(), 8_750, "it had been counted: one more");
}

#[tokio::test(start_paused = true)]
async fn what_the_mapping_calls_busy_is_heeded() {
    let limiter = Limiter::new(&Limits::default());
    enter(&limiter, soon(1)).await.unwrap().heard(Heard::default());
    limiter.heed(Some(3 * SECOND));
    assert_eq!(refused(enter(&limiter, soon(2_000)).await), Some(3_000));
    limiter.heed(None);
    drop(enter(&limiter, soon(3_000)).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_told_as_soon_as_there_is_no_sense_in_it() {
    let limiter = Limiter::new(&Limits { concurrent: 1, ..Limits::default() });
    let _held = enter(&limiter, soon(10)).await.unwrap();
    let away = Mutex::new(false);
    let look = || match *away.lock().unwrap() {
        false => Ok(()),
        true => Err(Error { kind: Kind::Open(SECOND), message: String::new() }),
    };
    let begun = Instant::now();
    let waits =
        || async { (limiter.enter(soon(10_000), look).await.unwrap_err().kind, begun.elapsed()) };
    let news = async {
        tokio::time::sleep(SECOND).await;
        *away.lock().unwrap() = true;
        limiter.wake();
    };
    let (first, second, ()) = tokio::join!(waits(), waits(), news);
    assert_eq!((first, second), ((Kind::Open(SECOND), SECOND), (Kind::Open(SECOND), SECOND)));
}
