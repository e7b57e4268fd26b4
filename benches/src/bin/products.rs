//! What one matrix product costs on one thread, by the crates that could
//! compute it, for the products of a training step of a network with 784
//! inputs, two layers and ten classes: GFLOP/s, the best of many short runs
//! that take turns.
//!
//! `along-columns` and `along-rows` are `gemm` with neighbours in a column, and
//! in a row, of the result in a register; `program` is a compiled program of
//! one instruction, with the way that it chooses. Products of less than some
//! microseconds show what it costs to run a program, too.
//!
//!     cargo run --release -p wengert-benches --bin products [batch...]

use std::time::{Duration, Instant};

use gemm_common::Parallelism;
use ndarray::Array2;
use wengert_autodiff::ops::MatMul;
use wengert_autodiff::{Element, Tape, Value, View, Workspace};

/// A factor: elements, and distances from row to row and column to column.
#[derive(Clone, Copy)]
struct Matrix<'a, F> {
    data: &'a [F],
    strides: (isize, isize),
}

impl<F: Copy> Matrix<'_, F> {
    fn t(self) -> Self {
        Matrix {
            strides: (self.strides.1, self.strides.0),
            ..self
        }
    }
}

/// One product: `[m, k] · [k, n]`, and which factor memory holds transposed.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    sizes: [usize; 3],
    transposed: [bool; 2],
}

impl Case {
    /// The five products of a step, the gradient of the inputs, and the three
    /// of a square layer.
    fn all(batch: usize, hidden: usize) -> Vec<Case> {
        let case = |name, sizes, transposed| Case {
            name,
            sizes,
            transposed,
        };
        let mut cases = vec![
            case("x·W1", [batch, 784, hidden], [false, false]),
            case("xᵀ·dZ", [784, batch, hidden], [true, false]),
            case("h·W2", [batch, hidden, 10], [false, false]),
            case("hᵀ·dY", [hidden, batch, 10], [true, false]),
            case("dY·W2ᵀ", [batch, 10, hidden], [false, true]),
            case("dZ·W1ᵀ", [batch, hidden, 784], [false, true]),
        ];
        if hidden <= 512 {
            cases.extend([
                case("h·V", [batch, hidden, hidden], [false, false]),
                case("hᵀ·dV", [hidden, batch, hidden], [true, false]),
                case("dV·Vᵀ", [batch, hidden, hidden], [false, true]),
                case("hᵀ·Vᵀ", [batch, hidden, hidden], [true, true]),
            ]);
        }
        cases
    }

    fn shapes(&self) -> [[usize; 2]; 2] {
        let [m, k, n] = self.sizes;
        let turned = |[r, c]: [usize; 2], t: bool| if t { [c, r] } else { [r, c] };
        [
            turned([m, k], self.transposed[0]),
            turned([k, n], self.transposed[1]),
        ]
    }
}

/// The two crates.
trait Crates: Element {
    const NAME: &'static str;

    fn from(x: f64) -> Self;

    /// # Safety
    /// The strides stay within the slices.
    unsafe fn gemm(
        sizes: [usize; 3],
        out: (&mut [Self], (isize, isize)),
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
    );

    /// # Safety
    /// As above.
    unsafe fn matrixmultiply(
        sizes: [usize; 3],
        out: (&mut [Self], (isize, isize)),
        a: Matrix<'_, Self>,
        b: Matrix<'_, Self>,
    );
}

macro_rules! crates {
    ($T:ident, $gemm:path, $matrixmultiply:path) => {
        impl Crates for $T {
            const NAME: &'static str = stringify!($T);

            fn from(x: f64) -> $T {
                x as $T
            }

            unsafe fn gemm(
                [m, k, n]: [usize; 3],
                (out, (rs, cs)): (&mut [$T], (isize, isize)),
                a: Matrix<'_, $T>,
                b: Matrix<'_, $T>,
            ) {
                // SAFETY: the caller's.
                unsafe {
                    $gemm()(
                        m,
                        n,
                        k,
                        out.as_mut_ptr(),
                        cs,
                        rs,
                        false,
                        a.data.as_ptr(),
                        a.strides.1,
                        a.strides.0,
                        b.data.as_ptr(),
                        b.strides.1,
                        b.strides.0,
                        0.0,
                        1.0,
                        false,
                        false,
                        false,
                        Parallelism::None,
                    )
                }
            }

            unsafe fn matrixmultiply(
                [m, k, n]: [usize; 3],
                (out, (rs, cs)): (&mut [$T], (isize, isize)),
                a: Matrix<'_, $T>,
                b: Matrix<'_, $T>,
            ) {
                // SAFETY: the caller's.
                unsafe {
                    $matrixmultiply(
                        m,
                        k,
                        n,
                        1.0,
                        a.data.as_ptr(),
                        a.strides.0,
                        a.strides.1,
                        b.data.as_ptr(),
                        b.strides.0,
                        b.strides.1,
                        0.0,
                        out.as_mut_ptr(),
                        rs,
                        cs,
                    )
                }
            }
        }
    };
}

crates!(f32, gemm_f32::gemm::f32::get_gemm_fn, matrixmultiply::sgemm);
crates!(f64, gemm_f64::gemm::f64::get_gemm_fn, matrixmultiply::dgemm);

/// GFLOP/s of each.
fn measure<F: Crates>(case: &Case) -> [f64; 4] {
    let sizes @ [m, k, n] = case.sizes;
    let wave = |shape: [usize; 2]| {
        Array2::from_shape_fn(shape, |(i, j)| F::from(((7 * i + 3 * j) as f64).sin()))
    };
    let arrays = case.shapes().map(wave);
    let matrix = |i: usize| {
        let (rows, cols) = arrays[i].dim();
        debug_assert_eq!(arrays[i].len(), rows * cols);
        Matrix {
            data: arrays[i].as_slice().expect("row-major"),
            strides: match case.transposed[i] {
                false => (cols as isize, 1),
                true => (1, cols as isize),
            },
        }
    };
    let (a, b) = (matrix(0), matrix(1));
    let mut out = vec![F::from(0.0); m * n];

    let tape = Tape::new();
    let values = arrays.each_ref().map(|a| Value::new(a));
    let inputs = values.each_ref().map(|v| tape.input_value("", v.clone()));
    let [ta, tb] = case.transposed;
    let result = tape.apply(MatMul { ta, tb }, &inputs).expect("they fit");
    let program = tape.compile(&inputs, &result).expect("nothing was read");
    let (views, mut workspace) = (values.each_ref().map(View::from), Workspace::new());

    let flops = 2.0 * (m * k * n) as f64;
    let repeat = ((3e6 / flops) as usize).clamp(1, 2000);
    let (rows, columns) = ((n as isize, 1), (1, n as isize));
    let mut once = |way: usize| {
        if way == 3 {
            program.run(&mut workspace, &views).expect("it runs");
            return;
        }
        // SAFETY: `Matrix` is made of an array and its strides, `out` has m·n
        // elements.
        unsafe {
            match way {
                0 => F::gemm(sizes, (&mut out, rows), a, b),
                1 => F::gemm([n, k, m], (&mut out, columns), b.t(), a.t()),
                _ => F::matrixmultiply(sizes, (&mut out, rows), a, b),
            }
        }
    };
    let mut best = [f64::INFINITY; 4];
    let (start, mut rounds) = (Instant::now(), 0);
    while rounds < 12 || (rounds < 300 && start.elapsed() < Duration::from_millis(60)) {
        rounds += 1;
        for (way, best) in best.iter_mut().enumerate() {
            // Once for the caches: a program has memory of its own.
            once(way);
            let start = Instant::now();
            for _ in 0..repeat {
                once(way);
            }
            *best = best.min(start.elapsed().as_secs_f64() / repeat as f64);
        }
    }
    best.map(|seconds| 1e-9 * flops / seconds)
}

fn print<F: Crates>(case: &Case, behind: &mut Vec<f64>) {
    let speed = measure::<F>(case);
    let best = speed[..3].iter().copied().fold(0.0, f64::max);
    behind.push(speed[3] / best);
    let [m, k, n] = case.sizes;
    print!("{:4} {:8} {m:5} {k:5} {n:5}", F::NAME, case.name);
    for speed in speed {
        print!(" {speed:14.1}");
    }
    println!(" {:8.2}", speed[3] / best);
}

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).flat_map(|a| a.parse()).collect();
    let batches = match given.is_empty() {
        true => vec![1, 16, 32, 64, 128, 256, 512, 4096],
        false => given,
    };
    println!(
        "{:4} {:8} {:>5} {:>5} {:>5} {:>14} {:>14} {:>14} {:>14} {:>8}",
        "",
        "",
        "m",
        "k",
        "n",
        "along-columns",
        "along-rows",
        "matrixmultiply",
        "program",
        "of best"
    );
    let mut behind = Vec::new();
    for batch in batches {
        for hidden in [32, 128, 512, 2048] {
            for case in Case::all(batch, hidden) {
                print::<f32>(&case, &mut behind);
                if [64, 512].contains(&batch) {
                    print::<f64>(&case, &mut behind);
                }
            }
        }
    }
    let within = behind.iter().filter(|&&x| x >= 0.9).count();
    let mean = behind.iter().map(|x| x.min(1.0).ln()).sum::<f64>() / behind.len() as f64;
    println!(
        "program within a tenth of the best for {within} of {}, on average at {:.3}",
        behind.len(),
        mean.exp()
    );
}
