//! The signals of the system: SIGTERM and SIGINT to stop, SIGHUP to look at the files again.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, watch},
};

/// The signals that a process hears from here on.
pub struct Signals {
    /// How often the process was told to stop.
    stops: watch::Receiver<u32>,
    again: std::sync::Arc<Notify>,
}

impl Signals {
    /// Begins to listen; before that a signal would end the process at once.
    pub fn listen() -> Result<Self, String> {
        let hear =
            |kind| signal(kind).map_err(|error| format!("cannot listen to signals: {error}"));
        let mut terminate = hear(SignalKind::terminate())?;
        let mut interrupt = hear(SignalKind::interrupt())?;
        let mut hangup = hear(SignalKind::hangup())?;
        let (told, stops) = watch::channel(0);
        let again = std::sync::Arc::new(Notify::new());
        let look = again.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => told.send_modify(|times| *times += 1),
                    _ = interrupt.recv() => told.send_modify(|times| *times += 1),
                    _ = hangup.recv() => look.notify_one(),
                }
            }
        });
        Ok(Self { stops, again })
    }

    /// Waits until the process is told to stop.
    pub async fn stop(&self) {
        self.told(1).await;
    }

    /// Waits until it is told once more: somebody has no patience for the drain.
    pub async fn stopped_twice(&self) {
        self.told(2).await;
    }

    /// Waits until the process is told to look at its files.
    pub async fn again(&self) {
        self.again.notified().await;
    }

    async fn told(&self, times: u32) {
        // Fails only when the listening task is gone, and with it the runtime.
        let _ = self.stops.clone().wait_for(|told| *told >= times).await;
    }
}
