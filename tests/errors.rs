//! Typical mistakes and what is said about them: the operation, the shapes,
//! the rule that failed, and the line of whoever made the mistake, as the
//! panic of an operator and as the error of [`Tape::apply`]. With
//! `--nocapture`, `listing` prints every message as a user sees it.
//!
//! A mistake must stand on the line on which its `caught!` or `refused!`
//! begins: that line is what the message is compared with.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use ndarray::{Array1, Array2, array, s};
use wengert_autodiff::custom::{Fault, Flow, Primitive, Results, Type, Value, one};
use wengert_autodiff::ops::{
    Binary, Clamp, Concat, MatMul, Op, Permute, Reduce, Reduction, Reshape, Unary,
};
use wengert_autodiff::{
    Any, Error, Tape, Var, concat, grad, hessian, hvp, jacobian, jvp, stack, value_and_grad, vjp,
};

/// A mistake, what was said about it, and where it was said to be.
#[derive(Debug)]
struct Caught {
    title: &'static str,
    message: String,
    file: String,
    line: u32,
    /// The line of the mistake.
    expected_line: u32,
}

thread_local! {
    static LAST: RefCell<Option<(String, String, u32)>> = const { RefCell::new(None) };
}

/// Runs what panics, and keeps the message and the place.
fn catch(title: &'static str, expected_line: u32, f: impl FnOnce()) -> Caught {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let at = info.location().expect("every panic has a place");
            let payload = info.payload();
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or(payload.downcast_ref::<&str>().map(|s| s.to_string()));
            let seen = (text.unwrap_or_default(), at.file().to_string(), at.line());
            if SILENT.get() {
                LAST.set(Some(seen));
            } else {
                usual(info);
            }
        }));
    });
    SILENT.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(f));
    SILENT.set(false);
    assert!(outcome.is_err(), "{title}: nothing was said");
    let (message, file, line) = LAST.take().expect("the hook has run");
    Caught {
        title,
        message,
        file,
        line,
        expected_line,
    }
}

thread_local! {
    static SILENT: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// A mistake that panics.
macro_rules! caught {
    ($title:literal, $mistake:expr) => {
        catch($title, line!(), || {
            let _ = $mistake;
        })
    };
}

/// A mistake that is returned as an error.
macro_rules! refused {
    ($title:literal, $mistake:expr) => {
        from_error($title, line!(), $mistake.err())
    };
}

fn from_error(title: &'static str, expected_line: u32, error: Option<Error>) -> Caught {
    let error = error.unwrap_or_else(|| panic!("{title}: nothing was refused"));
    let at = error.location();
    let text = error.to_string();
    // The place follows the message, on a line of its own.
    let message = text
        .split("\n   at ")
        .next()
        .unwrap_or_default()
        .to_string();
    assert!(text.ends_with(&format!("\n   at {at}")), "{text}");
    Caught {
        title,
        message,
        file: at.file().into(),
        line: at.line(),
        expected_line,
    }
}

impl Caught {
    /// What is wrong with the message: it must begin with the operation and
    /// its operands, and say all of the rest.
    fn says(&self, beginning: &str, rest: &[&str]) -> Vec<String> {
        let mut bad = Vec::new();
        if !self.message.starts_with(beginning) {
            bad.push(format!("{}: does not begin with {beginning:?}", self.title));
        }
        for part in rest {
            if !self.message.contains(part) {
                bad.push(format!("{}: does not say {part:?}", self.title));
            }
        }
        if !bad.is_empty() {
            bad.push(format!("    but: {}", self.message));
        }
        bad
    }

    /// What is wrong with the place.
    fn placed(&self) -> Option<String> {
        let right = self.file.ends_with("errors.rs") && self.line == self.expected_line;
        (!right).then(|| {
            let Caught { title, file, line, expected_line, message } = self;
            format!("{title}: said to be at {file}:{line}, is at errors.rs:{expected_line}\n    {message}")
        })
    }
}

/// x³ without a rule for any derivative, which it admits or not.
#[derive(Debug)]
struct Cube(Flow);

impl Primitive for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }
    fn flow(&self) -> Flow {
        self.0
    }
    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        Ok(one(args[0].clone()))
    }
    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        let x = args[0].array::<f64>().expect("f64");
        Ok(one(Value::new(&x.mapv(|x| x * x * x))))
    }
}

/// A mistake with the beginning of its message, and what else it must say.
type Case = (Caught, &'static str, &'static [&'static str]);

/// Mistakes in operators and methods, which panic.
#[rustfmt::skip]
fn panics() -> Vec<Case> {
    let tape = Tape::new();
    let other = Tape::new();
    let a = tape.input("a", Array2::<f64>::ones((2, 3)));
    let b = tape.input("b", Array1::<f64>::ones(2));
    let v = tape.input("v", array![1.0, 2.0, 3.0]);
    let c = tape.input("c", Array2::<f64>::ones((4, 3)));
    let p = tape.scalar(2.0);
    let empty = tape.input("e", Array2::<f64>::ones((0, 3)));
    let foreign = other.input("f", Array2::<f64>::ones((2, 3)));
    let narrow = tape.constant(array![1.0f32, 2.0]);
    let five = tape.constant(array![0usize, 5]);
    let column = tape.constant(array![[0usize], [7]]);
    let mask = tape.constant(array![true, false]);
    let batch = tape.constant(ndarray::Array3::<f64>::ones((2, 4, 3)));
    let stacks = tape.constant(ndarray::Array3::<f64>::ones((5, 3, 2)));
    vec![
        (caught!("sum of shapes", a + b), "add(f64[2, 3], f64[2]): ", &["shapes [2, 3] and [2] cannot be broadcast", "axis -1 has lengths 3 and 2", "equal or 1"]),
        (caught!("difference, method", a.sub(b)), "sub(f64[2, 3], f64[2]): ", &["cannot be broadcast"]),
        (caught!("inner lengths of dot", a.dot(c)), "dot(f64[2, 3], f64[4, 3]): ", &["cannot multiply [2, 3] by [4, 3]", "(3)", "(4)"]),
        (caught!("matrix and vector", a.dot(b)), "dot(f64[2, 3], f64[2]): ", &["cannot multiply [2, 3] by [2]", "only axis"]),
        (caught!("dot of a number", a.dot(p)), "dot(f64[2, 3], f64[]): ", &["rank 1 or 2", "got rank 0"]),
        (caught!("matmul of a number", a.matmul(p)), "matmul(f64[2, 3], f64[]): ", &["rank 0"]),
        (caught!("matmul of a vector and a number", v.matmul(p)), "matmul(f64[3], f64[]): ", &["rank 0"]),
        (caught!("batches that differ", batch.matmul(stacks)), "matmul(f64[2, 4, 3], f64[5, 3, 2]): ", &["cannot be broadcast", "2 and 5"]),
        (caught!("axis out of range", a.sum_axes([2], false)), "sum(f64[2, 3]): ", &["axis 2 is out of range for rank 2", "-2..=1"]),
        (caught!("negative axis out of range", a.mean_axes([-3], false)), "mean(f64[2, 3]): ", &["axis -3 is out of range for rank 2"]),
        (caught!("softmax of a number", p.softmax(0)), "softmax(f64[]): ", &["axis 0", "which has no axes"]),
        (caught!("an axis twice", a.max_axes([1, -1], false)), "max(f64[2, 3]): ", &["axis 1 is named twice"]),
        (caught!("another tape, operator", a * foreign), "mul(f64[2, 3], f64[2, 3]): ", &["operand 1 belongs to another tape"]),
        (caught!("another tape, matmul", v.matmul(foreign.transpose())), "", &["belongs to another tape"]),
        (caught!("another tape, concat", concat(&[a, foreign], 0)), "concat(f64[2, 3], f64[2, 3]): ", &["operand 1 belongs to another tape"]),
        (caught!("another tape, mask", mask.where_(foreign, 0.0)), "where(", &["belongs to another tape"]),
        (caught!("index out of range", v.index_select(0, five)), "index_select(f64[3], usize[2]): ", &["index 5 at position 1 is out of range for axis 0 of length 3"]),
        (caught!("gather out of range", a.gather(1, column)), "gather(f64[2, 3], usize[2, 1]): ", &["index 7 at position 1", "axis 1 of length 3"]),
        (caught!("gather, rank", a.gather(1, five)), "gather(f64[2, 3], usize[2]): ", &["as many axes"]),
        (caught!("label out of range", five.one_hot::<f64>(3)), "one_hot(usize[2]): ", &["index 5 at position 1"]),
        (caught!("scatter_add, axis", v.scatter_add(1, five, b)), "scatter_add(", &["axis 1 is out of range for rank 1"]),
        (caught!("scatter_add, index", v.scatter_add(0, five, b)), "scatter_add(", &["index 5 at position 1 is out of range for axis 0 of length 3"]),
        (caught!("scatter_add, shapes", v.scatter_add(0, five, v)), "scatter_add(", &["must have the shape of the indices", "[3] and [2]"]),
        (caught!("f32 with f64", narrow.any() + b.any()), "add(f32[2], f64[2]): ", &["one element type", "f32 and f64", "`cast`"]),
        (caught!("arithmetic on a mask", mask.any() + mask.any()), "add(bool[2], bool[2]): ", &["operand 0 must be f32 or f64, but is bool"]),
        (caught!("exp of indices", five.any().exp()), "exp(usize[2]): ", &["must be f32 or f64, but is usize"]),
        (caught!("sides of a choice", mask.where_(a, b)), "where(bool[2], f64[2, 3], f64[2]): ", &["cannot be broadcast"]),
        (caught!("floats to indices", v.cast::<usize>()), "cast(f64[3]): ", &["f64 to usize", "argmax"]),
        (caught!("maximum of nothing", empty.max_axes([0], false)), "max(f64[0, 3]): ", &["no elements", "[0]", "[0, 3]"]),
        (caught!("minimum of nothing at all", empty.min()), "min(f64[0, 3]): ", &["no elements"]),
        (caught!("mean of nothing", empty.mean()), "mean(f64[0, 3]): ", &["no elements"]),
        (caught!("argmax of nothing", empty.argmax(0)), "argmax(f64[0, 3]): ", &["no elements"]),
        (caught!("reshape", a.reshape([4, 2])), "reshape(f64[2, 3]): ", &["cannot reshape [2, 3] (6 elements) to [4, 2] (8 elements)"]),
        (caught!("squeeze of a long axis", a.squeeze(0)), "squeeze(f64[2, 3]): ", &["axis 0 has length 2"]),
        (caught!("squeeze out of range", a.squeeze(2)), "squeeze(f64[2, 3]): ", &["axis 2 is out of range"]),
        (caught!("expand_dims out of range", a.expand_dims(5)), "expand_dims(f64[2, 3]): ", &["axis 5 is out of range"]),
        (caught!("not a permutation", a.permute([0, 0])), "permute(f64[2, 3]): ", &["axes [0, 0] are not a permutation of the 2 axes"]),
        (caught!("broadcast_to", a.broadcast_to([3, 2])), "broadcast_to(f64[2, 3]): ", &["[2, 3] cannot be broadcast to [3, 2]"]),
        (caught!("slice out of range", a.slice(s![.., 1..9])), "slice(f64[2, 3]): ", &["slice 1..9 is out of range for axis 1 of length 3"]),
        (caught!("index in a slice", a.slice(s![2, ..])), "slice(f64[2, 3]): ", &["index 2 is out of range for axis 0 of length 2"]),
        (caught!("more slices than axes", v.slice(s![0, 0])), "slice(f64[3]): ", &["more slices than the 1 axes of [3]"]),
        (caught!("flip out of range", v.flip(1)), "flip(f64[3]): ", &["axis 1 is out of range for rank 1"]),
        (caught!("widths of a pad", a.pad(&[(1, 1)], 0.0)), "pad(f64[2, 3]): ", &["1 pairs", "2 axes"]),
        (caught!("concat of shapes", concat(&[a, c.transpose()], 0)), "concat(f64[2, 3], f64[3, 4]): ", &["must agree", "[2, 3] and [3, 4]"]),
        (caught!("stack of shapes", stack(&[v, b], 0)), "concat(f64[1, 3], f64[1, 2]): ", &["must agree"]),
        (caught!("concat of nothing", concat::<f64>(&[], 0)), "concat", &["at least one array"]),
        (caught!("lengths of a split", v.split(&[1, 1], 0)), "split(f64[3]): ", &["[1, 1]", "2", "length 3"]),
        (caught!("variance of one", v.slice(ndarray::s![..1]).var(1)), "var(f64[1]): ", &["more than ddof = 1", "[1] have 1"]),
        (caught!("deviation along an axis", v.std_axes([0], 3, true)), "std(f64[3]): ", &["ddof = 3", "axes [0]", "have 3"]),
        (caught!("order of a norm", v.norm(-2.0)), "norm(f64[3]): ", &["p = -2.0", "above 0"]),
        (caught!("axis of cumsum", v.cumsum(1)), "cumsum(f64[3]): ", &["axis 1 is out of range"]),
        (caught!("clamp bounds", v.clamp(1.0, -1.0)), "clamp(f64[3]): ", &["lower bound 1", "upper bound -1"]),
        (caught!("item of many", v.item()), "item: ", &["[3]", "not one element"]),
        (caught!("rank of to_array", v.to_array::<ndarray::Ix2>()), "to_array: ", &["[3]", "rank 2"]),
        (caught!("explain across tapes", tape.explain(foreign, a)), "explain", &["another tape"]),
    ]
}

/// Mistakes that are returned as errors.
#[rustfmt::skip]
fn refusals() -> Vec<Case> {
    let tape = Tape::new();
    let other = Tape::new();
    let a = tape.input("a", Array2::<f64>::ones((2, 3)));
    let b = tape.input("b", Array1::<f64>::ones(2));
    let unused = tape.input("spare", Array1::<f64>::ones(2));
    let narrow = tape.constant(array![1.0f32, 2.0]);
    let foreign = other.input("f", Array2::<f64>::ones((2, 3)));
    let k = tape.constant(array![1.0, 2.0]);
    let y = a.sum();
    let (at, w) = (array![1.0, 2.0], array![1.0, 1.0, 1.0]);
    let cube = |flow| Op::Custom(Arc::new(Cube(flow)));
    let admitted = tape.apply(cube(Flow::Unsupported), &[b.any()]).expect("a value")[0];
    let forgotten = tape.apply(cube(Flow::Smooth), &[b.any()]).expect("a value")[0];
    let cubed_line = line!() - 2;
    let [admitted, forgotten] = [admitted, forgotten].map(|y| y.typed::<f64>().expect("f64"));
    let sign = b.sign().sum();
    let stopped = b.stop_gradient().sum();
    let mut cases: Vec<Case> = vec![
        (refused!("apply: shapes", tape.apply(Binary::Add, &[a.any(), b.any()])), "add(f64[2, 3], f64[2]): ", &["cannot be broadcast"]),
        (refused!("apply: inner lengths", tape.apply(MatMul::default(), &[a.any(), a.any()])), "matmul(f64[2, 3], f64[2, 3]): ", &["cannot multiply"]),
        (refused!("apply: rank", tape.apply(MatMul::default(), &[a.any(), b.any()])), "matmul(f64[2, 3], f64[2]): ", &["rank 2 or more", "got rank 1"]),
        (refused!("apply: too few operands", tape.apply(Binary::Mul, &[a.any()])), "mul(f64[2, 3]): ", &["takes 2 operands, got 1"]),
        (refused!("apply: no operands", tape.apply(Unary::Exp, &[])), "exp(): ", &["takes 1 operands, got 0"]),
        (refused!("apply: nothing to join", tape.apply(Concat { axis: 0 }, &[])), "concat(): ", &["at least one array"]),
        (refused!("apply: element types", tape.apply(Binary::Add, &[narrow.any(), b.any()])), "add(f32[2], f64[2]): ", &["f32 and f64"]),
        (refused!("apply: another tape", tape.apply(Binary::Add, &[a.any(), foreign.any()])), "add(f64[2, 3], f64[2, 3]): ", &["operand 1 belongs to another tape"]),
        (refused!("apply: axis", tape.apply(Reduce { reduction: Reduction::Max, axes: (&[4][..]).into(), keepdims: false }, &[a.any()])), "max(f64[2, 3]): ", &["axis 4 is out of range"]),
        (refused!("apply: reshape", tape.apply(Reshape { shape: [5].into() }, &[a.any()])), "reshape(f64[2, 3]): ", &["(6 elements)", "(5 elements)"]),
        (refused!("apply: permutation", tape.apply(Permute { axes: vec![0] }, &[a.any()])), "permute(f64[2, 3]): ", &["[0] are not a permutation of the 2 axes"]),
        (refused!("apply: bounds", tape.apply(Clamp { lo: f64::NAN, hi: 1.0 }, &[a.any()])), "clamp(f64[2, 3]): ", &["NaN"]),
        (refused!("typed", a.typed::<f32>()), "typed(f64[2, 3]): ", &["must be f32, but is f64"]),
        (refused!("gradient of an array", tape.grad(a, [a])), "grad(f64[2, 3]): ", &["shape [2, 3] is a Jacobian", "`.sum()`", "`vjp`"]),
        (refused!("gradient of an unused variable", tape.grad(y, [a, unused])), "grad(f64[], f64[2]): ", &["`spare`", "does not depend on it"]),
        (refused!("gradient through sign", tape.grad(sign, [b])), "grad(f64[], f64[2]): ", &["`b`", "`sign`", "piecewise constant", "errors.rs:"]),
        (refused!("gradient through stop_gradient", tape.grad(stopped, [b])), "grad(f64[], f64[2]): ", &["`b`", "`stop_gradient`", "errors.rs:"]),
        (refused!("gradient on another tape", other.grad(y, [a])), "grad", &["another tape"]),
        (refused!("gradient with respect to another tape", other.grad(foreign.sum(), [a])), "", &["another tape"]),
        (refused!("cotangent of another shape", tape.vjp(&[a], &[b], &[a])), "vjp(f64[2, 3], f64[2]): ", &["one shape", "[2, 3] and [2]"]),
        (refused!("too few cotangents", tape.vjp(&[y], &[], &[a])), "vjp", &["1", "0"]),
        (refused!("tangent of another shape", tape.jvp(&[y], &[a], &[b])), "jvp(f64[2, 3], f64[2]): ", &["one shape"]),
        (refused!("eval of a constant", tape.eval(&[(k.any(), Value::new(&at))], &[y.any()])), "eval", &["is not an input of the tape"]),
        (refused!("eval with another shape", tape.eval(&[(a.any(), Value::new(&at))], &[y.any()])), "eval", &["`a`", "f64[2, 3]", "f64[2]"]),
        (refused!("eval across tapes", tape.eval(&[(foreign.any(), foreign.peek())], &[y.any()])), "eval", &["another tape"]),
        (refused!("check of what is not an input", tape.check_gradients((k * k).sum(), &[k])), "check_gradients", &["not an input"]),
        (refused!("derived gradient of another shape", tape.check_derived(y, &[(a, array![1.0].into_dyn())])), "check_derived(f64[2, 3]): ", &["[2, 3] and [1]"]),
        (refused!("function: gradient of an array", grad(|[x]| x, &at)), "grad(f64[2]): ", &["Jacobian"]),
        (refused!("function: value and gradient", value_and_grad(|[x]| x.sign().sum(), &at)), "grad(", &["`x0`", "`sign`"]),
        (refused!("function: cotangent", vjp(|[x]| x, &at, &w)), "vjp(f64[2], f64[3]): ", &["one shape"]),
        (refused!("function: vjp of nothing smooth", vjp(|[x]| x.sign(), &at, &at)), "", &["`x0`", "`sign`"]),
        (refused!("function: jvp of nothing smooth", jvp(|[x]| x.sign(), &at, &at)), "", &["`x0`", "`sign`"]),
        (refused!("function: tangent", jvp(|[x]| x, &at, &w)), "jvp(f64[2], f64[3]): ", &["one shape"]),
        (refused!("function: Jacobian of nothing smooth", jacobian(|[x]| x.sign(), &at)), "", &["`x0`", "`sign`"]),
        (refused!("function: Hessian of an array", hessian(|[x]| x, &at)), "grad(f64[2]): ", &["Jacobian"]),
        (refused!("function: direction of a Hessian", hvp(|[x]| x.square().sum(), &at, &w)), "jvp(f64[2], f64[3]): ", &["one shape"]),
    ];
    // An operation without rules is named by the line that recorded it.
    for (y, line) in [(admitted.sum(), cubed_line), (forgotten.sum(), cubed_line + 1)] {
        let reverse = tape.grad(y, [b]).map(drop);
        let forward = tape.jvp(&[y], &[b], &[k]).map(drop);
        for refused in [reverse, forward] {
            let caught = from_error("an operation without a rule", line, refused.err());
            cases.push((caught, "cube(f64[2]): ", &["has no", "rule", "errors.rs:"]));
        }
    }
    cases
}

fn all() -> Vec<Case> {
    let mut cases = panics();
    cases.extend(refusals());
    cases
}

#[test]
fn messages_say_operation_shapes_and_rule() {
    let cases = all();
    let bad: Vec<String> = cases
        .iter()
        .flat_map(|(c, b, rest)| c.says(b, rest))
        .collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

#[test]
fn messages_are_placed_at_the_mistake() {
    let cases = all();
    let bad: Vec<String> = cases.iter().filter_map(|(c, ..)| c.placed()).collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

/// Parameters that only [`Tape::apply`] can be given must be refused as well,
/// not recorded or fallen over.
#[test]
fn nonsense_parameters_are_refused() {
    use wengert_autodiff::ops::{Embed, IndexAdd, OneHot, ScatterAdd, Slice, SliceAxis, Split};
    let tape = Tape::new();
    let v = tape.input("v", array![1.0, 2.0, 3.0]);
    let labels = tape.constant(array![0usize, 1, 2]);
    let axis = SliceAxis {
        start: 1,
        step: 0,
        len: 2,
    };
    let cases: Vec<(&str, Op, Vec<Var<'_, Any>>)> = vec![
        (
            "a step of 0",
            Slice { axes: vec![axis] }.into(),
            vec![v.any()],
        ),
        ("no slices", Slice { axes: vec![] }.into(), vec![v.any()]),
        (
            "embed",
            Embed {
                shape: [2].into(),
                axes: vec![axis],
                fill: 0.0,
            }
            .into(),
            vec![v.any()],
        ),
        (
            "split",
            Split {
                axis: 0,
                lengths: vec![],
            }
            .into(),
            vec![v.any()],
        ),
        (
            "index_add",
            IndexAdd {
                axis: 3,
                shape: [3].into(),
            }
            .into(),
            vec![v.any(), labels.any()],
        ),
        (
            "scatter",
            ScatterAdd {
                axis: 3,
                shape: [3].into(),
            }
            .into(),
            vec![v.any(), labels.any()],
        ),
        (
            "unit vectors of masks",
            OneHot {
                classes: 3,
                dtype: wengert_autodiff::DType::Bool,
            }
            .into(),
            vec![labels.any()],
        ),
    ];
    let mut bad = Vec::new();
    for (what, op, args) in cases {
        match catch_unwind(AssertUnwindSafe(|| {
            tape.apply(op, &args).map(|r| r[0].ty())
        })) {
            Ok(Err(_)) => {}
            Ok(Ok(ty)) => bad.push(format!("{what}: gives {ty}")),
            Err(_) => bad.push(format!("{what}: panics inside")),
        }
    }
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

/// A variable of another tape must not be taken for whatever has its number
/// on this one.
#[test]
fn checks_refuse_other_tapes() {
    let (tape, other) = (Tape::new(), Tape::new());
    let x = tape.input("x", array![1.0, 2.0]);
    let _ = x.square();
    let f = other.input("f", array![3.0, 4.0]);
    let y = f.square();
    let gradient = array![1.0, 1.0].into_dyn();
    let refused = [
        tape.check_gradients(y, &[x]).is_err(),
        tape.check_gradients(x.square(), &[f]).is_err(),
        tape.check_derived(y.sum(), &[(x, gradient.clone())])
            .is_err(),
        tape.check_derived(x.square().sum(), &[(f, gradient)])
            .is_err(),
    ];
    assert_eq!(refused, [true; 4]);
}

/// After a mistake the tape is as it was, and goes on working.
#[test]
fn a_mistake_leaves_the_tape_as_it_was() {
    let tape = Tape::new();
    let a = tape.input("a", array![1.0, 2.0]);
    let b = tape.input("b", array![1.0, 2.0, 3.0]);
    let before = tape.len();
    assert!(tape.apply(Binary::Add, &[a.any(), b.any()]).is_err());
    let _ = caught!("", a + b);
    assert_eq!(tape.len(), before);
    let [g] = tape.grad((a * a).sum(), [a]).expect("a gradient");
    assert_eq!(g.to_array(), array![2.0, 4.0]);
    // The error carries its parts, for programs that want to look at them.
    let error = tape
        .apply(Binary::Add, &[a.any(), b.any()])
        .expect_err("shapes differ");
    assert_eq!(error.op(), "add");
    assert_eq!(error.operands().len(), 2);
    assert!(matches!(
        error.fault(),
        Fault::Broadcast {
            axis: 1,
            lengths: (2, 3),
            ..
        }
    ));
    assert!(std::error::Error::source(&error).is_some());
}

/// The messages in `docs/measurements.md` are these, to the letter.
#[test]
fn messages_in_the_documentation_are_true() {
    let page = include_str!("../docs/measurements.md");
    let mut found = 0;
    for (caught, ..) in all() {
        let Some((_, rest)) = page.split_once(&format!("\n{}:\n    ", caught.title)) else {
            continue;
        };
        assert_eq!(rest.lines().next(), Some(&caught.message[..]));
        found += 1;
    }
    assert_eq!(found, 11);
}

#[test]
fn listing() {
    for (caught, ..) in all() {
        println!("{}:\n    {}", caught.title, caught.message);
    }
}
