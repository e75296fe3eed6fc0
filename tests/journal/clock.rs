//! The clock is set back, or forward: what waits goes on waiting for as long as it should.

use crate::world::{Fate, Vendor, World};

/// Until then all must be done, whatever the clock says. Seconds.
const MINUTES: i64 = 600;
const HOUR: i64 = 3_600;

#[tokio::test]
async fn what_was_received_before_the_clock_was_set_back_is_carried_out_within_minutes() {
    for step in [-HOUR, -24 * HOUR, HOUR] {
        let world = World::new(Vendor::with(&["ada"]));
        *world.vendor.away.lock().unwrap() = true;
        assert_eq!(world.off("ada").await.status, 503);
        *world.vendor.away.lock().unwrap() = false;
        world.passes(step);
        for _ in 0..MINUTES / 10 {
            world.passes(10);
            world.deliver().await;
        }
        assert_eq!(world.vendor.active("ada"), Some(false), "{step}");
        assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"], "{step}");
        assert!(world.journal().await.is_empty(), "{step}");
        println!(
            "the clock was set by {step} s: what was promised before was done once, within {MINUTES} s"
        );
    }
}

#[tokio::test]
async fn who_fails_after_the_clock_was_set_back_is_not_tried_at_every_look() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    world.passes(-HOUR);
    world.vendor.fated(&[Fate::Refused(503)]);
    for _ in 0..2 {
        world.deliver().await;
        assert_eq!(world.entries().await[0].attempts, 2);
    }
    world.passes(MINUTES);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
}
