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
//! **Heap**: a call of `gemm` allocates once, a few bytes of notes, or twice, if
//! it copies a factor that does not lie as its kernel needs it; and this once
//! per piece. Dot products allocate nothing with AVX2 and up. There is no way
//! to hand it memory, and no path for small sizes without. The five products
//! of the digits step make 7 allocations at a batch of one and 8 at 64. Each
//! thread allocates once what `gemm` takes for the size of its second cache.
//!
//! **Parts** cost nothing where a product is large: at 784-128 in eight parts
//! of the rows at most 1.05 of the whole. The right factor is copied again for
//! each part if it has to be; for some microseconds' work two halves cost 1.2.

mod matrix;
mod product;
mod way;

pub use matrix::Matrix;
pub use product::{Gemm, terms};
