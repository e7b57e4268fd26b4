//! Exponentials and logarithms far out, and the ends of domains.

use ndarray::s;

use crate::table::{Row, one, open, two};

const NOTHING: &str = "nothing there to change: 0";
const WINNER: &str = "the limit (1): infinite operands share the gradient, the others have none";
const ABSORBED: &str =
    "a slope rounded to zero absorbs: the price of (4); use the stable operation";
const RIGHT_LIMIT: &str = "an exact zero is absolute (4), and here the true slope";

pub fn rows() -> Vec<Row> {
    let mut rows = sums();
    rows.extend(softmaxes());
    rows.extend(saturated());
    rows.extend(domains());
    rows
}

fn sums() -> Vec<Row> {
    vec![
        one("logsumexp/lse_all_neg_inf", |x| x.logsumexp()).because(NOTHING),
        open("logsumexp/logcumsumexp_all_neg_inf"),
        two("logsumexp/logaddexp_all_neg_inf", |x, y| x.logaddexp(y)).because(NOTHING),
        one("logsumexp/lse_one_neg_inf", |x| x.logsumexp()),
        open("logsumexp/logcumsumexp_one_neg_inf"),
        two("logsumexp/logaddexp_one_neg_inf", |x, y| x.logaddexp(y)).because("finite, and right"),
        one("logsumexp/lse_pos_inf", |x| x.logsumexp()).because(WINNER),
        open("logsumexp/logcumsumexp_pos_inf"),
        two("logsumexp/logaddexp_pos_inf", |x, y| x.logaddexp(y)).because(WINNER),
        one("logsumexp/lse_two_pos_inf", |x| x.logsumexp()).because(WINNER),
        open("logsumexp/logcumsumexp_two_pos_inf"),
        two("logsumexp/logaddexp_two_pos_inf", |x, y| x.logaddexp(y)).because(WINNER),
        one("logsumexp/lse_both_inf", |x| x.logsumexp()).because(WINNER),
        open("logsumexp/logcumsumexp_both_inf"),
        two("logsumexp/logaddexp_both_inf", |x, y| x.logaddexp(y)).because(WINNER),
        one("logsumexp/lse_huge", |x| x.logsumexp())
            .because("the softmax, not `exp(x - y)`, whose `y` has lost the `ln 2`"),
        open("logsumexp/logcumsumexp_huge"),
        two("logsumexp/logaddexp_huge", |x, y| x.logaddexp(y))
            .because("`σ(x - y)`, not `exp(x - result)`, whose result has lost the `ln 2`"),
        one("logsumexp/lse_tiny_gap", |x| x.logsumexp()),
        open("logsumexp/logcumsumexp_tiny_gap"),
        one("logsumexp/lse_nan", |x| x.logsumexp()),
        open("logsumexp/logcumsumexp_nan"),
        two("logsumexp/logaddexp_nan", |x, y| x.logaddexp(y)),
        one("logsumexp/lse_single", |x| x.logsumexp()),
        open("logsumexp/logcumsumexp_single"),
        one("logsumexp/lse_naive_overflow", |x| x.exp().sum().ln()).because(ABSORBED),
    ]
}

fn softmaxes() -> Vec<Row> {
    let soft = |id| one(id, |x| x.softmax(0).slice(s![0]));
    let log = |id| one(id, |x| x.log_softmax(0).slice(s![0]));
    vec![
        soft("softmax/softmax_first_huge"),
        log("softmax/log_softmax_first_huge"),
        soft("softmax/softmax_first_max_float"),
        log("softmax/log_softmax_first_max_float"),
        soft("softmax/softmax_first_one_neg_inf"),
        log("softmax/log_softmax_first_one_neg_inf"),
        soft("softmax/softmax_first_all_neg_inf"),
        log("softmax/log_softmax_first_all_neg_inf"),
        soft("softmax/softmax_first_pos_inf").because(WINNER),
        log("softmax/log_softmax_first_pos_inf").because(WINNER),
        soft("softmax/softmax_first_nan"),
        log("softmax/log_softmax_first_nan"),
        soft("softmax/softmax_first_single"),
        log("softmax/log_softmax_first_single"),
        soft("softmax/softmax_first_equal"),
        log("softmax/log_softmax_first_equal"),
        one("softmax/log_of_softmax", |x| x.softmax(0).ln().slice(s![1]))
            .because("`log_softmax` is finite here"),
    ]
}

fn saturated() -> Vec<Row> {
    vec![
        one("saturation/sigmoid", |x| x.sigmoid()),
        one("saturation/sigmoid_naive", |x| 1.0 / (1.0 + (-x).exp())).because(RIGHT_LIMIT),
        one("saturation/log_sigmoid", |x| x.log_sigmoid()),
        one("saturation/log_of_sigmoid", |x| x.sigmoid().ln())
            .because("`log_sigmoid` is finite here"),
        one("saturation/softplus", |x| x.softplus()),
        one("saturation/softplus_near_threshold", |x| x.softplus())
            .because("no threshold: `max(x, 0) + ln(1 + e^-|x|)` everywhere"),
        one("saturation/log1p_exp", |x| x.exp().log1p()).because(ABSORBED),
        one("saturation/tanh", |x| x.tanh()),
        one("saturation/silu", |x| x * x.sigmoid()),
        one("saturation/gelu", |x| 0.5 * x * (-x / 2f64.sqrt()).erfc()),
        one("saturation/gelu_tanh", |x| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }),
        one("saturation/mish", |x| x * x.softplus().tanh()).because("finite, and right"),
        one("saturation/elu", |x| x.greater(0.0).where_(x, x.expm1()))
            .because("the side that the condition selects"),
        one("saturation/exp", |x| x.exp()),
        one("saturation/expm1", |x| x.expm1()),
        one("saturation/sinh", |x| x.sinh()),
        one("saturation/cosh", |x| x.cosh()),
        one("saturation/erf", |x| x.erf()).because(RIGHT_LIMIT),
        one("saturation/erfc", |x| x.erfc()),
        one("saturation/log_of_exp", |x| x.exp().ln()).because(ABSORBED),
        one("saturation/exp_neg_square", |x| (-(x * x)).exp()),
        one("saturation/square_then_tanh", |x| (x * x).tanh()),
        open("saturation/log_ndtr"),
        one("saturation/acosh", |x| x.acosh()),
        one("saturation/asinh", |x| x.asinh()),
    ]
}

fn domains() -> Vec<Row> {
    vec![
        one("domain/acos", |x| x.acos()),
        one("domain/asin", |x| x.asin()),
        one("domain/atanh", |x| x.atanh()).because("infinite at ±1 at every order"),
        one("domain/logit", |x| x.ln() - (-x).log1p()).because("infinite at the ends"),
        open("domain/erfinv"),
        open("domain/lgamma"),
        open("domain/digamma"),
        one("domain/tan", |x| x.tan()),
    ]
}
