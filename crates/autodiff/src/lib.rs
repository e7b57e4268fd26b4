//! Automatic differentiation for [`ndarray`], on a tape that you can read,
//! differentiate again, verify and evaluate.
//!
//! A [`Tape`] records operations on arrays as they run. Its handles, [`Var`],
//! are `Copy` and have the operators and methods that one writes formulas
//! with. A gradient is more tape: [`Tape::grad`] appends the operations that
//! compute it, so it can be printed, checked, and differentiated once more.
//!
//! ```
//! use ndarray::array;
//! use wengert_autodiff::Tape;
//!
//! let tape = Tape::new();
//! let x = tape.input("x", array![[0.5, -1.0]]);
//! let w = tape.input("w", array![[2.0], [3.0]]);
//! let y = x.dot(w).sigmoid().sum();
//! assert_eq!(y.to_string(), "sum(sigmoid(x · w))");
//!
//! let [dw] = tape.grad(y, [w])?;
//! assert_eq!(dw.shape(), w.shape());
//! # Ok::<(), wengert_autodiff::Error>(())
//! ```
//!
//! Whoever only wants the numbers calls a function from arrays to arrays:
//!
//! ```
//! use ndarray::array;
//! use wengert_autodiff::grad;
//!
//! let (x, w) = (array![[0.5, -1.0]], array![[2.0], [3.0]]);
//! let (dx, dw) = grad(|[x, w]| x.dot(w).sigmoid().sum(), (&x, &w))?;
//! assert_eq!((dx.dim(), dw.dim()), ((1, 2), (2, 1)));
//! # Ok::<(), wengert_autodiff::Error>(())
//! ```
//!
//! and whoever wants to know whether a gradient is right calls
//! [`check_gradients`].
//!
//! | module | what lives there |
//! |---|---|
//! | [`Tape`], [`Var`] | recording: instructions, values, handles |
//! | [`ops`] | every operation with its shape rule, value, derivatives, kinks |
//! | derivatives | [`Tape::grad`], [`Tape::vjp`], [`Tape::jvp`], [`Tape::explain`] |
//! | functions | [`grad`], [`value_and_grad`], [`vjp`], [`jvp`], [`hvp`], [`jacobian`], [`hessian`] |
//! | printing | [`Tape::to_text`], `Var`'s `Display`, [`Tape::to_dot`], [`Tape::to_rust`] |
//! | reading | [`Tape::instructions`], [`Tape::var`] |
//! | [`program`] | [`Tape::compile`], replaying a tape |
//! | [`verify`] | [`check_gradients`] |
//! | [`simd`] | loops compiled for several instruction sets |
//! | [`custom`] | what an operation of your own needs |

mod buffer;
mod diff;
mod dtype;
mod error;
mod eval;
mod exact;
mod few;
mod functional;
mod instruction;
mod kernels;
mod lanes;
mod op;
pub mod ops;
mod print;
pub mod program;
mod shape;
pub mod simd;
mod tape;
mod team;
mod tensor;
mod value;
mod var;
pub mod verify;
mod view;

pub use diff::Dependence;
pub use dtype::{Any, DType, Element, Float, Kind, Numeric};
pub use error::{Error, Fault};
pub use functional::{Point, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp};
pub use instruction::Instruction;
pub use ops::{Op, concat, stack};
pub use program::{Program, Workspace};
pub use shape::{Axes, Shape};
pub use tape::{Scope, Tape, ValueId};
pub use team::{Alone, Team};
pub use tensor::Tensor;
pub use value::{Type, Value};
pub use var::{Operand, Var};
pub use verify::check_gradients;
pub use view::{Elements, ElementsMut, View, ViewMut};

/// What an operation of your own needs: implement
/// [`Primitive`](custom::Primitive), record it with
/// [`Tape::apply`] as [`Op::Custom`].
pub mod custom {
    pub use crate::error::Fault;
    pub use crate::op::{Flow, Jvp, NoRule, Part, Parts, Primitive, Results, Vjp, one};
    pub use crate::print::{Binding, Term};
    pub use crate::value::{Type, Value};
    pub use crate::view::{View, ViewMut};
}
