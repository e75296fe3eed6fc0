//! What this crate logs meanwhile, at its most talkative.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Mutex, Once},
};
use tracing_subscriber::EnvFilter;

thread_local! {
    static LISTENING: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// Takes what is logged by this thread: a test of one thread hears its tasks, too.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

/// Ends the listening when it is dropped.
pub struct Listening;

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENING.set(None);
    }
}

impl Log {
    /// From now on. All threads have one subscriber: where some have none, a line that one of those comes by first is
    /// off for all.
    pub fn listen(&self) -> Listening {
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_env_filter(EnvFilter::new("trace"))
                .with_ansi(false)
                .with_writer(|| LISTENING.with_borrow(Clone::clone).unwrap_or_default());
            tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        });
        LISTENING.set(Some(self.clone()));
        Listening
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
