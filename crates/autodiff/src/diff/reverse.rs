//! The reverse sweep: cotangents flow from outputs to inputs.

use std::panic::Location;

use smallvec::SmallVec;

use super::{Own, Rules, influenced, own, same_types, unsupported};
use crate::dtype::{Any, Numeric};
use crate::error::{Error, Fault};
use crate::few::mapped;
use crate::op::{Results, Vjp};
use crate::tape::{InstId, Tape, ValueId};
use crate::var::Var;

impl Tape {
    /// The gradient of the scalar `y` with respect to each of `wrt`, as new
    /// variables on this tape. They can be printed, used in further formulas
    /// and differentiated again.
    ///
    /// ```
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", ndarray::arr0(2.0));
    /// let y = x.powi(3);
    /// let [dy] = tape.grad(y, [x])?;
    /// let [ddy] = tape.grad(dy, [x])?;
    /// assert_eq!((y.item(), dy.item(), ddy.item()), (8.0, 12.0, 12.0));
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `y` is not one element, if a variable has no gradient (the message
    /// says why; use [`grads`](Tape::grads) where that is expected), or if an
    /// operation on the way has no rule.
    #[track_caller]
    pub fn grad<'t, T: Numeric, const N: usize>(
        &'t self,
        y: Var<'t, T>,
        wrt: [Var<'t, T>; N],
    ) -> Result<[Var<'t, T>; N], Error> {
        let here = Location::caller();
        let found = self.grads(y, &wrt)?;
        let mut gradients = wrt;
        for ((gradient, found), x) in gradients.iter_mut().zip(found).zip(wrt) {
            *gradient = found.ok_or_else(|| self.no_gradient(y.any(), x.any(), here))?;
        }
        Ok(gradients)
    }

    /// The gradient of the scalar `y` with respect to each of `wrt`, or
    /// `None` where there is none: `y` does not depend on the variable, or
    /// not smoothly. `None` is not zero; [`explain`](Tape::explain) says why.
    ///
    /// # Errors
    /// If `y` is not one element, or an operation on the way has no rule.
    #[track_caller]
    pub fn grads<'t, T: Numeric>(
        &'t self,
        y: Var<'t, T>,
        wrt: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        self.grads_by(&Own, y, wrt)
    }

    /// [`grads`](Tape::grads) by other rules than the operations' own: what a
    /// wrong rule makes of the gradient; see [`Rules`].
    ///
    /// # Errors
    /// As [`grads`](Tape::grads).
    #[track_caller]
    pub fn grads_by<'t, T: Numeric>(
        &'t self,
        rules: &dyn Rules,
        y: Var<'t, T>,
        wrt: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        let here = Location::caller();
        own(self, "grad", std::iter::once(&y).chain(wrt), here)?;
        if y.size() != 1 || !y.dtype().is_float() {
            let fault = Fault::NotScalar { shape: y.shape() };
            return Err(Error::new("grad", vec![y.ty()], fault, here));
        }
        self.vjp_by(rules, &[y], &[y.full_like(1.0)], wrt)
    }

    /// Vector-Jacobian product: `Σ_j cotangents[j]ᵀ · d outputs[j] / d wrt[i]`
    /// for each `i`; `None` where no output depends smoothly on `wrt[i]`.
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let w = tape.constant(array![10.0, 100.0]);
    /// let dx = tape.vjp(&[x.square()], &[w], &[x])?[0].unwrap();
    /// assert_eq!(dx.to_array(), array![20.0, 400.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a cotangent does not have its output's shape and element type, or
    /// an operation on the way has no rule.
    #[track_caller]
    pub fn vjp<'t, T: Numeric>(
        &'t self,
        outputs: &[Var<'t, T>],
        cotangents: &[Var<'t, T>],
        wrt: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        self.vjp_by(&Own, outputs, cotangents, wrt)
    }

    /// [`vjp`](Tape::vjp) by these rules.
    #[track_caller]
    pub(crate) fn vjp_by<'t, T: Numeric>(
        &'t self,
        rules: &dyn Rules,
        outputs: &[Var<'t, T>],
        cotangents: &[Var<'t, T>],
        wrt: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        let here = Location::caller();
        if outputs.len() != cotangents.len() {
            let fault = Fault::Parameter(format!(
                "needs one cotangent per output, got {} for {}",
                cotangents.len(),
                outputs.len()
            ));
            return Err(Error::new("vjp", vec![], fault, here));
        }
        let outputs = own(self, "vjp", outputs, here)?;
        let cotangents = own(self, "vjp", cotangents, here)?;
        let wrt = own(self, "vjp", wrt, here)?;
        let seeds: Vec<_> = outputs.into_iter().zip(cotangents).collect();
        same_types("vjp", &self.inner(), &seeds, here)?;
        let found = self.reverse(rules, &seeds, &wrt)?;
        Ok(found
            .into_iter()
            .map(|id| id.map(|id| Var::new(self, id)))
            .collect())
    }

    /// For rules that differentiate a formula of their own.
    pub(crate) fn pull_back<'t>(
        &'t self,
        y: Var<'t, Any>,
        cotangent: Var<'t, Any>,
        x: Var<'t, Any>,
    ) -> Result<Option<Var<'t, Any>>, Error> {
        let found = self.reverse(&Own, &[(y.id(), cotangent.id())], &[x.id()])?;
        Ok(found[0].map(|id| Var::new(self, id)))
    }

    /// The sweep. Visits, last to first, every instruction that lies between
    /// `wrt` and the seeds, and adds up cotangents in that fixed order.
    fn reverse(
        &self,
        rules: &dyn Rules,
        seeds: &[(ValueId, ValueId)],
        wrt: &[ValueId],
    ) -> Result<Vec<Option<ValueId>>, Error> {
        let (Some(last), Some(first)) = (seeds.iter().map(|s| s.0).max(), wrt.iter().min()) else {
            return Ok(vec![None; wrt.len()]);
        };
        let (active, order) = {
            let inner = self.inner();
            let (from, to) = (inner.producer(*first).0, inner.producer(last).0);
            let active = influenced(&inner, wrt, inner.producer(last));
            (active, from..to + 1)
        };
        let active = |id: ValueId| active[id.index()];
        let mut cotangents: Vec<Option<ValueId>> = vec![None; last.index() + 1];
        for &(y, cotangent) in seeds.iter().filter(|(y, _)| active(*y)) {
            self.accumulate(&mut cotangents[y.index()], cotangent);
        }
        for inst in order.rev().map(InstId) {
            let (arrived, wanted) = {
                let inner = self.inner();
                let results = inner.results(inst);
                let arrived = results.map(|r| cotangents.get(r.index()).copied().flatten());
                let arrived: Results<_> = arrived.map(|c| c.map(|c| Var::new(self, c))).collect();
                (
                    arrived,
                    mapped(inner.args(inst), active, SmallVec::from_slice),
                )
            };
            if arrived.iter().all(Option::is_none) || !wanted.contains(&true) {
                continue;
            }
            let cx = self.pull_at(rules, inst, arrived, wanted)?;
            self.deriving(inst, || {
                for (arg, sent) in cx.args.iter().zip(cx.sent) {
                    if let Some(sent) = sent {
                        self.accumulate(&mut cotangents[arg.id().index()], sent.id());
                    }
                }
            });
        }
        Ok(wrt
            .iter()
            .map(|x| cotangents.get(x.index()).copied().flatten())
            .collect())
    }

    /// Runs the reverse rule of one instruction.
    pub(crate) fn pull_at<'t>(
        &'t self,
        rules: &dyn Rules,
        inst: InstId,
        cotangents: Results<Option<Var<'t, Any>>>,
        wanted: SmallVec<[bool; 4]>,
    ) -> Result<Vjp<'t>, Error> {
        let inner = self.inner();
        let op = inner.inst(inst).op.clone();
        let handle = |id| Var::new(self, id);
        let mut cx = Vjp {
            tape: self,
            args: mapped(inner.args(inst), handle, SmallVec::from_slice),
            results: inner.results(inst).map(handle).collect(),
            cotangents,
            sent: SmallVec::from_elem(None, wanted.len()),
            wanted,
        };
        drop(inner);
        self.deriving(inst, || rules.vjp(&op, &mut cx))
            .map_err(|_| unsupported(self, inst, "vjp"))?;
        Ok(cx)
    }

    fn accumulate(&self, place: &mut Option<ValueId>, more: ValueId) {
        *place = Some(match *place {
            None => more,
            Some(earlier) => (Var::<Any>::new(self, earlier) + Var::new(self, more)).id(),
        });
    }
}
