mod leaf0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5332432328545704, -0.2738880118059601], [-1.894264913629609, 1.883527912615314]]);
    let v1 = x0.sum();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod leaf1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.2662463006891236, 0.9831270290508045], [1.8840110143471849, -0.22256313177691167]]);
    let v1 = x0.sum();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod leaf2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.36475893679231763, 0.9965987354952985], [0.38255232560002117, 1.061676616780118]]);
    let v1 = x0.sum();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod unary0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.299864849281856, -0.4108320177089402], [-2.8413973704444135, 2.825291868922971]]);
    let v1 = x0.neg();
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod unary1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.9164039379307023, 2.3644543931567528], [2.9275068839669904, 1.6108980426394301]]);
    let v1 = x0.recip();
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod unary2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.5471384051884765, 1.4948981032429476], [0.5738284884000318, 1.5925149251701765]]);
    let v1 = x0.exp();
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod binary0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.299864849281856, -0.4108320177089402], [-2.8413973704444135, 2.825291868922971]]);
    let x1 = tape.input("x1", ndarray::array![[-2.3619198505967254, -1.0360454146912454], [-1.956792804241903, 1.6292793379894022]]);
    let v2 = x0.add(x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod binary1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.39936945103368515, 1.474690543576207], [2.8260165215207778, -0.3338446976653673]]);
    let x1 = tape.input("x1", ndarray::array![[-0.3344117950418517, 1.577366351470566], [2.2640921205850377, 0.13840307910588834]]);
    let v2 = x0.sub(x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod binary2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.5471384051884765, 1.4948981032429476], [0.5738284884000318, 1.5925149251701765]]);
    let x1 = tape.input("x1", ndarray::array![[-1.1304678769133154, -0.9202663775298059], [1.3581216871004864, 1.4345239460854744]]);
    let v2 = x0.mul(x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod powi0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.894264913629609, 1.883527912615314], [-1.5746132337311503, -0.690696943127497]]);
    let v1 = x0.powi(4);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod powi1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.9831270290508045, 1.8840110143471849], [1.051577567647044, 1.509394747056692]]);
    let v1 = x0.powi(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod powi2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.9965987354952985, 1.061676616780118], [-0.7536452512755436, -0.6135109183532039]]);
    let v1 = x0.powi(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod powf0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.3713711833000139, 2.921381341015337], [0.5871360672314736, 1.1837795633889396]]);
    let v1 = x0.powf(-0.4108320177089402);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod powf1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.92170743468435, 1.4997698860505848], [1.4995146922311668, 2.3598148581617546]]);
    let v1 = x0.powf(1.474690543576207);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod powf2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.9082228197800144, 2.3666317163265798], [1.141289455389008, 1.2358801301115874]]);
    let v1 = x0.powf(1.4948981032429476);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod abspow0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let v1 = tape.apply(ops::AbsPow { p: 0.5891679822910598, signed: true }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod abspow1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [-0.8579652624121334, 1.1759864226492223]]);
    let v1 = tape.apply(ops::AbsPow { p: 2.474690543576207, signed: false }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod abspow2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.061676616780118, -0.7536452512755436], [-0.6135109183532039, 0.905414458066991]]);
    let v1 = tape.apply(ops::AbsPow { p: 2.4948981032429476, signed: false }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod clamp0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-2.8413973704444135, 2.825291868922971], [-2.3619198505967254, -1.0360454146912454]]);
    let v1 = x0.clamp(-0.17503378767953603, 0.4722582078932289);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod clamp1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.8260165215207778, -0.3338446976653673], [-0.3344117950418517, 1.577366351470566]]);
    let v1 = x0.clamp(-0.6501576372415787, 0.46851499865247304);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod clamp2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.5738284884000318, 1.5925149251701765], [-1.1304678769133154, -0.9202663775298059]]);
    let v1 = x0.clamp(-0.6132153987028809, 0.510509127107856);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod compare0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.0, 0.0], [-1.0, 2.0]]);
    let x1 = tape.input("x1", ndarray::array![[-1.0, 0.0], [-1.0, 2.0]]);
    let v2 = x0.greater(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod compare1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.0, 1.0], [2.0, 0.0]]);
    let x1 = tape.input("x1", ndarray::array![[0.0, 2.0], [2.0, 1.0]]);
    let v2 = x0.greater_equal(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod compare2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.0, 1.0], [1.0, 2.0]]);
    let x1 = tape.input("x1", ndarray::array![[0.0, 0.0], [1.0, 1.0]]);
    let v2 = x0.less(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod logic0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, true], [true, false]]);
    let x1 = tape.input("x1", ndarray::array![[true, true], [true, false]]);
    let v2 = x0.and(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod logic1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, true]]);
    let x1 = tape.input("x1", ndarray::array![[true, false], [false, false]]);
    let v2 = x0.or(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod logic2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, false]]);
    let x1 = tape.input("x1", ndarray::array![[true, true], [false, false]]);
    let v2 = x0.and(x1);
    println!("{:?}", v2);
    Ok(())
}
}

mod not0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, true], [true, false]]);
    let v1 = !x0;
    println!("{:?}", v1);
    Ok(())
}
}

mod not1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, true]]);
    let v1 = !x0;
    println!("{:?}", v1);
    Ok(())
}
}

mod not2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, false]]);
    let v1 = !x0;
    println!("{:?}", v1);
    Ok(())
}
}

mod where0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, true], [true, false]]);
    let x1 = tape.input("x1", ndarray::array![[-1.5746132337311503, -0.690696943127497], [-1.3045285361612686, 1.086186225326268]]);
    let x2 = tape.input("x2", ndarray::array![[-1.0172442046394745, 1.808122765471306], [-0.4141280974847459, 1.0441376865105076]]);
    let v3 = x0.where_(x1, x2);
    let v4 = v3.sum();
    tape.check_gradients(v4, &[x1, x2])?.assert_passed();
    Ok(())
}
}

mod where1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, true]]);
    let x1 = tape.input("x1", ndarray::array![[-0.2229411966945678, 1.051577567647044], [1.509394747056692, 0.09226871940392556]]);
    let x2 = tape.input("x2", ndarray::array![[-0.8579652624121334, 1.1759864226492223], [-0.38343132379909717, 0.42168147590131655]]);
    let v3 = x0.where_(x1, x2);
    let v4 = v3.sum();
    tape.check_gradients(v4, &[x1, x2])?.assert_passed();
    Ok(())
}
}

mod where2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, false]]);
    let x1 = tape.input("x1", ndarray::array![[-0.7536452512755436, -0.6135109183532039], [0.905414458066991, 0.9563492973903163]]);
    let x2 = tape.input("x2", ndarray::array![[-0.9987505112347921, 0.9104638583355604], [-0.6420734888790651, -0.248695212235424]]);
    let v3 = x0.where_(x1, x2);
    let v4 = v3.sum();
    tape.check_gradients(v4, &[x1, x2])?.assert_passed();
    Ok(())
}
}

mod reduce0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.690696943127497, -1.3045285361612686], [1.086186225326268, -1.0172442046394745]]);
    let v1 = x0.sum_axes([-2], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod reduce1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.2229411966945678, 1.051577567647044], [1.509394747056692, 0.09226871940392556]]);
    let v1 = x0.prod_axes([0_isize; 0], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod reduce2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.7536452512755436, -0.6135109183532039], [0.905414458066991, 0.9563492973903163]]);
    let v1 = x0.max_axes([0_isize; 0], false);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod norm0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.3045285361612686, 1.086186225326268], [-1.0172442046394745, 1.808122765471306]]);
    let v1 = x0.norm_axes(2.0, [-2], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod norm1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [-0.8579652624121334, 1.1759864226492223]]);
    let v1 = x0.norm_axes(2.0, [0_isize; 0], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod norm2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.6135109183532039, 0.905414458066991], [0.9563492973903163, -0.9987505112347921]]);
    let v1 = x0.norm_axes(2.0, [0_isize; 0], false);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod center0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Axes, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.5746132337311503, -0.690696943127497], [-1.3045285361612686, 1.086186225326268]]);
    let v1 = tape.apply(ops::Center { axes: Axes::List(vec![-2]) }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod center1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Axes, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.22256313177691167, -0.2229411966945678], [1.051577567647044, 1.509394747056692]]);
    let v1 = tape.apply(ops::Center { axes: Axes::List(vec![]) }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod center2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Axes, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.061676616780118, -0.7536452512755436], [-0.6135109183532039, 0.905414458066991]]);
    let v1 = tape.apply(ops::Center { axes: Axes::List(vec![]) }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumsum0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let v1 = tape.apply(ops::CumSum { axis: -1, reverse: true }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumsum1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.22256313177691167, -0.2229411966945678], [1.051577567647044, 1.509394747056692]]);
    let v1 = x0.cumsum(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumsum2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.061676616780118, -0.7536452512755436], [-0.6135109183532039, 0.905414458066991]]);
    let v1 = x0.cumsum(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumprod0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.894264913629609, 1.883527912615314], [-1.5746132337311503, -0.690696943127497]]);
    let v1 = x0.cumprod(-1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumprod1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.8840110143471849, -0.22256313177691167], [-0.2229411966945678, 1.051577567647044]]);
    let v1 = x0.cumprod(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod cumprod2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.38255232560002117, 1.061676616780118], [-0.7536452512755436, -0.6135109183532039]]);
    let v1 = x0.cumprod(1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsumexp0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.0360454146912454, -1.956792804241903], [1.6292793379894022, -1.5258663069592118]]);
    let v1 = x0.logsumexp_axes([-2], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsumexp1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.3344117950418517, 1.577366351470566], [2.2640921205850377, 0.13840307910588834]]);
    let v1 = x0.logsumexp_axes([0_isize; 0], true);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsumexp2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.1304678769133154, -0.9202663775298059], [1.3581216871004864, 1.4345239460854744]]);
    let v1 = x0.logsumexp_axes([0_isize; 0], false);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod softmax0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-2.3619198505967254, -1.0360454146912454], [-1.956792804241903, 1.6292793379894022]]);
    let v1 = x0.softmax_axes([-2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod softmax1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.3338446976653673, -0.3344117950418517], [1.577366351470566, 2.2640921205850377]]);
    let v1 = x0.softmax_axes([0_isize; 0]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod softmax2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5925149251701765, -1.1304678769133154], [-0.9202663775298059, 1.3581216871004864]]);
    let v1 = x0.softmax_axes([0_isize; 0]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsoftmax0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-2.3619198505967254, -1.0360454146912454], [-1.956792804241903, 1.6292793379894022]]);
    let v1 = x0.log_softmax(-2);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsoftmax1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Axes, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.3338446976653673, -0.3344117950418517], [1.577366351470566, 2.2640921205850377]]);
    let v1 = tape.apply(ops::LogSoftmax { axes: Axes::List(vec![]) }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod logsoftmax2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Axes, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5925149251701765, -1.1304678769133154], [-0.9202663775298059, 1.3581216871004864]]);
    let v1 = tape.apply(ops::LogSoftmax { axes: Axes::List(vec![]) }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod argextreme0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.0, 2.0], [-1.0, 0.0]]);
    let v1 = x0.argmax(-1);
    println!("{:?}", v1);
    Ok(())
}
}

mod argextreme1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2.0, 0.0], [0.0, 2.0]]);
    let v1 = x0.argmin(1);
    println!("{:?}", v1);
    Ok(())
}
}

mod argextreme2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.0, 2.0], [0.0, 0.0]]);
    let v1 = x0.argmax(1);
    println!("{:?}", v1);
    Ok(())
}
}

mod matmul0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.2738880118059601, -1.894264913629609], [1.883527912615314, -1.5746132337311503]]);
    let x1 = tape.input("x1", ndarray::array![[-0.690696943127497, -1.3045285361612686, 1.086186225326268], [-1.0172442046394745, 1.808122765471306, -0.4141280974847459]]);
    let v2 = tape.apply(ops::MatMul { ta: false, tb: false }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod matmul1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.9831270290508045, 1.8840110143471849], [-0.22256313177691167, -0.2229411966945678]]);
    let x1 = tape.input("x1", ndarray::array![[1.051577567647044, 1.509394747056692], [0.09226871940392556, -0.8579652624121334]]);
    let v2 = tape.apply(ops::MatMul { ta: true, tb: false }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod matmul2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.9965987354952985, 0.38255232560002117], [1.061676616780118, -0.7536452512755436]]);
    let x1 = tape.input("x1", ndarray::array![[-0.6135109183532039, 0.905414458066991], [0.9563492973903163, -0.9987505112347921]]);
    let v2 = tape.apply(ops::MatMul { ta: false, tb: true }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod reshape0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.894264913629609, 1.883527912615314], [-1.5746132337311503, -0.690696943127497]]);
    let v1 = x0.reshape([4]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod reshape1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.8840110143471849, -0.22256313177691167], [-0.2229411966945678, 1.051577567647044]]);
    let v1 = x0.reshape([2, 2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod reshape2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.38255232560002117, 1.061676616780118], [-0.7536452512755436, -0.6135109183532039]]);
    let v1 = x0.reshape([2, 2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod permute0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let v1 = x0.permute([-2, -1]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod permute1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.22256313177691167, -0.2229411966945678], [1.051577567647044, 1.509394747056692]]);
    let v1 = x0.permute([0, 1]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod permute2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.061676616780118, -0.7536452512755436], [-0.6135109183532039, 0.905414458066991]]);
    let v1 = x0.permute([0, 1]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod broadcastto0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let v1 = x0.broadcast_to([0, 1, 2, 2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod broadcastto1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.8840110143471849, -0.22256313177691167], [-0.2229411966945678, 1.051577567647044]]);
    let v1 = x0.broadcast_to([2, 2, 2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod broadcastto2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.38255232560002117, 1.061676616780118], [-0.7536452512755436, -0.6135109183532039]]);
    let v1 = x0.broadcast_to([2, 2, 2]);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod slice0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.0172442046394745, 1.808122765471306], [-0.4141280974847459, 1.0441376865105076]]);
    let v1 = tape.apply(ops::Slice { axes: vec![ops::SliceAxis { start: 0, step: -3, len: 1 }, ops::SliceAxis { start: 0, step: -2, len: 1 }] }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod slice1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.8579652624121334, 1.1759864226492223], [-0.38343132379909717, 0.42168147590131655]]);
    let v1 = tape.apply(ops::Slice { axes: vec![ops::SliceAxis { start: 1, step: 3, len: 1 }, ops::SliceAxis { start: 1, step: 3, len: 1 }] }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod slice2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.9987505112347921, 0.9104638583355604], [-0.6420734888790651, -0.248695212235424]]);
    let v1 = tape.apply(ops::Slice { axes: vec![ops::SliceAxis { start: 1, step: 1, len: 1 }, ops::SliceAxis { start: 0, step: 2, len: 1 }] }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod embed0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.086186225326268, -1.0172442046394745], [1.808122765471306, -0.4141280974847459]]);
    let v1 = tape.apply(ops::Embed { shape: Shape::from([4, 3]), axes: vec![ops::SliceAxis { start: 1, step: 2, len: 2 }, ops::SliceAxis { start: 0, step: 2, len: 2 }], fill: 0.0 }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod embed1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.09226871940392556, -0.8579652624121334], [1.1759864226492223, -0.38343132379909717]]);
    let v1 = tape.apply(ops::Embed { shape: Shape::from([6, 5]), axes: vec![ops::SliceAxis { start: 2, step: 1, len: 2 }, ops::SliceAxis { start: 1, step: 1, len: 2 }], fill: 7.5 }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod embed2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.9563492973903163, -0.9987505112347921], [0.9104638583355604, -0.6420734888790651]]);
    let v1 = tape.apply(ops::Embed { shape: Shape::from([5, 3]), axes: vec![ops::SliceAxis { start: 2, step: 1, len: 2 }, ops::SliceAxis { start: 0, step: 1, len: 2 }], fill: 7.5 }, &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod concat0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let v1 = wengert_autodiff::concat(&[x0], -1);
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod concat1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [0.09226871940392556, -0.8579652624121334]]);
    let x1 = tape.input("x1", ndarray::array![[1.1759864226492223], [-0.38343132379909717]]);
    let x2 = tape.input("x2", ndarray::array![[0.42168147590131655], [-0.18024837011884154]]);
    let v3 = wengert_autodiff::concat(&[x0, x1, x2], 1);
    let v4 = v3.sum();
    tape.check_gradients(v4, &[x0, x1, x2])?.assert_passed();
    Ok(())
}
}

mod concat2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.7536452512755436, -0.6135109183532039], [0.905414458066991, 0.9563492973903163]]);
    let x1 = tape.input("x1", ndarray::array![[-0.9987505112347921, 0.9104638583355604, -0.6420734888790651], [-0.248695212235424, 0.2231656810097462, -0.5047864776832407]]);
    let v2 = wengert_autodiff::concat(&[x0, x1], 1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0, x1])?.assert_passed();
    Ok(())
}
}

mod split0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-1.5746132337311503, -0.690696943127497], [-1.3045285361612686, 1.086186225326268]]);
    let v1 = x0.split(&[0, 2], -1);
    let v3 = v1[0].sum();
    let v4 = v1[1].sum();
    let v5 = v3.add(v4);
    tape.check_gradients(v5, &[x0])?.assert_passed();
    Ok(())
}
}

mod split1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.22256313177691167, -0.2229411966945678], [1.051577567647044, 1.509394747056692]]);
    let v1 = x0.split(&[2], 1);
    let v2 = v1[0].sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod split2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.7536452512755436, -0.6135109183532039], [0.905414458066991, 0.9563492973903163]]);
    let v1 = x0.split(&[1, 1], 1);
    let v3 = v1[0].sum();
    let v4 = v1[1].sum();
    let v5 = v3.add(v4);
    tape.check_gradients(v5, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexselect0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let x1 = tape.input("x1", ndarray::arr0(1_usize));
    let v2 = x0.index_select(-1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexselect1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [0.09226871940392556, -0.8579652624121334]]);
    let x1 = tape.input("x1", ndarray::array![[1_usize]]);
    let v2 = x0.index_select(1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexselect2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.7536452512755436, -0.6135109183532039], [0.905414458066991, 0.9563492973903163]]);
    let x1 = tape.input("x1", ndarray::array![0_usize, 1_usize, 0_usize]);
    let v2 = x0.index_select(1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexadd0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.883527912615314, -1.5746132337311503], [-0.690696943127497, -1.3045285361612686]]);
    let x1 = tape.input("x1", ndarray::arr0(0_usize));
    let v2 = tape.apply(ops::IndexAdd { axis: 2, shape: Shape::from([2, 2, 1]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexadd1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.22256313177691167, -0.2229411966945678], [1.051577567647044, 1.509394747056692]]);
    let x1 = tape.input("x1", ndarray::array![2_usize, 1_usize]);
    let v2 = tape.apply(ops::IndexAdd { axis: 1, shape: Shape::from([2, 4]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod indexadd2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.061676616780118, -0.7536452512755436], [-0.6135109183532039, 0.905414458066991]]);
    let x1 = tape.input("x1", ndarray::array![2_usize, 0_usize]);
    let v2 = tape.apply(ops::IndexAdd { axis: 1, shape: Shape::from([2, 3]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod gather0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.690696943127497, -1.3045285361612686], [1.086186225326268, -1.0172442046394745]]);
    let x1 = tape.input("x1", ndarray::ArrayD::<usize>::default(ndarray::IxDyn(&[0, 0])));
    let v2 = x0.gather(-1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod gather1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [0.09226871940392556, -0.8579652624121334]]);
    let x1 = tape.input("x1", ndarray::array![[1_usize, 0_usize], [1_usize, 0_usize]]);
    let v2 = x0.gather(1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod gather2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.6135109183532039, 0.905414458066991], [0.9563492973903163, -0.9987505112347921]]);
    let x1 = tape.input("x1", ndarray::array![[1_usize]]);
    let v2 = x0.gather(1, x1);
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod scatteradd0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.690696943127497, -1.3045285361612686], [1.086186225326268, -1.0172442046394745]]);
    let x1 = tape.input("x1", ndarray::array![[0_usize, 0_usize], [0_usize, 0_usize]]);
    let v2 = tape.apply(ops::ScatterAdd { axis: 1, shape: Shape::from([2, 1]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod scatteradd1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.051577567647044, 1.509394747056692], [0.09226871940392556, -0.8579652624121334]]);
    let x1 = tape.input("x1", ndarray::array![[1_usize, 0_usize], [1_usize, 0_usize]]);
    let v2 = tape.apply(ops::ScatterAdd { axis: 1, shape: Shape::from([3, 2]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod scatteradd2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Shape, Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[-0.6135109183532039, 0.905414458066991], [0.9563492973903163, -0.9987505112347921]]);
    let x1 = tape.input("x1", ndarray::array![[1_usize, 0_usize], [0_usize, 1_usize]]);
    let v2 = tape.apply(ops::ScatterAdd { axis: 1, shape: Shape::from([3, 2]) }, &[x0.any(), x1.any()])?[0].typed::<f64>()?;
    let v3 = v2.sum();
    tape.check_gradients(v3, &[x0])?.assert_passed();
    Ok(())
}
}

mod onehot0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1_usize, 0_usize], [3_usize, 0_usize]]);
    let v1 = x0.one_hot::<f64>(4);
    println!("{:?}", v1);
    Ok(())
}
}

mod onehot1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2_usize, 2_usize], [1_usize, 1_usize]]);
    let v1 = x0.one_hot::<f64>(3);
    println!("{:?}", v1);
    Ok(())
}
}

mod onehot2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[2_usize, 1_usize], [2_usize, 0_usize]]);
    let v1 = x0.one_hot::<f64>(3);
    println!("{:?}", v1);
    Ok(())
}
}

mod cast0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5332432328545704, -0.2738880118059601], [-1.894264913629609, 1.883527912615314]]);
    let v1 = x0.cast::<f32>();
    println!("{:?}", v1);
    Ok(())
}
}

mod cast1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1_usize, 2_usize], [2_usize, 1_usize]]);
    let v1 = x0.cast::<f32>();
    println!("{:?}", v1);
    Ok(())
}
}

mod cast2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[false, false], [false, false]]);
    let v1 = x0.cast::<f32>();
    println!("{:?}", v1);
    Ok(())
}
}

mod stopgradient0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5332432328545704, -0.2738880118059601], [-1.894264913629609, 1.883527912615314]]);
    let v1 = x0.stop_gradient();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod stopgradient1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.2662463006891236, 0.9831270290508045], [1.8840110143471849, -0.22256313177691167]]);
    let v1 = x0.stop_gradient();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod stopgradient2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::Tape;

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.36475893679231763, 0.9965987354952985], [0.38255232560002117, 1.061676616780118]]);
    let v1 = x0.stop_gradient();
    tape.check_gradients(v1, &[x0])?.assert_passed();
    Ok(())
}
}

mod custom0 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[1.5332432328545704, -0.2738880118059601], [-1.894264913629609, 1.883527912615314]]);
    let v1 = tape.apply(ops::Op::Custom(std::sync::Arc::new(Cube)), &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod custom1 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.2662463006891236, 0.9831270290508045], [1.8840110143471849, -0.22256313177691167]]);
    let v1 = tape.apply(ops::Op::Custom(std::sync::Arc::new(Cube)), &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

mod custom2 {
use super::*;
#[test]
fn recorded() -> Result<(), wengert_autodiff::Error> {
    use wengert_autodiff::{Tape, ops};

    let tape = Tape::new();
    let x0 = tape.input("x0", ndarray::array![[0.36475893679231763, 0.9965987354952985], [0.38255232560002117, 1.061676616780118]]);
    let v1 = tape.apply(ops::Op::Custom(std::sync::Arc::new(Cube)), &[x0.any()])?[0].typed::<f64>()?;
    let v2 = v1.sum();
    tape.check_gradients(v2, &[x0])?.assert_passed();
    Ok(())
}
}

