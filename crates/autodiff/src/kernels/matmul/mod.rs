//! The matrix product, whole or some rows of it, on the calling thread: from
//! the kernels of `gemm`, for AVX-512, AVX2, NEON or portable, chosen when the
//! program runs.
//!
//! | file | what |
//! |---|---|
//! | `matrix` | a factor: elements and how they lie in memory |
//! | `way` | how a product is computed, from its sizes and orientations |
//! | `product` | the calls, with the one `unsafe` of this folder |
//!
//! **The bits of an element depend on its row and its column alone**, not on
//! the orientation of the factors, on what else is computed with it, or on
//! which rows are computed together: products are `m·n` sums, each a chain of
//! fused multiply-adds in the order of the inner index, in pieces of at most
//! 512 that are added up. So rows may be given to several threads, cut
//! anywhere, and a transposed copy may be replaced by a flag. Products with
//! one row or one column and the inner index contiguous are the exception:
//! they are dot products, whose sums run in as many lanes as a register has.
//! Which kind a product is follows from the whole of it; within either kind
//! rows may be cut anywhere.
//!
//! **Heap**: a call of `gemm` allocates at most twice, a few bytes of notes
//! and a buffer if it packs a factor, and this once per piece of the inner
//! index. Dot products allocate nothing. There is no way to hand it memory.

mod matrix;
mod product;
mod way;

pub use matrix::Matrix;
pub use product::Gemm;
