//! Somebody whose leaving is three calls.

use crate::world::MAPPING;

/// A deactivation in three calls, the second and third of which nothing shows.
pub fn steps(safe: bool) -> String {
    steps_that(if safe { ", repeat: safe" } else { "" })
}

/// The same that say this of those two.
pub fn steps_that(repeat: &str) -> String {
    let steps = format!(
        "steps:
            - {{ name: retire, call: \"POST /users/{{key}}/retire\", repeat: safe, capture: {{ id: id }} }}
            - {{ name: close, call: \"POST /users/{{key}}/closed\"{repeat} }}
            - {{ name: mail, call: \"POST /users/{{steps.retire.id}}/mailed\"{repeat} }}"
    );
    MAPPING.replace(
        "{ name: retire, claims: [active becomes false], call: \"POST /users/{key}/retire\" }",
        &format!("name: retire\n          claims: [active becomes false]\n          {steps}"),
    )
}
