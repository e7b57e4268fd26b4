fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::arr0(1.149932424640928));
    let v1 = tape.apply(ops::Op::Custom(std::sync::Arc::new(WrongCube)), &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
