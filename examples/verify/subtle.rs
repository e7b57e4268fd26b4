//! Kinks, masks drawn anew, derivatives out of reach, and where a NaN began.

use std::cell::Cell;
use std::error::Error;

use ndarray::array;
use wengert_autodiff::verify::Report;
use wengert_autodiff::{Tape, check_gradients};

use crate::show;

pub fn shown() -> Result<(), Box<dyn Error>> {
    println!("    relu at exactly 0 has no derivative, and everything else is checked:\n");
    let kink = check_gradients(|[x]| x.relu().sum(), &array![0.0, 1.0, -2.0])?;
    show(&kink.to_string());

    println!("\n    relu(x)² has one there, in spite of the kink:\n");
    let smooth = check_gradients(|[x]| x.relu().square().sum(), &array![0.0, 1.0, -2.0])?;
    show(&smooth.to_string());

    println!("\n    A dropout mask that is drawn anew is not a function:\n");
    let draws = Cell::new(0);
    let masked = check_gradients(
        |[x]| {
            draws.set(draws.get() + 1);
            let mask = x.tape().constant(array![draws.get() % 2 == 0, true, true]);
            mask.where_(x, 0.0).sum()
        },
        &array![1.0, 2.0, 3.0],
    )?;
    show(&masked.to_string());

    println!("\n    A derivative that f64 cannot see:\n");
    let lost = check_gradients(|[x]| (x + 1e15) - 1e15, &array![1.0])?;
    show(&lost.to_string());

    println!("\n    And where an infinity came from, which only the gradient has:\n");
    let tape = Tape::new();
    let x = tape.input("x", array![4.0, 0.0, 1.0]);
    let y = x.sqrt().sum();
    tape.grads(y, &[x])?;
    let found = tape
        .first_non_finite()
        .ok_or("the slope of a root at 0 is infinite")?;
    show(&found.to_string());

    let verdicts: [(&Report, bool); 4] = [
        (&kink, true),
        (&smooth, true),
        (&masked, false),
        (&lost, false),
    ];
    match verdicts
        .iter()
        .all(|(report, passes)| report.passed() == *passes)
    {
        true => Ok(()),
        false => Err("a verdict is not the expected one".into()),
    }
}
