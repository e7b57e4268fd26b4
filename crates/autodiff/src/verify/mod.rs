//! To come.
/// To come.
pub fn check_gradients() {}
