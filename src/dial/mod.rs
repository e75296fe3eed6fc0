//! How another host is found and trusted, whoever calls it: addresses of names, and certificate authorities.

pub mod names;
pub mod roots;
