//! From a resource to a running, watched server, in steps: dereference, validate, build, apply, status.

pub mod render;
pub mod validate;
