//! What calls to the vendor cost, and how many it is asked for: `cargo bench --bench calls`.
//!
//! First, requests whose operation has three steps beside the bare pass-through of the gateway's bench making the same
//! calls. Then new users against a vendor that takes so many calls in a second and refuses more. Gateway, vendor and
//! pass-through are processes of their own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a measurement that meets the unexpected stops; its vendor stands for the world outside"
)]

mod limited;
mod limits;
#[path = "../gateway/load.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod load;
#[path = "../gateway/pass.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod pass;
#[path = "../gateway/process.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod process;
mod steps;
#[path = "../gateway/vendor.rs"]
mod vendor;

const MAPPING: &str = include_str!("../gateway/bench.yaml");

/// The gateway's own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    match std::env::var("SCIMSHIM_BENCH_ROLE").as_deref() {
        Ok("vendor") => runtime(vendor::serve()),
        Ok("limited") => runtime(limited::serve()),
        Ok("pass") => runtime(pass::serve(pass::Between::Nothing)),
        Ok("load") => runtime(load::run()),
        _ => {
            steps::measure();
            limits::measure();
        }
    }
}

fn runtime(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future);
}

/// The mapping with something else in one place.
fn with(mapping: &str, from: &str, to: &str) -> String {
    assert!(mapping.contains(from), "{from} is not in the mapping");
    mapping.replacen(from, to, 1)
}
