//! A step that is recorded once and replayed gives what recording it in every
//! step gives, to the last bit; what cannot be replayed is refused.

use std::ops::ControlFlow;

use ndarray::{Array1, Array2, arr0, array};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use wengert_autodiff::{Float, Var, concat};
use wengert_nn::{
    Activation, Adam, Batch, BatchSize, Context, Mlp, MlpConfig, Objective, ParamId, Params, Sgd,
    TrainError, Trainer, loss, penalty,
};

/// A network with dropout, noise and a penalty: all that a step can have.
struct Everything<F> {
    model: Mlp,
    x: Array2<F>,
    labels: Array1<usize>,
}

impl<F: Float> Objective<F> for Everything<F> {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, F>, batch: &Batch<'t, 'a>) -> Var<'t, F> {
        let x = batch.rows("x", &self.x);
        let noise = cx.random("noise", &x.shape(), |rng, out: &mut [F]| {
            out.fill_with(|| F::of(rng.random::<f64>() - 0.5));
        });
        let weights = batch.gather("weights", &[], |row, w: &mut [F]| {
            w[0] = F::of(1.0 + (row % 3) as f64);
        });
        let logits = self.model.forward(cx, x + 0.1 * noise);
        loss::softmax_cross_entropy(logits, batch.rows("labels", &self.labels)) * weights
    }

    fn penalty<'t>(&self, cx: &Context<'t, '_, F>) -> Option<Var<'t, F>> {
        Some(1e-3 * penalty::l2(cx, &self.model.weights()))
    }
}

fn everything<F: Float>(rows: usize) -> (Everything<F>, Params<F>) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let config = MlpConfig {
        hidden: vec![40, 20],
        activation: Activation::Sigmoid,
        dropout: 0.3,
        ..MlpConfig::new(30, 4)
    };
    let mut params = Params::new();
    let model = Mlp::new(&config, &mut params, &mut rng).unwrap();
    let x = Array2::from_shape_simple_fn((rows, 30), || F::of(rng.random::<f64>()));
    let labels = Array1::from_shape_fn(rows, |i| i * 7 % 4);
    (Everything { model, x, labels }, params)
}

/// The parameters and losses of two epochs of 203 examples: batches of two
/// sizes, each of chunks of two sizes.
fn train<F: Float>(replay: bool, threads: usize) -> (Vec<F>, Vec<f64>) {
    let (objective, mut params) = everything::<F>(203);
    let trainer = Trainer {
        epochs: 2,
        batch: BatchSize::Of(64),
        chunk: 40,
        rate: 0.01,
        clip_norm: Some(0.5),
        seed: 9,
        replay,
        threads,
        ..Trainer::default()
    };
    let mut adam = Adam::default();
    let history = trainer
        .fit(&objective, &mut params, &mut adam, 203, &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
    let losses = history.epochs.iter().flat_map(|e| [e.loss, e.penalty]);
    (params.flat().to_vec(), losses.collect())
}

#[test]
fn replayed_is_recorded_with_dropout_noise_and_penalty() {
    assert_eq!(train::<f32>(true, 1), train::<f32>(false, 1));
    assert_eq!(train::<f64>(true, 1), train::<f64>(false, 1));
}

#[test]
fn threads_change_no_bit() {
    let one = train::<f32>(true, 1);
    for threads in [2, 3, 7] {
        assert_eq!(one, train::<f32>(true, threads));
    }
}

/// What is to be minimised, as a closure.
struct Of<L>(Array1<f64>, L);

impl<L> Objective<f64> for Of<L>
where
    L: for<'t> Fn(&Context<'t, '_, f64>, Var<'t, f64>) -> Var<'t, f64> + Sync,
{
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f64>, batch: &Batch<'t, 'a>) -> Var<'t, f64> {
        (self.1)(cx, batch.rows("x", &self.0))
    }
}

fn fit<L>(losses: L, params: &mut Params<f64>, replay: bool) -> Result<(), TrainError>
where
    L: for<'t> Fn(&Context<'t, '_, f64>, Var<'t, f64>) -> Var<'t, f64> + Sync,
{
    let trainer = Trainer {
        epochs: 20,
        batch: BatchSize::Of(1),
        rate: 0.05,
        replay,
        ..Trainer::default()
    };
    let objective = Of(array![-2.0, 1.0, 4.0], losses);
    let history = trainer.fit(&objective, params, &mut Sgd, 3, &mut |_| {
        ControlFlow::Continue(())
    });
    history.map(|_| ())
}

fn one_parameter() -> (ParamId, Params<f64>) {
    let mut params = Params::new();
    let p = params.add("p", arr0(0.5)).unwrap();
    (p, params)
}

/// The gradients of the two are the halves of one array.
#[test]
fn parameters_that_are_joined_have_gradients_of_their_own() {
    let mut start = Params::new();
    let [a, b] = ["a", "b"].map(|name| start.add(name, array![0.5, -0.5]).unwrap());
    let both = [true, false].map(|replay| {
        let mut params = start.clone();
        let target = array![1.0, 2.0, 3.0, 4.0];
        fit(
            |cx, x| {
                let joined = concat(&[cx.param(a), cx.param(b)], 0);
                let target = cx.tape().constant(target.view());
                (joined - target).square().sum() + 0.1 * x
            },
            &mut params,
            replay,
        )
        .unwrap();
        params.flat().to_vec()
    });
    assert_eq!(both[0], both[1]);
    let distance = |p: &[f64]| {
        (1..)
            .zip(p)
            .map(|(i, p)| (p - f64::from(i)).abs())
            .sum::<f64>()
    };
    assert!(distance(&both[0]) < 0.1, "{both:?}");
}

/// A branch that goes either way, depending on the example: one program each.
#[test]
fn a_branch_is_recorded_both_ways() {
    let (p, params) = one_parameter();
    let both = [true, false].map(|replay| {
        let mut params = params.clone();
        fit(
            |cx, x| {
                let d = cx.param(p) - x;
                match x.sum().greater(0.0).decide() {
                    true => d.square(),
                    false => 3.0 * d.abs(),
                }
            },
            &mut params,
            replay,
        )
        .unwrap();
        params.flat()[0]
    });
    assert_eq!(both[0], both[1]);
    assert_ne!(both[0], 0.5);
}

#[test]
fn a_value_that_was_read_is_refused_with_its_line() {
    let (p, mut params) = one_parameter();
    let first = line!();
    let read = |cx: &Context<'_, '_, f64>, x: &Var<'_, f64>| {
        let p = cx.param(p).item();
        0.01 * p * x.sum().item()
    };
    let error = fit(
        |cx, x| (cx.param(p) - x).square() + read(cx, &x),
        &mut params,
        true,
    );
    let message = error.unwrap_err().to_string();
    // The parameter and the example: both change from step to step.
    let lines = format!(
        "values at {0}:{1}, {0}:{2}: ",
        file!(),
        first + 2,
        first + 3
    );
    assert!(message.contains(&lines), "{message}");
    assert_eq!(params.flat(), [0.5], "nothing was updated");
    fit(
        |cx, x| (cx.param(p) - x).square() + read(cx, &x),
        &mut params,
        false,
    )
    .unwrap();
}

/// It would keep the value of the first step.
#[test]
fn an_input_that_nobody_fills_is_refused() {
    let (p, mut params) = one_parameter();
    let error = fit(
        |cx, x| (cx.param(p) - cx.tape().input("mine", arr0(1.0)) * x).square(),
        &mut params,
        true,
    );
    let message = error.unwrap_err().to_string();
    assert!(message.starts_with("the input `mine` at "), "{message}");
    assert!(message.contains(file!()), "{message}");
}

/// Labels are looked up in every step: one that is no class is an error, with
/// the parameters as they were.
#[test]
fn an_index_out_of_range_in_a_later_step_is_an_error() {
    struct Labelled(ParamId);
    impl Objective<f64> for Labelled {
        fn losses<'t, 'a>(
            &'a self,
            cx: &Context<'t, '_, f64>,
            batch: &Batch<'t, 'a>,
        ) -> Var<'t, f64> {
            // Example 5 has a class that does not exist.
            let labels = batch.labels("labels", |row| if row == 5 { 3 } else { row % 3 });
            let logits = cx.param(self.0).expand_dims(0);
            let logits = logits.broadcast_to([batch.len(), 3]);
            loss::softmax_cross_entropy(logits, labels)
        }
    }
    let mut params = Params::new();
    let p = params.add("p", array![0.1, 0.2, 0.3]).unwrap();
    let trainer = Trainer {
        epochs: 1,
        batch: BatchSize::Of(1),
        seed: 2,
        ..Trainer::default()
    };
    // The first step, which is recorded, is another example's.
    let mut steps = 0;
    let error = trainer.fit(&Labelled(p), &mut params, &mut Sgd, 6, &mut |_| {
        steps += 1;
        ControlFlow::Continue(())
    });
    let error = error.unwrap_err();
    assert!(steps > 0 && matches!(error, TrainError::Run(_)), "{error}");
    assert!(error.to_string().contains("index 3"), "{error}");
    assert!(error.to_string().contains(file!()), "{error}");
}
