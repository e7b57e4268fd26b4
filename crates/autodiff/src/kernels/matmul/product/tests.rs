use super::*;

/// Inner lengths on both sides of one piece, two and three.
const INNER: [usize; 9] = [1, 2, 3, 17, 64, 511, 513, 784, 1100];

const ORIENTATIONS: [(bool, bool); 4] =
    [(false, false), (true, false), (false, true), (true, true)];

/// Numbers of both signs and many sizes, so that another order of summation
/// gives other bits, with zeros of both signs among them.
fn numbers<F>(len: usize, seed: usize, from: impl Fn(f64) -> F) -> Vec<F> {
    let number = |i: usize| match (i * 7 + seed) % 13 {
        0 => -0.0,
        1 => 0.0,
        _ => ((i * 31 + seed) as f64).sin() * 2f64.powi((i % 9) as i32 - 4),
    };
    (0..len).map(number).map(from).collect()
}

fn transposed<F: Copy>(data: &[F], rows: usize, cols: usize) -> Vec<F> {
    let mut out = Vec::with_capacity(data.len());
    for j in 0..cols {
        out.extend((0..rows).map(|i| data[i * cols + j]));
    }
    out
}

/// `a` and `b` in one of the orientations.
struct Factors<F> {
    sizes: [usize; 3],
    a: [Vec<F>; 2],
    b: [Vec<F>; 2],
}

impl<F: Copy> Factors<F> {
    fn new([m, k, n]: [usize; 3], from: impl Fn(f64) -> F) -> Self {
        let (a, b) = (numbers(m * k, 1, &from), numbers(k * n, 2, &from));
        Factors {
            sizes: [m, k, n],
            a: [a.clone(), transposed(&a, m, k)],
            b: [b.clone(), transposed(&b, k, n)],
        }
    }

    fn get(&self, ta: bool, tb: bool) -> (Matrix<'_, F>, Matrix<'_, F>) {
        let [m, k, n] = self.sizes;
        let a = Matrix::new(&self.a[usize::from(ta)], m, k, ta);
        (a, Matrix::new(&self.b[usize::from(tb)], k, n, tb))
    }
}

fn product<F: Gemm>(a: Matrix<'_, F>, b: Matrix<'_, F>, nan: F) -> Vec<F> {
    let mut out = vec![nan; a.sizes().0 * b.sizes().1];
    F::product(&mut out, a, b);
    out
}

#[test]
fn every_orientation_and_degenerate_size() {
    for [m, k, n] in [
        [3, 4, 5],
        [1, 7, 1],
        [17, 1, 33],
        [0, 3, 2],
        [3, 2, 0],
        [2, 0, 3],
        [65, 70, 9],
        [1, 600, 5],
        [300, 5, 1],
    ] {
        // Small integers and halves: exact in any order.
        let a: Vec<f64> = (0..m * k).map(|i| (i % 7) as f64 - 3.0).collect();
        let b: Vec<f64> = (0..k * n).map(|i| (i % 5) as f64 - 1.5).collect();
        let mut naive = Vec::new();
        for i in 0..m {
            for j in 0..n {
                naive.push((0..k).map(|l| a[i * k + l] * b[l * n + j]).sum::<f64>());
            }
        }
        let factors = Factors {
            sizes: [m, k, n],
            a: [a.clone(), transposed(&a, m, k)],
            b: [b.clone(), transposed(&b, k, n)],
        };
        for (ta, tb) in ORIENTATIONS {
            let (a, b) = factors.get(ta, tb);
            assert_eq!(product(a, b, f64::NAN), naive, "{m}x{k}x{n} {ta} {tb}");
        }
    }
}

/// One sum per element, in the order that the folder promises.
#[test]
fn an_element_is_a_chain_of_multiply_adds_in_pieces() {
    if !cfg!(target_arch = "x86_64") || !std::is_x86_feature_detected!("fma") {
        return;
    }
    for k in INNER {
        let factors = Factors::new([18, k, 21], |x| x as f32);
        let (a, b) = factors.get(false, false);
        let found = product(a, b, f32::NAN);
        let piece = k.div_ceil(k.div_ceil(512));
        for i in 0..18 {
            for j in 0..21 {
                let mut sum = None;
                for start in (0..k).step_by(piece) {
                    let mut chain = 0f32;
                    for l in start..(start + piece).min(k) {
                        let (x, y) = (factors.a[0][i * k + l], factors.b[0][l * 21 + j]);
                        chain = x.mul_add(y, chain);
                    }
                    sum = Some(sum.map_or(chain, |s: f32| s + chain));
                }
                let sum = sum.expect("k > 0");
                assert_eq!(found[i * 21 + j].to_bits(), sum.to_bits(), "{k} {i} {j}");
            }
        }
    }
}

/// Rows computed in parts, cut anywhere, are those of the whole.
fn in_parts<F: Gemm + std::fmt::Debug>(from: fn(f64) -> F, bits: fn(F) -> u64) {
    let bits = |all: &[F]| all.iter().map(|&x| bits(x)).collect::<Vec<_>>();
    for k in INNER {
        for m in [1, 2, 16, 47, 131, 300] {
            for n in [1, 2, 10, 33, 130] {
                let factors = Factors::new([m, k, n], from);
                for (ta, tb) in ORIENTATIONS {
                    let (a, b) = factors.get(ta, tb);
                    let whole = bits(&product(a, b, from(f64::NAN)));
                    for step in [1, 5, 16, 48, 256] {
                        let steps = (0..m).step_by(step).take(5);
                        for start in steps.chain([m - 1]) {
                            let rows = start..(start + step).min(m);
                            let mut out = vec![from(f64::NAN); rows.len() * n];
                            F::product_rows(&mut out, rows.clone(), a, b);
                            let same = bits(&out) == whole[rows.start * n..rows.end * n];
                            assert!(same, "{m}x{k}x{n} {ta} {tb} {rows:?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn parts_are_the_whole_f32() {
    in_parts(|x| x as f32, |x| x.to_bits().into());
}

#[test]
fn parts_are_the_whole_f64() {
    in_parts(|x| x, |x| x.to_bits());
}

/// A flag instead of a transposed copy, and the transposed product, give the
/// same bits wherever both are matrices.
fn turned<F: Gemm + std::fmt::Debug>(from: fn(f64) -> F, bits: fn(F) -> u64) {
    let bits = |all: &[F]| all.iter().map(|&x| bits(x)).collect::<Vec<_>>();
    for k in INNER {
        for m in [2, 3, 16, 47, 131] {
            for n in [2, 10, 33, 130] {
                let factors = Factors::new([m, k, n], from);
                let (a, b) = factors.get(false, false);
                let plain = product(a, b, from(f64::NAN));
                for (ta, tb) in ORIENTATIONS {
                    let (a, b) = factors.get(ta, tb);
                    let found = product(a, b, from(f64::NAN));
                    assert_eq!(bits(&found), bits(&plain), "{m}x{k}x{n} {ta} {tb}");
                    let found = product(b.transpose(), a.transpose(), from(f64::NAN));
                    let found = transposed(&found, n, m);
                    assert_eq!(bits(&found), bits(&plain), "{m}x{k}x{n} {ta} {tb}");
                }
            }
        }
    }
}

#[test]
fn orientation_changes_no_bit_f32() {
    turned(|x| x as f32, |x| x.to_bits().into());
}

#[test]
fn orientation_changes_no_bit_f64() {
    turned(|x| x, |x| x.to_bits());
}
