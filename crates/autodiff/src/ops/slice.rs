//! Parts of an array, and the reverse: putting a part into a larger array.
//! With steps, negative ones included, these two are `slice`, `flip` and
//! `pad`, and each is the other's transpose.

use ndarray::SliceInfoElem;

use crate::DType;
use crate::dtype::{Element, Kind, Numeric};
use crate::error::Fault;
use crate::op::{Flow, Jvp, NoRule, Primitive, Results, Vjp, fresh, one};
use crate::ops::arity;
use crate::ops::slice_axis::{SliceAxis, check, listed, runs};
use crate::shape::{self, Shape};
use crate::value::{Type, Value};
use crate::var::Var;
use crate::view::by_dtype;
use crate::view::{View, ViewMut};

/// A part of every axis.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Slice {
    /// One per axis.
    pub axes: Vec<SliceAxis>,
}

/// An array of `shape`, filled with `fill`, with the operand at the positions
/// of a slice: the transpose of [`Slice`] if `fill` is 0.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Embed {
    /// The shape of the result.
    pub shape: Shape,
    /// Where the operand goes.
    pub axes: Vec<SliceAxis>,
    /// What stands elsewhere.
    #[serde(with = "crate::exact")]
    pub fill: f64,
}

impl Slice {
    /// Where the part starts in an array of `shape`, if its elements lie there
    /// one after the other.
    pub(crate) fn contiguous(&self, shape: &[usize]) -> Option<usize> {
        let axes = || self.axes.iter().zip(shape);
        let part = axes().rposition(|(a, &n)| *a != SliceAxis::all(n));
        let part = part.unwrap_or(0);
        let single = |a: &SliceAxis| a.len == 1;
        let together = self.axes.iter().take(part).all(single)
            && self
                .axes
                .iter()
                .skip(part)
                .take(1)
                .all(|a| a.step == 1 || single(a));
        let start = axes().fold(0, |at, (a, &n)| at * n + a.start);
        (together && !self.axes.iter().any(|a| a.len == 0)).then_some(start)
    }
}

impl Primitive for Slice {
    fn name(&self) -> &'static str {
        "slice"
    }

    fn attributes(&self) -> String {
        listed(&self.axes)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        check(&self.axes, &x.shape)?;
        let shape: Shape = self.axes.iter().map(|a| a.len).collect();
        Ok(one(Type::new(x.dtype, shape)))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(s: &Slice, x: View<'_>, out: &mut ViewMut<'_>) {
            let (shape, x, out) = (x.shape(), x.of::<T>(), out.of::<T>());
            runs(shape, &s.axes, |run| {
                let out = &mut out[run.number..run.number + run.len];
                if run.step == 1 {
                    out.copy_from_slice(&x[run.at..run.at + run.len]);
                } else {
                    let positions = out.iter_mut().zip(run.positions());
                    positions.for_each(|(o, at)| *o = x[at]);
                }
            });
        }
        by_dtype!(args[0], go(self, args[0], &mut out[0]));
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let ([x], g) = (cx.args(), cx.cotangent());
        cx.to(0, || {
            let (shape, axes) = (x.shape(), self.axes.clone());
            g.record(
                Embed {
                    shape,
                    axes,
                    fill: 0.0,
                },
                &[],
            )
        });
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| t.record(self.clone(), &[]));
        Ok(())
    }
}

impl Primitive for Embed {
    fn name(&self) -> &'static str {
        "embed"
    }

    fn attributes(&self) -> String {
        let fill = match self.fill {
            0.0 => String::new(),
            x => format!(", elsewhere {x:?}"),
        };
        format!("at {} of {}{fill}", listed(&self.axes), self.shape)
    }

    fn infer(&self, args: &[Type]) -> Result<Results<Type>, Fault> {
        let [x] = arity(args)?;
        check(&self.axes, &self.shape)?;
        if !self.axes.iter().map(|a| a.len).eq(x.shape.iter().copied()) {
            return Err(Fault::ShapeMismatch {
                what: "the operand does not have the shape of the positions it goes to",
                left: x.shape.clone(),
                right: self.axes.iter().map(|a| a.len).collect(),
            });
        }
        Ok(one(Type::new(x.dtype, self.shape.clone())))
    }

    fn eval(&self, args: &[&Value], types: &[Type]) -> Result<Results<Value>, Fault> {
        fresh(self, args, types)
    }

    fn eval_into(&self, args: &[View<'_>], out: &mut [ViewMut<'_>]) -> Result<(), Fault> {
        fn go<T: Element>(s: &Embed, x: &[T], fill: T, out: &mut [T]) {
            let forward = s.axes.iter().all(|a| a.step == 1);
            if !forward {
                out.fill(fill);
            }
            // Up to where everything is written.
            let mut done = 0;
            runs(&s.shape, &s.axes, |run| {
                let x = &x[run.number..run.number + run.len];
                if forward {
                    out[done..run.at].fill(fill);
                    done = run.at + run.len;
                }
                if run.step == 1 {
                    out[run.at..run.at + run.len].copy_from_slice(x);
                } else {
                    let positions = run.positions().zip(x);
                    positions.for_each(|(at, &x)| out[at] = x);
                }
            });
            if forward {
                out[done..].fill(fill);
            }
        }
        let (x, out) = (args[0], &mut out[0]);
        match x.dtype() {
            DType::F32 => go(self, x.of(), self.fill as f32, out.of()),
            DType::F64 => go(self, x.of(), self.fill, out.of()),
            DType::Index => go(self, x.of(), self.fill as usize, out.of()),
            DType::Bool => go(self, x.of(), self.fill != 0.0, out.of()),
        }
        Ok(())
    }

    fn flow(&self) -> Flow {
        Flow::Smooth
    }

    fn vjp(&self, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        let g = cx.cotangent();
        let axes = self.axes.clone();
        cx.to(0, || g.record(Slice { axes }, &[]));
        Ok(())
    }

    fn jvp(&self, cx: &mut Jvp<'_>) -> Result<(), NoRule> {
        cx.from(0, |t| {
            t.record(
                Embed {
                    fill: 0.0,
                    ..self.clone()
                },
                &[],
            )
        });
        Ok(())
    }
}

/// One axis of ndarray's slice notation, resolved against its length.
fn resolve(
    axis: usize,
    n: usize,
    start: isize,
    end: Option<isize>,
    step: isize,
) -> Result<SliceAxis, Fault> {
    let refuse = || {
        let end = end.map_or(String::new(), |e| e.to_string());
        let step = if step == 1 {
            String::new()
        } else {
            format!(";{step}")
        };
        Fault::Slice {
            slice: format!("{start}..{end}{step}"),
            axis,
            length: n,
        }
    };
    let from_end = |i: isize| if i < 0 { i + n as isize } else { i };
    let (from, to) = (from_end(start), from_end(end.unwrap_or(n as isize)));
    if from < 0 || to < 0 || from > n as isize || to > n as isize || step == 0 {
        return Err(refuse());
    }
    let span = (to - from).max(0) as usize;
    let len = span.div_ceil(step.unsigned_abs());
    let start = if step > 0 || len == 0 { from } else { to - 1 };
    Ok(SliceAxis {
        start: start as usize,
        step,
        len,
    })
}

impl<'t, T: Kind> Var<'t, T> {
    /// A part of the array, in ndarray's notation `s![…]`: ranges, steps
    /// (a negative one reverses the range), single indices (which remove
    /// their axis) and `NewAxis`. Axes that are not mentioned are taken whole.
    ///
    /// ```
    /// use ndarray::{array, s};
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.input("x", array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.slice(s![1, ..;-2]);
    /// assert_eq!(y.to_array(), array![6.0, 4.0]);
    /// let [dx] = tape.grad(y.sum(), [x])?;
    /// assert_eq!(dx.to_array(), array![[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]);
    /// # Ok::<(), wengert_autodiff::Error>(())
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if a range or index leaves its axis or there are
    /// more slices than axes.
    #[track_caller]
    pub fn slice(self, info: impl AsRef<[SliceInfoElem]>) -> Var<'t, T> {
        let shape = self.shape();
        match plan(&shape, info.as_ref()) {
            Ok((axes, result)) => {
                let part: Var<'t, T> = self.record(Slice { axes }, &[]);
                part.reshape(result)
            }
            Err(fault) => self.refuse("slice", &[], fault),
        }
    }

    /// In reverse order along `axis`.
    ///
    /// # Panics
    /// At the caller's line, if the axis does not exist.
    #[track_caller]
    pub fn flip(self, axis: isize) -> Var<'t, T> {
        let shape = self.shape();
        let at = shape::axis(axis, shape.rank()).unwrap_or_else(|_| shape.rank());
        let mut axes: Vec<SliceAxis> = shape.iter().map(|&n| SliceAxis::all(n)).collect();
        match axes.get_mut(at) {
            Some(a) => {
                *a = SliceAxis {
                    start: a.len.saturating_sub(1),
                    step: -1,
                    len: a.len,
                };
                self.record(Slice { axes }, &[])
            }
            None => {
                let fault = Fault::Axis {
                    axis,
                    rank: shape.rank(),
                };
                self.refuse("flip", &[], fault)
            }
        }
    }

    /// Columns `from..to` of a matrix.
    #[track_caller]
    pub(crate) fn columns(self, from: usize, to: usize) -> Var<'t, T> {
        let rows = SliceAxis::all(self.shape()[0]);
        let columns = SliceAxis {
            start: from,
            step: 1,
            len: to - from,
        };
        self.record(
            Slice {
                axes: vec![rows, columns],
            },
            &[],
        )
    }
}

/// The slice of every axis, and the shape once indices have removed theirs.
fn plan(shape: &Shape, info: &[SliceInfoElem]) -> Result<(Vec<SliceAxis>, Shape), Fault> {
    let mut axes = Vec::new();
    let mut result = Vec::new();
    for element in info {
        if matches!(element, SliceInfoElem::NewAxis) {
            result.push(1);
            continue;
        }
        let at = axes.len();
        let Some(&n) = shape.get(at) else {
            return Err(Fault::Parameter(format!(
                "more slices than the {} axes of {shape}",
                shape.rank()
            )));
        };
        match *element {
            SliceInfoElem::Slice { start, end, step } => {
                let slice = resolve(at, n, start, end, step)?;
                result.push(slice.len);
                axes.push(slice);
            }
            SliceInfoElem::Index(i) => {
                let start = if i < 0 { i + n as isize } else { i };
                if !(0..n as isize).contains(&start) {
                    let slice = format!("index {i}");
                    return Err(Fault::Slice {
                        slice,
                        axis: at,
                        length: n,
                    });
                }
                axes.push(SliceAxis {
                    start: start as usize,
                    step: 1,
                    len: 1,
                });
            }
            SliceInfoElem::NewAxis => unreachable!("handled above"),
        }
    }
    for &n in &shape[axes.len()..] {
        result.push(n);
        axes.push(SliceAxis::all(n));
    }
    Ok((axes, result[..].into()))
}

impl<'t, T: Numeric> Var<'t, T> {
    /// With `widths[i].0` elements before and `widths[i].1` after every axis
    /// `i`, all of them `value`; NumPy's `pad` in constant mode.
    ///
    /// ```
    /// use ndarray::array;
    ///
    /// let tape = wengert_autodiff::Tape::new();
    /// let x = tape.constant(array![1.0, 2.0]);
    /// assert_eq!(x.pad(&[(1, 2)], 9.0).to_array(), array![9.0, 1.0, 2.0, 9.0, 9.0]);
    /// ```
    ///
    /// # Panics
    /// At the caller's line, if there is not one pair per axis.
    #[track_caller]
    pub fn pad(self, widths: &[(usize, usize)], value: f64) -> Var<'t, T> {
        let shape = self.shape();
        let lengths = shape.iter().zip(widths);
        let axes = lengths.clone().map(|(&len, w)| SliceAxis {
            start: w.0,
            step: 1,
            len,
        });
        let padded: Shape = lengths.map(|(&n, w)| w.0 + n + w.1).collect();
        if widths.len() != shape.rank() {
            let fault = Fault::Parameter(format!(
                "{} pairs of widths were given for {} axes",
                widths.len(),
                shape.rank()
            ));
            self.refuse("pad", &[], fault)
        }
        self.record(
            Embed {
                shape: padded,
                axes: axes.collect(),
                fill: value,
            },
            &[],
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use ndarray::{Array2, NewAxis, array, s};

    #[test]
    fn slices_agree_with_ndarray() {
        let nothing = ndarray::Slice::new(4, Some(1), 1);
        let a = Array2::from_shape_fn((4, 5), |(i, j)| (10 * i + j) as f64);
        let tape = Tape::new();
        let x = tape.constant(a.clone());
        macro_rules! same {
            ($($s:expr),*) => {$(
                assert_eq!(x.slice($s).value(), a.slice($s).into_dyn().to_shared());
            )*};
        }
        same!(
            s![.., ..],
            s![1..3, ..],
            s![..;-1, 1..;2],
            s![-2.., ..-1;-2],
            s![3, ..],
            s![.., -1],
            s![2..2, ..],
            s![1..4;-2, NewAxis, 0],
            s![..;3, nothing]
        );
        assert_eq!(x.slice(s![1]).shape().to_vec(), [5]);
        assert_eq!(
            x.flip(0).value(),
            a.slice(s![..;-1, ..]).into_dyn().to_shared()
        );
        assert_eq!(
            x.flip(-1).value(),
            a.slice(s![.., ..;-1]).into_dyn().to_shared()
        );
    }

    #[test]
    #[should_panic(expected = "slice 1..9 is out of range for axis 0 of length 4")]
    fn a_slice_past_the_end() {
        let tape = Tape::new();
        tape.constant(array![1.0, 2.0, 3.0, 4.0]).slice(s![1..9]);
    }
}
