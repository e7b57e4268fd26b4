//! One small model, defined once as an expression: recorded, printed,
//! differentiated, its gradient printed and checked.
//!
//!     cargo run --example gradient

use ndarray::{Array1, Array2, array};
use wengert::{Error, Float, Tape, Var, check_gradients, grad};

/// Logistic regression: the mean binary cross-entropy of `sigmoid(x · w + b)`
/// against `y`, written on logits so that it never overflows. Generic over
/// f32 and f64: what trains in one is verified in the other.
fn loss<'t, F: Float>(x: Var<'t, F>, y: Var<'t, F>, w: Var<'t, F>, b: Var<'t, F>) -> Var<'t, F> {
    let z = (x.dot(w) + b).named("z");
    (z.softplus() - z * y).mean()
}

fn main() -> Result<(), Error> {
    let x: Array2<f64> = array![[0.2, 1.5], [1.0, -0.3], [-0.7, 0.4], [0.1, 0.9]];
    let y: Array1<f64> = array![1.0, 0.0, 0.0, 1.0];
    let w: Array1<f64> = array![0.3, -0.8];
    let b: Array1<f64> = array![0.1];

    // Record: every line runs at once, and is remembered.
    let tape = Tape::new();
    let [vx, vy] = [tape.input("x", x.view()), tape.input("y", y.view())];
    let [vw, vb] = [tape.input("w", w.view()), tape.input("b", b.view())];
    let l = loss(vx, vy, vw, vb).named("loss");
    println!("the model\n\n{}\n", indent(&tape.to_formula(&[l.any()])));
    println!("its value   {:.6}\n", l.item());

    // Differentiate: the gradient is more tape, so it can be read as well.
    let [dw, db] = tape.grad(l, [vw, vb])?;
    let [dw, db] = [dw.named("dw"), db.named("db")];
    println!(
        "its gradient, as derived\n\n{}\n",
        indent(&tape.to_formula(&[dw.any(), db.any()]))
    );
    println!(
        "its values  dw = {:.6}   db = {:.6}\n",
        dw.value(),
        db.value()
    );

    // Check: against differences with an error bound, and the forward sweep.
    let report = check_gradients(|[x, y, w, b]| loss(x, y, w, b), (&x, &y, &w, &b))?;
    print!("{report}");
    report.assert_passed();

    // Whoever only wants the numbers writes one line.
    let (_, _, dw, _) = grad(|[x, y, w, b]| loss(x, y, w, b), (&x, &y, &w, &b))?;
    println!("\nin one line dw = {dw:.6}");
    Ok(())
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|l| format!("    {l}"))
        .collect::<Vec<_>>()
        .join("\n")
}
