//! Limiters of several processes that share what the mapping tells.

use super::*;
use crate::upstream::{
    call::Pending,
    limit::{
        allowance::{Given, Rate},
        window::Window,
    },
};

/// What several processes share, as the store holds it; and how it answers.
#[derive(Debug)]
struct Kept {
    due: Mutex<Instant>,
    window: Mutex<Option<Window>>,
    closed: Mutex<Instant>,
    asked: Mutex<u32>,
    answers: Answers,
}

/// What is answered instead of what is held.
type Answers = fn() -> Option<Given>;

impl Kept {
    fn shared(answers: Answers) -> Arc<Self> {
        let now = Instant::now();
        let (due, closed, asked) = (Mutex::new(now), Mutex::new(now), Mutex::new(0));
        Arc::new(Self { due, window: Mutex::default(), closed, asked, answers })
    }

    fn give(&self, rate: Rate, wanted: u32) -> Given {
        let (now, closed) = (Instant::now(), *self.closed.lock().unwrap());
        let calls = |count, at: Instant, apart| Given::Calls { count, wait: at - now, apart };
        match rate {
            _ if closed > now => calls(0, closed, Duration::ZERO),
            Rate::Even(apart) => {
                let mut due = self.due.lock().unwrap();
                let first = now.max(*due);
                *due = first + apart * wanted;
                calls(wanted, first, apart)
            }
            Rate::Window { most, length } => {
                let mut window = self.window.lock().unwrap();
                let window = window.get_or_insert_with(|| Window::new(length));
                let room = window.room(most, 0, now).unwrap();
                let free = u64::from(most) - window.count(now);
                let count = wanted.min(u32::try_from(free).unwrap());
                (0..count).for_each(|_| window.add(now));
                calls(count, room, Duration::ZERO)
            }
        }
    }
}

impl Allowance for Kept {
    fn ask(&self, rate: Rate, wanted: u32) -> Pending<'_, Given> {
        Box::pin(async move {
            *self.asked.lock().unwrap() += 1;
            (self.answers)().unwrap_or_else(|| self.give(rate, wanted))
        })
    }

    fn close(&self, _: Rate, pause: Duration) {
        *self.closed.lock().unwrap() = Instant::now() + pause;
    }
}

fn three(limits: &Limits, kept: &Arc<Kept>) -> Vec<Arc<Limiter>> {
    let one = || {
        let limiter = Arc::new(Limiter::new(limits));
        limiter.share(kept.clone());
        limiter
    };
    vec![one(), one(), one()]
}

#[tokio::test(start_paused = true)]
async fn three_that_share_a_limit_use_it_and_never_overrun_it() {
    for (counts, most, per) in [
        (Counts::Sliding, 1_000, SECOND),
        (Counts::Fixed, 200, SECOND),
        (Counts::Sliding, 20, SECOND),
        (Counts::Fixed, 3, SECOND),
        (Counts::Sliding, 5, SECOND / 2),
        (Counts::Fixed, 600, MINUTE),
        (Counts::Sliding, 600, MINUTE),
    ] {
        let vendor = Vendor::new(counts, Tells::Nothing, most, per);
        let lasting = if per == MINUTE { 5 * per } else { 20 * SECOND };
        let limits = limits(Some((most, per)));
        let replicas = three(&limits, &Kept::shared(|| None));
        let (used, refused) = load_by(&replicas, vendor, lasting).await;
        assert!(used >= 0.95 && refused == 0.0, "{counts:?} {most} in {per:?}: {used} {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_finds_nobody_to_share_with_keeps_the_limit_alone() {
    let vendor = || Vendor::new(Counts::Sliding, Tells::Nothing, 20, SECOND);
    let limits = limits(Some((20, SECOND)));
    let alone: Answers = || Some(Given::Alone);
    for (answers, asked) in [(alone, 1), (|| Some(Given::Away), 4)] {
        let kept = Kept::shared(answers);
        let replicas = three(&limits, &kept);
        let (used, refused) = load_by(&replicas[..1], vendor(), 19 * SECOND).await;
        assert!(used >= 0.95 && refused == 0.0, "{used} {refused}");
        assert_eq!(*kept.asked.lock().unwrap(), asked, "again after five seconds, or never");
    }
    // Nothing is told, so there is nothing to share.
    let kept = Kept::shared(|| None);
    let free = three(&Limits::default(), &kept);
    drop(enter(&free[0], soon(1)).await.unwrap());
    assert_eq!(*kept.asked.lock().unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_tells_one_holds_all_who_share() {
    for per in [SECOND, MINUTE] {
        let replicas = three(&limits(Some((20, per))), &Kept::shared(|| None));
        enter(&replicas[0], soon(1)).await.unwrap().heard(later(40_000));
        for other in &replicas[1..] {
            assert_eq!(refused(enter(other, soon(39_000)).await), Some(40_000), "{per:?}");
        }
        tokio::time::sleep(40 * SECOND).await;
        drop(enter(&replicas[2], soon(1_000)).await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_given_and_not_used_lapses() {
    let three_of_them = || {
        let (wait, apart) = (Duration::ZERO, Duration::from_millis(10));
        Some(Given::Calls { count: 3, wait, apart })
    };
    let kept = Kept::shared(three_of_them);
    let replicas = three(&limits(Some((100, SECOND))), &kept);
    for (asleep, asked) in [(0, 1), (20, 1), (100, 2)] {
        tokio::time::sleep(Duration::from_millis(asleep)).await;
        drop(enter(&replicas[0], soon(15)).await.unwrap());
        assert_eq!(*kept.asked.lock().unwrap(), asked, "{asleep} ms later");
    }
}
