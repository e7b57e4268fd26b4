//! Products large enough to be shared: on any number of threads the bits are
//! those of one, and those of recording.

use ndarray::{Array, Dimension, ShapeBuilder};
use wengert_autodiff::{Any, Tape, Value, Var, View, Workspace};
use wengert_nn::Team;

fn wave<Sh: ShapeBuilder>(shape: Sh) -> Array<f32, Sh::Dim>
where
    Sh::Dim: Dimension,
{
    let mut i = 0;
    Array::from_shape_simple_fn(shape, || {
        i += 1;
        0.05 * ((7 * i) as f32).sin()
    })
}

#[test]
fn a_program_gives_the_same_bits_on_any_number_of_threads() {
    let tape = Tape::new();
    let x = tape.input("x", wave((130, 700)));
    let w = tape.input("w", wave((700, 90)));
    let v: Var<'_, f32> = tape.input("v", wave((90, 80)));
    let y = x.dot(w).tanh().dot(v).square().sum();
    let [dw, dv] = tape.grad(y, [w, v]).unwrap();
    let (inputs, outputs) = ([x.any(), w.any(), v.any()], [y.any(), dw.any(), dv.any()]);
    let program = tape.compile(&inputs, &outputs).unwrap();
    let values: Vec<Value> = inputs.iter().map(|v: &Var<'_, Any>| v.peek()).collect();
    let views: Vec<View<'_>> = values.iter().map(View::from).collect();
    for threads in [1, 2, 3, 5] {
        let team = Team::new(threads).unwrap();
        let mut workspace = Workspace::new();
        for _ in 0..3 {
            let found = program.run_on(&team, &mut workspace, &views).unwrap();
            for (found, recorded) in found.values().iter().zip(&outputs) {
                assert_eq!(*found, recorded.peek(), "{threads} threads");
            }
        }
    }
}
