//! A validator that is not ours.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::Value;

/// A schema that is compiled, and so was valid against the schema of schemas.
pub struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    pub fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("http://schemas.example/one.json", schema).unwrap();
        let compiled = compiler.compile("http://schemas.example/one.json", &mut schemas);
        let index = compiled.unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    /// Of the schemas of draft 7 themselves.
    pub fn of_schemas() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let compiled = compiler.compile("http://json-schema.org/draft-07/schema", &mut schemas);
        let index = compiled.unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, index }
    }

    /// Why `value` is not valid, in the validator's words.
    pub fn fault(&self, value: &Value) -> Option<String> {
        self.schemas.validate(value, self.index).err().map(|error| format!("{error:#}"))
    }
}
