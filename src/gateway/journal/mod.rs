//! The journal: a write that must not be lost is written down before it is tried, and what of it has left before it leaves.
//!
//! An entry says what is wanted of a resource and how far that has come (`progress`); whoever is at work on it (`underway`)
//! commits each step first. Those of one resource stand in the order in which they were received (`queue`). What cannot be
//! carried out any more is a dead letter (`letters`). Who carries them out stands in [`delivery`](super::delivery).
//!
//! A create is in it while several calls make it ([`unborn`]): nobody was promised anything, so it is its client's to
//! come back for, and taken back, finished or told of when nobody does. One that the mapping calls durable is made in any
//! case ([`promised`]).

pub mod attempt;
pub mod commit;
pub mod due;
pub mod gathered;
pub mod keyed;
pub mod late;
pub mod letters;
pub mod making;
pub mod part;
pub mod progress;
pub mod promised;
pub mod queue;
pub mod reach;
pub mod received;
pub mod spread;
pub mod state;
pub mod stopped;
pub mod unborn;
pub mod underway;
pub mod undoing;
pub mod verdict;
pub mod watched;
