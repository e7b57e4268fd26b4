//! A chain of a million operations records, differentiates, prints its
//! length, is evaluated again and dropped, on a thread with a stack of
//! 256 KB: nothing recurses over the depth of a tape. Times are printed and
//! not asserted.

use std::time::Instant;

use ndarray::arr0;
use wengert_autodiff::{Dependence, Tape, Value};

const LINKS: usize = 1_000_000;
const STACK: usize = 256 * 1024;

/// Runs on a thread with a small stack; a panic there is a panic here.
fn with_a_small_stack(f: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(f);
    thread.expect("a thread").join().expect("no panic");
}

fn timed<R>(what: &str, f: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = f();
    println!("{what}: {:.2} s", start.elapsed().as_secs_f64());
    result
}

#[test]
fn a_million_operations() {
    with_a_small_stack(|| {
        let tape = Tape::new();
        let x = tape.input("x", arr0(0.5));
        // x -> sin x -> … has a value near 0; 1 + … alternating keeps it up.
        let y = timed("record", || {
            let one = tape.scalar(1.0);
            (0..LINKS / 2).fold(x, |y, _| (y + one).sin())
        });
        println!("{} instructions", tape.len());
        assert_eq!(tape.len(), LINKS + 2);

        let mut expected = (0.5f64, 1.0f64);
        for _ in 0..LINKS / 2 {
            let inner = expected.0 + 1.0;
            expected = (inner.sin(), expected.1 * inner.cos());
        }
        // Neither sine is off by more than an ulp, and of what the one before
        // was off this one keeps a third.
        assert!((y.item() - expected.0).abs() <= 4e-16);

        let [dx] = timed("differentiate", || tape.grad(y, [x])).expect("a gradient");
        println!("{} instructions with the gradient", tape.len());
        // The slope of so long a chain has vanished, exactly as by hand.
        assert_eq!(dx.item(), expected.1);

        let one = tape.input("v", arr0(1.0));
        let pushed = timed("push a tangent forward", || tape.jvp(&[y], &[x], &[one]));
        assert_eq!(
            pushed.expect("a tangent")[0].expect("smooth").item(),
            expected.1
        );

        let again = timed("evaluate again", || {
            tape.eval(&[(x.any(), Value::scalar(0.5))], &[y.any(), dx.any()])
        });
        let again = again.expect("the same shapes");
        assert_eq!(again[0], Value::scalar(y.item()));
        assert_eq!(again[1], Value::scalar(expected.1));

        let path = timed("explain", || tape.explain(y, x));
        let Dependence::Smooth { path } = path else {
            panic!("it is smooth")
        };
        assert_eq!(path.len(), LINKS + 1);
        let text = timed("print", || y.to_string());
        println!("{} characters", text.len());
        timed("drop", move || drop(tape));
    });
}

/// Many uses of one variable: as wide as the other test is deep.
#[test]
fn many_uses_of_one_variable() {
    with_a_small_stack(|| {
        let tape = Tape::new();
        let x = tape.input("x", arr0(1.0));
        let y = timed("record", || (0..LINKS / 10).fold(x, |y, _| y + x));
        let [dx] = timed("differentiate", || tape.grad(y, [x])).expect("a gradient");
        assert_eq!(dx.item(), (LINKS / 10 + 1) as f64);
    });
}
