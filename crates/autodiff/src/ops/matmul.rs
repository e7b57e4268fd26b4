//! The matrix product, batched, of operands that may be meant transposed; and
//! NumPy's `dot` and `matmul` in terms of it.

use crate::DType;
use crate::dtype::{Any, Float, Numeric};
use crate::error::Fault;
use crate::kernels::matmul::{Matrix, terms};
use crate::kernels::spread::walk;
use crate::op::{Flow, Jvp, NoRule, Part, Parts, Primitive, Results, Vjp, fresh, one};
use crate::ops::{arity, float, same_dtype};
use crate::print::{Binding, Term};
use crate::shape::{Shape, broadcast};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::{View, ViewMut};

/// `a · b` over the last two axes, of either factor or its transpose; the
/// axes before them are broadcast.
///
/// With the transposes as flags the derivative of a product is two more
/// products, and no transposed copy is ever made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct MatMul {
    /// Whether the left factor is meant transposed.
    pub ta: bool,
    /// Whether the right factor is meant transposed.
    pub tb: bool,
}

/// The sizes of one product: the batch, and `[m, k] · [k, n]`.
struct Sizes {
    batch: Shape,
    m: usize,
    k: usize,
    n: usize,
}

impl MatMul {
    fn sizes(&self, a: &[usize], b: &[usize]) -> Result<Sizes, Fault> {
        for s in [a, b] {
            if s.len() < 2 {
                return Err(Fault::Rank {
                    expected: "two matrices (rank 2 or more)",
                    found: s.len(),
                });
            }
        }
        let ends = |s: &[usize], transposed| match (&s[s.len() - 2..], transposed) {
            (&[rows, cols], false) | (&[cols, rows], true) => (rows, cols),
            _ => unreachable!("a slice of two"),
        };
        let ((m, k), (inner, n)) = (ends(a, self.ta), ends(b, self.tb));
        if k != inner {
            return Err(Fault::Inner {
                left: a.into(),
                right: b.into(),
                lengths: (k, inner),
            });
        }
        let batch = broadcast(&a[..a.len() - 2], &b[..b.len() - 2])?;
        Ok(Sizes { batch, m, k, n })
    }

    /// A part of a product that is not batched.
    fn part<F: Float>(&self, a: View<'_>, b: View<'_>, part: Part, out: &mut [F]) {
        let s = self.sizes(a.shape(), b.shape());
        let s = s.expect("checked when recorded");
        let a = Matrix::new(a.of::<F>(), s.m, s.k, self.ta);
        let b = Matrix::new(b.of::<F>(), s.k, s.n, self.tb);
        match part {
            Part::Rows(rows) => F::product_rows(out, rows, a, b),
            Part::Term(term) => F::product_term(out, term, a, b),
        }
    }

    fn value<F: Float>(&self, a: View<'_>, b: View<'_>, out: &mut [F]) {
        let s = self
            .sizes(a.shape(), b.shape())
            .expect("checked when recorded");
        let batch = |v: View<'_>| v.shape().len() - 2;
        let (left, right) = (&a.shape()[..batch(a)], &b.shape()[..batch(b)]);
        let (a, b) = (a.of::<F>(), b.of::<F>());
        let (ka, kb, size) = (s.m * s.k, s.k * s.n, s.m * s.n);
        // One product for every element of the batch, in which either factor
        // may repeat.
        walk(&s.batch, [left, right], |start, len, [i, j], [di, dj]| {
            for t in 0..len {
                let (i, j) = (i + t * di, j + t * dj);
                F::product(
                    &mut out[(start + t) * size..(start + t + 1) * size],
                    Matrix::new(&a[i * ka..(i + 1) * ka], s.m, s.k, self.ta),
                    Matrix::new(&b[j * kb..(j + 1) * kb], s.k, s.n, self.tb),
                );
            }
        });
    }
}

/// The product of two factors, each possibly transposed.
fn product<'t>((a, ta): (Var<'t, Any>, bool), (b, tb): (Var<'t, Any>, bool)) -> Var<'t, Any> {
    a.record(MatMul { ta, tb }, &[b])
}

impl Primitive for MatMul {
    fn name(&self) -> &'static str {
        "matmul"
    }

    fn attributes(&self) -> String {
        match (self.ta, self.tb) {
            (false, false) => "",
            (true, false) => "left transposed",
            (false, true) => "right transposed",
            (true, true) => "both transposed",
        }
        .into()
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [a, b] = arity(args)?;
        float(args, 0)?;
        float(args, 1)?;
        same_dtype(args, 0, 1)?;
        let s = self.sizes(&a.shape, &b.shape)?;
        let shape: Shape = s.batch.iter().copied().chain([s.m, s.n]).collect();
        Ok(one(Type::new(a.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        match args[0].dtype() {
            DType::F32 => self.value::<f32>(args[0], args[1], out[0].of()),
            _ => self.value::<f64>(args[0], args[1], out[0].of()),
        }
        Ok(())
    }

    fn parts(&self, args: &[Type]) -> Option<Parts> {
        let sizes = self.sizes(&args[0].shape, &args[1].shape);
        let Sizes { batch, m, k, n } = sizes.ok()?;
        batch.is_empty().then(|| Parts {
            rows: m,
            terms: terms([m, k, n]),
            flops: 2 * m * k * n,
        })
    }

    fn eval_part(&self, args: &[View<'_>], part: Part, out: &mut ViewMut<'_>) -> Result<(), Fault> {
        match args[0].dtype() {
            DType::F32 => self.part::<f32>(args[0], args[1], part, out.of()),
            _ => self.part::<f64>(args[0], args[1], part, out.of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn terms(&self, args: &[Type]) -> usize {
        let sizes = self.sizes(&args[0].shape, &args[1].shape);
        sizes.map_or(1, |s| s.k)
    }

    // y = a b:  da = g bᵀ,  db = aᵀ g; of a transposed factor, the transpose.
    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([a, b], g) = (cx.args(), cx.cotangent());
        let MatMul { ta, tb } = *self;
        cx.to(0, || match ta {
            false => product((g, false), (b, !tb)),
            true => product((b, tb), (g, true)),
        });
        cx.to(1, || match tb {
            false => product((a, !ta), (g, false)),
            true => product((g, true), (a, ta)),
        });
        Ok(())
    }

    // dy = da b + a db.
    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        let [a, b] = cx.args();
        cx.from(0, |t| t.record(*self, &[b]));
        cx.from(1, |t| a.record(*self, &[t]));
        Ok(())
    }

    fn formula(&self, args: &[Term], _: &[Type]) -> Term {
        let side = |i: usize, transposed| match transposed {
            true => Term::postfix(&args[i], "ᵀ"),
            false => args[i].clone(),
        };
        Term::infix(&side(0, self.ta), "·", &side(1, self.tb), Binding::Dot)
    }
}

impl<'t, T: Numeric> Var<'t, T> {
    /// Product of vectors and matrices, as ndarray's `dot`:
    /// `[k]·[k] → []`, `[m,k]·[k] → [m]`, `[k]·[k,n] → [n]`,
    /// `[m,k]·[k,n] → [m,n]`. `d(ab) = da b + a db`.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let a = tape.constant(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let x = tape.constant(array![1.0, 10.0]);
    /// assert_eq!(a.dot(x).to_array(), array![21.0, 43.0]);
    /// assert_eq!(x.dot(x).item(), 101.0);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the inner lengths differ or a rank is not 1
    /// or 2; for stacks of matrices see [`matmul`](Var::matmul).
    #[track_caller]
    pub fn dot(self, other: Var<'t, T>) -> Var<'t, T> {
        for rank in [self.rank(), other.rank()] {
            if !(1..=2).contains(&rank) {
                let expected = "vectors or matrices (rank 1 or 2; for more axes use `matmul`)";
                let fault = Fault::Rank {
                    expected,
                    found: rank,
                };
                self.refuse("dot", &[other.any()], fault)
            }
        }
        self.product("dot", other)
    }

    /// Product of matrices over the last two axes, the axes before them
    /// broadcast; NumPy's `matmul`. A vector counts as a row on the left and
    /// as a column on the right, and that axis vanishes again.
    ///
    /// ```
    /// use ndarray::{Array3, array};
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let stack = tape.constant(Array3::<f64>::ones((5, 2, 3)));
    /// let w = tape.constant(array![[1.0], [2.0], [3.0]]);
    /// let y = stack.matmul(w);
    /// assert_eq!(y.shape().to_vec(), [5, 2, 1]);
    /// assert_eq!(y.value()[[4, 1, 0]], 6.0);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if the inner lengths differ, the leading axes
    /// cannot be broadcast, or an operand has rank 0.
    #[track_caller]
    pub fn matmul(self, other: Var<'t, T>) -> Var<'t, T> {
        self.product("matmul", other)
    }

    /// Either product; `name` is for messages.
    #[track_caller]
    fn product(self, name: &'static str, other: Var<'t, T>) -> Var<'t, T> {
        let (ra, rb) = (self.rank(), other.rank());
        let (left, right) = (self.shape(), other.shape());
        let fault = match (left.last(), right.get(rb.saturating_sub(2))) {
            _ if !std::ptr::eq(self.tape(), other.tape()) => Some(Fault::Foreign { operand: 1 }),
            (Some(&k), Some(&inner)) if k == inner => None,
            (Some(&k), Some(&inner)) => Some(Fault::Inner {
                lengths: (k, inner),
                left,
                right,
            }),
            _ => Some(Fault::Rank {
                expected: "vectors or matrices (rank 1 or more; a number multiplies with `*`)",
                found: 0,
            }),
        };
        if let Some(fault) = fault {
            self.refuse(name, &[other.any()], fault)
        }
        let a = if ra == 1 { self.expand_dims(0) } else { self };
        let b = if rb == 1 { other.expand_dims(1) } else { other };
        let y: Var<'t, T> = a.record(MatMul::default(), &[b.any()]);
        let y = if rb == 1 { y.squeeze(-1) } else { y };
        if ra == 1 {
            y.squeeze(if rb == 1 { -1 } else { -2 })
        } else {
            y
        }
    }
}
