//! That the checks of the table can fail: an operation with one thing wrong
//! is found by the check that is there for it.

use std::sync::Arc;

use ndarray::{ArrayD, arr0};
use wengert_autodiff::custom::{
    Fault, Flow, Jvp, NoRule, Primitive, Results, Type, Value, Vjp, one,
};
use wengert_autodiff::ops::OpKind;
use wengert_autodiff::{Any, DType, Op, Var};
use wengert_tests::table::case::{Case, Operand, Plan};
use wengert_tests::table::row::Slope;
use wengert_tests::table::{Check, Row, examine};

/// What is wrong with `x³`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// Nothing.
    None,
    /// The value, in the twelfth digit.
    Value,
    /// The value in f32, computed with too few digits.
    Single,
    /// Both rules have the same wrong factor.
    Factor,
    /// One rule has: they contradict each other.
    Contradiction,
    /// A right gradient that cannot be differentiated again.
    Stopped,
    /// The slope where the tape was recorded, as a constant.
    Baked,
    /// Something is added to the cotangent.
    Affine,
    /// The slope is multiplied as if it could not be infinite.
    NotAbsolute,
    /// A slope that is NaN at 0.
    NotANumber,
    /// No derivative at all, and it says that there is none.
    Silent,
}

#[derive(Debug)]
struct Cube(Bug);

impl Cube {
    fn push<'t>(&self, g: Var<'t, Any>, x: Var<'t, Any>, y: Var<'t, Any>) -> Var<'t, Any> {
        let slope = 3.0 * x.square();
        match self.0 {
            Bug::Factor => g.azmul(slope * (1.0 + 1e-9)),
            Bug::Stopped => g.azmul(slope.stop_gradient()),
            Bug::Baked => g.azmul(x.tape().constant_value(slope.peek())),
            Bug::Affine => (g + 1e-9).azmul(slope),
            Bug::NotAbsolute => g * slope,
            Bug::NotANumber => g.azmul(3.0 * y / x),
            _ => g.azmul(slope),
        }
    }
}

impl Primitive for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        Ok(one(args[0].clone()))
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        let x = ArrayD::from_shape_vec(args[0].shape(), args[0].to_f64()).expect("its own shape");
        let y = match self.0 {
            Bug::Value => x.mapv(|x| x * x * x * (1.0 + 1e-12)),
            _ => x.mapv(|x| x * x * x),
        };
        Ok(one(match (args[0].dtype(), self.0) {
            (DType::F32, Bug::Single) => {
                Value::from(y.mapv(|y| (y * 1024.0).round() as f32 / 1024.0))
            }
            (DType::F32, _) => Value::from(y.mapv(|y| y as f32)),
            _ => Value::from(y),
        }))
    }

    fn flow(&self) -> Flow {
        match self.0 {
            Bug::Silent => Flow::PiecewiseConstant,
            _ => Flow::Smooth,
        }
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], y, g) = (cx.args(), cx.result(), cx.cotangent());
        cx.to(0, || self.push(g, x, y));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let ([x], y) = (cx.args(), cx.result());
        let scale = if self.0 == Bug::Contradiction {
            1.0 + 1e-9
        } else {
            1.0
        };
        cx.from(0, |t| scale * self.push(t, x, y));
        Ok(())
    }
}

/// The checks that find it.
fn found(bug: Bug) -> Vec<Check> {
    let op = move || Op::Custom(Arc::new(Cube(bug)));
    let at = |x: f64| Case::new(op(), vec![Value::from(arr0(x))]);
    let row = Row::new("cube", OpKind::Custom, move |_, shape, _| {
        Plan::new(op(), [Operand::float(shape, (-2.0, 2.0))])
    })
    .hard(Slope::Finite, [at(0.0)])
    .hard(Slope::Infinite, [at(f64::INFINITY)]);
    let failures = examine(&row, 0).failures;
    let all = [
        Check::Value,
        Check::Derivative,
        Check::Single,
        Check::Layout,
        Check::Replay,
        Check::Gradient,
        Check::Zero,
        Check::Linear,
        Check::Points,
    ];
    let about = |check: &Check| {
        failures
            .iter()
            .any(|f| f.starts_with(&format!("cube, {check:?}:")))
    };
    all.into_iter().filter(about).collect()
}

#[test]
fn every_bug_is_found_by_its_check() {
    let table = [
        (Bug::Value, Check::Value),
        (Bug::Single, Check::Single),
        (Bug::Factor, Check::Gradient),
        (Bug::Contradiction, Check::Gradient),
        (Bug::Stopped, Check::Gradient),
        (Bug::Baked, Check::Replay),
        (Bug::Affine, Check::Zero),
        (Bug::Affine, Check::Linear),
        (Bug::NotAbsolute, Check::Points),
        (Bug::NotANumber, Check::Points),
        (Bug::Silent, Check::Gradient),
    ];
    assert_eq!(found(Bug::None), []);
    for (bug, check) in table {
        let by = found(bug);
        assert!(
            by.contains(&check),
            "{bug:?} was found by {by:?}, not by {check:?}"
        );
    }
}
