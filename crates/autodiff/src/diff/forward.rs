//! The forward sweep: tangents flow from inputs to outputs.

use std::panic::Location;

use smallvec::{SmallVec, smallvec};

use super::{Own, Rules, handles, own, passes, same_types, unsupported};
use crate::dtype::{Any, Numeric};
use crate::error::{Error, Fault};
use crate::eval::ancestors;
use crate::op::{Jvp, Results};
use crate::tape::{InstId, Tape, ValueId};
use crate::var::Var;

impl Tape {
    /// Jacobian-vector product: `Σ_i d outputs[j] / d wrt[i] · tangents[i]`
    /// for each `j`; `None` where an output does not depend smoothly on any
    /// of `wrt`.
    ///
    /// Applied to a gradient it gives a Hessian-vector product:
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::Tape;
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let v = tape.constant(array![1.0, 0.0]);
    /// let [dx] = tape.grad(x.powi(3).sum(), [x])?;
    /// let hv = tape.jvp(&[dx], &[x], &[v])?[0].unwrap();
    /// assert_eq!(hv.to_array(), array![6.0, 0.0]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a tangent does not have its variable's shape and element type, or
    /// an operation on the way has no rule.
    #[track_caller]
    pub fn jvp<'t, T: Numeric>(
        &'t self,
        outputs: &[Var<'t, T>],
        wrt: &[Var<'t, T>],
        tangents: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        self.jvp_by(&Own, outputs, wrt, tangents)
    }

    /// [`jvp`](Tape::jvp) by these rules.
    #[track_caller]
    pub(crate) fn jvp_by<'t, T: Numeric>(
        &'t self,
        rules: &dyn Rules,
        outputs: &[Var<'t, T>],
        wrt: &[Var<'t, T>],
        tangents: &[Var<'t, T>],
    ) -> Result<Vec<Option<Var<'t, T>>>, Error> {
        let here = Location::caller();
        if wrt.len() != tangents.len() {
            let fault = Fault::Parameter(format!(
                "needs one tangent per variable, got {} for {}",
                tangents.len(),
                wrt.len()
            ));
            return Err(Error::new("jvp", vec![], fault, here));
        }
        let outputs = own(self, "jvp", outputs, here)?;
        let wrt = own(self, "jvp", wrt, here)?;
        let tangents = own(self, "jvp", tangents, here)?;
        let seeds: Vec<_> = wrt.into_iter().zip(tangents).collect();
        same_types("jvp", &self.inner(), &seeds, here)?;
        let found = self.forward(rules, &seeds, &outputs)?;
        Ok(found
            .into_iter()
            .map(|id| id.map(|id| Var::new(self, id)))
            .collect())
    }

    /// For rules that differentiate a formula of their own.
    pub(crate) fn push_forward<'t>(
        &'t self,
        y: Var<'t, Any>,
        x: Var<'t, Any>,
        tangent: Var<'t, Any>,
    ) -> Result<Option<Var<'t, Any>>, Error> {
        let found = self.forward(&Own, &[(x.id(), tangent.id())], &[y.id()])?;
        Ok(found[0].map(|id| Var::new(self, id)))
    }

    /// The sweep. Visits, first to last, every instruction between the seeds
    /// and `outputs`.
    fn forward(
        &self,
        rules: &dyn Rules,
        seeds: &[(ValueId, ValueId)],
        outputs: &[ValueId],
    ) -> Result<Vec<Option<ValueId>>, Error> {
        let (Some(first), Some(last)) = (seeds.iter().map(|s| s.0).min(), outputs.iter().max())
        else {
            return Ok(vec![None; outputs.len()]);
        };
        let (needed, order) = {
            let inner = self.inner();
            let (from, to) = (inner.producer(first).0, inner.producer(*last).0);
            (ancestors(&inner, outputs, |_| true), from..to + 1)
        };
        let mut tangents: Vec<Option<ValueId>> = vec![None; needed.len()];
        for &(x, tangent) in seeds {
            tangents[x.index()] = Some(tangent);
        }
        for inst in order.map(InstId) {
            let arrived = {
                let inner = self.inner();
                let arrived = inner.args(inst).iter();
                let arrived = arrived.map(|a| tangents[a.index()].map(|t| Var::new(self, t)));
                let arrived: SmallVec<[_; 4]> = arrived.collect();
                let wanted = inner.results(inst).any(|r| needed[r.index()]);
                if !wanted || !passes(&inner, inst) || arrived.iter().all(Option::is_none) {
                    continue;
                }
                arrived
            };
            let cx = self.push_at(rules, inst, arrived)?;
            // A tangent given for an intermediate value comes on top of what
            // reaches it, as its cotangent passes on in reverse.
            self.deriving(inst, || {
                for (result, sent) in cx.results.iter().zip(cx.sent) {
                    let place = &mut tangents[result.id().index()];
                    *place = match (*place, sent) {
                        (Some(given), Some(sent)) => Some((Var::new(self, given) + sent).id()),
                        (given, sent) => given.or(sent.map(Var::id)),
                    };
                }
            });
        }
        Ok(outputs.iter().map(|y| tangents[y.index()]).collect())
    }

    /// Runs the forward rule of one instruction.
    pub(crate) fn push_at<'t>(
        &'t self,
        rules: &dyn Rules,
        inst: InstId,
        tangents: SmallVec<[Option<Var<'t, Any>>; 4]>,
    ) -> Result<Jvp<'t>, Error> {
        let (mut cx, op) = {
            let inner = self.inner();
            let results: Results<Var<'_, Any>> = handles(self, inner.results(inst)).collect();
            let cx = Jvp {
                tape: self,
                args: handles(self, inner.args(inst).iter().copied()).collect(),
                sent: smallvec![None; results.len()],
                results,
                tangents,
            };
            (cx, inner.inst(inst).op.clone())
        };
        self.deriving(inst, || rules.jvp(&op, &mut cx))
            .map_err(|_| unsupported(self, inst, "jvp"))?;
        Ok(cx)
    }
}
