//! Names are looked up for the HTTP library as they are for all else.

use crate::dial::names::Names;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
