//! One HTTP request from first byte to last: listener, TLS, clients, endpoint.
//!
//! [`listener`] accepts and drains, [`connection`] speaks HTTP and closes what stays silent, [`tls`]
//! shakes hands with a [`certificate`], [`clients`] knows who may call, [`host`] which host is meant,
//! [`routes`] which tenants live at a path of it, [`body`] reads within limits, [`operation`] knows what a path is called, [`endpoint`]
//! tells the story of a request, [`refused`] and [`reply`] say what goes out, [`note`] and
//! [`events`] write it down.

pub mod body;
pub mod certificate;
pub mod clients;
pub mod connection;
pub mod endpoint;
pub mod events;
pub mod host;
pub mod listener;
pub mod note;
pub mod operation;
pub mod passed;
pub mod refused;
pub mod reply;
pub mod routes;
pub mod settings;
pub mod tls;
pub mod work;
