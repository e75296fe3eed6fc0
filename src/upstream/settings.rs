//! temporary
use crate::secret::Secret;
use std::time::Duration;
/// x
#[derive(Debug, Clone)]
pub enum Auth { /// x
 None, /// x
 Bearer(Secret), /// x
 Basic { /// x
 user: String, /// x
 password: Secret }, /// x
 Header { /// x
 name: String, /// x
 value: Secret }, /// x
 Query { /// x
 name: String, /// x
 value: Secret } }
/// x
#[derive(Debug, Clone, PartialEq)]
pub struct Limits { /// x
 pub requests: Option<(u32, Duration)>, /// x
 pub concurrent: usize, /// x
 pub remaining: Option<String>, /// x
 pub reset: Option<String> }
impl Default for Limits { fn default() -> Self { Self { requests: None, concurrent: 8, remaining: None, reset: None } } }
/// x
#[derive(Debug, Clone, PartialEq)]
pub struct Retries { /// x
 pub times: u32, /// x
 pub first: Duration, /// x
 pub longest: Duration }
impl Default for Retries { fn default() -> Self { Self { times: 3, first: Duration::from_millis(200), longest: Duration::from_secs(10) } } }
/// x
#[derive(Debug, Clone)]
pub struct Settings { /// x
 pub base_url: String, /// x
 pub auth: Auth, /// x
 pub headers: Vec<(String, String)>, /// x
 pub timeout: Duration, /// x
 pub limits: Limits, /// x
 pub retries: Retries, /// x
 pub roots: Vec<String>, /// x
 pub largest_answer: usize }
impl Default for Settings { fn default() -> Self { Self { base_url: String::new(), auth: Auth::None, headers: vec![], timeout: Duration::from_secs(20), limits: Limits::default(), retries: Retries::default(), roots: vec![], largest_answer: 10<<20 } } }
