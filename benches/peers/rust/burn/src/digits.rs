//! The digits network as burn's users write it.

use burn::module::Module;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use peers_common::{Digits, INPUTS, OUTPUTS, Peer, RATE, Training, train};

#[derive(Module, Debug)]
struct Mlp {
    hidden: Linear,
    output: Linear,
}

impl Mlp {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.output
            .forward(activation::sigmoid(self.hidden.forward(x)))
    }
}

struct Burn {
    model: Mlp,
    adam: ModuleOptimizer,
    loss: CrossEntropyLoss,
    device: Device,
    x: Tensor<2>,
    y: Tensor<1, Int>,
    test: Tensor<2>,
    digits: Digits,
}

pub fn run(options: &Training, device: &Device) {
    let mut digits = Digits::load(&options.data);
    let images = digits.train_y.len();
    let labels: Vec<i32> = digits.train_y.iter().map(|y| i32::from(*y)).collect();
    let train_x = std::mem::take(&mut digits.train_x);
    let test_x = std::mem::take(&mut digits.test_x);

    let recording = device.clone().autodiff();
    let mut burn = Burn {
        model: Mlp {
            hidden: LinearConfig::new(INPUTS, options.hidden).init(&recording),
            output: LinearConfig::new(options.hidden, OUTPUTS).init(&recording),
        },
        adam: AdamConfig::new().with_epsilon(1e-8).init(),
        loss: CrossEntropyLossConfig::new().init(&recording),
        device: device.clone(),
        x: Tensor::from_data(TensorData::new(train_x, [images, INPUTS]), device),
        y: Tensor::from_data(TensorData::new(labels, [images]), device),
        test: Tensor::from_data(
            TensorData::new(test_x, [digits.test_y.len(), INPUTS]),
            device,
        ),
        digits,
    };
    train(&mut burn, images, options);
}

impl Peer for Burn {
    fn epoch(&mut self, order: &[u32], batch: usize) -> f64 {
        let mut sum = 0.0;
        for rows in order.chunks(batch) {
            let indices: Vec<i32> = rows.iter().map(|row| *row as i32).collect();
            let indices = TensorData::new(indices, [rows.len()]);
            let indices: Tensor<1, Int> = Tensor::from_data(indices, &self.device);
            let x = self.x.clone().select(0, indices.clone()).autodiff();
            let y = self.y.clone().select(0, indices).autodiff();
            let loss = self.loss.forward(self.model.forward(x), y);
            let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
            self.model = self.adam.step(RATE, self.model.clone(), gradients);
            sum += loss.into_scalar::<f64>() * rows.len() as f64;
        }
        sum / order.len() as f64
    }

    fn accuracy(&mut self) -> f64 {
        let answers = self.model.valid().forward(self.test.clone()).argmax(1);
        let answers: Vec<i64> = answers.into_data().iter::<i64>().collect();
        self.digits
            .accuracy(answers.into_iter().map(|y| y as usize))
    }
}
