//! The memory that a program runs in: one piece for each element type, in
//! which every slot has its place. Writing to some slots while others are read
//! means to divide a piece, not to move anything.

use smallvec::SmallVec;

use super::plan::Slot;
use crate::dtype::{DType, Element};
use crate::view::{Elements, View, ViewMut, by_dtype};

/// Operands or results of one instruction. More than eight have to be
/// allocated in every run: few join that many arrays at once.
pub(super) type List<T> = SmallVec<[T; 8]>;

/// Bytes of a cache line, and of the longest vector.
const LINE: usize = 64;

/// Where the slots are, in elements from the start of the piece of their type.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub starts: Vec<usize>,
    /// Elements of each type.
    totals: [usize; 4],
}

impl Layout {
    /// One slot after the other. What fills a cache line starts with one, and
    /// what is smaller does not straddle two.
    pub fn new(slots: &[Slot]) -> Layout {
        let mut totals = [0usize; 4];
        let place = |slot: &Slot| {
            let total = &mut totals[slot.dtype as usize];
            let line = LINE / slot.dtype.bytes();
            let start = total.next_multiple_of(slot.len.next_power_of_two().min(line));
            *total = start + slot.len;
            start
        };
        Layout {
            starts: slots.iter().map(place).collect(),
            totals,
        }
    }

    /// Bytes of all pieces.
    pub fn bytes(&self) -> usize {
        let all = [DType::F32, DType::F64, DType::Index, DType::Bool];
        let bytes = all.map(|d| d.bytes() * self.totals[d as usize]);
        bytes.iter().sum()
    }
}

/// The pieces.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub f32: Piece<f32>,
    pub f64: Piece<f64>,
    pub index: Piece<usize>,
    pub bool: Piece<bool>,
}

/// Elements of one type.
#[derive(Debug, Default)]
pub(super) struct Piece<T> {
    data: Vec<T>,
    /// The first element on a cache line of its own.
    first: usize,
}

impl<T: Element> Piece<T> {
    fn zeroed(len: usize) -> Piece<T> {
        if len == 0 {
            return Piece::default();
        }
        let line = LINE / size_of::<T>();
        let data = vec![T::default(); len + line];
        // Where that cannot be found out, any place will do.
        let first = data.as_ptr().align_offset(LINE).min(line);
        Piece { data, first }
    }

    pub fn all(&self) -> &[T] {
        &self.data[self.first..]
    }

    pub fn all_mut(&mut self) -> &mut [T] {
        &mut self.data[self.first..]
    }
}

/// Finds the piece of an element type.
pub(super) trait Stored: Element {
    fn piece(memory: &Memory) -> &[Self];
    fn gaps<'r, 'a>(rest: &'r Rest<'a>) -> &'r Gaps<'a, Self>;
}

macro_rules! stored {
    ($($T:ty: $field:ident),*) => {$(
        impl Stored for $T {
            fn piece(memory: &Memory) -> &[$T] {
                memory.$field.all()
            }

            fn gaps<'r, 'a>(rest: &'r Rest<'a>) -> &'r Gaps<'a, $T> {
                &rest.$field
            }
        }
    )*};
}

stored! { f32: f32, f64: f64, usize: index, bool: bool }

/// A result: where it goes, and its shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub dtype: DType,
    pub start: usize,
    pub shape: &'a [usize],
}

impl Place<'_> {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    fn end(&self) -> usize {
        self.start + self.len()
    }
}

impl Memory {
    /// Zeros.
    pub fn zeroed(layout: &Layout) -> Memory {
        let total = |dtype: DType| layout.totals[dtype as usize];
        Memory {
            f32: Piece::zeroed(total(DType::F32)),
            f64: Piece::zeroed(total(DType::F64)),
            index: Piece::zeroed(total(DType::Index)),
            bool: Piece::zeroed(total(DType::Bool)),
        }
    }

    /// The elements in a place, if they are of type `T`.
    pub fn elements<T: Element>(&self, place: Place<'_>) -> Option<&[T]> {
        fn go<'a, T: Stored>(memory: &'a Memory, place: Place<'_>) -> Elements<'a> {
            T::elements(&T::piece(memory)[place.start..place.end()])
        }
        T::slice_of(by_dtype!(place, go(self, place)))
    }

    /// What is in a place.
    pub fn view<'a>(&'a self, place: Place<'a>) -> View<'a> {
        fn go<'a, T: Stored>(memory: &'a Memory, place: Place<'a>) -> View<'a> {
            View::of_slice(place.shape, &T::piece(memory)[place.start..place.end()])
        }
        by_dtype!(place, go(self, place))
    }

    /// The place of one result, to be written to, and what is left to be read
    /// from.
    pub fn divide_one<'a>(&'a mut self, result: Place<'a>) -> (ViewMut<'a>, Rest<'a>) {
        fn one<'a, T: Element>(
            piece: &'a mut Piece<T>,
            result: Place<'a>,
        ) -> (ViewMut<'a>, Gaps<'a, T>) {
            let (left, tail) = piece.all_mut().split_at_mut(result.start);
            let (out, right) = tail.split_at_mut(result.len());
            let mut gaps = Gaps::default();
            gaps.0.push((0, &*left));
            gaps.0.push((result.end(), &*right));
            (ViewMut::of_slice(result.shape, out), gaps)
        }
        let mut rest = Rest::default();
        // The other pieces are there to be read as they are.
        macro_rules! divide {
            ($own:ident, $($other:ident)*) => {{
                let (out, gaps) = one(&mut self.$own, result);
                rest.$own = gaps;
                $(rest.$other.0.push((0, self.$other.all()));)*
                out
            }};
        }
        let out = match result.dtype {
            DType::F32 => divide!(f32, f64 index bool),
            DType::F64 => divide!(f64, f32 index bool),
            DType::Index => divide!(index, f32 f64 bool),
            DType::Bool => divide!(bool, f32 f64 index),
        };
        (out, rest)
    }

    /// The places of the results, to be written to, and what is left to be
    /// read from.
    ///
    /// # Panics
    /// If results overlap.
    pub fn divide<'a>(&'a mut self, results: &[Place<'a>]) -> (List<ViewMut<'a>>, Rest<'a>) {
        let mut out = List::new();
        let rest = Rest {
            f32: divide(self.f32.all_mut(), results, &mut out),
            f64: divide(self.f64.all_mut(), results, &mut out),
            index: divide(self.index.all_mut(), results, &mut out),
            bool: divide(self.bool.all_mut(), results, &mut out),
        };
        if out.len() > 1 {
            out.sort_unstable_by_key(|&(i, _)| i);
        }
        (out.into_iter().map(|(_, view)| view).collect(), rest)
    }
}

impl Place<'_> {
    fn dtype(&self) -> DType {
        self.dtype
    }
}

/// Takes the results of this element type out of their piece, with their
/// numbers.
fn divide<'a, T: Element>(
    mut piece: &'a mut [T],
    results: &[Place<'a>],
    out: &mut List<(usize, ViewMut<'a>)>,
) -> Gaps<'a, T> {
    let mut own: List<(usize, &Place<'a>)> = results
        .iter()
        .enumerate()
        .filter(|(_, p)| T::DTYPE == Some(p.dtype))
        .collect();
    if own.len() > 1 {
        own.sort_unstable_by_key(|&(_, p)| (p.start, p.len()));
    }
    let mut gaps = SmallVec::new();
    let mut at = 0;
    for (i, place) in own {
        let (gap, tail) = piece.split_at_mut(place.start - at);
        let (result, tail) = tail.split_at_mut(place.len());
        gaps.push((at, &*gap));
        out.push((i, ViewMut::of_slice(place.shape, result)));
        piece = tail;
        at = place.end();
    }
    gaps.push((at, &*piece));
    Gaps(gaps)
}

/// What is left of every piece.
#[derive(Debug, Default)]
pub(super) struct Rest<'a> {
    f32: Gaps<'a, f32>,
    f64: Gaps<'a, f64>,
    index: Gaps<'a, usize>,
    bool: Gaps<'a, bool>,
}

/// What lies before, between and after the results, and where it starts. More
/// than four results have to be allocated in every run.
#[derive(Debug)]
pub(super) struct Gaps<'a, T>(SmallVec<[(usize, &'a [T]); 5]>);

impl<T> Default for Gaps<'_, T> {
    fn default() -> Self {
        Gaps(SmallVec::new())
    }
}

impl<'a> Rest<'a> {
    /// What is in a place that is not a result's.
    ///
    /// # Panics
    /// If it is, in part or as a whole.
    pub fn view(&self, place: Place<'a>) -> View<'a> {
        fn go<'a, T: Stored>(rest: &Rest<'a>, place: Place<'a>) -> View<'a> {
            let gaps = T::gaps(rest).0.iter();
            let mut found = gaps.filter_map(|&(start, gap)| {
                gap.get(place.start.checked_sub(start)?..place.end() - start)
            });
            let found = found.next().expect("no operand overlaps with a result");
            View::of_slice(place.shape, found)
        }
        by_dtype!(place, go(self, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots do not overlap, and nothing smaller than a cache line straddles
    /// two.
    #[test]
    fn slots_have_places_of_their_own() {
        let lens = [1, 3, 1000, 8, 0, 17, 1, 16, 5];
        let slots: Vec<Slot> = (0..60)
            .map(|i| Slot {
                dtype: [DType::F32, DType::F64, DType::Index, DType::Bool][i % 4],
                len: lens[(i * 7) % lens.len()],
            })
            .collect();
        let layout = Layout::new(&slots);
        for (i, a) in slots.iter().enumerate() {
            let start = layout.starts[i] * a.dtype.bytes();
            let end = start + a.len * a.dtype.bytes();
            if a.len * a.dtype.bytes() <= LINE && a.len > 0 {
                assert_eq!(start / LINE, (end - 1) / LINE, "{a:?} at {start}");
            }
            assert!(layout.starts[i] + a.len <= layout.totals[a.dtype as usize]);
            for (j, b) in slots.iter().enumerate().skip(i + 1) {
                let apart = a.dtype != b.dtype
                    || layout.starts[i] + a.len <= layout.starts[j]
                    || layout.starts[j] + b.len <= layout.starts[i];
                assert!(apart, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn results_are_taken_out_and_the_rest_can_be_read() {
        let slots = [3, 4, 2].map(|len| Slot {
            dtype: DType::F64,
            len,
        });
        let layout = Layout::new(&slots);
        let mut memory = Memory::zeroed(&layout);
        for (i, x) in memory.f64.all_mut().iter_mut().enumerate() {
            *x = i as f64;
        }
        let starts = &layout.starts;
        assert_eq!(starts[..], [0, 4, 8]);
        let place = |start, shape| Place {
            dtype: DType::F64,
            start,
            shape,
        };
        let (mut out, rest) = memory.divide(&[place(8, &[2]), place(0, &[3])]);
        assert_eq!(rest.view(place(4, &[2, 2])).of::<f64>(), [4., 5., 6., 7.]);
        out[0].of::<f64>().fill(-1.0);
        out[1].of::<f64>().fill(-2.0);
        drop((out, rest));
        let all: Vec<f64> = memory.f64.all()[..10].to_vec();
        assert_eq!(all, [-2., -2., -2., 3., 4., 5., 6., 7., -1., -1.]);
    }
}
