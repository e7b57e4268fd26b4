//! The table of operations: PyTorch's name, its signature, and the line or
//! two of this library's expressions that compute the same.
//!
//! | file | what |
//! |---|---|
//! | `unary` | functions of one number |
//! | `binary` | functions of two or three numbers |
//! | `activation` | activations, softmax, gates |
//! | `reduce` | reductions and what accumulates along an axis |
//! | `spread` | variance and norms |
//! | `matmul` | products of vectors, matrices, stacks of them |
//! | `einsum` | Einstein's notation |
//! | `view` | other shapes and orders of the same elements |
//! | `arrange` | joining, splitting, repeating |
//! | `diagonal` | diagonals and triangles |
//! | `pad` | padding |
//! | `index` | selection and assignment by number |
//! | `getitem` | `x[...]` |
//! | `loss` | losses on scores and differences |
//! | `classes` | losses on classes and probabilities |
//! | `normalize` | normalisation, attention, dropout |
//! | `masked` | reductions that skip what is masked out |
//! | `windows` | windows, as columns |
//! | `convolve` | convolution and its transpose |
//! | `pool` | pooling |
//! | `resample` | other resolutions of the same picture |
//!
//! A mapping is written as a user of the library would write it. One that
//! would be wrong at the hard points of the function is not here.

mod activation;
mod arrange;
mod binary;
mod classes;
mod convolve;
mod diagonal;
mod einsum;
mod getitem;
mod index;
mod loss;
mod masked;
mod matmul;
mod normalize;
mod pad;
mod pool;
mod reduce;
mod resample;
mod spread;
mod unary;
mod view;
mod windows;

use super::call::{Answer, Call, V, one};

/// How an operation is computed.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// From its arguments.
    Call(for<'t> fn(&Call<'t>) -> Answer<'t>),
    /// From `input` alone.
    Map(for<'t> fn(V<'t>) -> V<'t>),
    /// From `input` and `other`.
    Zip(for<'t> fn(V<'t>, V<'t>) -> V<'t>),
}

/// One operation.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub name: &'static str,
    /// The names of the parameters, in order: see [`Call::bind`].
    pub signature: &'static str,
    run: Run,
    /// What is done to the outputs by this mapping, in the words of the files.
    pub post: Option<&'static str>,
}

impl Entry {
    pub fn run<'t>(&self, c: &Call<'t>) -> Answer<'t> {
        match self.run {
            Run::Call(f) => f(c),
            Run::Map(f) => one(f(c.array("input")?)),
            Run::Zip(f) => one(f(c.array("input")?, c.array("other")?)),
        }
    }
}

/// An operation that looks at its arguments.
const fn call(
    name: &'static str,
    signature: &'static str,
    f: for<'t> fn(&Call<'t>) -> Answer<'t>,
) -> Entry {
    let (run, post) = (Run::Call(f), None);
    Entry {
        name,
        signature,
        run,
        post,
    }
}

/// A function of `input`.
const fn map(name: &'static str, f: for<'t> fn(V<'t>) -> V<'t>) -> Entry {
    let (signature, run, post) = ("input", Run::Map(f), None);
    Entry {
        name,
        signature,
        run,
        post,
    }
}

/// A function of `input` and `other`.
const fn zip(name: &'static str, f: for<'t> fn(V<'t>, V<'t>) -> V<'t>) -> Entry {
    let (signature, run, post) = ("input other", Run::Zip(f), None);
    Entry {
        name,
        signature,
        run,
        post,
    }
}

const FAMILIES: &[&[Entry]] = &[
    unary::OPS,
    binary::OPS,
    activation::OPS,
    reduce::OPS,
    spread::OPS,
    matmul::OPS,
    einsum::OPS,
    view::OPS,
    arrange::OPS,
    diagonal::OPS,
    pad::OPS,
    index::OPS,
    getitem::OPS,
    loss::OPS,
    classes::OPS,
    normalize::OPS,
    masked::OPS,
    windows::OPS,
    convolve::OPS,
    pool::OPS,
    resample::OPS,
];

/// The operation of a name.
pub(super) fn find(name: &str) -> Option<&'static Entry> {
    FAMILIES
        .iter()
        .flat_map(|ops| ops.iter())
        .find(|op| op.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_operation_is_mapped_twice() {
        let mut names = BTreeSet::new();
        for op in FAMILIES.iter().flat_map(|ops| ops.iter()) {
            assert!(names.insert(op.name), "{} is mapped twice", op.name);
        }
    }
}
