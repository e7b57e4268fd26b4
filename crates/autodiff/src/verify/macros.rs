//! For tests: check, or fail with the report.

/// Checks the gradient of a function at a point, and panics with the whole
/// report unless it is right. The arguments are those of
/// [`check_gradients`](crate::check_gradients); settings of
/// [`Check`](crate::verify::Check) may follow.
///
/// ```
/// use ndarray::array;
/// use wengert_autodiff::assert_gradients;
///
/// let (x, w) = (array![[0.5, -1.0]], array![[2.0], [3.0]]);
/// assert_gradients!(|[x, w]| x.dot(w).tanh().sum(), (&x, &w));
/// assert_gradients!(|[x, w]| x.dot(w).tanh().sum(), (&x, &w), order(2), exhaustive());
/// ```
///
/// What cannot be decided fails as well:
///
/// ```should_panic
/// // Whatever the derivative is, f64 cannot see it here.
/// wengert_autodiff::assert_gradients!(|[x]| (x + 1e15) - 1e15, &ndarray::array![1.0]);
/// ```
#[macro_export]
macro_rules! assert_gradients {
    ($f:expr, $at:expr $(, $setting:ident($($value:expr),*))* $(,)?) => {
        match $crate::verify::Check::new()$(.$setting($($value),*))*.function($f, $at) {
            ::std::result::Result::Ok(report) => report.assert_passed(),
            ::std::result::Result::Err(error) => ::std::panic!("{error}"),
        }
    };
}
