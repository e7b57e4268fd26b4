//! Small operations in candle.

use candle_core::{Device, Result, Tensor, Var};
use peers_common::micro::{FACTOR, PAIRS, START, Times, median, rosenbrock_point};

pub fn run() -> Result<()> {
    let factor = Tensor::new(&[FACTOR; 8], &Device::Cpu)?;
    let start = Tensor::new(&[START; 8], &Device::Cpu)?;
    let chain = |x: &Var| -> Result<Tensor> {
        let mut y = x.as_tensor().clone();
        for _ in 0..PAIRS {
            y = (y.sin()? * &factor)?;
        }
        y.sum_all()
    };
    let point = rosenbrock_point();
    let point = Tensor::new(point.as_slice(), &Device::Cpu)?;
    let gradient = |f: &dyn Fn(&Var) -> Result<Tensor>, x: &Tensor| -> Result<Vec<f32>> {
        let x = Var::from_tensor(x)?;
        let gradients = f(&x)?.backward()?;
        gradients
            .get(x.as_tensor())
            .expect("it depends on x")
            .to_vec1()
    };
    let on_variable = |x: &Var| rosenbrock(x.as_tensor());
    Times {
        chain_forward: median(60, || chain(&Var::from_tensor(&start)?)?.to_scalar::<f32>()),
        chain: median(60, || gradient(&chain, &start)),
        value: median(500, || rosenbrock(&point)?.to_scalar::<f32>()),
        gradient: median(500, || gradient(&on_variable, &point)),
    }
    .print();
    Ok(())
}

/// Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²
fn rosenbrock(x: &Tensor) -> Result<Tensor> {
    let n = x.dim(0)?;
    let (p, q) = (x.narrow(0, 0, n - 1)?, x.narrow(0, 1, n - 1)?);
    let u = (q - (&p * &p)?)?;
    let v = (p.neg()? + 1.0)?;
    (((&u * &u)? * 100.0)? + (&v * &v)?)?.sum_all()
}
