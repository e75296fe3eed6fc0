//! Who is none of the vendor's business, over real sockets and a real file: an employee who moves in and out, the
//! lists that show him meanwhile, and whatever fails in between.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed, and says where"
)]

#[path = "../vendors/fakes.rs"]
#[expect(dead_code, reason = "each target uses what it needs of them")]
mod fakes;

mod ends;
mod holds;
mod lists;
mod moves;
mod rejects;
mod trouble;
mod world;
