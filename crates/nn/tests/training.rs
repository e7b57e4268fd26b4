//! Whole programs: two spirals, learnt, saved, loaded and classified; the
//! same bits for any number of threads, and after an interruption.

use std::ops::ControlFlow;

use ndarray::{Array1, Array2};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use wengert_autodiff::{Float, Var};
use wengert_nn::{
    Activation, Adam, AdamW, Batch, BatchSize, Context, Event, History, Mlp, MlpConfig, Momentum,
    Objective, Optimizer, Params, Schedule, Sgd, Trainer, checkpoint, loss, penalty, predict,
};

/// Points on two spirals around the origin, and which of the two.
struct Spirals<F> {
    model: Mlp,
    x: Array2<F>,
    labels: Array1<usize>,
    decay: f64,
}

impl<F: Float> Objective<F> for Spirals<F> {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, F>, batch: &Batch<'t, 'a>) -> Var<'t, F> {
        let logits = self.model.forward(cx, batch.rows("x", &self.x));
        let labels = batch.rows("labels", &self.labels);
        loss::softmax_cross_entropy(logits, labels)
    }

    fn penalty<'t>(&self, cx: &Context<'t, '_, F>) -> Option<Var<'t, F>> {
        (self.decay > 0.0).then(|| self.decay * penalty::l2(cx, &self.model.weights()))
    }
}

fn spirals<F: Float>(count: usize, dropout: f64, decay: f64) -> (Spirals<F>, Params<F>) {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let labels = Array1::from_shape_fn(count, |i| i % 2);
    let mut x = Array2::zeros((count, 2));
    for (i, mut row) in x.rows_mut().into_iter().enumerate() {
        let t = 0.2 + 2.0 * rng.random::<f64>();
        let angle = 3.0 * t + std::f64::consts::PI * labels[i] as f64;
        row[0] = F::of(t * angle.cos());
        row[1] = F::of(t * angle.sin());
    }
    let config = MlpConfig {
        hidden: vec![32, 16],
        activation: Activation::Tanh,
        dropout,
        ..MlpConfig::new(2, 2)
    };
    let mut params = Params::new();
    let model = Mlp::new(&config, &mut params, &mut rng).unwrap();
    let objective = Spirals {
        model,
        x,
        labels,
        decay,
    };
    (objective, params)
}

fn go_on<F: Float>(_: &Event<'_, F>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn learnt_saved_loaded_and_classified() {
    let (objective, mut params) = spirals::<f32>(400, 0.0, 0.0);
    let trainer = Trainer {
        epochs: 150,
        batch: BatchSize::Of(64),
        rate: 0.02,
        schedule: Schedule::Cosine { floor: 0.0 },
        ..Trainer::default()
    };
    let mut optimizer = Adam::default();
    let history = trainer
        .fit(&objective, &mut params, &mut optimizer, 400, &mut go_on)
        .unwrap();
    assert_eq!(history.epochs.len(), 150);
    assert!(history.epochs[0].loss > 0.4);
    assert!(history.epochs[149].loss < 0.01, "{:?}", history.epochs[149]);

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spirals");
    checkpoint::save(&path, objective.model.config(), &params).unwrap();
    let config: MlpConfig = checkpoint::config(&path).unwrap();
    let mut loaded = Params::<f32>::new();
    let model = Mlp::new(&config, &mut loaded, &mut ChaCha8Rng::seed_from_u64(0)).unwrap();
    checkpoint::load(&path, &config, &mut loaded).unwrap();

    let logits = predict::logits(&model, &loaded, &objective.x, 2).unwrap();
    assert_eq!(
        logits,
        predict::logits(&objective.model, &params, &objective.x, 1).unwrap()
    );
    let predicted = predict::classify(&logits);
    assert_eq!(predict::accuracy(&predicted, &objective.labels), Ok(1.0));
    let matrix = predict::confusion_matrix(&predicted, &objective.labels, 2).unwrap();
    assert_eq!(matrix, ndarray::array![[200, 0], [0, 200]]);
}

/// Parameters, as bits, and history, without the time, after training.
fn trained<F: Float>(
    trainer: &Trainer,
    optimizer: &mut dyn Optimizer<F>,
    (dropout, decay): (f64, f64),
) -> (Vec<u64>, History) {
    let (objective, mut params) = spirals::<F>(301, dropout, decay);
    let mut history = trainer
        .fit(&objective, &mut params, optimizer, 301, &mut go_on)
        .unwrap();
    history
        .epochs
        .iter_mut()
        .for_each(|epoch| epoch.seconds = 0.0);
    let bits = params
        .flat()
        .iter()
        .map(|&x| Float::as_f64(x).to_bits())
        .collect();
    (bits, history)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (dropout, decay) in [(0.0, 0.0), (0.3, 1e-3)] {
        for batch in [BatchSize::Of(100), BatchSize::Full] {
            let run = |threads| {
                let trainer = Trainer {
                    epochs: 4,
                    batch,
                    seed: 7,
                    threads,
                    chunk: 16,
                    clip_norm: Some(0.5),
                    ..Trainer::default()
                };
                trained::<f32>(&trainer, &mut AdamW::default(), (dropout, decay))
            };
            let one = run(1);
            assert_eq!(one, run(1));
            assert_eq!(one, run(2));
            assert_eq!(one, run(3));
        }
    }
}

#[test]
fn the_seed_decides() {
    let run = |seed, dropout| {
        let trainer = Trainer {
            epochs: 1,
            seed,
            ..Trainer::default()
        };
        trained::<f64>(&trainer, &mut Sgd, (dropout, 0.0)).0
    };
    assert_ne!(run(1, 0.0), run(2, 0.0), "order of the examples");
    assert_ne!(run(1, 0.3), run(1, 0.0), "dropout");
}

/// Cutting a batch differently rounds differently, and changes nothing else.
#[test]
fn chunks_add_up_to_the_batch() {
    let run = |chunk| {
        let trainer = Trainer {
            epochs: 3,
            rate: 0.1,
            chunk,
            ..Trainer::default()
        };
        trained::<f64>(&trainer, &mut Momentum::default(), (0.0, 1e-3))
    };
    let ((whole, a), (cut, b)) = (run(1000), run(7));
    for (x, y) in whole.into_iter().zip(cut) {
        let (x, y) = (f64::from_bits(x), f64::from_bits(y));
        assert!((x - y).abs() < 1e-12);
    }
    for (a, b) in a.epochs.iter().zip(&b.epochs) {
        assert!((a.loss - b.loss).abs() < 1e-12 && (a.penalty - b.penalty).abs() < 1e-12);
    }
}

#[test]
fn an_interrupted_run_goes_on_as_if_nothing_had_happened() {
    let options = |done, epochs| Trainer {
        epochs,
        done,
        schedule: Schedule::Cosine { floor: 1e-4 },
        ..Trainer::default()
    };
    let (objective, mut through) = spirals::<f32>(301, 0.3, 0.0);
    let mut optimizer = Adam::default();
    options(0, 4)
        .fit(&objective, &mut through, &mut optimizer, 301, &mut go_on)
        .unwrap();

    let (_, mut first) = spirals::<f32>(301, 0.3, 0.0);
    let mut optimizer = Adam::default();
    let mut stop = |event: &Event<'_, f32>| match event {
        Event::Epoch { record, .. } if record.epoch == 2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let history = options(0, 4).fit(&objective, &mut first, &mut optimizer, 301, &mut stop);
    assert!(history.as_ref().unwrap().stopped && history.unwrap().epochs.len() == 2);
    let optimizer = serde_json::to_string(&optimizer).unwrap();

    let mut optimizer: Adam<f32> = serde_json::from_str(&optimizer).unwrap();
    let mut second = first.clone();
    let history = options(2, 4).fit(&objective, &mut second, &mut optimizer, 301, &mut go_on);
    assert_eq!(history.unwrap().epochs[0].epoch, 3);
    assert_eq!(second.flat(), through.flat());
}

/// The tapes share the parameters' memory and let go of it after each step:
/// training never copies them.
#[test]
fn parameters_stay_where_they_are() {
    for threads in [1, 2] {
        let (objective, mut params) = spirals::<f32>(300, 0.0, 1e-3);
        let place = params.flat().as_ptr();
        let trainer = Trainer {
            epochs: 2,
            threads,
            ..Trainer::default()
        };
        trainer
            .fit(
                &objective,
                &mut params,
                &mut Adam::default(),
                300,
                &mut go_on,
            )
            .unwrap();
        assert_eq!(params.flat().as_ptr(), place);
    }
}
