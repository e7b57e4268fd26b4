//! Where we agree with neither PyTorch nor JAX, on purpose, and where the
//! forward sweep differs from the reverse sweep: our numbers. The reasons are
//! in the rows.
//!
//! The sweeps differ only where, along a chain of factors, an exact zero
//! meets what is infinite: it absorbs if it comes first, and each sweep comes
//! from its own end.

use std::collections::BTreeMap;

use crate::reference::FIELDS;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const OUTPUTS: &str = FIELDS[0];
const GRADS: &str = FIELDS[1];
const SECOND: &str = FIELDS[2];
/// The gradient by the forward sweep, against that by the reverse sweep.
pub const FORWARD: &str = "forward";

/// Our numbers, by identifier and field.
pub fn listed() -> BTreeMap<(&'static str, &'static str), Vec<f64>> {
    let all: &[((&str, &str), &[f64])] = &[
        (("kink/relu_as_clip", GRADS), &[0.0, 1.0, 1.0, 1.0]),
        (("kink/relu6", GRADS), &[0.0, 1.0, 1.0, 1.0, 0.0]),
        (("kink/celu", SECOND), &[0.3032653299, 0.5, 0.5, 0.0]),
        (("kink/abs_sqrt_square", SECOND), &[0.0, INF, INF, 0.0]),
        (("kink/abs_sqrt_square", FORWARD), &[-1.0, 0.0, 0.0, 1.0]),
        (("clip/scalar_bounds", GRADS), &[0.0, 1.0, 1.0, 1.0, 0.0]),
        (("clip/equal_bounds", GRADS), &[0.0, 1.0, 0.0]),
        (("zero/sqrt_of_sum_squares", SECOND), &[INF, INF]),
        (("zero/sqrt_of_sum_squares", FORWARD), &[0.0, 0.0]),
        (("zero/norm_p2.0", SECOND), &[0.0, 0.0]),
        (("zero/norm_p0.5", SECOND), &[0.0, 0.0]),
        (
            ("zero/norm_axis_one_zero_row", SECOND),
            &[0.0, 0.0, 0.032, -0.024],
        ),
        (("zero/norm_fro", SECOND), &[0.0, 0.0, 0.0, 0.0]),
        (("zero/norm_overflow", OUTPUTS), &[5e200]),
        (("zero/norm_overflow", GRADS), &[0.6, 0.8]),
        (("zero/norm_underflow", GRADS), &[0.6, 0.8]),
        (("zero/norm_underflow", SECOND), &[3.2e198, -2.4e198]),
        (("zero/normalize", SECOND), &[0.0, 0.0]),
        (
            ("zero/cosine_similarity", SECOND),
            &[17888543.82, -8944271.91, 17888543.82, -8944271.91],
        ),
        (
            ("zero/hypot", GRADS),
            &[0.0, 0.0, 0.6, NAN, 0.0, 1.0, 0.8, NAN],
        ),
        (
            ("zero/atan2", SECOND),
            &[
                0.0, 0.0, -1.0, -1.0, 1.0, -1.0, 0.0, 0.0, -1.0, -1.0, 1.0, -1.0,
            ],
        ),
        (
            ("zero/xlogy", GRADS),
            &[-INF, 0.0, -INF, NAN, NAN, 0.0, 0.0, INF, 0.0, 0.0],
        ),
        (
            ("zero/xlogy", SECOND),
            &[INF, 1.0, INF, -1.0, NAN, INF, 1.0, NAN, -1.0, NAN],
        ),
        (
            ("zero/x_times_log_y", GRADS),
            &[-INF, 0.0, -INF, 0.0, 0.0, INF],
        ),
        (
            ("zero/x_times_log_y", SECOND),
            &[INF, 1.0, INF, INF, 1.0, NAN],
        ),
        (
            ("zero/x_times_log_y", FORWARD),
            &[-INF, 0.0, -INF, NAN, 0.0, INF],
        ),
        (("zero/entr", GRADS), &[INF, -1.0, 0.0]),
        (
            ("power/zero_base", SECOND),
            &[0.0, -INF, 2.0, -INF, INF, INF, 1.0, 0.0, NAN, INF],
        ),
        (
            ("power/neg_zero_base", SECOND),
            &[0.0, -INF, 2.0, -INF, NAN, -INF, 1.0, 0.0, NAN, NAN],
        ),
        (
            ("power/exponent_zero", SECOND),
            &[NAN, 0.0, 0.0, 0.5, NAN, -INF, INF, 0.9804530139],
        ),
        (("power/one_base", SECOND), &[INF, NAN, 1.0, NAN, NAN, 1.0]),
        (
            ("power/inf", GRADS),
            &[0.0, 0.0, NAN, NAN, INF, 0.0, 0.0, 0.0],
        ),
        (
            ("power/inf", SECOND),
            &[NAN, NAN, NAN, NAN, INF, NAN, NAN, NAN],
        ),
        (("power/const_base_zero", SECOND), &[0.0, 0.0, 0.0, INF]),
        (("prod/prod_zero_and_inf", SECOND), &[INF, 2.0, INF]),
        (("prod/cumprod_zero_and_inf", GRADS), &[INF, 0.0, 0.0]),
        (("prod/cumprod_zero_and_inf", FORWARD), &[INF, 0.0, NAN]),
        (("where/sqrt_branch", GRADS), &[0.0, 0.0, 0.25]),
        (("where/sqrt_branch", SECOND), &[0.0, 0.0, -0.03125]),
        (("where/log_branch", GRADS), &[0.0, 0.0, 0.25]),
        (("where/log_branch", SECOND), &[0.0, 0.0, -0.0625]),
        (("where/div_branch", GRADS), &[0.0, -0.25]),
        (("where/div_branch", SECOND), &[0.0, 0.25]),
        (("where/masked_nan_times_zero", GRADS), &[0.0, 0.0, 0.25]),
        (
            ("where/masked_nan_times_zero", SECOND),
            &[0.0, 0.0, -0.03125],
        ),
        (("where/masked_nan_times_zero", FORWARD), &[NAN, NAN, 0.25]),
        (("where/exp_branch", GRADS), &[1.0, 1.0]),
        (("where/exp_branch", SECOND), &[1.0, 0.0]),
        (("logsumexp/lse_all_neg_inf", GRADS), &[0.0, 0.0]),
        (("logsumexp/lse_all_neg_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/logaddexp_all_neg_inf", GRADS), &[0.0, 0.0]),
        (("logsumexp/logaddexp_all_neg_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/lse_pos_inf", GRADS), &[1.0, 0.0]),
        (("logsumexp/lse_pos_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/logaddexp_pos_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/lse_two_pos_inf", GRADS), &[0.5, 0.5]),
        (("logsumexp/lse_two_pos_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/logaddexp_two_pos_inf", GRADS), &[0.5, 0.5]),
        (("logsumexp/lse_both_inf", GRADS), &[1.0, 0.0]),
        (("logsumexp/lse_both_inf", SECOND), &[0.0, 0.0]),
        (("logsumexp/lse_naive_overflow", GRADS), &[0.0, 0.0]),
        (("logsumexp/lse_naive_overflow", FORWARD), &[NAN, 0.0]),
        (("softmax/softmax_first_pos_inf", OUTPUTS), &[1.0]),
        (("softmax/softmax_first_pos_inf", GRADS), &[0.0, 0.0]),
        (("softmax/softmax_first_pos_inf", SECOND), &[0.0, 0.0]),
        (("softmax/log_softmax_first_pos_inf", OUTPUTS), &[0.0]),
        (("softmax/log_softmax_first_pos_inf", GRADS), &[0.0, 0.0]),
        (("softmax/log_softmax_first_pos_inf", SECOND), &[0.0, 0.0]),
        (("softmax/log_of_softmax", FORWARD), &[0.0, 0.0]),
        (
            ("saturation/sigmoid_naive", GRADS),
            &[0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0],
        ),
        (
            ("saturation/sigmoid_naive", FORWARD),
            &[NAN, NAN, 0.0, 0.25, 0.0, 0.0, 0.0],
        ),
        (
            ("saturation/log_of_sigmoid", FORWARD),
            &[0.0, 0.0, 1.0, 0.5, 0.0, 0.0, 0.0],
        ),
        (
            ("saturation/log1p_exp", GRADS),
            &[0.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0],
        ),
        (
            ("saturation/log1p_exp", FORWARD),
            &[0.0, 0.0, 0.0, 0.5, 1.0, NAN, NAN],
        ),
        (("saturation/erf", SECOND), &[0.0, 0.0, 0.0, 0.0]),
        (("saturation/log_of_exp", GRADS), &[NAN, 1.0, 0.0]),
        (("saturation/log_of_exp", FORWARD), &[0.0, 1.0, NAN]),
        (("domain/logit", SECOND), &[-INF, 0.0, INF, 3.555555556]),
        (("loss/cross_entropy_pos_inf_class0", OUTPUTS), &[0.0]),
        (
            ("loss/cross_entropy_pos_inf_class0", GRADS),
            &[0.0, 0.0, 0.0],
        ),
        (
            ("loss/cross_entropy_pos_inf_class0", SECOND),
            &[0.0, 0.0, 0.0],
        ),
        (("loss/cross_entropy_pos_inf_class1", OUTPUTS), &[INF]),
        (
            ("loss/cross_entropy_pos_inf_class1", GRADS),
            &[1.0, -1.0, 0.0],
        ),
        (
            ("loss/cross_entropy_pos_inf_class1", SECOND),
            &[0.0, 0.0, 0.0],
        ),
        (("loss/nll_of_softmax", FORWARD), &[0.0, 0.0]),
        (("stats/layer_norm_constant_eps0", SECOND), &[0.0, 0.0, 0.0]),
        (
            ("stats/layer_norm_constant_eps0", FORWARD),
            &[INF, -INF, -INF],
        ),
        (("nonfinite/abs_nan", GRADS), &[NAN, 1.0, -1.0]),
        (
            ("nonfinite/matmul_inf_zero", FORWARD),
            &[NAN, NAN, INF, NAN],
        ),
    ];
    all.iter()
        .map(|&(key, numbers)| (key, numbers.to_vec()))
        .collect()
}
