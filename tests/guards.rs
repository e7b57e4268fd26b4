//! What replay refuses: branches that would go the other way, values that were
//! read and may have steered the program, and inputs that it was not made for.

use ndarray::{arr0, array};
use wengert_autodiff::program::{Options, RunError};
use wengert_autodiff::{Fault, Tape, Value};

#[test]
fn a_branch_that_would_go_the_other_way_is_an_error_with_its_line() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 2.0]);
    let line = line!() + 1;
    let y = if x.sum().greater(0.0).decide() {
        x.ln()
    } else {
        -x
    };
    let [dx] = tape.grad(y.sum(), [x]).unwrap();
    let program = tape.compile(&[x.any()], &[dx.any()]).unwrap();

    let same_way = program.call(&[Value::from(array![4.0, -2.0])]).unwrap();
    assert_eq!(same_way, [Value::from(array![0.25, -0.5])]);
    let error = program.call(&[Value::from(array![-4.0, 2.0])]).unwrap_err();
    let expected = RunError::Guard {
        line: format!("tests/guards.rs:{line}"),
        taken: true,
    };
    assert_eq!(error, expected);
    let message = error.to_string();
    assert!(message.contains("would decide false"), "{message}");

    // The interpreter watches as well.
    let with = |at| tape.eval(&[(x.any(), Value::from(at))], &[dx.any()]);
    assert_eq!(with(array![4.0, -2.0]).unwrap(), same_way);
    let error = with(array![-4.0, 2.0]).unwrap_err();
    assert_eq!(*error.fault(), Fault::Decision { taken: true });
    let message = error.to_string();
    assert!(
        message.contains(&format!("tests/guards.rs:{line}")),
        "{message}"
    );
}

/// The operations of the branch that is not taken must not be the first to
/// complain.
#[test]
fn a_guard_speaks_before_what_it_guards() {
    let tape = Tape::new();
    let table = tape.constant(array![10.0, 20.0]);
    let i = tape.input("i", array![1usize]);
    let valid = i.less(2usize).reshape([]);
    assert!(valid.decide());
    let y = table.index_select(0, i);
    let program = tape.compile(&[i.any()], &[y.any()]).unwrap();
    let error = program.call(&[Value::from(array![7usize])]).unwrap_err();
    assert!(matches!(error, RunError::Guard { .. }), "{error}");
    let seven = Value::from(array![7usize]);
    let error = tape.eval(&[(i.any(), seven)], &[y.any()]).unwrap_err();
    assert_eq!(*error.fault(), Fault::Decision { taken: true });

    // Without the guard it is the operation, with its line.
    let tape = Tape::new();
    let table = tape.constant(array![10.0, 20.0]);
    let i = tape.input("i", array![1usize]);
    let line = line!() + 1;
    let y = table.index_select(0, i);
    let program = tape.compile(&[i.any()], &[y.any()]).unwrap();
    let message = program
        .call(&[Value::from(array![7usize])])
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("index_select: index 7"), "{message}");
    assert!(
        message.ends_with(&format!("tests/guards.rs:{line}")),
        "{message}"
    );
}

#[test]
fn masks_that_are_inputs_or_constants() {
    let tape = Tape::new();
    let mask = tape.input("mask", arr0(true));
    let x = tape.input("x", arr0(2.0));
    let fixed = tape.constant(arr0(1.0)).less(2.0);
    let y = if mask.decide() & fixed.decide() {
        x
    } else {
        -x
    };
    let program = tape.compile(&[mask.any(), x.any()], &[y.any()]).unwrap();
    let inputs = |m: bool| [Value::scalar(m), Value::scalar(5.0)];
    assert_eq!(program.call(&inputs(true)).unwrap(), [Value::scalar(5.0)]);
    assert!(program.call(&inputs(false)).is_err());
}

#[test]
#[should_panic(expected = "decide: a mask of shape [2] is not one element")]
fn only_one_element_decides() {
    let tape = Tape::new();
    tape.constant(array![true, false]).decide();
}

#[test]
fn a_value_that_was_read_is_refused_with_its_line() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 3.0]);
    let line = line!() + 1;
    let y = x * x.value().sum();
    let z = y * tape.constant(arr0(2.0)).item();
    let error = tape.compile(&[x.any()], &[z.any()]).unwrap_err();
    let at = format!("tests/guards.rs:{line}");
    assert_eq!(
        error.fault(),
        &Fault::Reads {
            lines: vec![at.clone()]
        }
    );
    assert!(error.to_string().contains(&at), "{error}");

    // Of something that does not depend on these inputs, reading is free.
    let w = tape.input("w", array![1.0, 3.0]);
    assert!(tape.compile(&[w.any()], &[(z * w).any()]).is_ok());

    // Whoever promises that it steered nothing gets the program.
    let promise = Options::default().reads_steer_nothing();
    let program = tape.compile_with(&[x.any()], &[z.any()], &promise).unwrap();
    assert_eq!(
        program.call(&[Value::from(array![1.0, 3.0])]).unwrap(),
        [z.peek()]
    );
}

#[test]
fn a_tape_that_was_reset_has_forgotten_its_branches() {
    let mut tape = Tape::new();
    let x = tape.input("x", arr0(1.0));
    assert!(x.greater(0.0).decide());
    tape.reset();
    let x = tape.input("x", arr0(1.0));
    let program = tape.compile(&[x.any()], &[x.exp().any()]).unwrap();
    assert!(program.call(&[Value::scalar(-1.0)]).is_ok());
}

#[test]
fn inputs_that_the_program_was_not_made_for() {
    let tape = Tape::new();
    let x = tape.input("pixels", array![[1.0f32, 2.0]]);
    let program = tape.compile(&[x.any()], &[x.sum().any()]).unwrap();
    let of = |values: &[Value]| program.call(values).unwrap_err().to_string();
    assert_eq!(of(&[]), "the program takes 1 inputs, got 0");
    for wrong in [
        Value::from(array![[1.0f32]]),
        Value::from(array![[1.0, 2.0]]),
    ] {
        let message = of(std::slice::from_ref(&wrong));
        let expected = format!(
            "input 0, `pixels`, was recorded as f32[1, 2], and the new value is {}",
            wrong.ty()
        );
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn what_cannot_be_compiled() {
    let (tape, other) = (Tape::new(), Tape::new());
    let x = tape.input("x", arr0(1.0));
    let y = x.exp();
    let foreign = other.input("x", arr0(1.0));
    let refused =
        |inputs: &[_], outputs: &[_]| tape.compile(inputs, outputs).unwrap_err().to_string();
    assert!(refused(&[y.any()], &[y.any()]).contains("%1 is not an input"));
    assert!(refused(&[x.any(), x.any()], &[y.any()]).contains("`x` is named twice"));
    assert!(refused(&[foreign.any()], &[y.any()]).contains("belongs to another tape"));
}

/// Outputs that are inputs or constants, the same one twice, and none at all.
#[test]
fn outputs_of_every_kind() {
    let tape = Tape::new();
    let x = tape.input("x", array![1.0, 2.0]);
    let unused = tape.input("unused", array![0usize]);
    let c = tape.constant(array![7.0]) * 2.0;
    let column = x.reshape([2, 1]);
    let wanted = [
        x.any(),
        c.any(),
        column.any(),
        column.any(),
        x.stop_gradient().any(),
    ];
    let program = tape.compile(&[x.any(), unused.any()], &wanted).unwrap();
    let values = program
        .call(&[Value::from(array![3.0, 4.0]), Value::from(array![0usize])])
        .unwrap();
    assert_eq!(values[0], Value::from(array![3.0, 4.0]));
    assert_eq!(values[1], Value::from(array![14.0]));
    assert_eq!(values[2], Value::from(array![[3.0], [4.0]]));
    assert_eq!(values[3], values[2]);
    assert_eq!(values[4], values[0]);
    let nothing = tape.compile(&[x.any()], &[]).unwrap();
    assert_eq!(nothing.call(&[Value::from(array![3.0, 4.0])]).unwrap(), []);
}
