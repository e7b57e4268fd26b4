//! What every operation is to compute, a second time: plain loops over plain
//! arrays, nothing of the crate under test but the names and parameters of
//! its operations. Every number carries a bound for its rounding error, so
//! that a comparison needs no tolerance that somebody chose.
//!
//! The `match` over [`Op`] has no wildcard: an operation that is not here does
//! not compile.
//!
//! | file | what |
//! |---|---|
//! | `real` | a number with a running error bound |
//! | `functions` | functions of one and of two numbers |
//! | `elementwise` | the same element by element; choices, masks, conversions |
//! | `group` | what is done along axes: sums, extremes, softmax |
//! | `arrange` | elements moved, joined, cut, picked by number |
//! | `linear` | the matrix product |
//! | `walk` | a whole tape, instruction by instruction |

use ndarray::{ArrayD, IxDyn};
use wengert_autodiff::{DType, Op, Value};

mod arrange;
mod elementwise;
mod functions;
mod group;
mod linear;
mod real;
mod walk;

pub use real::Real;
pub use walk::{Walk, compare};

/// Between the bound, which is of first order and takes every elementary
/// function as correctly rounded, and a verdict.
pub const SAFETY: f64 = 4.0;

/// A value of the naive interpreter.
#[derive(Clone, Debug)]
pub enum Naive {
    /// Numbers, of f32 or f64.
    Real(ArrayD<Real>),
    /// Indices.
    Index(ArrayD<usize>),
    /// A mask.
    Mask(ArrayD<bool>),
}

impl Naive {
    /// The values of the tape are what they are.
    pub fn exact(value: &Value) -> Naive {
        match value {
            Value::Index(a) => Naive::Index(a.view().to_owned()),
            Value::Bool(a) => Naive::Mask(a.view().to_owned()),
            floats => {
                let data = floats.to_f64().into_iter().map(Real::exact).collect();
                Naive::Real(shaped(floats.shape(), data))
            }
        }
    }

    /// The length of every axis.
    pub fn shape(&self) -> &[usize] {
        match self {
            Naive::Real(a) => a.shape(),
            Naive::Index(a) => a.shape(),
            Naive::Mask(a) => a.shape(),
        }
    }

    fn real(&self) -> &ArrayD<Real> {
        match self {
            Naive::Real(a) => a,
            other => panic!("numbers expected, not {other:?}"),
        }
    }

    fn index(&self) -> &ArrayD<usize> {
        match self {
            Naive::Index(a) => a,
            other => panic!("indices expected, not {other:?}"),
        }
    }

    fn mask(&self) -> &ArrayD<bool> {
        match self {
            Naive::Mask(a) => a,
            other => panic!("a mask expected, not {other:?}"),
        }
    }
}

fn shaped<T>(shape: &[usize], data: Vec<T>) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(shape), data).expect("as many elements as the shape asks for")
}

/// The naive interpreter.
#[derive(Clone, Copy, Debug)]
pub struct Interpreter {
    /// One rounding error, relative: 2^-53 or 2^-24.
    pub unit: f64,
    /// Whether a decision was taken that rounding may take otherwise. What
    /// follows from it says nothing about the crate under test.
    pub undecided: bool,
}

impl Interpreter {
    /// An interpreter that is to be compared with results in this precision.
    ///
    /// # Panics
    /// Unless it is one of the two floating-point types.
    pub fn of(dtype: DType) -> Interpreter {
        let unit = match dtype {
            DType::F64 => f64::EPSILON / 2.0,
            DType::F32 => f64::from(f32::EPSILON) / 2.0,
            other => panic!("{other} has no rounding errors"),
        };
        Interpreter {
            unit,
            undecided: false,
        }
    }

    /// The results of an operation.
    ///
    /// # Panics
    /// On operands that the operation does not take, and on an operation from
    /// elsewhere that is not one of this package's.
    pub fn apply(&mut self, op: &Op, args: &[Naive]) -> Vec<Naive> {
        let one = |i: usize| args[i].real();
        let result = match op {
            Op::Leaf(_) => args[0].clone(),
            Op::Unary(f) => elementwise::map(one(0), |x| functions::unary(self, *f, x)),
            Op::Binary(f) => elementwise::zip(one(0), one(1), |a, b| functions::binary(*f, a, b)),
            Op::Powi(s) => elementwise::map(one(0), |x| functions::powi(x, s.n)),
            Op::Powf(s) => elementwise::map(one(0), |x| x.pow(Real::rounded(s.p))),
            Op::AbsPow(s) => elementwise::map(one(0), |x| functions::abs_pow(x, s)),
            Op::Clamp(s) => {
                let (lo, hi) = (Real::rounded(s.lo), Real::rounded(s.hi));
                elementwise::map(one(0), |x| x.max(lo).min(hi))
            }
            Op::Compare(c) => elementwise::compare(self, *c, &args[0], &args[1]),
            Op::Logic(c) => elementwise::logic(*c, args[0].mask(), args[1].mask()),
            Op::Not(_) => Naive::Mask(args[0].mask().mapv(|m| !m)),
            Op::Where(_) => elementwise::choose(args[0].mask(), &args[1], &args[2]),
            Op::Reduce(s) => group::reduce(s, one(0)),
            Op::Norm(s) => group::norm(s, one(0)),
            Op::Center(s) => group::center(&s.axes, one(0)),
            Op::CumSum(s) => group::cumulative(s.axis, s.reverse, one(0), |a, b| a + b),
            Op::CumProd(s) => group::cumulative(s.axis, false, one(0), |a, b| a * b),
            Op::LogSumExp(s) => group::logsumexp(&s.axes, s.keepdims, one(0)),
            Op::Softmax(s) => group::softmax(&s.axes, one(0)),
            Op::LogSoftmax(s) => group::log_softmax(&s.axes, one(0)),
            Op::ArgExtreme(s) => group::position(self, s, one(0)),
            Op::MatMul(s) => linear::matmul(s, one(0), one(1)),
            Op::Reshape(s) => arrange::reshape(&s.shape, &args[0]),
            Op::Permute(s) => arrange::permute(&s.axes, &args[0]),
            Op::BroadcastTo(s) => arrange::broadcast_to(&s.shape, &args[0]),
            Op::Slice(s) => arrange::slice(&s.axes, &args[0]),
            Op::Embed(s) => arrange::embed(s, &args[0]),
            Op::Concat(s) => arrange::concat(s.axis, args),
            Op::Split(s) => return arrange::split(s.axis, &s.lengths, &args[0]),
            Op::IndexSelect(s) => arrange::index_select(s.axis, &args[0], args[1].index()),
            Op::IndexAdd(s) => arrange::index_add(s, one(0), args[1].index()),
            Op::Gather(s) => arrange::gather(s.axis, &args[0], args[1].index()),
            Op::ScatterAdd(s) => arrange::scatter_add(s, one(0), args[1].index()),
            Op::OneHot(s) => arrange::one_hot(s.classes, args[0].index()),
            Op::Cast(s) => elementwise::cast(self, s.to, &args[0]),
            Op::StopGradient(_) => args[0].clone(),
            Op::Custom(p) => match p.name() {
                "cube" => elementwise::map(one(0), |x| x * x * x),
                other => panic!("`{other}` is not an operation of this package"),
            },
        };
        vec![result]
    }

    /// The sign of `a - b`, as long as rounding does not decide it.
    fn sign(&mut self, a: Real, b: Real) -> f64 {
        let difference = if a.value == b.value {
            0.0
        } else {
            a.value - b.value
        };
        // One number beside itself is a tie whatever its error.
        let reach = SAFETY * self.unit * (a.bound + b.bound);
        if a != b && difference.abs() <= reach && reach > 0.0 {
            self.undecided = true;
        }
        difference
    }
}
