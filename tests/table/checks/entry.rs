//! How operands come in: in every memory layout, and of every element type
//! that the operation takes.

use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, Slice};
use wengert_autodiff::{Any, Element, Tape, Value, Var};

use super::numbers::{Recorded, drawn, same};
use super::{Check, Outcome};
use crate::random::Random;
use crate::table::case::Case;
use crate::table::naive::{Interpreter, Naive, compare};

/// How the elements of an array lie in memory.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// The first axis runs fastest.
    Fortran,
    /// Every other element of a larger array, along every axis.
    Strided,
    /// Backwards along every axis.
    Negative,
    /// One row, repeated without a copy.
    Broadcast,
}

/// Hands `view`, an array of these elements in this layout, to `enter`.
fn with_layout<T: Element, R>(
    a: &ArrayD<T>,
    layout: Layout,
    enter: impl FnOnce(ArrayViewD<'_, T>) -> R,
) -> R {
    match layout {
        Layout::Fortran => {
            let flipped = a.t().as_standard_layout().into_owned();
            enter(flipped.t())
        }
        Layout::Strided => {
            let shape: Vec<usize> = a.shape().iter().map(|n| 2 * n).collect();
            let mut large = ArrayD::<T>::default(IxDyn(&shape));
            let every_other = |v: &mut ndarray::ArrayViewMutD<'_, T>| {
                for axis in 0..shape.len() {
                    v.slice_axis_inplace(Axis(axis), Slice::new(0, None, 2));
                }
            };
            let mut view = large.view_mut();
            every_other(&mut view);
            view.assign(a);
            enter(view.view())
        }
        Layout::Negative => {
            let flip = |mut v: ArrayViewD<'_, T>| {
                for axis in 0..v.ndim() {
                    v.invert_axis(Axis(axis));
                }
                v.as_standard_layout().into_owned()
            };
            let flipped = flip(a.view());
            let mut view = flipped.view();
            for axis in 0..view.ndim() {
                view.invert_axis(Axis(axis));
            }
            enter(view)
        }
        Layout::Broadcast => {
            let row = a.index_axis(Axis(0), 0);
            enter(row.broadcast(a.raw_dim()).expect("a row of the array"))
        }
    }
}

fn input<'t>(tape: &'t Tape, name: &str, value: &Value, layout: Layout) -> Var<'t, Any> {
    macro_rules! enter {
        ($a:expr) => {
            with_layout(&$a.view().to_owned(), layout, |v| tape.input(name, v).any())
        };
    }
    match value {
        Value::F32(a) => enter!(a),
        Value::F64(a) => enter!(a),
        Value::Index(a) => enter!(a),
        Value::Bool(a) => enter!(a),
    }
}

/// An array all of whose rows are the first one, if it has rows.
fn repeated(value: &Value) -> Option<Value> {
    fn go<T: Element>(a: ArrayViewD<'_, T>) -> Option<Value> {
        if a.ndim() == 0 || a.is_empty() {
            return None;
        }
        let row = a.index_axis(Axis(0), 0);
        let rows = row.broadcast(a.raw_dim()).expect("a row of the array");
        Some(Value::new(&rows))
    }
    match value {
        Value::F32(a) => go(a.view()),
        Value::F64(a) => go(a.view()),
        Value::Index(a) => go(a.view()),
        Value::Bool(a) => go(a.view()),
    }
}

/// The same operands, in other layouts: the same bits of everything.
pub(super) fn layouts(outcome: &mut Outcome, case: &Case, random: &mut Random) {
    if case.alias {
        return;
    }
    let layouts = [
        Layout::Fortran,
        Layout::Strided,
        Layout::Negative,
        Layout::Broadcast,
    ];
    for layout in layouts {
        let values: Option<Vec<Value>> = match layout {
            Layout::Broadcast => case.values.iter().map(repeated).collect(),
            _ => Some(case.values.clone()),
        };
        let Some(values) = values else { continue };
        let seed = random.bits();
        let run = |enter: &dyn for<'t> Fn(&'t Tape, &str, &Value) -> Var<'t, Any>| {
            let tape = Tape::new();
            let named = |(i, v): (usize, &Value)| enter(&tape, &format!("x{i}"), v);
            let inputs = values.iter().enumerate().map(named).collect();
            let mut draw = Random::new(seed);
            Recorded::new(&tape, case, inputs, &mut drawn(&mut draw)).map(|r| r.values())
        };
        let plain = run(&|tape, name, value| tape.input_value(name, value.clone()));
        let other = run(&|tape, name, value| input(tape, name, value, layout));
        match (plain, other) {
            (Ok(a), Ok(b)) if a.iter().zip(&b).all(|(a, b)| same(a, b)) => {
                outcome.note(Check::Layout, 0.0);
            }
            (plain, other) => outcome.fail(
                Check::Layout,
                case,
                format!("{layout:?}: {other:?}, in row-major order {plain:?}"),
            ),
        }
    }
}

/// The same with masks and with indices in place of floats.
pub(super) fn elements(outcome: &mut Outcome, case: &Case) {
    let index = |v: &Value| match v {
        Value::F64(a) => Value::from(a.view().mapv(|x| (4.0 * x.abs()) as usize)),
        other => other.clone(),
    };
    let mask = |v: &Value| match v {
        Value::F64(a) => Value::from(a.view().mapv(|x| x > 0.0)),
        other => other.clone(),
    };
    for convert in [&index as &dyn Fn(&Value) -> Value, &mask] {
        let other = Case {
            values: case.values.iter().map(convert).collect(),
            ..case.clone()
        };
        let tape = Tape::new();
        let results = match other.record(&tape, &other.inputs(&tape)) {
            Ok(results) => results,
            Err(e) => {
                outcome.fail(Check::Elements, &other, e);
                continue;
            }
        };
        let mut interpreter = Interpreter::of(wengert_autodiff::DType::F64);
        let operands: Vec<Naive> = other.values.iter().map(Naive::exact).collect();
        let want = interpreter.apply(&other.op, &operands);
        for (got, want) in results.iter().zip(&want) {
            let result = compare(&got.peek(), want, interpreter.unit);
            outcome.read(Check::Elements, &other, result);
        }
    }
}
