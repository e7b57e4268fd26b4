//! An operation from outside, so that the way of such operations is checked
//! like any other.

use std::sync::Arc;

use wengert_autodiff::Op;
use wengert_autodiff::custom::{
    Fault, Flow, Jvp, NoRule, Primitive, Results, Type, Value, Vjp, one,
};
use wengert_autodiff::ops::OpKind;

use super::plain;
use crate::table::case::{Operand, Plan};
use crate::table::row::Row;

/// `x³`, as an operation of its own.
#[derive(Debug)]
pub struct Cube;

impl Primitive for Cube {
    fn name(&self) -> &'static str {
        "cube"
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        Ok(one(args[0].clone()))
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        Ok(one(match args[0] {
            Value::F32(a) => Value::from(a.view().mapv(|x| x * x * x)),
            other => {
                let a = other.array::<f64>().expect("f32 or f64");
                Value::from(a.mapv(|x| x * x * x))
            }
        }))
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    // dy = 3 x² dx.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || g.azmul(3.0 * x.square()));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [x] = cx.args();
        cx.from(0, |t| t.azmul(3.0 * x.square()));
        Ok(())
    }
}

pub(super) fn cube() -> Row {
    plain("cube", OpKind::Custom, |s| {
        let op = Op::Custom(Arc::new(Cube));
        Plan::new(op, [Operand::float(s, (-2.0, 2.0))])
    })
}
