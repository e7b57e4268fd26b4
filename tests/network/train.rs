//! Descent to a small loss.

use ndarray::{ArrayD, Zip};
use wengert_autodiff::Tape;

use super::Network;

/// Steps after which training gives up.
const STEPS: usize = 400;

impl Network {
    /// Trains until the loss is below `goal`; the loss that was reached.
    ///
    /// The method is Adam with a step that shrinks a hundredfold over the
    /// run, relative to the size of each parameter.
    ///
    /// Source: D. P. Kingma, J. Ba, *Adam: a method for stochastic
    /// optimization* (2015).
    pub fn train(&mut self, goal: f64) -> f64 {
        let (mean, square): (f64, f64) = (0.9, 0.99);
        let zeros = |net: &Network| -> Vec<ArrayD<f64>> {
            let zero = |(_, p): &(String, ArrayD<f64>)| ArrayD::zeros(p.raw_dim());
            net.params.iter().map(zero).collect()
        };
        let (mut m, mut v) = (zeros(self), zeros(self));
        let size = |(_, p): &(String, ArrayD<f64>)| {
            let mean = p.iter().map(|p| p * p).sum::<f64>() / p.len() as f64;
            if mean == 0.0 { 0.1 } else { mean.sqrt() }
        };
        let sizes: Vec<f64> = self.params.iter().map(size).collect();
        let mut loss = f64::INFINITY;
        for step in 1..=STEPS {
            let tape = Tape::new();
            let recorded = self.record(&tape);
            loss = recorded.loss.item();
            if loss < goal || !loss.is_finite() {
                break;
            }
            let gradients = tape
                .grads(recorded.loss, &recorded.params)
                .expect("every operation has a rule");
            let rate = 0.1 * 100f64.powf(-(step as f64) / STEPS as f64);
            let (m_bias, v_bias) = (1.0 - mean.powi(step as i32), 1.0 - square.powi(step as i32));
            for (i, gradient) in gradients.into_iter().enumerate() {
                let Some(gradient) = gradient else { continue };
                let gradient = gradient.value();
                let step = rate * sizes[i];
                Zip::from(&mut self.params[i].1)
                    .and(&mut m[i])
                    .and(&mut v[i])
                    .and(&gradient)
                    .for_each(|p, m, v, g| {
                        *m = mean * *m + (1.0 - mean) * g;
                        *v = square * *v + (1.0 - square) * g * g;
                        *p -= step * (*m / m_bias) / ((*v / v_bias).sqrt() + 1e-12);
                    });
            }
        }
        loss
    }
}
