//! Handles: `Copy`, typed, and cheap. Their arithmetic is in
//! [`ops`](crate::ops), beside the rules.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use ndarray::{ArcArray, Array, Dimension, IxDyn};

use crate::dtype::{Any, DType, Element, Kind, Numeric};
use crate::error::{Error, Fault};
use crate::few::mapped;
use crate::ops::Op;
use crate::shape::Shape;
use crate::tape::{Tape, ValueId};
use crate::value::{Type, Value};

/// A value on a tape: an array of `T` and the history of how it was computed.
///
/// `T` is `f32`, `f64`, `usize` (indices), `bool` (masks), or [`Any`].
/// Handles are `Copy`; operators take them by value:
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
///
/// let tape = Tape::new();
/// let x = tape.input("x", array![[1.0, 2.0]]);
/// let w = tape.input("w", array![[3.0], [4.0]]);
/// let y = (1.0 + x.dot(w)).ln();
/// assert_eq!(y.shape().to_vec(), [1, 1]);
/// assert_eq!(y.to_string(), "ln(1 + x · w)");
/// ```
pub struct Var<'t, T: Kind> {
    tape: &'t Tape,
    id: ValueId,
    kind: PhantomData<fn() -> T>,
}

impl<T: Kind> Clone for Var<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Kind> Copy for Var<'_, T> {}

impl<'t, T: Kind> Var<'t, T> {
    pub(crate) fn new(tape: &'t Tape, id: ValueId) -> Self {
        Var {
            tape,
            id,
            kind: PhantomData,
        }
    }

    /// The tape that this value is on.
    pub fn tape(self) -> &'t Tape {
        self.tape
    }

    /// The value's number on its tape.
    pub fn id(self) -> ValueId {
        self.id
    }

    /// The length of every axis.
    pub fn shape(self) -> Shape {
        self.tape.inner().value(self.id).shape().into()
    }

    /// Whether `other`, on the same tape, has the same shape.
    pub(crate) fn is_like(self, other: Var<'t, Any>) -> bool {
        let inner = self.tape.inner();
        inner.value(self.id).shape() == inner.value(other.id).shape()
    }

    /// The number of axes.
    pub fn rank(self) -> usize {
        self.tape.inner().value(self.id).shape().len()
    }

    /// The number of elements.
    pub fn size(self) -> usize {
        self.tape.inner().value(self.id).len()
    }

    /// The element type.
    pub fn dtype(self) -> DType {
        match T::DTYPE {
            Some(dtype) => dtype,
            None => self.tape.inner().value(self.id).dtype(),
        }
    }

    /// Element type and shape.
    pub fn ty(self) -> Type {
        self.tape.inner().value(self.id).ty()
    }

    /// The same handle with the element type forgotten.
    pub fn any(self) -> Var<'t, Any> {
        Var::new(self.tape, self.id)
    }

    /// The same handle with the element type known to the compiler.
    ///
    /// # Errors
    /// If the value is of another element type.
    #[track_caller]
    pub fn typed<U: Kind>(self) -> Result<Var<'t, U>, Error> {
        match U::DTYPE {
            Some(expected) if expected != self.dtype() => Err(Error::new(
                "typed",
                vec![self.ty()],
                Fault::DType {
                    operand: 0,
                    expected: match expected {
                        DType::F32 => "f32",
                        DType::F64 => "f64",
                        DType::Index => "usize",
                        DType::Bool => "bool",
                    },
                    found: self.dtype(),
                },
                Location::caller(),
            )),
            _ => Ok(Var::new(self.tape, self.id)),
        }
    }

    /// Gives this value a name, used wherever the tape is printed.
    pub fn named(self, name: impl Into<String>) -> Self {
        self.tape.set_name(self.id, name.into());
        self
    }

    /// The value, whatever its element type; a cheap shared clone. Does not
    /// count as reading (see [`Tape::reads`]): for printing and reports.
    pub fn peek(self) -> Value {
        self.tape.inner().value(self.id).clone()
    }

    /// Panics at the caller's line: `op` cannot be applied to this and
    /// `others`.
    #[track_caller]
    pub(crate) fn refuse(self, op: &'static str, others: &[Var<'t, Any>], fault: Fault) -> ! {
        let operands = std::iter::once(self.any()).chain(others.iter().copied());
        Error::new(
            op,
            operands.map(Var::ty).collect(),
            fault,
            Location::caller(),
        )
        .raise()
    }

    /// `operand` as a variable beside this one.
    #[track_caller]
    pub(crate) fn beside(self, operand: impl Operand<'t, T>) -> Var<'t, T> {
        operand.on(self.tape, self.dtype())
    }

    /// Records `op` on this and `others`, all of one tape; panics at the
    /// caller's line if a rule is broken.
    #[track_caller]
    pub(crate) fn record<U: Kind>(self, op: impl Into<Op>, others: &[Var<'t, Any>]) -> Var<'t, U> {
        let this = self.any();
        match *others {
            [] => record(self.tape, op, &[this]),
            [other] => record(self.tape, op, &[this, other]),
            _ => record(self.tape, op, &[&[this], others].concat()),
        }
    }
}

/// Records an operation with one result; panics at the caller's line if a
/// rule is broken.
#[track_caller]
pub(crate) fn record<'t, U: Kind>(
    tape: &'t Tape,
    op: impl Into<Op>,
    args: &[Var<'t, Any>],
) -> Var<'t, U> {
    let op = op.into();
    if let Some(operand) = args.iter().position(|v| !std::ptr::eq(v.tape, tape)) {
        let types = args.iter().map(|v| v.ty()).collect();
        Error::new(
            op.name(),
            types,
            Fault::Foreign { operand },
            Location::caller(),
        )
        .raise()
    }
    let location = Location::caller();
    match mapped(args, |v| v.id, |ids| tape.record(op, ids, location)) {
        Ok(id) => Var::new(tape, id),
        Err(error) => error.raise(),
    }
}

impl<'t, T: Element> Var<'t, T> {
    /// The array; a cheap shared clone. Marks the value as read: see
    /// [`Tape::reads`].
    #[track_caller]
    pub fn value(self) -> ArcArray<T, IxDyn> {
        self.tape.note_read(self.id, Location::caller());
        let inner = self.tape.inner();
        let tensor = T::unwrap(inner.value(self.id));
        tensor
            .expect("the handle's type is the value's")
            .to_shared()
    }

    /// The array as an owned one of dimension `D`.
    ///
    /// # Panics
    /// If the value does not have the rank of `D`.
    #[track_caller]
    pub fn to_array<D: Dimension>(self) -> Array<T, D> {
        let shape = self.shape();
        match self.value().into_owned().into_dimensionality::<D>() {
            Ok(array) => array,
            Err(_) => panic!(
                "to_array: a value of shape {shape} does not have rank {}",
                D::NDIM.map_or("?".into(), |n| n.to_string())
            ),
        }
    }

    /// The only element.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[track_caller]
    pub fn item(self) -> T {
        self.tape.note_read(self.id, Location::caller());
        match self.tape.inner().value(self.id).slice::<T>() {
            [x] => *x,
            _ => panic!("item: a value of shape {} is not one element", self.shape()),
        }
    }
}

/// An operand that may be a variable or a number: `x.maximum(y)`,
/// `x.maximum(0.0)`. A number takes on the element type of its neighbour.
pub trait Operand<'t, T: Kind> {
    /// The variable, if it is one.
    fn var(&self) -> Option<Var<'t, T>>;

    /// As a variable on `tape` of element type `dtype`.
    fn on(self, tape: &'t Tape, dtype: DType) -> Var<'t, T>;
}

impl<'t, T: Kind> Operand<'t, T> for Var<'t, T> {
    fn var(&self) -> Option<Var<'t, T>> {
        Some(*self)
    }

    fn on(self, _: &'t Tape, _: DType) -> Var<'t, T> {
        self
    }
}

impl<'t, T: Numeric> Operand<'t, T> for f64 {
    fn var(&self) -> Option<Var<'t, T>> {
        None
    }

    #[track_caller]
    fn on(self, tape: &'t Tape, dtype: DType) -> Var<'t, T> {
        Var::new(tape, tape.scalar_of(dtype, self).id)
    }
}

impl<'t> Operand<'t, usize> for usize {
    fn var(&self) -> Option<Var<'t, usize>> {
        None
    }

    #[track_caller]
    fn on(self, tape: &'t Tape, _: DType) -> Var<'t, usize> {
        tape.scalar(self)
    }
}

/// The expression that computed the value: `sigmoid(x · W1 + b1)`.
impl<T: Kind> fmt::Display for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::print::expression(self.tape, &[self.id]))
    }
}

/// Number, type and value.
impl<T: Kind> fmt::Debug for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.peek();
        write!(f, "{}: {} = ", self.id, value.ty())?;
        crate::value::for_any!(&value, a => write!(f, "{a}"))
    }
}
