//! The tape itself: a dense list of instructions and of the values they
//! define, in the order in which they ran. Recording evaluates. Knows no
//! particular operation and no derivative.

mod inner;
mod replica;
mod scope;

pub use inner::ValueId;
pub(crate) use inner::{Decision, Inner, InstId};
pub use scope::Scope;

use std::cell::{Ref, RefCell};
use std::fmt;
use std::panic::Location;

use ndarray::{ArrayBase, Data, Dimension};
use smallvec::SmallVec;

use crate::dtype::{Any, DType, Element};
use crate::error::{Error, Fault};
use crate::few::mapped;
use crate::op::{Primitive, Results};
use crate::ops::{Leaf, Op};
use crate::value::Value;
use crate::var::Var;

/// A list of operations and their values: a Wengert list.
///
/// Operations on [`Var`] handles are evaluated at once and appended here.
/// Because the list is data, it can be printed, differentiated (which appends
/// to it) and evaluated again with other inputs.
///
/// A tape is [`Send`] but not [`Sync`]: one thread records on it at a time.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::Tape;
///
/// let tape = Tape::new();
/// let x = tape.input("x", array![1.0, 2.0]);
/// let y = (x * x).sum();
/// let [dx] = tape.grad(y, [x])?;
/// assert_eq!(y.item(), 5.0);
/// assert_eq!(dx.value(), array![2.0, 4.0].into_dyn());
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
#[derive(Default)]
pub struct Tape {
    inner: RefCell<Inner>,
}

impl Tape {
    /// An empty tape.
    pub fn new() -> Tape {
        Tape::default()
    }

    /// An input: a named array that one can differentiate with respect to,
    /// and that [`eval`](Tape::eval) can replace. Any dimension and layout;
    /// the element type is that of the array.
    #[track_caller]
    pub fn input<T: Element, S: Data<Elem = T>, D: Dimension>(
        &self,
        name: impl Into<String>,
        array: ArrayBase<S, D>,
    ) -> Var<'_, T> {
        self.input_value(name, Value::from(array))
            .typed()
            .unwrap_or_else(|e| e.raise())
    }

    /// An array that is part of the program and stays as it is.
    #[track_caller]
    pub fn constant<T: Element, S: Data<Elem = T>, D: Dimension>(
        &self,
        array: ArrayBase<S, D>,
    ) -> Var<'_, T> {
        self.constant_value(Value::from(array))
            .typed()
            .unwrap_or_else(|e| e.raise())
    }

    /// A rank-0 constant.
    #[track_caller]
    pub fn scalar<T: Element>(&self, x: T) -> Var<'_, T> {
        self.constant(ndarray::arr0(x))
    }

    /// [`input`](Tape::input) from a [`Value`], whatever its element type.
    #[track_caller]
    pub fn input_value(&self, name: impl Into<String>, value: Value) -> Var<'_, Any> {
        let var = self.leaf(Leaf::Input, value);
        self.inner.borrow_mut().names.insert(var.id(), name.into());
        var
    }

    /// [`constant`](Tape::constant) from a [`Value`], whatever its element
    /// type.
    #[track_caller]
    pub fn constant_value(&self, value: Value) -> Var<'_, Any> {
        self.leaf(Leaf::Constant, value)
    }

    #[track_caller]
    fn leaf(&self, leaf: Leaf, value: Value) -> Var<'_, Any> {
        let location = Location::caller();
        let mut values = crate::op::one(value);
        let pushed = self
            .inner
            .borrow_mut()
            .push(Op::from(leaf), &[], &mut values, location);
        match pushed {
            Ok(id) => Var::new(self, id),
            Err(fault) => Error::new(leaf.name(), vec![], fault, location).raise(),
        }
    }

    /// A rank-0 constant of a type known at run time.
    #[track_caller]
    pub(crate) fn scalar_of(&self, dtype: DType, x: f64) -> Var<'_, Any> {
        self.constant_value(match dtype {
            DType::F32 => Value::scalar(x as f32),
            DType::F64 => Value::scalar(x),
            DType::Index => Value::scalar(x as usize),
            DType::Bool => Value::scalar(x != 0.0),
        })
    }

    /// Records any operation, the one checked way in: shape rule, value, one
    /// handle per result. The panicking operators and methods of [`Var`] are
    /// this call, unwrapped.
    ///
    /// # Errors
    /// Whatever rule of the operation the operands break.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, ops::Binary};
    ///
    /// let tape = Tape::new();
    /// let a = tape.input("a", array![1.0, 2.0, 3.0]);
    /// let b = tape.input("b", array![1.0, 2.0]);
    /// let error = tape.apply(Binary::Add, &[a.any(), b.any()]).unwrap_err();
    /// assert!(error.to_string().starts_with(
    ///     "add(f64[3], f64[2]): shapes [3] and [2] cannot be broadcast"));
    /// ```
    #[track_caller]
    pub fn apply<'t>(
        &'t self,
        op: impl Into<Op>,
        args: &[Var<'t, Any>],
    ) -> Result<Results<Var<'t, Any>>, Error> {
        let location = Location::caller();
        let op = op.into();
        let ids: SmallVec<[ValueId; 4]> = args.iter().map(|v| v.id()).collect();
        if let Some(operand) = args.iter().position(|v| !std::ptr::eq(v.tape(), self)) {
            let types = args.iter().map(|v| v.ty()).collect();
            let fault = Fault::Foreign { operand };
            return Err(Error::new(op.name(), types, fault, location));
        }
        let first = self.record(op, &ids, location)?;
        let inst = self.inner.borrow().producer(first);
        let results = self.inner.borrow().results(inst);
        Ok(results.map(|id| Var::new(self, id)).collect())
    }

    /// Checks, evaluates and appends; the id of the first result.
    pub(crate) fn record(
        &self,
        op: Op,
        args: &[ValueId],
        location: &'static Location<'static>,
    ) -> Result<ValueId, Error> {
        let mut values = {
            let inner = self.inner.borrow();
            mapped(args, |a| inner.value(a), |operands| evaluate(&op, operands))
        };
        let name = op.name();
        let pushed = match &mut values {
            Ok(values) => self.inner.borrow_mut().push(op, args, values, location),
            Err(fault) => Err(fault.clone()),
        };
        pushed.map_err(|fault| {
            let inner = self.inner.borrow();
            let types = args.iter().map(|&a| inner.value(a).ty()).collect();
            // A fault while differentiating belongs to the differentiated line.
            let location = inner
                .origin
                .map_or(location, |origin| inner.inst(origin).site.location);
            Error::new(name, types, fault, location)
        })
    }

    /// Evaluates the tape again with other values for some inputs and returns
    /// the values of `outputs`; nothing is appended. This plain interpreter
    /// is the meaning of a tape. Instructions that do not depend on a
    /// replaced input keep their recorded value.
    ///
    /// # Errors
    /// A replaced variable that is not an input or gets another element type
    /// or shape; a branch that would go the other way
    /// ([`Var::decide`](crate::Var::decide)); an index that has become invalid.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, Value};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let y = x.exp().sum();
    /// let again = tape.eval(&[(x.any(), Value::new(&array![0.0, 0.0]))], &[y.any()])?;
    /// assert_eq!(again[0], Value::scalar(2.0));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    #[track_caller]
    pub fn eval(
        &self,
        inputs: &[(Var<'_, Any>, Value)],
        outputs: &[Var<'_, Any>],
    ) -> Result<Vec<Value>, Error> {
        crate::eval::Interpreter::new(self, inputs, outputs)?.run()
    }

    /// The number of instructions.
    pub fn len(&self) -> usize {
        self.inner.borrow().insts.len()
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything and keeps the memory. Handles cannot outlive this:
    /// the borrow checker sees to it.
    ///
    /// ```compile_fail
    /// let mut tape = wengert_autodiff::Tape::new();
    /// let x = tape.scalar(1.0);
    /// tape.reset();
    /// println!("{}", x.item());
    /// ```
    pub fn reset(&mut self) {
        let inner = self.inner.get_mut();
        inner.insts.clear();
        inner.args.clear();
        inner.values.clear();
        inner.producers.clear();
        inner.names.clear();
        inner.scopes.clear();
        inner.scope = 0;
        inner.origin = None;
        inner.reads.clear();
        inner.decisions.clear();
    }

    /// Values that the program has read while recording, and where. A value
    /// that was read may have steered the program, and then the tape is right
    /// only for inputs that steer it the same way.
    pub fn reads(&self) -> Vec<(ValueId, &'static Location<'static>)> {
        self.inner.borrow().reads.clone()
    }

    pub(crate) fn note_read(&self, id: ValueId, location: &'static Location<'static>) {
        self.inner.borrow_mut().reads.push((id, location));
    }

    pub(crate) fn note_decision(&self, decision: Decision) {
        self.inner.borrow_mut().decisions.push(decision);
    }

    pub(crate) fn decisions(&self) -> Vec<Decision> {
        self.inner.borrow().decisions.clone()
    }

    pub(crate) fn set_name(&self, id: ValueId, name: String) {
        self.inner.borrow_mut().names.insert(id, name);
    }

    pub(crate) fn inner(&self) -> Ref<'_, Inner> {
        self.inner.borrow()
    }
}

/// Shape rule, then value: used when recording and when evaluating again.
#[inline]
pub(crate) fn evaluate(op: &Op, operands: &[&Value]) -> Result<Results<Value>, Fault> {
    let inferred = mapped(operands, Value::ty, |types| op.infer(types))?;
    if inferred.is_empty() {
        return Err(Fault::Parameter(
            "has no result, and so no place on a tape".into(),
        ));
    }
    let values = op.eval(operands, &inferred);
    debug_assert!(
        values
            .iter()
            .all(|v| v.iter().map(Value::ty).eq(inferred.iter().cloned())),
        "{}: the value does not have the inferred type",
        op.name()
    );
    values
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape of {} instructions", self.len())
    }
}
