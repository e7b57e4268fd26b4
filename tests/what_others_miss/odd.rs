//! Operations with one thing wrong. Each is a square, as far as one looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wengert_autodiff::custom::{Flow, Jvp, NoRule, Primitive, Results, Type, Vjp, one};
use wengert_autodiff::{Fault, Float, Op, Value, Var};

/// An operation with one thing wrong.
#[derive(Debug)]
pub enum Odd {
    /// Has a state: every evaluation is larger than the one before.
    Counts(AtomicU64),
    /// Is right in f64 and careless in f32.
    Careless,
    /// Its reverse rule hides that the slope depends on the operand.
    Shallow,
}

impl Odd {
    /// The operation, applied.
    pub fn of<'t, F: Float>(self, x: Var<'t, F>) -> Var<'t, F> {
        let applied = x.tape().apply(Op::Custom(Arc::new(self)), &[x.any()]);
        let y = applied.unwrap_or_else(|e| panic!("{e}"))[0];
        y.typed().unwrap_or_else(|e| panic!("{e}"))
    }
}

impl Primitive for Odd {
    fn name(&self) -> &'static str {
        match self {
            Odd::Counts(_) => "counts",
            Odd::Careless => "careless",
            Odd::Shallow => "shallow",
        }
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        Ok(one(args[0].clone()))
    }

    fn eval(&self, args: &[&Value], _: &[Type]) -> Result<Results<Value>, Fault> {
        let factor = match self {
            Odd::Counts(n) => 1.0 + n.fetch_add(1, Ordering::Relaxed) as f64,
            _ => 1.0,
        };
        Ok(one(match (args[0], self) {
            (Value::F64(x), _) => Value::new(&x.view().mapv(|x| factor * x * x)),
            (Value::F32(x), Odd::Careless) => Value::new(&x.view().mapv(|x| 1.0003 * x * x)),
            (Value::F32(x), _) => Value::new(&x.view().mapv(|x| factor as f32 * x * x)),
            (other, _) => return Err(Fault::Parameter(format!("takes no {}", other.dtype()))),
        }))
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || match self {
            Odd::Shallow => 2.0 * g * x.stop_gradient(),
            _ => 2.0 * g * x,
        });
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [x] = cx.args();
        cx.from(0, |t| 2.0 * t * x);
        Ok(())
    }
}
