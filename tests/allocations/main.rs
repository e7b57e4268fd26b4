//! A run of a program allocates nothing after the first one. What the matrix
//! product allocates by itself, to pack its operands, is counted apart: by
//! running the same products alone.

mod counting;

use std::ops::ControlFlow;

use counting::{Counting, count, so_far};
use ndarray::{Array1, Array2, ArrayD, IxDyn};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use wengert_autodiff::ops::OpKind;
use wengert_autodiff::{Any, Program, Tape, Value, Var, View, Workspace, concat};
use wengert_nn::{
    Adam, Batch, BatchSize, Context, Event, Gradient, Mlp, MlpConfig, Objective, Params, Trainer,
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the third run allocates, with the inputs that the tape has.
fn third_run(program: &Program, inputs: &[Var<'_, Any>]) -> usize {
    let values: Vec<Value> = inputs.iter().map(|x| x.peek()).collect();
    let views: Vec<View<'_>> = values.iter().map(View::from).collect();
    let mut workspace = Workspace::new();
    for _ in 0..2 {
        program.run(&mut workspace, &views).expect("it runs");
    }
    count(|| {
        let outputs = program.run(&mut workspace, &views).expect("it runs");
        assert!(outputs.len() > 0);
    })
}

/// What the instructions on a tape allocate, each run alone: the matrix
/// products together, and what else does, by name.
fn alone(tape: &Tape) -> (usize, Vec<String>) {
    let (mut products, mut others) = (0, Vec::new());
    for instruction in tape.instructions() {
        if instruction.op.kind() == OpKind::Leaf {
            continue;
        }
        let one = Tape::new();
        let operands = instruction.operands.iter();
        let inputs: Vec<Var<'_, Any>> = operands
            .map(|&id| one.input_value("", tape.var(id).peek()))
            .collect();
        let results = one.apply(instruction.op.clone(), &inputs);
        let results = results.expect("as it was recorded");
        let program = one.compile(&inputs, &results).expect("nothing was read");
        match third_run(&program, &inputs) {
            n if instruction.op.kind() == OpKind::MatMul => products += n,
            0 => {}
            n => others.push(format!("{n} in {:?}", instruction.op)),
        }
    }
    (products, others)
}

fn wave<const N: usize>(shape: [usize; N]) -> ArrayD<f32> {
    let size: usize = shape.iter().product();
    let elements = Array1::from_shape_fn(size, |i| 0.3 * ((7 * i) as f32).sin());
    elements
        .into_shape_with_order(IxDyn(&shape))
        .expect("as many elements")
}

/// Forward and backward of 784-128-10 with sigmoid and softmax cross-entropy.
#[test]
fn the_digits_step() {
    for batch in [1, 64, 200] {
        let tape = Tape::new();
        let x = tape.input("x", wave([batch, 784]));
        let labels = tape.input("labels", Array1::from_shape_fn(batch, |i| i % 10));
        let [w1, b1] = [
            tape.input("w1", wave([784, 128])),
            tape.input("b1", wave([128])),
        ];
        let [w2, b2] = [
            tape.input("w2", wave([128, 10])),
            tape.input("b2", wave([10])),
        ];
        let logits = (x.dot(w1) + b1).sigmoid().dot(w2) + b2;
        let loss = -logits
            .log_softmax(-1)
            .gather(1, labels.expand_dims(1))
            .mean();
        let gradient = tape.grad(loss, [w1, b1, w2, b2]).expect("all are used");
        let inputs = [
            x.any(),
            labels.any(),
            w1.any(),
            b1.any(),
            w2.any(),
            b2.any(),
        ];
        let mut outputs = vec![loss.any()];
        outputs.extend(gradient.map(|g| g.any()));
        let program = tape.compile(&inputs, &outputs).expect("nothing was read");
        let found = third_run(&program, &inputs);
        let (products, others) = alone(&tape);
        println!("batch {batch}: {products} allocations in five products, none elsewhere");
        assert_eq!(found, products, "batch {batch}: {others:#?}");
    }
}

/// A whole step of training: gather, forward, backward, dropout, update. The
/// first epoch records and makes room; the steps of the second do not.
#[test]
fn a_training_step() {
    let rng = &mut ChaCha8Rng::seed_from_u64(0);
    let mut params = Params::<f32>::new();
    let config = MlpConfig {
        hidden: vec![128],
        dropout: 0.2,
        ..MlpConfig::new(784, 10)
    };
    let net = Net {
        model: Mlp::new(&config, &mut params, rng).expect("a valid configuration"),
        x: wave([256, 784]).into_dimensionality().expect("a matrix"),
    };
    let trainer = Trainer {
        epochs: 2,
        batch: BatchSize::Of(64),
        ..Trainer::default()
    };
    let mut seen = Vec::with_capacity(8);
    let mut adam = Adam::default();
    trainer
        .fit(&net, &mut params, &mut adam, 256, &mut |event| {
            if let Event::Batch { .. } = event {
                seen.push(so_far());
            }
            ControlFlow::Continue(())
        })
        .expect("it trains");

    let tape = Tape::new();
    let rows: Vec<usize> = (0..64).collect();
    let cx = Context::train(&tape, &params, ChaCha8Rng::seed_from_u64(0));
    let loss = net.losses(&cx, &Batch::new(&tape, &rows)).mean();
    Gradient::of(loss, &cx).expect("every operation has a rule");
    let (products, others) = alone(&tape);
    // Of the second epoch, all steps but the first, before which it is
    // shuffled.
    for step in 5..8 {
        assert_eq!(seen[step] - seen[step - 1], products, "{others:#?}");
    }
}

struct Net {
    model: Mlp,
    x: Array2<f32>,
}

impl Objective<f32> for Net {
    fn losses<'t, 'a>(&'a self, cx: &Context<'t, '_, f32>, batch: &Batch<'t, 'a>) -> Var<'t, f32> {
        let logits = self.model.forward(cx, batch.rows("x", &self.x));
        wengert_nn::loss::softmax_cross_entropy(logits, batch.labels("labels", |row| row % 10))
    }
}

/// Every operation that a network is made of, at awkward shapes, in one
/// program, fused and not, with its gradient.
#[test]
fn everything_that_networks_are_made_of() {
    let tape = Tape::new();
    let x = tape.input("x", wave([3, 150, 8]));
    let row = tape.input("row", wave([8]));
    let rows = tape.input("rows", ndarray::array![1usize, 0, 1]);
    let names = tape.input("names", Array2::from_elem((3, 5), 2usize));
    let mask = tape.input(
        "mask",
        Array2::from_shape_fn((150, 8), |(i, j)| (i + j) % 3 == 0),
    );

    let stack = x.matmul(x.permute([0, 2, 1]));
    let spread = x.sum_axes([0, 2], true) + row.broadcast_to([3, 150, 8]);
    let chosen = mask.where_(x.tanh(), spread * row).relu();
    let chosen = mask
        .and(x.greater(row))
        .where_(chosen, x - x.max_axes([1], true));
    let soft = x.softmax(0) + x.softmax_axes([0, 2]) + x.log_softmax(1);
    let small = x.slice(ndarray::s![.., 1..;2, ..-1]).index_select(0, rows);
    let matrix = row.reshape([1, 8]).broadcast_to([3, 8]);
    let picked = matrix.gather(1, names) + names.cast::<f32>() + rows.one_hot(5);
    let scattered = matrix.scatter_add(1, names, picked.square());
    let joined = concat(&[scattered, matrix.powf(2.0), matrix.clamp(-0.1, 0.1)], 1);
    let parts = joined.split(&[10, 14], 1);
    let running = matrix.cumsum(1).sum() + matrix.cumprod(0).sum();
    let spread = x.norm_axes(2.0, [0, 2], false).sum() + x.std_axes([1], 0, false).sum();
    let y = stack.logsumexp()
        + chosen.sum_axes([1], false).prod_axes([0], false).sum()
        + soft.min_axes([0, 2], false).sum()
        + small.mean()
        + parts[1].argmax(1).cast::<f32>().sum()
        + parts[0].sum_axes([0], false).logsumexp()
        + x.sum_axes([1], false).square().sum()
        + running
        + spread
        + x.norm(3.0);
    let gradient = tape.grad(y, [x, row]).expect("both are used");
    let inputs = [x.any(), row.any(), rows.any(), names.any(), mask.any()];
    let outputs = [y.any(), gradient[0].any(), gradient[1].any()];
    for options in [
        wengert_autodiff::program::Options::plain(),
        wengert_autodiff::program::Options::default(),
    ] {
        let program = tape.compile_with(&inputs, &outputs, &options);
        let program = program.expect("nothing was read");
        let (products, others) = alone(&tape);
        let found = third_run(&program, &inputs);
        assert_eq!(found, products, "{options:?}: {others:#?}");
    }
}

/// The counter counts.
#[test]
fn what_allocates_is_seen() {
    let found = count(|| drop(std::hint::black_box(vec![1u8; 100])));
    assert_eq!(found, 1);
}
