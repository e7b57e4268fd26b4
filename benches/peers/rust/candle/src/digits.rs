//! The digits network as candle's users write it.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{
    AdamW, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss, ops,
};
use peers_common::{Digits, INPUTS, OUTPUTS, Peer, RATE, Training, train};

struct Candle {
    hidden: Linear,
    output: Linear,
    adam: AdamW,
    x: Tensor,
    y: Tensor,
    test: Tensor,
    digits: Digits,
}

pub fn run(options: &Training) -> Result<()> {
    let mut digits = Digits::load(&options.data);
    let images = digits.train_y.len();
    let labels: Vec<u32> = digits.train_y.iter().map(|y| u32::from(*y)).collect();
    let train_x = std::mem::take(&mut digits.train_x);
    let test_x = std::mem::take(&mut digits.test_x);

    let variables = VarMap::new();
    let builder = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let mut candle = Candle {
        hidden: linear(INPUTS, options.hidden, builder.pp("hidden"))?,
        output: linear(options.hidden, OUTPUTS, builder.pp("output"))?,
        // candle's Adam: AdamW without decay.
        adam: AdamW::new(
            variables.all_vars(),
            ParamsAdamW {
                lr: RATE,
                weight_decay: 0.0,
                ..Default::default()
            },
        )?,
        x: Tensor::from_vec(train_x, (images, INPUTS), &Device::Cpu)?,
        y: Tensor::from_vec(labels, images, &Device::Cpu)?,
        test: Tensor::from_vec(test_x, (digits.test_y.len(), INPUTS), &Device::Cpu)?,
        digits,
    };
    train(&mut candle, images, options);
    Ok(())
}

impl Candle {
    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        self.output
            .forward(&ops::sigmoid(&self.hidden.forward(x)?)?)
    }

    fn step(&mut self, rows: &[u32]) -> Result<f32> {
        let rows = Tensor::new(rows, &Device::Cpu)?;
        let x = self.x.index_select(&rows, 0)?;
        let y = self.y.index_select(&rows, 0)?;
        let loss = loss::cross_entropy(&self.logits(&x)?, &y)?;
        self.adam.backward_step(&loss)?;
        loss.to_scalar()
    }

    fn answers(&self) -> Result<Vec<u32>> {
        self.logits(&self.test)?.argmax(D::Minus1)?.to_vec1()
    }
}

impl Peer for Candle {
    fn epoch(&mut self, order: &[u32], batch: usize) -> f64 {
        let mut sum = 0.0;
        for rows in order.chunks(batch) {
            let loss = self.step(rows).expect("the shapes fit");
            sum += f64::from(loss) * rows.len() as f64;
        }
        sum / order.len() as f64
    }

    fn accuracy(&mut self) -> f64 {
        let answers = self.answers().expect("the shapes fit");
        self.digits
            .accuracy(answers.into_iter().map(|y| y as usize))
    }
}
