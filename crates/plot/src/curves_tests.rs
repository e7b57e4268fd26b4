//! Tests of the curves, which fill a file of their own.

use super::*;
use crate::colors::SERIES;
use crate::testing::{both, one_line};

fn decay(n: usize) -> Vec<f64> {
    (0..n).map(|i| 2.0 * (-(i as f64) / 20.0).exp()).collect()
}

fn plain(y: &[f64]) -> Curves {
    Curves::new("Loss")
        .x_label("epoch")
        .y_label("nats")
        .series("train", y)
}

#[test]
fn few_and_many_points() {
    for n in [1, 2, 10, 50, 1000] {
        let (png, _) = both(|path| plain(&decay(n)).save(path));
        assert_eq!((png.width, png.height), (1000, 560));
        assert!(png.has(SERIES[0]), "{n} points");
    }
}

#[test]
fn constants() {
    for y in [0.0, -5.0, 1e-9, 1e9, 1e-250] {
        both(|path| plain(&[y; 5]).save(path));
    }
    both(|path| plain(&[1e-9; 5]).log_y().save(path));
}

#[test]
fn extremes() {
    for y in [1e-9, 1e-250, 4e199] {
        both(|path| plain(&[y, 2.0 * y, 1.5 * y]).save(path));
    }
    both(|path| plain(&[-9e199, 9e199, f64::MAX]).save(path));
    both(|path| plain(&[1e-199, 9e199, 1.0]).log_y().save(path));
    let (_, svg) = both(|path| plain(&[1e9, 2e9, 3e9]).save(path));
    assert!(svg.contains("×10⁹"));
}

#[test]
fn gaps_break_the_line() {
    let y = [1.0, 2.0, f64::NAN, 1.5, f64::INFINITY, 1.0, 2.0];
    let (_, svg) = both(|path| plain(&y).save(path));
    let color = format!(
        "stroke=\"#{:02X}{:02X}{:02X}\"",
        SERIES[0].0, SERIES[0].1, SERIES[0].2
    );
    // Two runs of two points, a single point without a line, and the legend.
    let lines = svg
        .lines()
        .filter(|l| l.contains("polyline") && l.contains(&color));
    assert_eq!(lines.filter(|l| l.matches(',').count() > 1).count(), 3);
}

#[test]
fn only_positive_values_on_a_log_axis() {
    both(|path| plain(&[1.0, 0.0, -1.0, 0.5]).log_y().save(path));
    let error = plain(&[0.0, -1.0])
        .log_y()
        .save("never-written.png")
        .unwrap_err();
    assert!(one_line(error).to_string().contains("above 0"));
}

#[test]
fn many_series_with_long_names_and_markup() {
    let mut curves = Curves::new("A <title> & more ".repeat(20));
    for i in 0..14 {
        curves = curves.series(format!("series {i} {}", "long ".repeat(i)), &decay(9 + i));
    }
    let (_, svg) = both(|path| curves.save(path));
    assert!(svg.contains("&lt;title&gt; &amp; more") && svg.contains('…'));
}

#[test]
fn a_long_legend_leaves_room_for_the_chart() {
    let name = "name ".repeat(30);
    let curves = (0..40).fold(Curves::new("Many").y_label("y"), |curves, i| {
        curves.series(name.clone(), &[f64::from(i), 1.0])
    });
    let (_, svg) = both(|path| curves.save(path));
    assert!(svg.contains("and 34 more"));
}

#[test]
fn given_x_values() {
    let x = [0.25, 1e6, -3e5];
    both(|path| {
        Curves::new("")
            .series_xy("", &x, &[1.0, 2.0, 3.0])
            .save(path)
    });
    both(|path| {
        Curves::new("")
            .series_xy("a", &[1e9, 1e9], &[1.0, 2.0])
            .save(path)
    });
}

#[test]
fn two_panels() {
    let loss = decay(30);
    let accuracy: Vec<f64> = loss.iter().map(|l| 1.0 - l / 3.0).collect();
    let (png, svg) = both(|path| {
        training_curves(
            path,
            &[("train loss", &loss)],
            &[("train accuracy", &accuracy), ("test accuracy", &[1.0; 30])],
        )
    });
    assert_eq!((png.width, png.height), (1200, 500));
    assert!(svg.contains("100 %") && !svg.contains("105 %") && svg.contains("test accuracy"));
}

#[test]
fn misuse_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.png");
    let save = |curves: Curves| one_line(curves.save(&path).unwrap_err());
    assert!(matches!(save(Curves::new("x")), PlotError::Empty { .. }));
    assert!(matches!(save(plain(&[])), PlotError::Empty { .. }));
    assert!(matches!(
        save(plain(&[f64::NAN])),
        PlotError::NotFinite { .. }
    ));
    let uneven = Curves::new("x").series_xy("a", &[1.0], &[]);
    assert!(matches!(save(uneven), PlotError::Shape { .. }));

    let training = |loss: &[f64], accuracy: &[f64]| {
        one_line(training_curves(&path, &[("l", loss)], &[("a", accuracy)]).unwrap_err())
    };
    assert!(matches!(training(&[1.0], &[]), PlotError::Empty { .. }));
    assert!(matches!(
        training(&[f64::NAN], &[0.5]),
        PlotError::NotFinite { .. }
    ));
    assert!(matches!(training(&[1.0], &[97.0]), PlotError::Range { .. }));

    let wrong = plain(&[1.0]).save(dir.path().join("a.pdf")).unwrap_err();
    assert!(matches!(one_line(wrong), PlotError::Extension { .. }));
    let nowhere = plain(&[1.0]).save(dir.path().join("no/a.png")).unwrap_err();
    assert!(matches!(one_line(nowhere), PlotError::Write { .. }));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
