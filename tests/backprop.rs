//! Automatic against hand-derived backpropagation, on networks with one
//! hidden layer of random size: binary cross-entropy on sigmoid outputs, and
//! cross-entropy on a softmax. The formulas are those of the textbook,
//! written in plain ndarray.
//!
//! The two must agree to rounding, saturated units included. How large
//! rounding is follows from a running error analysis of the formulas by hand,
//! carried along with them: where every example is classified right,
//! `dZ2 = (a2 - y) / m` is a difference of nearly equal numbers, and all
//! gradients have lost the digits that it lost. Where nothing is saturated
//! they must agree to 1e-12 of the largest entry as well.

use ndarray::{Array1, Array2, ArrayD, Axis, Ix1, Ix2};
use proptest::prelude::*;
use wengert_autodiff::{Float, Tape, Var, value_and_grad};
use wengert_tests::{Bound, Random, config, mismatches};

/// A network `a2 = f(sigmoid(x W1 + b1) W2 + b2)` with data and targets.
#[derive(Debug)]
struct Network {
    x: Array2<f64>,
    labels: Array1<usize>,
    w1: Array2<f64>,
    b1: Array1<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
}

/// Gradients by hand, in the order `w1, b1, w2, b2`, and the loss.
struct Derived {
    loss: f64,
    gradients: [ArrayD<f64>; 4],
    /// Bounds for their errors, if every operation errs by the `unit` given.
    errors: [ArrayD<f64>; 4],
}

/// A matrix with bounds for the errors of its elements.
struct Inexact {
    value: Array2<f64>,
    error: Array2<f64>,
}

impl Inexact {
    fn exact(value: Array2<f64>) -> Inexact {
        let error = Array2::zeros(value.dim());
        Inexact { value, error }
    }

    fn t(&self) -> Inexact {
        let Inexact { value, error } = self;
        Inexact {
            value: value.t().to_owned(),
            error: error.t().to_owned(),
        }
    }

    /// A sum of k products errs by k + 1 roundings of the sum of magnitudes.
    fn dot(&self, other: &Inexact, unit: f64) -> Inexact {
        let (a, b) = (self.value.mapv(f64::abs), other.value.mapv(f64::abs));
        let roundings = (a.ncols() + 1) as f64 * unit;
        Inexact {
            value: self.value.dot(&other.value),
            error: self.error.dot(&b) + a.dot(&other.error) + roundings * a.dot(&b),
        }
    }

    fn add_row(&self, row: &Array1<f64>, unit: f64) -> Inexact {
        let value = &self.value + row;
        let error = &self.error + unit * value.mapv(f64::abs);
        Inexact { value, error }
    }

    /// Of bounded slope, with one rounding of the result for each of the
    /// three operations that it takes.
    fn sigmoid(&self, unit: f64) -> Inexact {
        let value = self.value.mapv(|z| 1.0 / (1.0 + (-z).exp()));
        let error = &self.error * &slope(&value) + 3.0 * unit * &value;
        Inexact { value, error }
    }

    fn sum_rows(&self, unit: f64) -> (Array1<f64>, Array1<f64>) {
        let roundings = self.value.nrows() as f64 * unit;
        let error = self.error.sum_axis(Axis(0));
        let magnitude = self.value.mapv(f64::abs).sum_axis(Axis(0));
        (self.value.sum_axis(Axis(0)), error + roundings * magnitude)
    }
}

/// `a (1 - a)`.
fn slope(a: &Array2<f64>) -> Array2<f64> {
    a * a.mapv(|a| 1.0 - a)
}

impl Network {
    /// `scale` stretches the weights of the last layer, up to logits of ±30.
    fn random([m, inputs, hidden, classes]: [usize; 4], scale: f64, seed: u64) -> Network {
        let mut random = Random::new(seed);
        let mut matrix = |r: usize, c: usize, s: f64| {
            let a = random.array(&[r, c], -s, s);
            a.into_dimensionality::<Ix2>().expect("a matrix")
        };
        let x = matrix(m, inputs, 1.0);
        let w1 = matrix(inputs, hidden, scale.min(3.0));
        let w2 = matrix(hidden, classes, scale);
        let mut vector = |n: usize, s: f64| {
            let a = random.array(&[n], -s, s);
            a.into_dimensionality::<Ix1>().expect("a vector")
        };
        let (b1, b2) = (vector(hidden, 1.0), vector(classes, scale));
        let labels = random.indices(&[m], classes);
        let labels = labels.into_dimensionality::<Ix1>().expect("a vector");
        Network {
            x,
            labels,
            w1,
            b1,
            w2,
            b2,
        }
    }

    fn one_hot(&self) -> Array2<f64> {
        let mut y = Array2::zeros((self.labels.len(), self.b2.len()));
        for (mut row, &label) in y.rows_mut().into_iter().zip(&self.labels) {
            row[label] = 1.0;
        }
        y
    }

    /// `a1` and `z2`.
    fn forward(&self, unit: f64) -> (Inexact, Inexact) {
        let x = Inexact::exact(self.x.clone());
        let (w1, w2) = (
            Inexact::exact(self.w1.clone()),
            Inexact::exact(self.w2.clone()),
        );
        let a1 = x.dot(&w1, unit).add_row(&self.b1, unit).sigmoid(unit);
        let z2 = a1.dot(&w2, unit).add_row(&self.b2, unit);
        (a1, z2)
    }

    /// The backward pass from `dZ2 = (p - y) / m`, the same for both losses.
    fn backward(&self, a1: &Inexact, p: Inexact, loss: f64, unit: f64) -> Derived {
        let (y, m) = (self.one_hot(), self.x.nrows() as f64);
        let dz2 = Inexact {
            // The difference itself, the division, and its counterpart on
            // the tape, which divides both before it subtracts.
            error: (&p.error + 4.0 * unit * (&p.value + &y)) / m,
            value: (&p.value - &y) / m,
        };
        let dw2 = a1.t().dot(&dz2, unit);
        let (db2, db2_error) = dz2.sum_rows(unit);
        let da1 = dz2.dot(&Inexact::exact(self.w2.t().to_owned()), unit);
        let s = slope(&a1.value);
        // 1 - a cancels where the unit is saturated: an error of one unit.
        let s_error = &a1.error + 3.0 * unit * &a1.value;
        let dz1 = Inexact {
            error: &da1.error * &s + da1.value.mapv(f64::abs) * (&s_error + 3.0 * unit * &s),
            value: &da1.value * &s,
        };
        let dw1 = Inexact::exact(self.x.t().to_owned()).dot(&dz1, unit);
        let (db1, db1_error) = dz1.sum_rows(unit);
        Derived {
            loss,
            gradients: [
                dw1.value.into_dyn(),
                db1.into_dyn(),
                dw2.value.into_dyn(),
                db2.into_dyn(),
            ],
            errors: [
                dw1.error.into_dyn(),
                db1_error.into_dyn(),
                dw2.error.into_dyn(),
                db2_error.into_dyn(),
            ],
        }
    }

    /// Binary cross-entropy: `dZ2 = (a2 - y) / m`.
    fn binary_by_hand(&self, unit: f64) -> Derived {
        let (a1, z2) = self.forward(unit);
        let (y, m) = (self.one_hot(), self.x.nrows() as f64);
        // ln(1 + e^z), from the exponential that does not overflow.
        let softplus = |z: f64| z.max(0.0) + (1.0 + (-z.abs()).exp()).ln();
        let loss = (z2.value.mapv(softplus) - &z2.value * &y).sum() / m;
        self.backward(&a1, z2.sigmoid(unit), loss, unit)
    }

    /// Cross-entropy on a softmax: `dZ2 = (softmax - y) / m`.
    fn softmax_by_hand(&self, unit: f64) -> Derived {
        let (a1, z2) = self.forward(unit);
        let mut p = z2.value.clone();
        let mut error = z2.error;
        let mut loss = 0.0;
        let rows = p.rows_mut().into_iter().zip(error.rows_mut());
        for ((mut row, mut error), &label) in rows.zip(&self.labels) {
            let largest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            let score = row[label];
            // A shift errs relative to what is shifted, and the exponential
            // turns an error of its argument into a relative one.
            error.zip_mut_with(&row, |e, z| *e += unit * (z - largest).abs());
            row.mapv_inplace(|z| (z - largest).exp());
            let total = row.sum();
            loss += largest + total.ln() - score;
            row /= total;
            let common = error.dot(&row) + (row.len() + 3) as f64 * unit;
            error.zip_mut_with(&row, |e, p| *e = p * (*e + common));
        }
        let p = Inexact { value: p, error };
        self.backward(&a1, p, loss / self.x.nrows() as f64, unit)
    }

    /// The same in any float type, on a tape.
    fn automatic<F: Float>(&self, loss: Loss) -> (f64, [ArrayD<f64>; 4]) {
        let to = |x: &Array2<f64>| x.mapv(F::of);
        let to1 = |x: &Array1<f64>| x.mapv(F::of);
        let (w1, w2) = (to(&self.w1), to(&self.w2));
        let (b1, b2) = (to1(&self.b1), to1(&self.b2));
        let (value, (dw1, db1, dw2, db2)) = value_and_grad(
            |[w1, b1, w2, b2]: [Var<'_, F>; 4]| {
                let tape: &Tape = w1.tape();
                let x = tape.constant(to(&self.x));
                let labels = tape.constant(self.labels.clone());
                let a1 = (x.dot(w1) + b1).sigmoid();
                let z2 = a1.dot(w2) + b2;
                match loss {
                    Loss::Binary => {
                        let y = labels.one_hot(self.b2.len());
                        (z2.softplus() - z2 * y).sum() / self.x.nrows() as f64
                    }
                    Loss::Softmax => {
                        let score = z2.log_softmax(-1).gather(1, labels.expand_dims(1));
                        -score.mean()
                    }
                }
            },
            (&w1, &b1, &w2, &b2),
        )
        .unwrap_or_else(|e| panic!("{e}"));
        let back = |g: ArrayD<F>| g.mapv(Float::as_f64);
        let gradients = [
            back(dw1.into_dyn()),
            back(db1.into_dyn()),
            back(dw2.into_dyn()),
            back(db2.into_dyn()),
        ];
        (Float::as_f64(value), gradients)
    }
}

#[derive(Clone, Copy, Debug)]
enum Loss {
    Binary,
    Softmax,
}

impl Network {
    /// Compares the tape in `F` with the formulas by hand, in f64. Both err,
    /// hence twice the bound.
    fn compare<F: Float>(&self, loss: Loss, unsaturated: bool) -> Result<(), TestCaseError> {
        let unit = Float::as_f64(F::epsilon());
        let want = match loss {
            Loss::Binary => self.binary_by_hand(unit),
            Loss::Softmax => self.softmax_by_hand(unit),
        };
        let (value, gradients) = self.automatic::<F>(loss);
        let scale = 1.0 + self.w2.iter().chain(&self.b2).map(|w| w.abs()).sum::<f64>();
        prop_assert!(
            (value - want.loss).abs() <= 16.0 * unit * scale,
            "loss {value}, by hand {}",
            want.loss
        );
        for (i, name) in ["dW1", "db1", "dW2", "db2"].into_iter().enumerate() {
            let (got, by_hand) = (&gradients[i], &want.gradients[i]);
            let excess = (got - by_hand).mapv(f64::abs) - 2.0 * &want.errors[i];
            let nothing = ArrayD::zeros(excess.raw_dim());
            let bad = mismatches(&excess.mapv(|e| e.max(0.0)), &nothing, Bound::Bits);
            prop_assert!(bad.is_empty(), "{name}, beyond rounding\n{bad}");
            if unsaturated {
                let bad = mismatches(got, by_hand, Bound::OfLargest(1e-12));
                prop_assert!(bad.is_empty(), "{name}\n{bad}");
            }
        }
        Ok(())
    }
}

fn sizes() -> impl Strategy<Value = [usize; 4]> {
    (1..=17usize, 1..=9usize, 1..=8usize, 2..=6usize).prop_map(|(m, i, h, c)| [m, i, h, c])
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn binary_cross_entropy(sizes in sizes(), scale in 0.1..0.6f64, seed: u64) {
        Network::random(sizes, scale, seed).compare::<f64>(Loss::Binary, true)?;
    }

    #[test]
    fn softmax_cross_entropy(sizes in sizes(), scale in 0.1..0.6f64, seed: u64) {
        Network::random(sizes, scale, seed).compare::<f64>(Loss::Softmax, true)?;
    }

    /// Logits of ±30 and more.
    #[test]
    fn saturated_outputs(sizes in sizes(), scale in 0.6..10.0f64, seed: u64) {
        let network = Network::random(sizes, scale, seed);
        network.compare::<f64>(Loss::Binary, false)?;
        network.compare::<f64>(Loss::Softmax, false)?;
    }

    /// The same in f32, of weights that are the same numbers in both types.
    #[test]
    fn single_precision(sizes in sizes(), scale in 0.1..10.0f64, seed: u64) {
        let mut network = Network::random(sizes, scale, seed);
        let round = |x: &mut f64| *x = f64::from(*x as f32);
        network.x.map_inplace(round);
        network.w1.map_inplace(round);
        network.b1.map_inplace(round);
        network.w2.map_inplace(round);
        network.b2.map_inplace(round);
        network.compare::<f32>(Loss::Binary, false)?;
        network.compare::<f32>(Loss::Softmax, false)?;
    }
}
