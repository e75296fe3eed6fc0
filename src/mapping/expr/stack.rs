//! The stack that a text is read on: the grammar takes up to 200 kB of it for one bracket in a debug build, and a
//! server's thread has 2 MiB in all.

use super::Fault;
use std::thread;

/// What the deepest text takes: 32 brackets, and a chain as long as a text may be. Only what is touched becomes memory.
const SIZE: usize = 64 * 1024 * 1024;
/// Characters that can lead a level deeper, wherever they stand, and bytes of a text, which fit any thread. Within
/// them no thread of its own is begun: most texts are a name.
const OPENING: usize = 4;
const SHORT: usize = 256;

/// Runs `read`, which reads `text`, where the stack is large enough for it whatever the text is.
pub fn enough_for<T: Send>(
    text: &str,
    read: impl FnOnce() -> Result<T, Fault> + Send,
) -> Result<T, Fault> {
    let opening = text.matches(['(', '[', '{', '?']).count();
    if opening <= OPENING && text.len() <= SHORT {
        return read();
    }
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(SIZE).spawn_scoped(scope, read);
        // A reader that panicked is told like one that never began: both have read nothing.
        reader.ok().and_then(|reader| reader.join().ok()).unwrap_or_else(|| {
            let message = "the system gives no memory to read the expression in".to_owned();
            let help = "give the process more memory, or shorten the expression".to_owned();
            Err(Fault { offset: 0, code: "M601", message, help })
        })
    })
}
