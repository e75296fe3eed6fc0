//! Secrets: from the environment or a file, never printed.
