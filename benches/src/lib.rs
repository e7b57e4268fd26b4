//! Programs that are measured: by criterion (`cargo bench -p wengert-benches`),
//! and beside those of other libraries (`peers/`).

pub mod chain;
pub mod rosenbrock;
pub mod timing;
pub mod training;
