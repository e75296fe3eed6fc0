//! The tutorial and the recipes are so: their files are written, their commands run and what they show
//! is compared, each with the built binary in an empty folder.
//! `UPDATE=1 cargo test --test lessons` rewrites what the tutorial shows of commands; read the change
//! before you keep it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, and says where"
)]

mod folder;
mod page;
mod recipes;
mod terminal;
mod tutorial;
