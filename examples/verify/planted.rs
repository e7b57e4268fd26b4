//! A rule with a mistake in it, as one makes it at night: found, located,
//! named, and likely explained.

use std::error::Error;

use wengert_autodiff::custom::{NoRule, Vjp};
use wengert_autodiff::verify::{Check, Rules};
use wengert_autodiff::{Op, Tape};

use crate::{show, tutorial};

/// The bias was broadcast over the batch; its cotangent is that of the first
/// row, and should be the sum over all of them.
struct ForgottenSum;

impl Rules for ForgottenSum {
    fn vjp(&self, op: &Op, cx: &mut Vjp<'_>) -> Result<(), NoRule> {
        op.primitive().vjp(cx)?;
        let g = cx.cotangent();
        if op.name() == "add" && *g.shape() == [32, 128] {
            let first = cx.tape().constant(ndarray::arr1(&[0usize]));
            cx.alter(1, |_| Some(g.index_select(0, first).reshape([128])));
        }
        Ok(())
    }
}

pub fn found() -> Result<(), Box<dyn Error>> {
    let few = wengert_mnist::test().take(32);
    let (w1, b1, w2, b2) = tutorial::parameters();
    let tape = Tape::new();
    let [w1, w2] = [("W1", w1), ("W2", w2)].map(|(name, w)| tape.input(name, w));
    let [b1, b2] = [("b1", b1), ("b2", b2)].map(|(name, b)| tape.input(name, b));
    let x = tape.constant(few.features::<f64>());
    let y = tape.constant(few.one_hot::<f64>(10));
    let hidden = (x.dot(w1) + b1).sigmoid();
    let logits = hidden.dot(w2) + b2;
    let loss = (-(y * logits.log_softmax(1)).sum() / 32.0).named("loss");

    let parameters = [w1, b1, w2, b2];
    println!("    The rules as they are:\n");
    let right = tape.check_gradients(loss, &parameters)?;
    show(&right.to_string());
    println!("\n    The cotangent of the hidden layer's bias, not summed over the batch:\n");
    let wrong = Check::new()
        .rules(&ForgottenSum)
        .on(&tape, loss, &parameters)?;
    show(&wrong.to_string());
    match wrong.wrong_rule() {
        Some(rule) if right.passed() && rule.node.op == "add" && rule.operand == 1 => Ok(()),
        _ => Err("the planted mistake was not named".into()),
    }
}
