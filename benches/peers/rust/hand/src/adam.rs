//! Adam's update of a range of the parameters, in one pass.

use peers_common::RATE;

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// The moments of a range of the parameters.
pub struct Adam {
    steps: i32,
    m: Vec<f32>,
    v: Vec<f32>,
}

impl Adam {
    pub fn new(count: usize) -> Self {
        Self {
            steps: 0,
            m: vec![0.0; count],
            v: vec![0.0; count],
        }
    }

    /// One step down the sum of the gradients of the shards of a batch.
    ///
    /// # Panics
    ///
    /// If there are neither one nor two shards.
    pub fn step(&mut self, parameters: &mut [f32], gradients: &[&[f32]]) {
        self.steps += 1;
        match gradients {
            [g] => self.update(parameters, g.iter().copied()),
            [a, b] => self.update(parameters, a.iter().zip(*b).map(|(a, b)| a + b)),
            _ => unreachable!("one or two threads"),
        }
    }

    #[inline(always)]
    fn update(&mut self, parameters: &mut [f32], gradient: impl Iterator<Item = f32>) {
        // Both corrections of the bias, out of the loop.
        let rate = (RATE / (1.0 - BETA_1.powi(self.steps))) as f32;
        let scale = (1.0 / (1.0 - BETA_2.powi(self.steps))) as f32;
        let (b1, b2) = (BETA_1 as f32, BETA_2 as f32);
        let moments = self.m.iter_mut().zip(&mut self.v);
        for ((p, (m, v)), g) in parameters.iter_mut().zip(moments).zip(gradient) {
            // Named, so that they stay in registers: the compiler would have
            // to read `m` again after `v` is written.
            let first = b1 * *m + (1.0 - b1) * g;
            let second = b2 * *v + (1.0 - b2) * g * g;
            (*m, *v) = (first, second);
            *p -= rate * first / ((second * scale).sqrt() + EPSILON);
        }
    }
}
