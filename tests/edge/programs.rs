//! Losses, statistics, indexing, linear algebra, and numbers that are not
//! finite.

use ndarray::{Array1, array, concatenate, s};
use wengert_autodiff::{Var, concat};
use wengert_nn::loss::{
    binary_cross_entropy, softmax_cross_entropy, softmax_cross_entropy_one_hot,
};

use crate::table::{Row, one, open, two};

const LIMIT: &str = "the limit (1): an infinite logit takes all of the probability";
const EQUAL: &str = "of equal elements the subgradient of least norm (2), at every order";
const FREEDOM: &str = "without degrees of freedom there is no variance (6)";

pub fn rows() -> Vec<Row> {
    let mut rows = losses();
    rows.extend(statistics());
    rows.extend(indices());
    rows.extend(linear_algebra());
    rows.extend(not_finite());
    rows
}

fn bce<'t>(x: Var<'t, f64>, target: f64) -> Var<'t, f64> {
    let targets = Array1::from_elem(x.shape()[0], target);
    binary_cross_entropy(x, x.tape().constant(targets))
}

fn cross_entropy<'t>(x: Var<'t, f64>, label: usize) -> Var<'t, f64> {
    softmax_cross_entropy(x.expand_dims(0), x.tape().constant(array![label]))
}

fn losses() -> Vec<Row> {
    const LOGITS: &str =
        "of softplus, not of `max` and `abs`, whose slopes at 0 are another matter";
    let first = |id| one(id, |x| cross_entropy(x, 0));
    let second = |id| one(id, |x| cross_entropy(x, 1));
    vec![
        one("loss/bce_logits_target_0.0", |x| bce(x, 0.0)).because(LOGITS),
        one("loss/bce_logits_softplus_target_0.0", |x| {
            x.softplus() - x * 0.0
        }),
        one("loss/bce_logits_target_1.0", |x| bce(x, 1.0)).because(LOGITS),
        one("loss/bce_logits_softplus_target_1.0", |x| {
            x.softplus() - x * 1.0
        }),
        one("loss/bce_logits_target_0.5", |x| bce(x, 0.5)).because(LOGITS),
        one("loss/bce_logits_softplus_target_0.5", |x| {
            x.softplus() - x * 0.5
        }),
        open("loss/bce_target_0.0"),
        open("loss/bce_of_sigmoid_target_0.0"),
        open("loss/bce_target_1.0"),
        open("loss/bce_of_sigmoid_target_1.0"),
        first("loss/cross_entropy_1e4_class0"),
        second("loss/cross_entropy_1e4_class1"),
        first("loss/cross_entropy_1e308_class0"),
        second("loss/cross_entropy_1e308_class1"),
        first("loss/cross_entropy_neg_inf_wrong_class0"),
        second("loss/cross_entropy_neg_inf_wrong_class1"),
        first("loss/cross_entropy_pos_inf_class0").because(LIMIT),
        second("loss/cross_entropy_pos_inf_class1").because(LIMIT),
        first("loss/cross_entropy_all_equal_class0"),
        second("loss/cross_entropy_all_equal_class1"),
        one("loss/cross_entropy_smoothing_1e4", |x| {
            let rest = 0.1 / 3.0;
            let targets = x.tape().constant(array![[0.9 + rest, rest, rest]]);
            softmax_cross_entropy_one_hot(x.expand_dims(0), targets)
        }),
        open("loss/cross_entropy_all_ignored"),
        one("loss/nll_of_softmax", |x| -x.softmax(0).slice(s![0]).ln())
            .because("`log_softmax` is finite here"),
        two("loss/mse_overflow", |x, y| (x - y).square().mean()),
    ]
}

fn statistics() -> Vec<Row> {
    vec![
        one("stats/std_ddof0_constant", |x| x.std(0)).because(EQUAL),
        one("stats/var_ddof0_constant", |x| x.var(0)),
        one("stats/std_ddof1_constant", |x| x.std(1)).because(EQUAL),
        one("stats/var_ddof1_constant", |x| x.var(1)),
        one("stats/std_ddof0_single", |x| x.std(0)).because(EQUAL),
        one("stats/var_ddof0_single", |x| x.var(0)),
        one("stats/std_ddof1_single", |x| x.std(1))
            .refused("needs more than ddof = 1 elements")
            .because(FREEDOM),
        one("stats/var_ddof1_single", |x| x.var(1))
            .refused("needs more than ddof = 1 elements")
            .because(FREEDOM),
        one("stats/std_ddof0_empty", |x| x.std(0))
            .refused("needs more than ddof = 0 elements")
            .because(FREEDOM),
        one("stats/var_ddof0_empty", |x| x.var(0))
            .refused("needs more than ddof = 0 elements")
            .because(FREEDOM),
        one("stats/std_ddof1_empty", |x| x.std(1))
            .refused("needs more than ddof = 1 elements")
            .because(FREEDOM),
        one("stats/var_ddof1_empty", |x| x.var(1))
            .refused("needs more than ddof = 1 elements")
            .because(FREEDOM),
        one("stats/std_ddof0_huge_offset", |x| x.std(0)),
        one("stats/var_ddof0_huge_offset", |x| x.var(0)),
        one("stats/std_ddof1_huge_offset", |x| x.std(1)),
        one("stats/var_ddof1_huge_offset", |x| x.var(1)),
        one("stats/mean_empty", |x| x.mean())
            .refused("cannot be taken over no elements")
            .because("there is no mean of nothing (6)"),
        one("stats/sum_empty", |x| x.sum()),
        one("stats/logsumexp_empty", |x| x.logsumexp()),
        one("stats/max_empty", |x| x.max())
            .refused("cannot be taken over no elements")
            .because("there is no largest of nothing (6)"),
        one("stats/norm_empty", |x| x.norm(2.0)),
        one("stats/sum_axis_empty", |x| x.sum_axes([0], false)),
        one("stats/max_axis_empty", |x| x.max_axes([1], false)),
        one("stats/softmax_empty", |x| x.softmax(1)),
        two("stats/matmul_inner_zero", |x, y| x.dot(y)),
        one("stats/layer_norm_constant", |x| layer_norm(x, 1e-5)),
        one("stats/layer_norm_constant_eps0", |x| layer_norm(x, 0.0))
            .because("`0 / 0` is not a number; `eps` is there for it"),
        open("stats/batch_norm_batch_of_one"),
    ]
}

fn layer_norm<'t>(x: Var<'t, f64>, eps: f64) -> Var<'t, f64> {
    let deviation = x - x.mean_axes([1], true);
    let y = deviation / (x.var_axes([1], 0, true) + eps).sqrt();
    y.slice(s![0, 0])
}

fn indices() -> Vec<Row> {
    vec![
        one("index/gather_repeated", |x| {
            x.index_select(0, x.tape().constant(array![0usize, 0, 1]))
        }),
        one("index/take_along_repeated", |x| {
            let at = concatenate![ndarray::Axis(0), array![[0usize, 0, 2]], array![[1, 1, 1]]];
            x.gather(1, x.tape().constant(at))
        }),
        one("index/fancy_2d_repeated", |x| {
            // Row 0, column 1 is element 1.
            x.reshape([4])
                .index_select(0, x.tape().constant(array![1usize, 1]))
        }),
        one("index/negative_index", |x| {
            // Indices are `usize`: the last of three is written 2.
            x.index_select(0, x.tape().constant(array![2usize, 0]))
        }),
        one("index/out_of_bounds", |x| {
            x.index_select(0, x.tape().constant(array![0usize, 5]))
        })
        .refused("index 5 at position 1 is out of range")
        .because("an error, not a clamped index whose gradient disappears"),
        one("index/scatter_add_repeated", |y| {
            let zeros = y.tape().constant(array![0.0, 0.0, 0.0]);
            zeros.scatter_add(0, y.tape().constant(array![0usize, 0, 2]), y)
        }),
        two("index/assign_slice", |x, y| {
            concat(&[x.slice(s![..1]), y], 0)
        }),
        open("index/assign_repeated"),
        one("index/empty_index", |x| {
            x.index_select(0, x.tape().constant(Array1::<usize>::zeros(0)))
        }),
    ]
}

fn linear_algebra() -> Vec<Row> {
    let missing = [
        "linalg/det_rank_1_of_2",
        "linalg/det_rank_1_of_3",
        "linalg/det_zero",
        "linalg/det_empty",
        "linalg/slogdet_singular",
        "linalg/slogdet_negative",
        "linalg/inv_singular",
        "linalg/cholesky_raw",
        "linalg/cholesky_unsymmetric_input",
        "linalg/cholesky_lower_only",
        "linalg/cholesky_not_pd",
        "linalg/eigvalsh_raw",
        "linalg/eigvalsh_repeated",
        "linalg/eigvalsh_trace_repeated",
        "linalg/eigh_vectors_repeated",
        "linalg/eigh_reconstruct_repeated",
        "linalg/svdvals_repeated",
        "linalg/svdvals_zero",
        "linalg/norm2_repeated",
        "linalg/qr_tall_r",
        "linalg/pinv_rank_deficient",
        "linalg/solve_singular",
        "linalg/expm_zero",
        "linalg/matrix_power_0",
    ];
    missing.map(open).into()
}

fn not_finite() -> Vec<Row> {
    vec![
        two("nonfinite/add_inf", |x, y| x + y),
        two("nonfinite/mul_inf_zero", |x, y| x * y),
        one("nonfinite/zero_times_nan_constant", |x| x * 0.0),
        one("nonfinite/sum_nan", |x| x.sum()),
        open("nonfinite/sort_nan"),
        one("nonfinite/tanh_nan", |x| x.tanh()),
        one("nonfinite/sin_inf", |x| x.sin()),
        one("nonfinite/sqrt_inf", |x| x.sqrt()),
        one("nonfinite/abs_nan", |x| x.abs())
            .because("NaN has no sign, and its slope is not a number"),
        two("nonfinite/matmul_inf_zero", |x, y| x.dot(y)).because(
            "in a matrix product `0 · ∞` is NaN, also for a tangent that is zero: only elementwise \
             products absorb",
        ),
    ]
}
