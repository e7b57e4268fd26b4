//! What an operation is: the trait that every primitive implements, and the
//! contexts in which its derivative rules are written. Knows no particular
//! operation; those live in [`ops`](crate::ops).

use std::fmt;
use std::ops::Range;

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::dtype::{Any, DType, Element};
use crate::error::Fault;
use crate::few::mapped;
use crate::print::Term;
use crate::tape::Tape;
use crate::tensor::Tensor;
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// A list with one entry per result; nearly every operation has one.
pub type Results<T> = SmallVec<[T; 1]>;

/// The [`Results`] of an operation with a single result.
pub fn one<T>(x: T) -> Results<T> {
    SmallVec::from_buf([x])
}

/// The answer of an operation that has no rule for a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRule;

/// The parts that a result, a matrix, can be computed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Rows, each of which can be computed by itself.
    pub rows: usize,
    /// Matrices of the result's shape, each of which can be computed by
    /// itself, that added up in order are the result.
    pub terms: usize,
    /// Floating-point operations that the whole takes.
    pub flops: usize,
}

/// A part of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Some rows; as many go into the output.
    Rows(Range<usize>),
    /// One of the terms.
    Term(usize),
}

/// How an operation passes derivatives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// By its vjp and jvp rules.
    Smooth,
    /// Not at all, because its results do not change under small changes of
    /// the operands (`sign`, comparisons, `argmax`).
    PiecewiseConstant,
    /// Not at all, because the user said so (`stop_gradient`).
    Stopped,
    /// Unknown: the operation has no rules. To need its derivative is an
    /// error.
    Unsupported,
}

/// Everything that defines an operation, in one place: shape rule, value,
/// derivatives, kinks, and how it is written.
///
/// The operations of this crate are listed in [`Op`](crate::Op). An operation
/// from elsewhere implements this trait and is recorded with
/// [`Tape::apply`] as [`Op::Custom`](crate::Op::Custom).
///
/// ```
/// use std::sync::Arc;
/// use wengert_autodiff::{Op, Tape, custom::*};
///
/// /// x³, in one operation.
/// #[derive(Debug)]
/// struct Cube;
///
/// impl Primitive for Cube {
///     fn name(&self) -> &'static str { "cube" }
///     fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> { Ok(one(args[0].clone())) }
///     fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
///         let x = args[0].array::<f64>().expect("this example is for f64");
///         Ok(one(Value::new(&x.mapv(|x| x * x * x))))
///     }
///     fn flow(&self) -> Flow { Flow::Smooth }
///     fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
///         let ([x], g) = (cx.args(), cx.cotangent());
///         cx.to(0, || 3.0 * g * x.square());
///         Ok(())
///     }
/// }
///
/// let tape = Tape::new();
/// let x = tape.input("x", ndarray::array![1.0, 2.0]);
/// let y = tape.apply(Op::Custom(Arc::new(Cube)), &[x.any()])?[0].typed::<f64>()?;
/// let [dx] = tape.grad(y.sum(), [x])?;
/// assert_eq!(dx.value(), ndarray::arr1(&[3.0, 12.0]).into_dyn());
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
pub trait Primitive: fmt::Debug + Send + Sync {
    /// The name, as the tape prints it.
    fn name(&self) -> &'static str;

    /// The parameters that are not operands (axes, shapes), as the tape
    /// prints them.
    fn attributes(&self) -> String {
        String::new()
    }

    /// The shape rule: types of the results from those of the operands.
    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault>;

    /// The value. `types` is what [`infer`](Primitive::infer) returned. Fails
    /// only where the rule depends on values, as with an index out of range.
    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault>;

    /// The value, written into memory that is there: what a compiled
    /// [`Program`](crate::Program) calls. `out` has the types that
    /// [`infer`](Primitive::infer) gives for those of `args`. What was in it
    /// before means nothing. The bits are those of [`eval`](Primitive::eval),
    /// which is also the default: evaluated on the side, and copied.
    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        let args: SmallVec<[Value; 4]> = args.iter().map(View::to_value).collect();
        let args: SmallVec<[&Value; 4]> = args.iter().collect();
        let types: Results<Type> = out.iter().map(ViewMut::ty).collect();
        for (out, value) in out.iter_mut().zip(self.eval(&args, &types)?) {
            out.copy_from(View::from(&value));
        }
        Ok(())
    }

    /// How the only result can be computed in parts, if it can: then
    /// [`eval_part`](Primitive::eval_part) computes one of them.
    fn parts(&self, _args: &[Type]) -> Option<Parts> {
        None
    }

    /// A part of the result, written to `out`: the bits of
    /// [`eval_into`](Primitive::eval_into).
    fn eval_part(
        &self,
        _args: &[View<'_>],
        _part: Part,
        _out: &mut ViewMut<'_>,
    ) -> Result<(), Fault> {
        unreachable!("`parts` says that there are none")
    }

    /// Whether an element of the result depends on nothing but the elements
    /// of the operands in its place, broadcast, in the same way everywhere:
    /// then [`eval_into`](Primitive::eval_into) may be called on any part.
    fn elementwise(&self) -> bool {
        false
    }

    /// Reverse rule: sends cotangents of the results to the operands.
    fn vjp(&self, _cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        Err(NoRule)
    }

    /// Forward rule: sends tangents of the operands to the results.
    fn jvp(&self, _cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        Err(NoRule)
    }

    /// How derivatives pass. Every operation has to say: there is no default
    /// that could turn a forgotten rule into a silent zero.
    fn flow(&self) -> Flow;

    /// Where the operation is not differentiable: calls `visit(element,
    /// distance)` for every decision it takes, with the signed distance of
    /// the operands from the kink. The decision is the sign: `<`, `=` or `>`.
    fn kinks(&self, _args: &[&Value], _visit: &mut dyn FnMut(usize, f64)) {}

    /// The value on the smooth piece that `base` lies on, continued to
    /// `args`: every decision is taken as at `base`, wherever the operands
    /// have gone since. Differences along a piece need not be small. `None` if
    /// `base` lies on a kink, or the operation does not know its pieces.
    fn piece(&self, _args: &[&Value], _base: &[&Value]) -> Option<Value> {
        None
    }

    /// How many numbers are added up, one after the other, for one element of
    /// the result: the rounding error grows with them. What is measured with
    /// such a result, a difference quotient say, has to allow for it.
    fn terms(&self, _args: &[Type]) -> usize {
        1
    }

    /// How the operation is written in a formula, given how its operands are
    /// written and what they are.
    fn formula(&self, args: &[Term], _types: &[Type]) -> Term {
        Term::call(self.name(), args, &self.attributes())
    }
}

/// The value of an operation that says how to compute it by
/// [`eval_into`](Primitive::eval_into) alone, in memory of its own.
pub(crate) fn fresh(
    op: &impl Primitive,
    args: &[&Value],
    types: &[Type],
) -> Result<Results<Value>, Fault> {
    mapped(args, View::from, |args| match types {
        [ty] => match ty.dtype {
            DType::F32 => alone::<f32>(op, args, ty),
            DType::F64 => alone::<f64>(op, args, ty),
            DType::Index => alone::<usize>(op, args, ty),
            DType::Bool => alone::<bool>(op, args, ty),
        },
        _ => several(op, args, types),
    })
}

/// The only result, without a detour: there are many small ones.
fn alone<T: Element>(
    op: &impl Primitive,
    args: &[View<'_>],
    ty: &Type,
) -> Result<Results<Value>, Fault> {
    let tensor = Tensor::<T>::written(ty.shape.clone(), |out| {
        op.eval_into(args, &mut [ViewMut::of_slice(&ty.shape, out)])
    })?;
    Ok(one(T::wrap(tensor)))
}

fn several(
    op: &impl Primitive,
    args: &[View<'_>],
    types: &[Type],
) -> Result<Results<Value>, Fault> {
    let buffers = types
        .iter()
        .map(|t| Buffer::zeroed(t.dtype, t.shape.size()));
    let mut buffers: Results<Buffer> = buffers.collect();
    let views = buffers.iter_mut().zip(types);
    let mut out: Results<ViewMut<'_>> = views.map(|(b, t)| b.view_mut(0, &t.shape)).collect();
    op.eval_into(args, &mut out)?;
    drop(out);
    let values = buffers.into_iter().zip(types);
    Ok(values.map(|(b, t)| b.into_value(t)).collect())
}

/// Where a vjp rule stands: the operands and results of one instruction, and
/// the cotangents that have arrived.
///
/// A cotangent that never arrived is a *structural* zero, `None`; a rule is
/// not called when all are.
pub struct Vjp<'t> {
    pub(crate) tape: &'t Tape,
    pub(crate) args: SmallVec<[Var<'t, Any>; 4]>,
    pub(crate) results: Results<Var<'t, Any>>,
    pub(crate) cotangents: Results<Option<Var<'t, Any>>>,
    pub(crate) wanted: SmallVec<[bool; 4]>,
    pub(crate) sent: SmallVec<[Option<Var<'t, Any>>; 4]>,
}

impl<'t> Vjp<'t> {
    /// The tape.
    pub fn tape(&self) -> &'t Tape {
        self.tape
    }

    /// The operands.
    ///
    /// # Panics
    /// If there are not `N` of them.
    pub fn args<const N: usize>(&self) -> [Var<'t, Any>; N] {
        all(&self.args)
    }

    /// The operands of an operation that takes any number of them.
    pub fn all_args(&self) -> &[Var<'t, Any>] {
        &self.args
    }

    /// The result of an operation that has one.
    pub fn result(&self) -> Var<'t, Any> {
        self.results[0]
    }

    /// The cotangent of the result of an operation that has one.
    pub fn cotangent(&self) -> Var<'t, Any> {
        self.cotangents[0].expect("rules run only when a cotangent has arrived")
    }

    /// Cotangents of all results; `None` is a structural zero.
    pub fn cotangents(&self) -> &[Option<Var<'t, Any>>] {
        &self.cotangents
    }

    /// Results of an operation that has several.
    pub fn results(&self) -> &[Var<'t, Any>] {
        &self.results
    }

    /// Sends a cotangent to operand `i`, if anybody asked for it; otherwise
    /// nothing is recorded. This is the one place where broadcasting is
    /// undone: what arrives in a larger shape is summed to the operand's.
    pub fn to(&mut self, i: usize, cotangent: impl FnOnce() -> Var<'t, Any>) {
        if self.wanted[i] {
            let (mut sent, arg) = (cotangent(), self.args[i]);
            if !sent.is_like(arg) {
                sent = sent.sum_to(&arg.shape());
            }
            self.sent[i] = Some(match self.sent[i] {
                Some(earlier) => earlier + sent,
                None => sent,
            });
        }
    }
}

impl<'t> Vjp<'t> {
    /// What has been sent to operand `i` so far; `None` is a structural zero.
    pub fn sent(&self, i: usize) -> Option<Var<'t, Any>> {
        self.sent[i]
    }

    /// Replaces what has been sent to operand `i`: for
    /// [`Rules`](crate::verify::Rules) that are wrong on purpose.
    ///
    /// # Panics
    /// If the replacement does not have the operand's shape.
    pub fn alter(
        &mut self,
        i: usize,
        change: impl FnOnce(Option<Var<'t, Any>>) -> Option<Var<'t, Any>>,
    ) {
        let changed = change(self.sent[i]);
        if let Some(changed) = changed {
            assert_eq!(changed.shape(), self.args[i].shape(), "operand {i}");
        }
        self.sent[i] = changed;
    }
}

/// Where a jvp rule stands: the operands and results of one instruction, and
/// the tangents of the operands; a missing one is a *structural* zero.
pub struct Jvp<'t> {
    pub(crate) tape: &'t Tape,
    pub(crate) args: SmallVec<[Var<'t, Any>; 4]>,
    pub(crate) results: Results<Var<'t, Any>>,
    pub(crate) tangents: SmallVec<[Option<Var<'t, Any>>; 4]>,
    pub(crate) sent: Results<Option<Var<'t, Any>>>,
}

impl<'t> Jvp<'t> {
    /// The tape.
    pub fn tape(&self) -> &'t Tape {
        self.tape
    }

    /// The operands.
    ///
    /// # Panics
    /// If there are not `N` of them.
    pub fn args<const N: usize>(&self) -> [Var<'t, Any>; N] {
        all(&self.args)
    }

    /// The operands of an operation that takes any number of them.
    pub fn all_args(&self) -> &[Var<'t, Any>] {
        &self.args
    }

    /// The result of an operation that has one.
    pub fn result(&self) -> Var<'t, Any> {
        self.results[0]
    }

    /// Results of an operation that has several.
    pub fn results(&self) -> &[Var<'t, Any>] {
        &self.results
    }

    /// Tangents of all operands; `None` is a structural zero.
    pub fn tangents(&self) -> &[Option<Var<'t, Any>>] {
        &self.tangents
    }

    /// What has been sent to result `j` so far; `None` is a structural zero.
    pub fn sent(&self, j: usize) -> Option<Var<'t, Any>> {
        self.sent[j]
    }

    /// Replaces the tangent of operand `i` before the rule sees it: for
    /// [`Rules`](crate::verify::Rules) that are wrong on purpose.
    ///
    /// # Panics
    /// If the replacement does not have the operand's shape.
    pub fn alter_tangent(
        &mut self,
        i: usize,
        change: impl FnOnce(Option<Var<'t, Any>>) -> Option<Var<'t, Any>>,
    ) {
        let changed = change(self.tangents[i]);
        if let Some(changed) = changed {
            assert_eq!(changed.shape(), self.args[i].shape(), "operand {i}");
        }
        self.tangents[i] = changed;
    }

    /// Adds what operand `i` contributes to the tangent of the result, if
    /// that operand moves at all. What is smaller than the result is
    /// broadcast to it.
    pub fn from(&mut self, i: usize, push: impl FnOnce(Var<'t, Any>) -> Var<'t, Any>) {
        if let Some(tangent) = self.tangents[i] {
            let part = push(tangent);
            self.send(0, part);
        }
    }

    /// Adds to the tangent of result `j`.
    pub fn send(&mut self, j: usize, part: Var<'t, Any>) {
        let part = part.broadcast_to(self.results[j].shape());
        self.sent[j] = Some(match self.sent[j] {
            Some(earlier) => earlier + part,
            None => part,
        });
    }
}

fn all<'t, const N: usize>(args: &[Var<'t, Any>]) -> [Var<'t, Any>; N] {
    args.try_into()
        .unwrap_or_else(|_| panic!("the rule expects {N} operands, not {}", args.len()))
}
