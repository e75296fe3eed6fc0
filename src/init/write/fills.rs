//! What a create is sent beside the attributes.

use super::{page::Page, scalar::scalar};
use crate::init::survey::Fill;

/// The section `fields`.
pub fn section(page: &mut Page, fills: &[Fill]) {
    if !fills.is_empty() {
        page.line(4, "fields:");
    }
    for fill in fills {
        let value = match (&fill.constant, &fill.variable) {
            (Some(constant), _) => format!("constant: {}", scalar(constant)),
            (None, Some(variable)) => format!("write: tenant.{}", variable.name),
            (None, None) => continue,
        };
        let line = format!("{}: {{ {value}, only: create }}", scalar(&fill.place.path()));
        page.said(6, &line, &fill.why);
    }
}
