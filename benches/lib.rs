//! Benchmarks with criterion: `cargo bench -p wengert-benches`.
