//! Whole programs: two spirals, learnt, saved, loaded and classified; the
//! same bits for any number of threads, and after an interruption.

use std::ops::ControlFlow;

use ndarray::{Array1, Array2};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use wengert_autodiff::{Float, Var};
use wengert_nn::{
    Activation, Adam, AdamW, Batch, BatchSize, Context, Event, History, Mlp, MlpConfig, Momentum,
    Objective, Optimizer, ParamId, Params, Schedule, Sgd, TrainError, Trainer, checkpoint, loss,
    penalty, predict,
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

/// One number, fitted to the examples `0, 1, 2, …`.
struct Mean {
    p: ParamId,
    x: Array1<f64>,
}

impl Objective<f64> for Mean {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f64>, batch: &Batch<'t, 'a>) -> Var<'t, f64> {
        (cx.param(self.p) - batch.rows("x", &self.x)).square()
    }
}

fn mean(count: usize) -> (Mean, Params<f64>) {
    let mut params = Params::new();
    let p = params.add("p", ndarray::arr0(0.0)).unwrap();
    let x = Array1::from_shape_fn(count, |i| i as f64);
    (Mean { p, x }, params)
}

#[test]
fn the_short_last_batch_counts_by_its_examples() {
    let (objective, mut params) = mean(5);
    let trainer = Trainer {
        epochs: 1,
        batch: BatchSize::Of(2),
        rate: 0.0,
        ..Trainer::default()
    };
    let mut sizes = Vec::new();
    let mut steps = Vec::new();
    let mut watch = |event: &Event<'_, f64>| {
        if let Event::Batch { record, .. } = event {
            sizes.push(record.examples);
            steps.push((record.step, record.batch, record.batches));
        }
        ControlFlow::Continue(())
    };
    let history = trainer
        .fit(&objective, &mut params, &mut Sgd, 5, &mut watch)
        .unwrap();
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(steps, [(1, 1, 3), (2, 2, 3), (3, 3, 3)]);
    // At rate 0 every example is seen with p = 0: the mean of the squares.
    assert!((history.epochs[0].loss - 6.0).abs() < 1e-14);
}

#[test]
fn the_rate_can_be_read_and_set_and_time_in_callbacks_is_not_counted() {
    let (objective, mut params) = mean(4);
    let trainer = Trainer {
        epochs: 3,
        rate: 0.1,
        ..Trainer::default()
    };
    let mut rates = Vec::new();
    let mut halve = |event: &Event<'_, f64>| {
        match event {
            Event::Batch { record, .. } => {
                rates.push(record.rate);
                std::thread::sleep(std::time::Duration::from_millis(200));
            }
            Event::Epoch { rate, params, .. } => {
                assert!(params.flat()[0] > 0.0);
                rate.set(rate.get() / 2.0);
            }
        }
        ControlFlow::Continue(())
    };
    let history = trainer
        .fit(&objective, &mut params, &mut Sgd, 4, &mut halve)
        .unwrap();
    assert_eq!(rates, [0.1, 0.05, 0.025]);
    assert_eq!(history.epochs[2].rate, 0.025);
    assert!(
        history.epochs.iter().all(|epoch| epoch.seconds < 0.15),
        "{history:?}"
    );
    let json = serde_json::to_string(&history).unwrap();
    assert_eq!(serde_json::from_str::<History>(&json).unwrap(), history);

    let mut spoil = |event: &Event<'_, f64>| {
        if let Event::Batch { rate, .. } = event {
            rate.set(f64::NAN);
        }
        ControlFlow::Continue(())
    };
    let error = trainer
        .fit(&objective, &mut params, &mut Sgd, 4, &mut spoil)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`rate` is NaN: must be finite and not negative"
    );
}

#[test]
fn stopping_in_the_middle_of_an_epoch() {
    let (objective, mut params) = mean(10);
    let trainer = Trainer {
        batch: BatchSize::Of(2),
        ..Trainer::default()
    };
    let mut batches = 0;
    let mut stop = |_: &Event<'_, f64>| {
        batches += 1;
        match batches {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    let history = trainer
        .fit(&objective, &mut params, &mut Sgd, 10, &mut stop)
        .unwrap();
    assert_eq!(batches, 3);
    assert!(history.stopped && history.epochs.is_empty());
}

#[test]
fn a_loss_that_explodes_is_named_and_the_parameters_are_those_before() {
    let (objective, mut params) = mean(4);
    let trainer = Trainer {
        epochs: 1000,
        rate: 10.0,
        ..Trainer::default()
    };
    let mut last = 0.0;
    let mut watch = |event: &Event<'_, f64>| {
        if let Event::Epoch { params, .. } = event {
            last = params.flat()[0];
        }
        ControlFlow::Continue(())
    };
    let error = trainer
        .fit(&objective, &mut params, &mut Sgd, 4, &mut watch)
        .unwrap_err();
    match error {
        TrainError::NonFinite {
            epoch,
            step,
            value,
            rate,
        } => {
            assert!(epoch == step && epoch > 100 && rate == 10.0 && value == f64::INFINITY);
        }
        other => panic!("{other}"),
    }
    assert_eq!(params.flat()[0], last);
}

/// Uses one parameter smoothly, one through a step, one not at all.
struct Careless([ParamId; 2]);

impl Objective<f64> for Careless {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f64>, batch: &Batch<'t, 'a>) -> Var<'t, f64> {
        let [a, b] = self.0.map(|id| cx.param(id));
        let ones = cx.tape().constant(Array1::from_elem(batch.len(), 1.0));
        (a.square() + b.sign()) * ones
    }
}

#[test]
fn a_parameter_without_a_gradient_is_named_unless_frozen() {
    let mut params = Params::<f64>::new();
    let a = params.add("a", ndarray::arr0(1.0)).unwrap();
    let b = params.add("b", ndarray::arr0(1.0)).unwrap();
    let c = params.add("c", ndarray::arr0(1.0)).unwrap();
    let objective = Careless([a, b]);
    let trainer = Trainer {
        epochs: 1,
        ..Trainer::default()
    };
    let fit = |params: &mut Params<f64>| {
        trainer.fit(&objective, params, &mut AdamW::default(), 3, &mut go_on)
    };
    let error = fit(&mut params).unwrap_err().to_string();
    assert!(
        error.starts_with("parameter `b` has no gradient: `sign` at "),
        "{error}"
    );
    params.freeze(b);
    let error = fit(&mut params).unwrap_err().to_string();
    assert_eq!(
        error,
        "parameter `c` has no gradient: the objective does not use it; \
         freeze it if that is intended"
    );
    assert_eq!(params.flat(), [1.0, 1.0, 1.0], "nothing was updated");
    params.freeze(c);
    fit(&mut params).unwrap();
    assert!(params.flat()[0] < 1.0);
    assert_eq!(params.flat()[1..], [1.0, 1.0]);
}

/// Returns the mean where losses per example are asked for.
struct Impatient(Mean);

impl Objective<f64> for Impatient {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f64>, batch: &Batch<'t, 'a>) -> Var<'t, f64> {
        self.0.losses(cx, batch).mean()
    }
}

#[test]
fn losses_that_are_not_per_example_are_refused() {
    let (objective, mut params) = mean(4);
    let error = Trainer::default()
        .fit(&Impatient(objective), &mut params, &mut Sgd, 4, &mut go_on)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the objective returned losses of shape [] for 4 examples: expected [4]"
    );
}

#[test]
fn the_penalty_is_part_of_the_gradient_and_not_of_the_loss() {
    struct Held(Mean);
    impl Objective<f64> for Held {
        fn losses<'t, 'a>(
            &'a self,
            cx: &Context<'t, '_, f64>,
            batch: &Batch<'t, 'a>,
        ) -> Var<'t, f64> {
            self.0.losses(cx, batch)
        }
        fn penalty<'t>(&self, cx: &Context<'t, '_, f64>) -> Option<Var<'t, f64>> {
            Some(penalty::l2(cx, &[self.0.p]))
        }
    }
    let (objective, mut params) = mean(3);
    let trainer = Trainer {
        epochs: 200,
        rate: 0.1,
        ..Trainer::default()
    };
    let history = trainer
        .fit(&Held(objective), &mut params, &mut Sgd, 3, &mut go_on)
        .unwrap();
    // The minimum of mean (p - x)² + p² over x = 0, 1, 2 is at p = 1/2.
    assert!((params.flat()[0] - 0.5).abs() < 1e-12);
    let last = history.epochs.last().unwrap();
    assert!((last.penalty - 0.25).abs() < 1e-12);
    assert!((last.loss - (0.25 + 0.25 + 2.25) / 3.0).abs() < 1e-12);
}

/// The square root of a distance that is zero at the start.
struct Distance(Mean);

impl Objective<f64> for Distance {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f64>, batch: &Batch<'t, 'a>) -> Var<'t, f64> {
        self.0.losses(cx, batch).sqrt()
    }
}

#[test]
fn a_gradient_that_is_not_finite_is_named_before_it_spoils_anything() {
    let (objective, mut params) = mean(1);
    let error = Trainer::default()
        .fit(&Distance(objective), &mut params, &mut Sgd, 1, &mut go_on)
        .unwrap_err();
    assert!(
        matches!(&error, TrainError::NonFiniteGradient { name, epoch: 1, step: 1 } if name == "p"),
        "{error}"
    );
    assert_eq!(params.flat(), [0.0]);
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
