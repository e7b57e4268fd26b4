//! What panics for a wrong shape points at the line of the caller: of the
//! person who wrote the model, not of this crate.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

use ndarray::array;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use wengert_autodiff::Tape;
use wengert_nn::{Batch, Context, Mlp, MlpConfig, Params, loss};

thread_local! {
    static LOCATION: RefCell<Option<(String, u32)>> = const { RefCell::new(None) };
}

/// Where `f` panics.
fn panics_at(f: impl FnOnce()) -> (String, u32) {
    assert!(panic::catch_unwind(AssertUnwindSafe(f)).is_err());
    LOCATION.with_borrow_mut(|location| location.take().expect("the hook has run"))
}

#[test]
fn at_the_callers_line() {
    panic::set_hook(Box::new(|info| {
        let location = info.location().map(|l| (l.file().to_string(), l.line()));
        LOCATION.with_borrow_mut(|place| *place = location);
    }));
    let mut params = Params::<f64>::new();
    let config = MlpConfig {
        hidden: vec![4],
        ..MlpConfig::new(3, 2)
    };
    let model = Mlp::new(&config, &mut params, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    let tape = Tape::new();
    let cx = Context::eval(&tape, &params);
    let x = tape.input("x", array![[1.0, 2.0]]);
    let (one, batch) = (array![1.0], Batch::new(&tape, &[7]));
    let labels = tape.input("labels", array![0usize, 1]);
    // Line and panic must stay on one line.
    #[rustfmt::skip]
    let lines = [
        (line!(), panics_at(|| _ = model.forward(&cx, x))),
        (line!(), panics_at(|| _ = loss::softmax_cross_entropy(x, labels))),
        (line!(), panics_at(|| _ = loss::mse(x, x.sum()))),
        (line!(), panics_at(|| _ = loss::binary_cross_entropy(x, x.sum()))),
        (line!(), panics_at(|| _ = batch.rows("x", &one))),
    ];
    let _ = panic::take_hook();
    for (line, at) in lines {
        assert_eq!(at, (file!().to_string(), line));
    }
}
