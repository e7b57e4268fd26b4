//! Derivatives as functions from arrays to arrays: record, differentiate,
//! return the numbers.

use std::panic::Location;

use ndarray::{Array, ArrayBase, ArrayD, Data, Dimension, IxDyn};

use crate::dtype::{Any, Float};
use crate::error::{Error, Fault};
use crate::tape::Tape;
use crate::value::Value;
use crate::var::Var;

/// One array, or a tuple or fixed-size list of them: where a function of `N`
/// variables is evaluated, and what its gradient looks like.
///
/// Implemented for `&Array<F, D>` and any other array or view, for tuples of
/// up to six of them, and for `[&Array<F, D>; N]`.
pub trait Point<F: Float, const N: usize> {
    /// Arrays of the same dimensions.
    type Arrays;

    /// The values.
    fn values(&self) -> [Value; N];

    /// Arrays of the same dimensions from values of the same shapes.
    fn arrays(values: [Value; N]) -> Self::Arrays;
}

fn array<F: Float, D: Dimension>(value: Value) -> Array<F, D> {
    let array = value
        .array::<F>()
        .expect("of the element type that went in");
    array
        .into_owned()
        .into_dimensionality()
        .expect("of the shape that went in")
}

impl<F: Float, S: Data<Elem = F>, D: Dimension> Point<F, 1> for &ArrayBase<S, D> {
    type Arrays = Array<F, D>;

    fn values(&self) -> [Value; 1] {
        [Value::new(*self)]
    }

    fn arrays([value]: [Value; 1]) -> Array<F, D> {
        array(value)
    }
}

impl<F: Float, S: Data<Elem = F>, D: Dimension, const N: usize> Point<F, N>
    for [&ArrayBase<S, D>; N]
{
    type Arrays = [Array<F, D>; N];

    fn values(&self) -> [Value; N] {
        self.map(Value::new)
    }

    fn arrays(values: [Value; N]) -> [Array<F, D>; N] {
        values.map(array)
    }
}

macro_rules! tuples {
    ($($n:literal: $($P:ident $p:ident),*;)*) => {$(
        impl<F: Float, $($P: Point<F, 1>),*> Point<F, $n> for ($($P,)*) {
            type Arrays = ($($P::Arrays,)*);

            fn values(&self) -> [Value; $n] {
                let ($($p,)*) = self;
                [$({ let [value] = $p.values(); value }),*]
            }

            fn arrays([$($p),*]: [Value; $n]) -> Self::Arrays {
                ($($P::arrays([$p]),)*)
            }
        }
    )*};
}

tuples! {
    1: A a;
    2: A a, B b;
    3: A a, B b, C c;
    4: A a, B b, C c, D d;
    5: A a, B b, C c, D d, E e;
    6: A a, B b, C c, D d, E e, G g;
}

pub(crate) fn inputs<'t, F: Float, const N: usize>(
    tape: &'t Tape,
    prefix: &str,
    values: [Value; N],
) -> [Var<'t, F>; N] {
    let mut i = 0;
    values.map(|value| {
        let name = format!("{prefix}{i}");
        i += 1;
        Var::new(tape, tape.input_value(name, value).id())
    })
}

/// The gradient of a scalar function at a point.
///
/// The function takes its variables as an array pattern, and may itself be
/// generic or call other functions:
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::grad;
///
/// let dx = grad(|[x]| x.square().sum(), &array![1.0, 2.0])?;
/// assert_eq!(dx, array![2.0, 4.0]);
///
/// let (a, b) = (array![[1.0, 2.0]], array![[3.0], [4.0]]);
/// let (da, db) = grad(|[a, b]| a.dot(b).sum(), (&a, &b))?;
/// assert_eq!(da, array![[3.0, 4.0]]);
/// assert_eq!(db, array![[1.0], [2.0]]);
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// If the result is not one element, or a variable has no gradient, with the
/// reason: zeros are never made up.
#[track_caller]
pub fn grad<F: Float, const N: usize, P: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
) -> Result<P::Arrays, Error> {
    Ok(value_and_grad(f, at)?.1)
}

/// The value of a scalar function, and its gradient, at a point.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::value_and_grad;
///
/// let (y, dx) = value_and_grad(|[x]| x.exp().sum(), &array![0.0, 0.0])?;
/// assert_eq!((y, dx), (2.0, array![1.0, 1.0]));
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// As [`grad`].
#[track_caller]
pub fn value_and_grad<F: Float, const N: usize, P: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
) -> Result<(F, P::Arrays), Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let y = f(x);
    let gradient = tape.grad(y, x)?;
    Ok((y.item(), P::arrays(gradient.map(Var::peek))))
}

/// The value of a function of any shape, and the cotangent pulled back:
/// `(f(x), wᵀ df/dx)`.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::vjp;
///
/// let (y, dx) = vjp(|[x]| x.square(), &array![1.0, 2.0], &array![1.0, 10.0])?;
/// assert_eq!(y, array![1.0, 4.0].into_dyn());
/// assert_eq!(dx, array![2.0, 40.0]);
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// If the cotangent does not have the shape of the result, or a variable has
/// no gradient.
#[track_caller]
pub fn vjp<F: Float, const N: usize, P: Point<F, N>, S: Data<Elem = F>, D: Dimension>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
    cotangent: &ArrayBase<S, D>,
) -> Result<(ArrayD<F>, P::Arrays), Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let y = f(x);
    let w: [Var<'_, F>; 1] = inputs(&tape, "w", [Value::new(cotangent)]);
    let pulled = tape.vjp(&[y], &w, &x)?;
    let gradient = present(&tape, y, x, pulled, Location::caller())?;
    Ok((array(y.peek()), P::arrays(gradient.map(Var::peek))))
}

/// The value of a function of any shape, and the tangent pushed forward:
/// `(f(x), df/dx v)`.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::jvp;
///
/// let (y, dy) = jvp(|[x]| x.square(), &array![1.0, 2.0], &array![1.0, 10.0])?;
/// assert_eq!(y, array![1.0, 4.0].into_dyn());
/// assert_eq!(dy, array![2.0, 40.0].into_dyn());
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// If a tangent does not have its variable's shape, or the result does not
/// depend smoothly on any variable.
#[track_caller]
pub fn jvp<F: Float, const N: usize, P: Point<F, N>, Q: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
    tangent: Q,
) -> Result<(ArrayD<F>, ArrayD<F>), Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let y = f(x);
    let v = inputs(&tape, "v", tangent.values());
    let pushed = tape.jvp(&[y], &x, &v)?[0];
    let here = Location::caller();
    let pushed = pushed.ok_or_else(|| nothing_smooth(&tape, y, x, here))?;
    Ok((array(y.peek()), array(pushed.peek())))
}

/// Hessian-vector product of a scalar function: `d²f/dx² v`, forward over
/// reverse, at the cost of a few evaluations.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::hvp;
///
/// let hv = hvp(|[x]| x.powi(3).sum(), &array![1.0, 2.0], &array![1.0, 1.0])?;
/// assert_eq!(hv, array![6.0, 12.0]);
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// As [`grad`], and if a tangent does not have its variable's shape. The
/// Hessian of a function that is linear in a variable is exactly zero, and is
/// returned as zeros.
#[track_caller]
pub fn hvp<F: Float, const N: usize, P: Point<F, N>, Q: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
    tangent: Q,
) -> Result<P::Arrays, Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let gradient = tape.grad(f(x), x)?;
    let v = inputs(&tape, "v", tangent.values());
    let products = tape.jvp(&gradient, &x, &v)?;
    let mut products = products.into_iter().zip(gradient);
    Ok(P::arrays([(); N].map(|()| {
        let (product, gradient) = products.next().expect("one per variable");
        product.unwrap_or_else(|| gradient.zeros_like()).peek()
    })))
}

/// The Jacobian of a function of any shape with respect to each variable: an
/// array of shape `result ++ variable`.
///
/// Computed row by row with reverse sweeps, or column by column with forward
/// sweeps, whichever are fewer; recorded once and evaluated for every row.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::jacobian;
///
/// let [j] = jacobian(|[x]| x.square(), &array![1.0, 2.0])?;
/// assert_eq!(j, array![[2.0, 0.0], [0.0, 4.0]].into_dyn());
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// If the result does not depend smoothly on a variable, with the reason.
#[track_caller]
pub fn jacobian<F: Float, const N: usize, P: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
) -> Result<[ArrayD<F>; N], Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let y = f(x);
    let here = Location::caller();
    let found = jacobians(&tape, y, &x)?;
    let mut blocks = found.into_iter().zip(x);
    let mut out = [(); N].map(|()| ArrayD::zeros(IxDyn(&[])));
    for place in &mut out {
        let (block, x) = blocks.next().expect("one per variable");
        *place = block.ok_or_else(|| tape.no_gradient(y.any(), x.any(), here))?;
    }
    Ok(out)
}

/// The Hessian of a scalar function: block `[i][j]` has the shape of variable
/// `i` followed by that of variable `j`.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::hessian;
///
/// let [[h]] = hessian(|[x]| x.prod(), &array![2.0, 3.0])?;
/// assert_eq!(h, array![[0.0, 1.0], [1.0, 0.0]].into_dyn());
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
///
/// # Errors
/// As [`grad`]. Second derivatives that do not exist because the gradient
/// does not depend on a variable are exactly zero, and returned as zeros.
#[track_caller]
pub fn hessian<F: Float, const N: usize, P: Point<F, N>>(
    f: impl for<'t> Fn([Var<'t, F>; N]) -> Var<'t, F>,
    at: P,
) -> Result<[[ArrayD<F>; N]; N], Error> {
    let tape = Tape::new();
    let x = inputs(&tape, "x", at.values());
    let gradient = tape.grad(f(x), x)?;
    let mut out = [(); N].map(|()| [(); N].map(|()| ArrayD::zeros(IxDyn(&[]))));
    for (g, row) in gradient.into_iter().zip(&mut out) {
        let blocks = jacobians(&tape, g, &x)?;
        for ((place, block), x) in row.iter_mut().zip(blocks).zip(x) {
            *place = block.unwrap_or_else(|| ArrayD::zeros(both(g, x)));
        }
    }
    Ok(out)
}

/// The shape of a value followed by that of a variable.
fn both<F: Float>(y: Var<'_, F>, x: Var<'_, F>) -> IxDyn {
    let shape: Vec<usize> = y.shape().iter().chain(x.shape().iter()).copied().collect();
    IxDyn(&shape)
}

fn jacobians<'t, F: Float>(
    tape: &'t Tape,
    y: Var<'t, F>,
    x: &[Var<'t, F>],
) -> Result<Vec<Option<ArrayD<F>>>, Error> {
    let columns: usize = x.iter().map(|x| x.size()).sum();
    if columns < y.size() {
        x.iter().map(|&x| by_columns(tape, y, x)).collect()
    } else {
        by_rows(tape, y, x)
    }
}

/// Unit vectors of a shape, one after the other.
fn units<F: Float>(shape: &[usize]) -> impl Iterator<Item = Value> + use<F> {
    let shape = shape.to_vec();
    let n: usize = shape.iter().product();
    (0..n).map(move |i| {
        let mut unit = vec![F::zero(); n];
        unit[i] = F::one();
        Value::from_vec(&shape, unit)
    })
}

fn by_rows<'t, F: Float>(
    tape: &'t Tape,
    y: Var<'t, F>,
    x: &[Var<'t, F>],
) -> Result<Vec<Option<ArrayD<F>>>, Error> {
    let [w] = inputs::<F, 1>(tape, "w", [y.zeros_like().peek()]);
    let rows = tape.vjp(&[y], &[w], x)?;
    let outputs: Vec<Var<'t, Any>> = rows.iter().flatten().map(|r| r.any()).collect();
    let mut data: Vec<Vec<F>> = vec![Vec::new(); outputs.len()];
    for unit in units::<F>(&y.shape()) {
        let values = tape.eval(&[(w.any(), unit)], &outputs)?;
        for (data, value) in data.iter_mut().zip(values) {
            data.extend_from_slice(value.slice::<F>());
        }
    }
    let mut data = data.into_iter();
    let block = |(row, &x): (&Option<_>, &Var<'t, F>)| {
        row.is_some().then(|| {
            let data = data.next().expect("one per present row");
            ArrayD::from_shape_vec(both(y, x), data).expect("a row per element")
        })
    };
    Ok(rows.iter().zip(x).map(block).collect())
}

fn by_columns<'t, F: Float>(
    tape: &'t Tape,
    y: Var<'t, F>,
    x: Var<'t, F>,
) -> Result<Option<ArrayD<F>>, Error> {
    let [v] = inputs::<F, 1>(tape, "v", [x.zeros_like().peek()]);
    let Some(column) = tape.jvp(&[y], &[x], &[v])?[0] else {
        return Ok(None);
    };
    let (rows, columns) = (y.size(), x.size());
    let mut data = vec![F::zero(); rows * columns];
    for (j, unit) in units::<F>(&x.shape()).enumerate() {
        let values = tape.eval(&[(v.any(), unit)], &[column.any()])?;
        for (i, &d) in values[0].slice::<F>().iter().enumerate() {
            data[i * columns + j] = d;
        }
    }
    let block = ArrayD::from_shape_vec(both(y, x), data);
    Ok(Some(block.expect("a column per element")))
}

/// All of them, or the reason why one is missing.
fn present<'t, F: Float, const N: usize>(
    tape: &Tape,
    y: Var<'t, F>,
    x: [Var<'t, F>; N],
    found: Vec<Option<Var<'t, F>>>,
    here: &'static Location<'static>,
) -> Result<[Var<'t, F>; N], Error> {
    let mut out = x;
    for ((place, found), x) in out.iter_mut().zip(found).zip(x) {
        *place = found.ok_or_else(|| tape.no_gradient(y.any(), x.any(), here))?;
    }
    Ok(out)
}

/// Why the result does not move with any of the variables.
fn nothing_smooth<F: Float, const N: usize>(
    tape: &Tape,
    y: Var<'_, F>,
    x: [Var<'_, F>; N],
    here: &'static Location<'static>,
) -> Error {
    match x.first() {
        Some(&x) => tape.no_gradient(y.any(), x.any(), here),
        None => {
            let fault = Fault::Parameter("there are no variables".into());
            Error::new("jvp", vec![y.ty()], fault, here)
        }
    }
}
