//! Record to Resource and back, without HTTP and JSON text.

use super::vendor;
use scimshim::mapping::{
    self,
    translate::{names::Names, read, write::Writer},
};
use serde_json::{Value, json};
use std::{hint::black_box, time::Instant};

const ROUNDS: u32 = 20_000;

pub fn measure() {
    let plan = mapping::load("bench.yaml", include_str!("bench.yaml")).plan.unwrap();
    let plan = plan.resource("User").unwrap();
    let (record, tenant, now) = (vendor::record(), json!({}), Value::from("2026-11-21T10:00:00Z"));
    let writer = Writer { plan, tenant: &tenant, now: &now, names: &Names::default() };
    let user = read::resource(plan, &record, &tenant, &Names::default()).unwrap().resource;
    println!(
        "  the user has {} attributes and {} bytes",
        user.as_map().len(),
        user.as_value().to_string().len()
    );
    let read = time(|| {
        black_box(read::resource(plan, black_box(&record), &tenant, &Names::default()).unwrap());
    });
    let write = time(|| {
        black_box(writer.fields(black_box(&user), |_, _| true, true).unwrap());
    });
    println!(
        "  read {read:.2} µs, write {write:.2} µs, there and back {:.2} µs (target 10)",
        read + write
    );
    // Both results are trees of `serde_json`: no reading or writing makes them in less than it takes
    // to copy them.
    let fields = writer.fields(&user, |_, _| true, true).unwrap();
    let copies = time(|| {
        black_box(black_box(&user).clone());
    }) + time(|| {
        black_box(black_box(&fields).clone());
    });
    println!("  copying the two results {copies:.2} µs: the floor of this allocator and machine");
}

/// µs of one round, after as many to warm up.
fn time(mut round: impl FnMut()) -> f64 {
    (0..ROUNDS).for_each(|_| round());
    let begun = Instant::now();
    (0..ROUNDS).for_each(|_| round());
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}
