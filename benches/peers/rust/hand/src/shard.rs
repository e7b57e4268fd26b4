//! The gradient of a few rows of a batch: gather, forward, backward.

use peers_common::{Digits, INPUTS, OUTPUTS};

use crate::exp::{exp, sigmoid};
use crate::layout::Split;
use crate::product::{Matrix, Product};

/// The buffers that the gradient of up to so many rows needs.
pub struct Shard {
    product: Product,
    hidden: usize,
    x: Vec<f32>,
    labels: Vec<u8>,
    /// The hidden layer's activations.
    h: Vec<f32>,
    /// Logits, and then the loss's slopes with respect to them.
    z: Vec<f32>,
    /// The loss's slopes with respect to the hidden layer's sums.
    s: Vec<f32>,
}

impl Shard {
    pub fn new(rows: usize, hidden: usize, product: Product) -> Self {
        Self {
            product,
            hidden,
            x: vec![0.0; rows * INPUTS],
            labels: vec![0; rows],
            h: vec![0.0; rows * hidden],
            z: vec![0.0; rows * OUTPUTS],
            s: vec![0.0; rows * hidden],
        }
    }

    /// Writes to `gradient` the sum over `rows` of the gradients of their
    /// losses, times `scale`. Returns the sum of their losses.
    pub fn gradient(
        &mut self,
        parameters: &[f32],
        digits: &Digits,
        rows: &[u32],
        scale: f32,
        gradient: &mut [f32],
    ) -> f64 {
        let (product, hidden, n) = (self.product, self.hidden, rows.len());
        let p = Split::new(parameters, hidden);
        let g = Split::new_mut(gradient, hidden);
        self.gather(digits, rows);
        let x = Matrix::new(&self.x, n, INPUTS);
        let w1 = Matrix::new(p.w1, INPUTS, hidden);
        let w2 = Matrix::new(p.w2, hidden, OUTPUTS);

        // h = sigmoid(x W1 + b1), z = h W2 + b2
        product.multiply(x, w1, &mut self.h);
        for h in self.h[..n * hidden].chunks_exact_mut(hidden) {
            for (h, b) in h.iter_mut().zip(p.b1) {
                *h = sigmoid(*h + b);
            }
        }
        let h = Matrix::new(&self.h, n, hidden);
        product.multiply(h, w2, &mut self.z);
        let loss = softmax_slopes(
            &mut self.z[..n * OUTPUTS],
            p.b2,
            &self.labels[..n],
            scale,
            g.b2,
        );

        // dW2 = hᵀ dz, dh = dz W2ᵀ, ds = dh h (1 - h)
        let dz = Matrix::new(&self.z, n, OUTPUTS);
        product.multiply(h.t(), dz, g.w2);
        product.multiply(dz, w2.t(), &mut self.s);
        g.b1.fill(0.0);
        let rows = self.s[..n * hidden].chunks_exact_mut(hidden);
        for (s, h) in rows.zip(self.h.chunks_exact(hidden)) {
            for ((s, h), b) in s.iter_mut().zip(h).zip(g.b1.iter_mut()) {
                *s *= h * (1.0 - h);
                *b += *s;
            }
        }

        // dW1 = xᵀ ds
        let ds = Matrix::new(&self.s, n, hidden);
        product.multiply(x.t(), ds, g.w1);
        loss
    }

    fn gather(&mut self, digits: &Digits, rows: &[u32]) {
        let images = self.x.chunks_exact_mut(INPUTS).zip(&mut self.labels);
        for ((x, label), row) in images.zip(rows) {
            let row = *row as usize;
            x.copy_from_slice(&digits.train_x[row * INPUTS..(row + 1) * INPUTS]);
            *label = digits.train_y[row];
        }
    }

    /// The classes of images, with the buffers' own number of rows at a time.
    pub fn classify(&mut self, parameters: &[f32], images: &[f32]) -> Vec<usize> {
        let hidden = self.hidden;
        let p = Split::new(parameters, hidden);
        let w1 = Matrix::new(p.w1, INPUTS, hidden);
        let w2 = Matrix::new(p.w2, hidden, OUTPUTS);
        let mut classes = Vec::with_capacity(images.len() / INPUTS);
        for x in images.chunks(self.labels.len() * INPUTS) {
            let n = x.len() / INPUTS;
            self.product
                .multiply(Matrix::new(x, n, INPUTS), w1, &mut self.h);
            for h in self.h[..n * hidden].chunks_exact_mut(hidden) {
                for (h, b) in h.iter_mut().zip(p.b1) {
                    *h = sigmoid(*h + b);
                }
            }
            let h = Matrix::new(&self.h, n, hidden);
            self.product.multiply(h, w2, &mut self.z);
            for z in self.z[..n * OUTPUTS].chunks_exact(OUTPUTS) {
                let logit = |class: &usize| z[*class] + p.b2[*class];
                let best = (0..OUTPUTS).max_by(|a, b| logit(a).total_cmp(&logit(b)));
                classes.push(best.expect("there are classes"));
            }
        }
        classes
    }
}

/// Turns logits without their bias into the slopes of the cross-entropy with
/// respect to them, `scale` (softmax(z + b) - one_hot(label)); writes the sum
/// over rows to `bias_gradient`; returns the sum of the losses.
fn softmax_slopes(
    z: &mut [f32],
    bias: &[f32],
    labels: &[u8],
    scale: f32,
    bias_gradient: &mut [f32],
) -> f64 {
    bias_gradient.fill(0.0);
    let mut loss = 0.0;
    for (z, label) in z.chunks_exact_mut(OUTPUTS).zip(labels) {
        let label = usize::from(*label);
        let mut largest = f32::MIN;
        for (z, b) in z.iter_mut().zip(bias) {
            *z += b;
            largest = largest.max(*z);
        }
        let right = z[label] - largest;
        let mut sum = 0.0;
        for z in z.iter_mut() {
            *z = exp(*z - largest);
            sum += *z;
        }
        loss += f64::from(sum.ln() - right);
        for z in z.iter_mut() {
            *z *= scale / sum;
        }
        z[label] -= scale;
        for (g, z) in bias_gradient.iter_mut().zip(z.iter()) {
            *g += z;
        }
    }
    loss
}
