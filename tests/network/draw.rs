//! A network from a seed.

use ndarray::ArrayD;

use super::Network;
use super::activation::Activation;
use super::layer::{Kind, Layer};
use super::loss::Loss;
use crate::random::Random;

/// What is known while the layers are drawn one after the other.
struct Draft {
    random: Random,
    batch: usize,
    /// Features that the last layer gives.
    width: usize,
    layers: Vec<Layer>,
    params: Vec<(String, ArrayD<f64>)>,
    /// Square weights and their biases, which a later layer may share.
    square: Vec<[usize; 2]>,
}

impl Network {
    /// A network at a random point: depth 1 to 4, widths and batch 1 to 16,
    /// inputs of magnitude 1e-3 to 1e3.
    pub fn draw(seed: u64) -> Network {
        let mut random = Random::new(seed);
        let batch = 1 + random.below(16);
        let scale = match random.below(2) {
            0 => 1.0,
            _ => 10f64.powf(random.between(-3.0, 3.0)),
        };
        Draft::new(random, batch).network(scale, false)
    }

    /// A network of a series. Those with even numbers stay where they were
    /// drawn. Those with odd numbers are trained until the loss is below 1e-3,
    /// most of them far below; one that does not get there is drawn again.
    pub fn numbered(number: u64) -> Network {
        let mut random = Random::new(number ^ 0x6E65_7473);
        loop {
            let seed = random.bits();
            if number.is_multiple_of(2) {
                return Network::draw(seed);
            }
            let mut network = Network::draw_trainable(seed);
            if network.train(10f64.powf(random.between(-9.0, -3.0))) < 1e-3 {
                return network;
            }
        }
    }

    /// A network that can probably be [trained](Network::train) to a small
    /// loss: few examples, and often targets that another point of the same
    /// network reaches.
    pub fn draw_trainable(seed: u64) -> Network {
        let mut random = Random::new(seed);
        let batch = 1 + random.below(6);
        let scale = match random.below(4) {
            0 => 10f64.powf(random.between(-3.0, 3.0)),
            _ => 1.0,
        };
        Draft::new(random, batch).network(scale, true)
    }
}

impl Draft {
    fn new(random: Random, batch: usize) -> Draft {
        Draft {
            random,
            batch,
            width: 0,
            layers: vec![],
            params: vec![],
            square: vec![],
        }
    }

    fn network(mut self, scale: f64, trainable: bool) -> Network {
        let features = 1 + self.random.below(16);
        self.width = features;
        let x = scale * self.random.array(&[self.batch, features], -1.5, 1.5);
        // The first weights make up for the scale, or do not.
        let gain = if trainable || self.random.below(2) == 0 {
            1.0 / scale
        } else {
            1.0
        };
        let width = 1 + self.random.below(16);
        self.dense(width, gain);
        for _ in 0..self.random.below(4) {
            self.layer();
        }
        let outputs = 1 + self.random.below(5);
        self.dense(outputs, 1.0);
        self.layers.last_mut().expect("just pushed").activation = Activation::Identity;

        let Draft {
            mut random,
            batch,
            layers,
            params,
            ..
        } = self;
        let mut network = Network {
            layers,
            loss: Loss::Squared(ArrayD::zeros(vec![batch, outputs])),
            x,
            params,
        };
        let teacher = (trainable && random.below(2) == 0).then(|| network.outputs());
        network.loss = Loss::draw(&mut random, [batch, outputs], teacher.as_ref());
        if teacher.is_some() {
            for (_, p) in &mut network.params {
                p.mapv_inplace(|p| p * random.between(0.8, 1.2));
            }
        }
        network
    }

    /// A parameter with elements in `[-bound, bound]`; its number.
    fn param(&mut self, name: &str, shape: &[usize], bound: f64) -> usize {
        let number = self.params.len();
        let value = self.random.array(shape, -bound, bound);
        self.params
            .push((format!("{}.{name}", self.layers.len()), value));
        number
    }

    /// Weights of a layer from the present width to another.
    fn weights(&mut self, name: &str, width: usize, gain: f64) -> usize {
        let bound = gain * (3.0 / self.width as f64).sqrt();
        self.param(name, &[self.width, width], bound)
    }

    /// A bias in one of the shapes that are broadcast to `[batch, width]`,
    /// zero at times.
    fn bias(&mut self, name: &str, width: usize) -> usize {
        let shape = match self.random.below(8) {
            0 => vec![1, width],
            1 => vec![self.batch, 1],
            2 => vec![],
            _ => vec![width],
        };
        let bound = if self.random.below(4) == 0 { 0.0 } else { 0.5 };
        self.param(name, &shape, bound)
    }

    fn push(&mut self, kind: Kind, params: Vec<usize>, width: usize) {
        let activation = Activation::draw(&mut self.random);
        self.layers.push(Layer {
            kind,
            activation,
            params,
        });
        self.width = width;
    }

    fn dense(&mut self, width: usize, gain: f64) {
        let (w, b) = (self.weights("w", width, gain), self.bias("b", width));
        if width == self.width {
            self.square.push([w, b]);
        }
        self.push(Kind::Dense, vec![w, b], width);
    }

    /// Any layer that fits.
    fn layer(&mut self) {
        let (old, batch) = (self.width, self.batch);
        let new = 1 + self.random.below(16);
        match self.random.below(18) {
            0..3 => self.dense(new, 1.0),
            3 => {
                let bound = (3.0 / old as f64).sqrt();
                let w = self.param("w", &[new, old], bound);
                let b = self.bias("b", new);
                self.push(Kind::Turned, vec![w, b], new);
            }
            4 | 5 => {
                let (w, b) = (self.weights("w", new, 1.0), self.bias("b", new));
                let (v, c) = (self.weights("v", new, 1.0), self.bias("c", new));
                self.push(Kind::Maxout, vec![w, b, v, c], new);
            }
            6 => {
                let (w, b) = (self.weights("w", old, 1.0), self.bias("b", old));
                self.square.push([w, b]);
                self.push(Kind::Residual, vec![w, b], old);
            }
            7 => {
                let new = 1 + self.random.below(8);
                let (w, b) = (self.weights("w", new, 1.0), self.bias("b", new));
                self.push(Kind::Concat, vec![w, b], old + new);
            }
            8 if old > 1 => self.norm(Kind::LayerNorm),
            9 if batch > 1 => self.norm(Kind::BatchNorm),
            10 => {
                let w = self.weights("w", old, 1.0);
                self.push(Kind::Gate, vec![w], old);
            }
            11 => {
                let names = ["q", "k", "v"];
                let params = names.map(|name| self.weights(name, old, 1.0)).to_vec();
                self.push(Kind::Attention, params, old);
            }
            12 => {
                let rows = 1 + self.random.below(5);
                let chosen = (0..batch).map(|_| self.random.below(rows)).collect();
                let table = self.param("table", &[rows, old], 1.0);
                self.push(Kind::Embedding(chosen), vec![table], old);
            }
            13 => {
                let columns = (0..new).map(|_| self.random.below(old)).collect();
                self.push(Kind::Columns(columns), vec![], new);
            }
            14 => self.push(Kind::Halve, vec![], old.div_ceil(2)),
            15 | 16 => {
                let widths: Vec<usize> = (1..=old).filter(|w| old % w == 0).collect();
                let width = widths[self.random.below(widths.len())];
                let kind = match self.random.below(2) {
                    0 => Kind::MaxPool(width),
                    _ => Kind::SoftPool(width),
                };
                self.push(kind, vec![], old / width);
            }
            17 => {
                let s = self.param("s", &[], 2.0);
                self.push(Kind::Scale, vec![s], old);
            }
            // A layer that does not fit: one that shares weights, if it can.
            _ => {
                let same: Vec<[usize; 2]> = self.square.clone();
                let fits = |[w, _]: &&[usize; 2]| self.params[*w].1.shape() == [old, old];
                match same.iter().find(fits) {
                    Some(&[w, b]) => self.push(Kind::Residual, vec![w, b], old),
                    None => self.dense(old, 1.0),
                }
            }
        }
    }

    fn norm(&mut self, kind: Kind) {
        let width = self.width;
        let gain = self.param("gain", &[width], 1.5);
        let b = self.bias("b", width);
        self.push(kind, vec![gain, b], width);
    }
}
