//! The training loop on a function of one number: how examples, rates and
//! penalties count, and what is refused with everything as it was.

use std::ops::ControlFlow;

use ndarray::Array1;
use wengert_autodiff::{Float, Var};
use wengert_nn::{
    AdamW, Batch, BatchSize, Context, Event, History, Objective, ParamId, Params, Sgd, TrainError,
    Trainer, penalty,
};

fn go_on<F: Float>(_: &Event<'_, F>) -> ControlFlow<()> {
    ControlFlow::Continue(())
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
