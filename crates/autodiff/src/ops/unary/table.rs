//! The rows: what each function of one number is, and its derivative.

use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, LN_10};

use super::Domain;
use crate::dtype::{Any, Float, Numeric};
use crate::kernels::elementwise::{map_into, map_unless_into};
use crate::kernels::{scalar, vector};
use crate::var::Var;

unary! {
    /// Negation, `-x`; also written `-x`. `dy = -dx`.
    Neg neg: on [-3.0, 3.0], kinks [];
        value |x| -x;
        push |g, _, _| -g;
        at 0.5: -0.5, slope -1.0;

    /// Reciprocal, `1/x`. `dy = -y² dx`; infinite at 0.
    Recip recip: on [0.5, 3.0], kinks [];
        value |x| x.recip();
        push |g, _, y| g.azmul(-y.square());
        at 0.5: 2.0, slope -4.0;

    /// Exponential, `e^x`. `dy = y dx`.
    Exp exp: on [-3.0, 3.0], kinks [];
        value |x| vector::exp(x);
        push |g, _, y| g.azmul(y);
        at 0.5: 1.6487212707001282, slope 1.6487212707001282;

    /// Power of two, `2^x`. `dy = y ln(2) dx`.
    Exp2 exp2: on [-3.0, 3.0], kinks [];
        value |x| vector::exp2(x);
        push |g, _, y| g.azmul(LN_2 * y);
        at 0.3: 1.2311444133449163, slope 0.8533642789721566;

    /// Natural logarithm, `ln x`; NaN below 0. `dy = dx / x`; infinite at 0.
    Ln ln: on [0.2, 5.0], kinks [];
        value |x| vector::ln(x);
        push |g, x, _| g.azmul(x.recip());
        at 0.3: -1.2039728043259361, slope 3.3333333333333335;

    /// Logarithm to base 2. `dy = dx / (x ln 2)`; infinite at 0.
    Log2 log2: on [0.2, 5.0], kinks [];
        value |x| x.log2();
        push |g, x, _| g.azmul((LN_2 * x).recip());
        at 0.3: -1.7369655941662063, slope 4.8089834696298785;

    /// Logarithm to base 10. `dy = dx / (x ln 10)`; infinite at 0.
    Log10 log10: on [0.2, 5.0], kinks [];
        value |x| x.log10();
        push |g, x, _| g.azmul((LN_10 * x).recip());
        at 0.3: -0.5228787452803376, slope 1.4476482730108395;

    /// `ln(1 + x)`, exact for small `x`. `dy = dx / (1 + x)`.
    Log1p log1p: on [-0.7, 3.0], kinks [];
        value |x| vector::log1p(x);
        push |g, x, _| g.azmul((1.0 + x).recip());
        at 0.5: 0.4054651081081644, slope 0.6666666666666666;

    /// `e^x - 1`, exact for small `x`. `dy = e^x dx`, which keeps its digits
    /// where `y + 1` would lose them.
    Expm1 expm1: on [-3.0, 3.0], kinks [];
        value |x| vector::expm1(x);
        push |g, x, _| g.azmul(x.exp());
        at 0.5: 0.6487212707001282, slope 1.6487212707001282;

    /// Square root; NaN below 0. `dy = dx / 2y`; infinite at 0, which is
    /// the limit and what every framework says.
    Sqrt sqrt: on [0.2, 5.0], kinks [];
        value |x| x.sqrt();
        push |g, _, y| g.azmul(0.5 * y.recip());
        at 0.3: 0.5477225575051661, slope 0.9128709291752769;

    /// Reciprocal square root, `1/√x`; NaN below 0. `dy = -y³/2 dx`; infinite
    /// at 0.
    Rsqrt rsqrt: on [0.5, 5.0], kinks [];
        value |x| x.sqrt().recip();
        push |g, _, y| g.azmul(-0.5 * y.powi(3));
        at 0.25: 2.0, slope -4.0;

    /// `x²`. `dy = 2x dx`.
    Square square: on [-3.0, 3.0], kinks [];
        value |x| x * x;
        push |g, x, _| g.azmul(2.0 * x);
        at 0.5: 0.25, slope 1.0;

    /// `1 - x²` as `(1 - x)(1 + x)`, exact near ±1, where `1 - x·x` cancels:
    /// what the slopes of `asin`, `acos` and `atanh` are made of. One operation
    /// and not a product, whose two partials would meet as `∞ · 0` at ±1.
    /// `dy = -2x dx`.
    OneMinusSquare one_minus_square: on [-3.0, 3.0], kinks [];
        value |x| (F::one() - x) * (F::one() + x);
        push |g, x, _| g.azmul(-2.0 * x);
        at 0.5: 0.75, slope -1.0;

    /// Absolute value. `dy = sign(x) dx`; at 0 the subgradient of least norm,
    /// 0 (as PyTorch; JAX takes 1).
    Abs abs: on [-3.0, 3.0], kinks [0.0];
        value |x| x.abs();
        push |g, x, _| g.azmul(x.sign());
        at 0.5: 0.5, slope 1.0;

    /// Sign: -1, 0 or 1. Piecewise constant: it has no gradient, and says so.
    Sign sign: on [-3.0, 3.0], kinks [0.0];
        value |x| scalar::sign(x);
        push |g, _, _| g.zeros_like();
        at 0.5: 1.0, slope 0.0;

    /// The largest integer not above `x`. Piecewise constant: it has no
    /// gradient, and says so.
    Floor floor: on [-3.0, 3.0], kinks [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
        value |x| x.floor();
        push |g, _, _| g.zeros_like();
        at 1.75: 1.0, slope 0.0;

    /// The smallest integer not below `x`. Piecewise constant.
    Ceil ceil: on [-3.0, 3.0], kinks [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
        value |x| x.ceil();
        push |g, _, _| g.zeros_like();
        at 1.25: 2.0, slope 0.0;

    /// The nearest integer; halves go to the even one, as in NumPy and IEEE 754
    /// (and unlike Rust's `f64::round`). Piecewise constant.
    Round round: on [-3.0, 3.0], kinks [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
        value |x| scalar::round_even(x);
        push |g, _, _| g.zeros_like();
        at 2.5: 2.0, slope 0.0;

    /// The integer part: `x` rounded towards 0. Piecewise constant.
    Trunc trunc: on [-3.0, 3.0], kinks [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0];
        value |x| x.trunc();
        push |g, _, _| g.zeros_like();
        at -1.75: -1.0, slope 0.0;

    /// Sine, of radians. `dy = cos(x) dx`.
    Sin sin: on [-3.0, 3.0], kinks [];
        value |x| vector::sin(x), unless vector::far(x) => x.sin();
        push |g, x, _| g.azmul(x.cos());
        at 0.5: 0.479425538604203, slope 0.8775825618903728;

    /// Cosine, of radians. `dy = -sin(x) dx`.
    Cos cos: on [-3.0, 3.0], kinks [];
        value |x| vector::cos(x), unless vector::far(x) => x.cos();
        push |g, x, _| -g.azmul(x.sin());
        at 0.5: 0.8775825618903728, slope -0.479425538604203;

    /// Tangent, of radians. `dy = (1 + y²) dx`.
    Tan tan: on [-1.2, 1.2], kinks [];
        value |x| x.tan();
        push |g, _, y| g.azmul(1.0 + y.square());
        at 0.5: 0.5463024898437905, slope 1.2984464104095248;

    /// Inverse sine, in `[-π/2, π/2]`; NaN outside `[-1, 1]`.
    /// `dy = dx / √(1 - x²)`; infinite at ±1.
    Asin asin: on [-0.8, 0.8], kinks [];
        value |x| x.asin();
        push |g, x, _| g.azmul(x.one_minus_square().rsqrt());
        at 0.3: 0.3046926540153975, slope 1.0482848367219182;

    /// Inverse cosine, in `[0, π]`; NaN outside `[-1, 1]`.
    /// `dy = -dx / √(1 - x²)`; infinite at ±1.
    Acos acos: on [-0.8, 0.8], kinks [];
        value |x| x.acos();
        push |g, x, _| g.azmul(-x.one_minus_square().rsqrt());
        at 0.3: 1.2661036727794992, slope -1.0482848367219182;

    /// Inverse tangent, in `(-π/2, π/2)`. `dy = dx / (1 + x²)`, as the square of
    /// `1 / √(1 + x²)`, whose derivatives do not underflow before they have to.
    Atan atan: on [-3.0, 3.0], kinks [];
        value |x| x.atan();
        push |g, x, _| g.azmul(x.hypot(1.0).recip().square());
        at 0.5: 0.4636476090008061, slope 0.8;

    /// Hyperbolic sine. `dy = cosh(x) dx`.
    Sinh sinh: on [-3.0, 3.0], kinks [];
        value |x| x.sinh();
        push |g, x, _| g.azmul(x.cosh());
        at 0.5: 0.5210953054937474, slope 1.1276259652063807;

    /// Hyperbolic cosine. `dy = sinh(x) dx`.
    Cosh cosh: on [-3.0, 3.0], kinks [];
        value |x| x.cosh();
        push |g, x, _| g.azmul(x.sinh());
        at 0.5: 1.1276259652063807, slope 0.5210953054937474;

    /// Hyperbolic tangent. `dy = sech²(x) dx`, written `4 σ(2x) σ(-2x)`,
    /// which keeps its digits where `1 - y²` loses them to cancellation.
    Tanh tanh: on [-3.0, 3.0], kinks [];
        value |x| vector::tanh(x);
        push |g, x, _| g.azmul(4.0 * (2.0 * x).sigmoid() * (-2.0 * x).sigmoid());
        at 0.5: 0.46211715726000974, slope 0.7864477329659275;

    /// Inverse hyperbolic sine. `dy = dx / √(1 + x²)`, through `hypot`, so that
    /// a large `x` does not overflow.
    Asinh asinh: on [-3.0, 3.0], kinks [];
        value |x| x.asinh();
        push |g, x, _| g.azmul(x.hypot(1.0).recip());
        at 0.5: 0.48121182505960347, slope 0.8944271909999159;

    /// Inverse hyperbolic cosine; NaN below 1. `dy = dx / √(x² - 1)`, written
    /// `dx / sinh(y)`, which neither cancels near 1 nor overflows far from it;
    /// infinite at 1.
    Acosh acosh: on [1.2, 5.0], kinks [];
        value |x| scalar::acosh(x);
        push |g, _, y| g.azmul(y.sinh().recip());
        at 1.5: 0.9624236501192069, slope 0.8944271909999159;

    /// Inverse hyperbolic tangent; NaN outside `[-1, 1]`.
    /// `dy = dx / (1 - x²)`; infinite at ±1.
    Atanh atanh: on [-0.8, 0.8], kinks [];
        value |x| scalar::atanh(x);
        push |g, x, _| g.azmul(x.one_minus_square().recip());
        at 0.5: 0.5493061443340549, slope 1.3333333333333333;

    /// Error function, `2/√π ∫₀ˣ exp(-t²) dt`. `dy = 2/√π exp(-x²) dx`.
    Erf erf: on [-3.0, 3.0], kinks [];
        value |x| scalar::erf(x);
        push |g, x, _| g.azmul(FRAC_2_SQRT_PI * (-x.square()).exp());
        at 0.5: 0.5204998778130465, slope 0.8787825789354448;

    /// `1 - erf(x)`, which keeps its digits where `erf` is near 1.
    /// `dy = -2/√π exp(-x²) dx`.
    Erfc erfc: on [-3.0, 3.0], kinks [];
        value |x| scalar::erfc(x);
        push |g, x, _| g.azmul(-FRAC_2_SQRT_PI * (-x.square()).exp());
        at 0.5: 0.4795001221869535, slope -0.8787825789354448;

    /// Logistic function, `1 / (1 + e^-x)`, without overflow.
    /// `dy = y σ(-x) dx`: the textbook's `y (1 - y)`, with `1 - σ(x) = σ(-x)`
    /// so that nothing cancels where the unit is saturated.
    Sigmoid sigmoid: on [-3.0, 3.0], kinks [];
        value |x| vector::sigmoid(x);
        push |g, x, y| g.azmul(y * (-x).sigmoid());
        at 0.5: 0.6224593312018546, slope 0.2350037122015945;

    /// Rectifier, `max(x, 0)`. `dy = dx` above 0 and 0 elsewhere; 0 at 0.
    Relu relu: on [-3.0, 3.0], kinks [0.0];
        value |x| if x <= F::zero() { F::zero() } else { x };
        push |g, x, _| x.less_equal(0.0).where_(0.0, g);
        at 0.5: 0.5, slope 1.0;

    /// `ln(1 + e^x)`, without overflow. `dy = σ(x) dx`. A primitive: composed
    /// of `max` and `abs`, its gradient at 0 would be 0 instead of 1/2.
    Softplus softplus: on [-3.0, 3.0], kinks [];
        value |x| vector::softplus(x);
        push |g, x, _| g.azmul(x.sigmoid());
        at 0.5: 0.9740769841801067, slope 0.6224593312018546;

    /// `ln σ(x) = -ln(1 + e^-x)`, finite where `σ(x)` underflows.
    /// `dy = σ(-x) dx`.
    LogSigmoid log_sigmoid: on [-3.0, 3.0], kinks [];
        value |x| vector::log_sigmoid(x);
        push |g, x, _| g.azmul((-x).sigmoid());
        at 0.5: -0.4740769841801067, slope 0.37754066879814546;
}
