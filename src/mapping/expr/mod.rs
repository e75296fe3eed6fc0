//! Expressions (CEL) and templates (text with CEL in braces).
