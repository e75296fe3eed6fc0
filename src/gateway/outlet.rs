//! The way out of an answer that is told while it is made: pieces of text through a short channel, so that
//! nothing is made faster than the client takes it.
//!
//! Only the last piece ends an answer. A maker that stops before it, whatever stopped it, leaves an answer that
//! is cut.

use bytes::Bytes;
use futures_util::Stream;
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::mpsc, time::timeout};

/// Pieces that wait for their client: one to send while the next is made.
const AHEAD: usize = 2;

/// Who takes an answer that is told while it is made.
pub struct Outlet<'a> {
    /// Called once, with the first piece: from then on the client's answer is a 200.
    pub open: &'a (dyn Fn(Pieces) + Sync),
    /// A client that takes no piece for so long is gone.
    pub idle: Duration,
    /// For what one piece is made of, vendor calls included; the first one has the request's own time.
    pub each: Duration,
}

/// The pieces of an answer, as its client takes them.
#[derive(Debug)]
pub struct Pieces {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
}

#[derive(Debug)]
struct Piece {
    text: Bytes,
    last: bool,
}

/// The answer was not told to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the list could not be told to its end")
    }
}

impl std::error::Error for Cut {}

impl Pieces {
    /// Whether the last piece was taken.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Cut>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(cx).map(|piece| match piece {
            Some(Piece { text, last }) => {
                self.ended = last;
                Some(Ok(text))
            }
            None => Some(Err(Cut)),
        })
    }
}

/// The client takes no more.
#[derive(Debug)]
pub struct Gone;

/// Where the maker puts its pieces.
pub struct Inlet<'a> {
    outlet: Outlet<'a>,
    pieces: Option<mpsc::Sender<Piece>>,
}

impl<'a> Inlet<'a> {
    /// Nothing is told yet.
    pub fn new(outlet: Outlet<'a>) -> Self {
        Self { outlet, pieces: None }
    }

    /// How long a piece may take to be made; nothing before the first one was told.
    pub fn each(&self) -> Option<Duration> {
        self.pieces.as_ref().map(|_| self.outlet.each)
    }

    /// Whether the client has something of the answer.
    pub fn is_open(&self) -> bool {
        self.pieces.is_some()
    }

    /// Ends when the client has gone.
    pub async fn gone(&self) {
        match &self.pieces {
            Some(pieces) => pieces.closed().await,
            // Until it is told something, its request ends with it.
            None => std::future::pending().await,
        }
    }

    /// Tells a piece, when there is room for it.
    pub async fn tell(&mut self, text: Vec<u8>, last: bool) -> Result<(), Gone> {
        let piece = Piece { text: text.into(), last };
        let pieces = self.pieces.get_or_insert_with(|| {
            let (sender, pieces) = mpsc::channel(AHEAD);
            (self.outlet.open)(Pieces { pieces, ended: false });
            sender
        });
        match timeout(self.outlet.idle, pieces.send(piece)).await {
            Ok(Ok(())) => Ok(()),
            // It hung up, or it reads nothing.
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}
