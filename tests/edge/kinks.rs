//! Kinks, bounds and ties.

use crate::table::{Row, one, open, three, two};

const ZERO: &str = "the subgradient of least norm (2)";
const BRANCH: &str = "the side that the condition selects";
const BOUND: &str = "1 on a bound as inside: what was projected onto its bound can move back in";
const TIE: &str = "ties share evenly (3)";
const NOT_A_NUMBER: &str =
    "beside NaN both receive the gradient: nothing is silent where the value is NaN";
const FLAT: &str = "piecewise constant (5)";

const INF: f64 = f64::INFINITY;

pub fn rows() -> Vec<Row> {
    vec![
        one("kink/relu", |x| x.relu()).because(ZERO),
        one("kink/relu_as_maximum", |x| x.maximum(0.0)).because(TIE),
        one("kink/relu_as_clip", |x| x.clamp(0.0, INF)).because(BOUND),
        one("kink/relu_as_where", |x| x.greater(0.0).where_(x, 0.0)).because(BRANCH),
        one("kink/relu_nan", |x| x.relu()).because("NaN passes through: so does its gradient"),
        one("kink/relu6", |x| x.clamp(0.0, 6.0)).because(BOUND),
        one("kink/leaky_relu", |x| x.greater(0.0).where_(x, 0.1 * x)).because(BRANCH),
        one("kink/elu_a2", |x| x.greater(0.0).where_(x, 2.0 * x.expm1())).because(BRANCH),
        one("kink/celu", |x| {
            x.greater(0.0).where_(x, 2.0 * (x / 2.0).expm1())
        })
        .because(BRANCH),
        one("kink/selu", |x| {
            let (alpha, scale) = (1.673_263_242_354_377_2, 1.050_700_987_355_480_5);
            scale * x.greater(0.0).where_(x, alpha * x.expm1())
        })
        .because(BRANCH),
        one("kink/hardtanh", |x| x.clamp(-1.0, 1.0)).because(BOUND),
        one("kink/hardsigmoid", |x| {
            let inside = x.abs().less(3.0);
            inside.where_(x / 6.0 + 0.5, x.greater(0.0).where_(1.0, 0.0 * x))
        })
        .because("the true 1/6"),
        one("kink/hardswish", |x| {
            let inside = x.abs().less(3.0);
            inside.where_(x * (x / 6.0 + 0.5), x.greater(0.0).where_(x, 0.0))
        }),
        one("kink/softshrink", |x| {
            let below = x.less(-0.5).where_(x + 0.5, 0.0);
            x.greater(0.5).where_(x - 0.5, below)
        }),
        one("kink/hardshrink", |x| x.abs().greater(0.5).where_(x, 0.0)),
        one("kink/threshold", |x| x.greater(0.5).where_(x, 7.0)),
        two("kink/prelu", |x, w| x.greater(0.0).where_(x, w * x)).because(BRANCH),
        one("kink/abs", |x| x.abs()).because(ZERO),
        one("kink/abs_sqrt_square", |x| (x * x).sqrt())
            .because("`∞ · 0` along the way is not a number; `abs` and `norm` are"),
        one("kink/sign", |x| x.sign()).because(FLAT),
        one("kink/square", |x| x * x.abs()).because(ZERO),
        one("kink/huber_delta", |x| {
            let inside = x.abs().less_equal(1.0);
            inside.where_(0.5 * x.square(), x.abs() - 0.5)
        })
        .because(BRANCH),
        one("kink/smooth_l1_beta", |x| {
            let inside = x.abs().less(1.0);
            inside.where_(0.5 * x.square(), x.abs() - 0.5)
        }),
        two("kink/l1_loss", |x, y| (x - y).abs().sum()).because(ZERO),
        one("kink/floor", |x| x.floor()).because(FLAT),
        one("kink/ceil", |x| x.ceil()).because(FLAT),
        one("kink/round", |x| x.round())
            .because("halves to the even integer; piecewise constant (5)"),
        one("kink/trunc", |x| x.trunc()).because(FLAT),
        one("kink/frac", |x| x - x.floor()),
        one("kink/hinge", |x| (1.0 - x).maximum(0.0)).because(TIE),
        one("clip/scalar_bounds", |x| x.clamp(-1.0, 1.0)).because(BOUND),
        three("clip/array_bounds", |x, lo, hi| x.maximum(lo).minimum(hi)).because(TIE),
        one("clip/equal_bounds", |x| x.clamp(1.0, 1.0)).because(BOUND),
        one("clip/lo_above_hi", |x| x.clamp(2.0, 1.0))
            .refused("the lower bound 2 must not be above the upper bound 1")
            .because("an empty interval is a mistake, not a constant function"),
        one("clip/nonfinite", |x| x.clamp(-1.0, 1.0)),
        two("ties/maximum", |x, y| x.maximum(y)).because(NOT_A_NUMBER),
        two("ties/minimum", |x, y| x.minimum(y)).because(NOT_A_NUMBER),
        open("ties/fmax"),
        open("ties/fmin"),
        one("ties/maximum_same_array", |x| x.maximum(x)),
        one("ties/max_axis", |x| x.max_axes([1], false)).because(TIE),
        one("ties/max_all", |x| x.max()).because(TIE),
        one("ties/min_axis", |x| x.min_axes([1], false)).because(TIE),
        one("ties/min_all", |x| x.min()).because(TIE),
        one("ties/max_no_dim", |x| x.max()).because(TIE),
        one("ties/max_with_dim", |x| {
            x.gather(1, x.argmax(1).expand_dims(1))
        })
        .because("an index names one winner, the first (3)"),
        one("ties/min_with_dim", |x| {
            x.gather(1, x.argmin(1).expand_dims(1))
        })
        .because("an index names one winner, the first (3)"),
        one("ties/max_nan", |x| x.max()),
        one("ties/max_inf", |x| x.max()),
        one("ties/max_all_neg_inf", |x| x.max()),
        open("ties/cummax"),
        open("ties/cummin"),
        open("ties/sort"),
        open("ties/sort_descending"),
        open("ties/topk"),
        open("ties/median_even"),
        open("ties/median_ties"),
        open("ties/quantile_half"),
        open("ties/max_pool1d"),
        one("ties/norm_inf", |x| x.norm(INF)).because(TIE),
        one("ties/norm_neg_inf", |x| x.norm(-INF)).because(TIE),
        open("ties/scatter_max"),
    ]
}
