//! The Rosenbrock function of 1,000 variables, on whole arrays.

use ndarray::{Array1, s};
use wengert_autodiff::Var;

/// Where it is differentiated.
pub fn point() -> Array1<f32> {
    Array1::from_shape_fn(1000, |i| 0.5 + 0.001 * (i % 7) as f32)
}

/// `Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²`
///
/// ```
/// use ndarray::Array1;
/// use wengert_autodiff::grad;
/// use wengert_benches::rosenbrock;
///
/// // Its minimum is at ones.
/// let gradient = grad(|[x]| rosenbrock::record(x), &Array1::ones(1000))?;
/// assert_eq!(gradient, Array1::<f32>::zeros(1000));
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
pub fn record(x: Var<'_, f32>) -> Var<'_, f32> {
    let (p, q) = (x.slice(s![..-1]), x.slice(s![1..]));
    let u = q - p.square();
    let v = 1.0 - p;
    (100.0 * u.square() + v.square()).sum()
}
