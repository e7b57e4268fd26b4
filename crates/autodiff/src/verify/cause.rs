//! The mistake that a wrong gradient is typical of, from its ratio to the
//! right one.

/// What a ratio that is the same everywhere means. `lengths` are those of
/// axes that a sum or mean may have run over.
pub(super) fn of_ratio(ratio: f64, lengths: &[usize]) -> Option<String> {
    let is = |x: f64| (ratio - x).abs() < 1e-6 * x.abs().max(1e-3);
    if is(0.0) {
        return Some("detached: nothing flows here".into());
    }
    if is(-1.0) {
        return Some("the sign is wrong".into());
    }
    let sign = if ratio < 0.0 {
        " with the wrong sign"
    } else {
        ""
    };
    let times = |x: f64| is(x) || is(-x);
    for &n in lengths {
        let x = n as f64;
        if n > 2 && times(x) {
            return Some(format!(
                "{n} times too large{sign}: a mean over {n} taken for a sum"
            ));
        }
        if n > 2 && times(1.0 / x) {
            return Some(format!(
                "{n} times too small{sign}: a sum over {n} taken for a mean"
            ));
        }
    }
    if times(2.0) {
        return Some(format!("counted twice, or a factor 1/2 is missing{sign}"));
    }
    if times(0.5) {
        return Some(format!("half of it is missing{sign}"));
    }
    None
}

/// The same for a rule of one operation, from the shapes of the operand and
/// of the result.
pub(super) fn local_cause(ratio: f64, operand: &[usize], result: &[usize]) -> Option<String> {
    let lengths: Vec<usize> = result.iter().chain(operand).copied().collect();
    if let Some(cause) = of_ratio(ratio, &lengths) {
        return Some(cause);
    }
    let n: usize = result.iter().product();
    let own: usize = operand.iter().product();
    (own < n && own > 0).then(|| {
        format!("the operand {operand:?} was broadcast to {result:?}, and its cotangent not summed")
    })
}

/// The axis along which all these elements have one index, where others could
/// have had another.
pub(super) fn in_one_line(indices: &[&[usize]], shape: &[usize]) -> Option<String> {
    if indices.len() < 2 {
        return None;
    }
    let axis = (0..shape.len())
        .find(|&axis| shape[axis] > 2 && indices.iter().all(|i| i[axis] == indices[0][axis]))?;
    Some(format!(
        "only index {} of axis {axis} is wrong",
        indices[0][axis]
    ))
}

/// The last two axes exchanged, if they are as long as each other.
pub(super) fn transposed(gradient: &[f64], shape: &[usize]) -> Option<Vec<f64>> {
    let &[.., rows, cols] = shape else {
        return None;
    };
    if rows != cols || rows < 2 {
        return None;
    }
    let mut out = gradient.to_vec();
    for (block, from) in out
        .chunks_mut(rows * cols)
        .zip(gradient.chunks(rows * cols))
    {
        for i in 0..rows {
            for j in 0..cols {
                block[i * cols + j] = from[j * cols + i];
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_have_names() {
        let named = |ratio, word: &str| {
            let cause = of_ratio(ratio, &[32, 10]).unwrap();
            assert!(cause.contains(word), "{ratio}: {cause}");
        };
        named(0.0, "detached");
        named(-1.0, "sign");
        named(32.0, "mean over 32");
        named(-32.0, "wrong sign");
        named(0.1, "sum over 10");
        named(2.0, "twice");
        named(0.5, "half");
        assert_eq!(of_ratio(1.37, &[32]), None);
    }

    #[test]
    fn lines_and_transposes() {
        let line = in_one_line(&[&[3, 0], &[3, 2]], &[5, 4]).unwrap();
        assert!(line.contains("index 3 of axis 0"), "{line}");
        assert_eq!(in_one_line(&[&[3, 0], &[2, 1]], &[5, 4]), None);
        assert_eq!(
            transposed(&[1.0, 2.0, 3.0, 4.0], &[2, 2]).unwrap(),
            [1.0, 3.0, 2.0, 4.0]
        );
        assert_eq!(transposed(&[1.0, 2.0], &[1, 2]), None);
    }
}
