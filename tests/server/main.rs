//! The server over real sockets: what it takes, what it refuses, when it hangs up, how it ends.

mod credentials;
mod drain;
mod harness;
mod limits;
mod tls;
