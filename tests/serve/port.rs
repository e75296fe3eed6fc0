//! Ports for listeners of other processes.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering::SeqCst},
};

/// A port that nobody else takes until it is listened at, nor while its listener is dead: below those that the system
/// gives to whoever connects or asks for any, and never the same twice in one process.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % 97) as u16 * 120;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports = std::iter::repeat_with(|| 20_000 + (first + NEXT.fetch_add(1, SeqCst)) % 12_000);
    ports.take(12_000).find(free).unwrap()
}
