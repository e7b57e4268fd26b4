//! Small operations in burn.

use burn::tensor::{Device, Tensor, TensorData};
use peers_common::micro::{FACTOR, PAIRS, START, Times, median, rosenbrock_point};

pub fn run(device: &Device) {
    let recording = device.clone().autodiff();
    let array = |x: &[f32]| -> Tensor<1> {
        Tensor::from_data(TensorData::new(x.to_vec(), [x.len()]), device)
    };
    let variable = |x: &[f32]| -> Tensor<1> {
        Tensor::from_data(TensorData::new(x.to_vec(), [x.len()]), &recording).require_grad()
    };
    let factor = array(&[FACTOR; 8]).autodiff();
    let chain = |x: Tensor<1>| {
        let mut y = x;
        for _ in 0..PAIRS {
            y = y.sin() * factor.clone();
        }
        y.sum()
    };
    let point = rosenbrock_point();
    let gradient = |f: &dyn Fn(Tensor<1>) -> Tensor<1>, x: &[f32]| {
        let x = variable(x);
        let gradients = f(x.clone()).backward();
        x.grad(&gradients).expect("it depends on x").into_data()
    };
    Times {
        chain_forward: median(60, || chain(variable(&[START; 8])).into_data()),
        chain: median(60, || gradient(&chain, &[START; 8])),
        value: median(500, || rosenbrock(array(&point)).into_data()),
        gradient: median(500, || gradient(&rosenbrock, &point)),
    }
    .print();
}

/// Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²
fn rosenbrock(x: Tensor<1>) -> Tensor<1> {
    let n = x.dims()[0];
    let (p, q) = (x.clone().narrow(0, 0, n - 1), x.narrow(0, 1, n - 1));
    let u = q - p.clone() * p.clone();
    let v = p.neg() + 1.0;
    (u.clone() * u * 100.0 + v.clone() * v).sum()
}
