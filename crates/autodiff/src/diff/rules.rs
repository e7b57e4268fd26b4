//! Where the sweeps find their rules.

use crate::op::{Jvp, NoRule, Vjp};
use crate::ops::Op;

/// Where a sweep finds the derivative rules of an operation: in the operation
/// itself ([`Own`]), unless somebody wants to watch them, or to see what a
/// wrong one does.
///
/// ```
/// use wengert_autodiff::{Op, Tape, custom::{NoRule, Vjp}, verify::{Check, Rules}};
///
/// /// Forgets the minus sign in the derivative of the cosine.
/// struct ForgottenSign;
///
/// impl Rules for ForgottenSign {
///     fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
///         op.primitive().vjp(cx)?;
///         if op.name() == "cos" {
///             cx.alter(0, |sent| sent.map(|g| -g));
///         }
///         Ok(())
///     }
/// }
///
/// let tape = Tape::new();
/// let x = tape.input("x", ndarray::array![1.0, 2.0]);
/// let y = x.cos().sum();
/// let report = Check::new().rules(&ForgottenSign).on(&tape, y, &[x])?;
/// assert!(report.to_string().contains("%1 = cos"));
/// # Ok::<(), wengert_autodiff::Error>(())
/// ```
pub trait Rules {
    /// The reverse rule.
    ///
    /// # Errors
    /// If the operation has none.
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        op.primitive().vjp(cx)
    }

    /// The forward rule.
    ///
    /// # Errors
    /// If the operation has none.
    fn jvp(&self, op: &Op, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        op.primitive().jvp(cx)
    }
}

/// The operations' own rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own;

impl Rules for Own {}
