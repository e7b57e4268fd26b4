//! Zeros, powers, products with zeros, and branches that were not selected.

use ndarray::array;

use crate::table::{Row, one, open, two};

const NORM: &str = "of the zero vector the subgradient of least norm (2), at every order";
const SCALED: &str = "scaled before squaring: neither overflows nor underflows";
const ORIGIN: &str = "no direction at the origin: 0 (2), at every order";
const ABSOLUTE: &str = "an exact zero is absolute (4)";
const POLE: &str = "infinite, the limit from the right";
const POW: &str = "`b a^(b-1)` with a zero `b` that absorbs; the slope in the exponent at `0^b`, \
                   `b >= 0`, is its limit 0";
const TREE: &str = "products of the other factors, without a division";

pub fn rows() -> Vec<Row> {
    let mut rows = zeros();
    rows.extend(powers());
    rows.extend(products());
    rows.extend(branches());
    rows
}

fn zeros() -> Vec<Row> {
    vec![
        one("zero/sqrt", |x| x.sqrt()).because(POLE),
        one("zero/rsqrt", |x| x.rsqrt()),
        one("zero/sqrt_of_sum_squares", |x| (x * x).sum().sqrt())
            .because("`∞ · 0` along the way is not a number; `norm` is"),
        one("zero/norm_p2.0", |x| x.norm(2.0)).because(NORM),
        one("zero/norm_p1.0", |x| x.norm(1.0)).because(NORM),
        one("zero/norm_p0.5", |x| x.norm(0.5)).because(NORM),
        one("zero/norm_p3.0", |x| x.norm(3.0)).because(NORM),
        one("zero/norm_pinf", |x| x.norm(f64::INFINITY)).because(NORM),
        one("zero/norm_p0.0", |x| x.norm(0.0))
            .refused("p = 0.0 does not make a norm")
            .because("a count of non-zeros is not a norm and has no gradient"),
        one("zero/norm_partly_zero", |x| x.norm(2.0)),
        one("zero/norm_axis_one_zero_row", |x| {
            x.norm_axes(2.0, [1], false)
        })
        .because(NORM),
        one("zero/norm_fro", |x| x.norm(2.0)).because(NORM),
        open("zero/norm_nuc"),
        one("zero/norm_overflow", |x| x.norm(2.0)).because(SCALED),
        one("zero/norm_underflow", |x| x.norm(2.0)).because(SCALED),
        one("zero/normalize", |x| x / x.norm(2.0).maximum(1e-12)).because(NORM),
        two("zero/cosine_similarity", |x, y| {
            (x * y).sum() / (x.norm(2.0).maximum(1e-8) * y.norm(2.0).maximum(1e-8))
        })
        .because(NORM),
        two("zero/pairwise_distance", |x, y| (x - y + 1e-6).norm(2.0)),
        two("zero/cdist", |x, y| (x - y).norm_axes(2.0, [1], false)).because(NORM),
        two("zero/hypot", |x, y| x.hypot(y)).because(ORIGIN),
        two("zero/atan2", |y, x| y.atan2(x)).because(ORIGIN),
        one("zero/log", |x| x.ln()).because(POLE),
        one("zero/log1p", |x| x.log1p()),
        one("zero/log2", |x| x.log2()),
        two("zero/xlogy", |x, y| x.xlogy(y)).because(
            "value 0 at `x = 0`; the slope in `x` is the true one, `ln y`, and the one in `y`, \
             `x/y`, has a zero that absorbs",
        ),
        two("zero/x_times_log_y", |x, y| x * y.ln()).because(ABSOLUTE),
        one("zero/entr", |x| {
            x.less(0.0).where_(f64::NEG_INFINITY, -x.xlogy(x))
        })
        .because(ABSOLUTE),
        one("zero/kl_zero_target", |q| {
            let p = q.tape().constant(array![0.0, 1.0]);
            (p.xlogy(p) - p * q).sum()
        }),
        open("zero/sinc"),
        one("zero/sin_over_x", |x| x.sin() / x),
        one("zero/x_over_x", |x| {
            let same = x;
            x / same
        }),
        one("zero/reciprocal", |x| x.recip()),
        two("zero/divide", |x, y| x / y),
        two("zero/mod", |x, y| x - y * (x / y).floor()),
        two("zero/mod_by_zero", |x, y| x - y * (x / y).floor()),
        two("zero/fmod", |x, y| x - y * (x / y).trunc()),
        two("zero/floor_divide", |x, y| (x / y).floor()),
    ]
}

fn powers() -> Vec<Row> {
    vec![
        one("power/scalar_0.0", |x| x.powf(0.0)).because("a constant, 1 everywhere"),
        one("power/scalar_1.0", |x| x.powf(1.0)).because("the identity"),
        one("power/scalar_2.0", |x| x.powf(2.0)),
        one("power/scalar_3.0", |x| x.powf(3.0)),
        one("power/scalar_0.5", |x| x.powf(0.5)).because("`(-0)^p = +0`, as in IEEE 754; `sqrt(-0) = -0`"),
        one("power/scalar_1.5", |x| x.powf(1.5)).because("`(-0)^p = +0`, as in IEEE 754"),
        one("power/scalar_-1.0", |x| x.powf(-1.0)),
        one("power/scalar_-2.0", |x| x.powf(-2.0)),
        one("power/int_exponent_0", |x| x.powi(0)),
        one("power/int_exponent_2", |x| x.powi(2)),
        one("power/int_exponent_neg3", |x| x.powi(-3)),
        two("power/zero_base", |x, y| x.pow(y)).because(POW),
        two("power/neg_zero_base", |x, y| x.pow(y)).because(POW),
        two("power/positive_base", |x, y| x.pow(y)).because("the true mixed derivative, also at exponent 0"),
        two("power/negative_base", |x, y| x.pow(y)).because(
            "the derivative in the exponent does not exist; with `powf` and `powi` the question does not arise",
        ),
        two("power/exponent_zero", |x, y| x.pow(y)).because(POW),
        two("power/one_base", |x, y| x.pow(y)).because(ABSOLUTE),
        two("power/inf", |x, y| x.pow(y)).because(POW),
        one("power/const_base_zero", |y| y.tape().scalar(0.0).pow(y)).because(POW),
        one("power/const_base_neg", |y| y.tape().scalar(-2.0).pow(y)),
        one("power/cbrt_by_pow", |x| x.powf(1.0 / 3.0)),
        one("power/exp2", |x| x.exp2()),
    ]
}

fn products() -> Vec<Row> {
    vec![
        one("prod/prod_no_zero", |x| x.prod()),
        one("prod/cumprod_no_zero", |x| x.cumprod(0)),
        one("prod/prod_one_zero", |x| x.prod()).because(TREE),
        one("prod/cumprod_one_zero", |x| x.cumprod(0)).because(TREE),
        one("prod/prod_two_zeros", |x| x.prod()).because(TREE),
        one("prod/cumprod_two_zeros", |x| x.cumprod(0)).because(TREE),
        one("prod/prod_neg_zero", |x| x.prod()),
        one("prod/cumprod_neg_zero", |x| x.cumprod(0)),
        one("prod/prod_single_zero", |x| x.prod()),
        one("prod/cumprod_single_zero", |x| x.cumprod(0)),
        one("prod/prod_zero_and_inf", |x| x.prod()).because(ABSOLUTE),
        one("prod/cumprod_zero_and_inf", |x| x.cumprod(0)).because(ABSOLUTE),
        one("prod/prod_underflow", |x| x.prod()).because(TREE),
        one("prod/cumprod_underflow", |x| x.cumprod(0)).because(TREE),
        one("prod/prod_empty", |x| x.prod()),
        one("prod/cumprod_empty", |x| x.cumprod(0)),
        one("prod/prod_axis", |x| x.prod_axes([1], false)),
    ]
}

fn branches() -> Vec<Row> {
    vec![
        one("where/sqrt_branch", |x| {
            x.greater(0.0).where_(x.sqrt(), 0.0)
        })
        .because(ABSOLUTE),
        one("where/log_branch", |x| x.greater(0.0).where_(x.ln(), 0.0)).because(ABSOLUTE),
        one("where/div_branch", |x| {
            x.not_equal(0.0).where_(1.0 / x, 0.0)
        })
        .because(ABSOLUTE),
        one("where/double_where", |x| {
            let positive = x.greater(0.0);
            positive.where_(positive.where_(x, 1.0).sqrt(), 0.0)
        }),
        one("where/masked_nan_times_zero", |x| {
            (x.greater(0.0).cast::<f64>() * x.sqrt()).sum()
        })
        .because(
            "the value is NaN; its gradient passes a factor that is exactly zero, which absorbs",
        ),
        one("where/exp_branch", |x| x.less(100.0).where_(x.exp(), x)).because(ABSOLUTE),
        one("where/masked_select_sqrt", |x| {
            x.index_select(0, x.tape().constant(array![2usize])).sqrt()
        }),
        one("where/nan_to_num", |x| {
            x.equal(x).where_(x.clamp(f64::MIN, f64::MAX), 0.0)
        }),
        one("where/nansum", |x| x.equal(x).where_(x, 0.0).sum()),
        one("where/nanmean", |x| {
            let there = x.equal(x);
            there.where_(x, 0.0).sum() / there.cast::<f64>().sum()
        }),
    ]
}
