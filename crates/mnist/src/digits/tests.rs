use ndarray::{Array2, Array3, array};

use super::Digits;

/// Four images of 1 x 3 pixels, in which the pixel of the label is lit.
fn four() -> Digits {
    let images = array![[[0, 255, 0]], [[255, 0, 0]], [[0, 0, 255]], [[0, 51, 0]]];
    Digits::new(images, array![1, 0, 2, 1], 3)
}

#[test]
fn features_are_bytes_over_255_rounded_once() {
    let all = Array3::from_shape_fn((2, 8, 16), |(n, row, col)| (n * 128 + row * 16 + col) as u8);
    let all = Digits::new(all, array![0, 0], 1);
    let single = all.features::<f32>();
    let double = all.features::<f64>();
    assert_eq!((single.dim(), double.dim()), ((2, 128), (2, 128)));
    for (byte, (&single, &double)) in single.iter().zip(&double).enumerate() {
        assert_eq!((single, double), (byte as f32 / 255.0, byte as f64 / 255.0));
    }
}

#[test]
fn gathered_rows_are_rows_of_all() {
    let digits = four();
    let indices = [3, 0, 3];
    let gathered: Array2<f64> = digits.features_of(&indices);
    assert_eq!(
        gathered,
        array![[0.0, 0.2, 0.0], [0.0, 1.0, 0.0], [0.0, 0.2, 0.0]]
    );
    assert_eq!(digits.targets_of(&indices), array![1, 1, 1]);
    assert_eq!(digits.select(&indices).features::<f64>(), gathered);
    assert_eq!(
        digits.select(&indices).targets(),
        digits.targets_of(&indices)
    );
    assert_eq!(digits.features_of::<f64>(&[]).dim(), (0, 3));
}

#[test]
fn the_layout_of_the_images_does_not_matter() {
    let digits = four();
    let mut columns = digits.clone();
    columns.images = digits
        .images
        .clone()
        .reversed_axes()
        .as_standard_layout()
        .into_owned();
    columns.images = columns.images.reversed_axes();
    assert!(!columns.images.is_standard_layout());
    assert_eq!(columns.features::<f32>(), digits.features::<f32>());
    assert_eq!(
        columns.features_of::<f32>(&[2]),
        digits.features_of::<f32>(&[2])
    );
}

#[test]
fn targets_and_one_hot() {
    let digits = four();
    assert_eq!(digits.targets(), array![1, 0, 2, 1]);
    let one_hot = digits.one_hot::<f64>(4);
    assert_eq!(one_hot.row(2), array![0.0, 0.0, 1.0, 0.0]);
    assert!(one_hot.rows().into_iter().all(|row| row.sum() == 1.0));
    assert_eq!(one_hot.dim(), (4, 4));
}

#[test]
fn parts_make_up_the_whole() {
    let digits = four();
    for n in 0..=4 {
        let (first, others) = digits.split_at(n);
        assert_eq!((first.len(), others.len()), (n, 4 - n));
        assert_eq!((first.classes(), others.classes()), (3, 3));
        assert_eq!(first, digits.take(n));
        assert_eq!(first, digits.select(&(0..n).collect::<Vec<_>>()));
        assert_eq!(others, digits.select(&(n..4).collect::<Vec<_>>()));
    }
    assert_eq!(digits.take(9), digits);
}

#[test]
#[should_panic(expected = "Digits::split_at: cannot split 4 images at 5")]
fn a_split_beyond_the_end() {
    four().split_at(5);
}

#[test]
#[should_panic(expected = "Digits::features_of: index 4, but there are 4 images")]
fn features_beyond_the_end() {
    four().features_of::<f32>(&[0, 4]);
}

#[test]
#[should_panic(expected = "Digits::targets_of: index 9, but there are 4 images")]
fn targets_beyond_the_end() {
    four().targets_of(&[9]);
}

#[test]
#[should_panic(expected = "Digits::select: index 4, but there are 4 images")]
fn a_selection_beyond_the_end() {
    four().select(&[4]);
}

#[test]
#[should_panic(expected = "Digits::one_hot: label 2 is 2, expected less than 2")]
fn one_hot_of_too_few_classes() {
    four().one_hot::<f32>(2);
}

#[test]
#[should_panic(expected = "Digits::new: 1 images, but 2 labels")]
fn labels_without_images() {
    Digits::new(Array3::zeros((1, 1, 1)), array![0, 0], 1);
}

#[test]
#[should_panic(expected = "Digits::new: label 1 is 3, expected less than 3")]
fn a_label_without_a_class() {
    Digits::new(Array3::zeros((2, 1, 1)), array![2, 3], 3);
}
