//! Inputs that every step fills anew, in memory that is kept: examples by
//! their numbers, and random numbers. Knows nothing of tapes.

use rand::rngs::ChaCha8Rng;
use wengert_autodiff::{Element, Value, View};

use crate::team::Team;

/// An input that can be filled for other examples and other random numbers.
pub(crate) trait Feed: Send {
    /// Makes the input of these examples.
    fn fill(&mut self, rows: &[usize], rng: &mut ChaCha8Rng, team: &Team);

    /// What it was filled with last.
    fn view(&self) -> View<'_>;
}

/// What a feed was filled with, for a tape.
pub(crate) fn value(feed: &dyn Feed) -> Value {
    feed.view().to_value()
}

/// One array per example, all of one shape.
pub(crate) struct Examples<T, G> {
    shape: Vec<usize>,
    data: Vec<T>,
    gather: G,
}

impl<T: Element, G: Fn(&[usize], &mut [T]) + Send + Sync> Examples<T, G> {
    /// Of so many examples, each of shape `each`; `gather` makes some of them,
    /// one after the other.
    pub fn new(count: usize, each: &[usize], gather: G) -> Self {
        let shape: Vec<usize> = [&[count], each].concat();
        let data = vec![T::default(); shape.iter().product()];
        Examples {
            shape,
            data,
            gather,
        }
    }
}

/// Examples of a piece that a thread gathers: some tens of kilobytes.
const PIECE: usize = 16;

impl<T: Element, G: Fn(&[usize], &mut [T]) + Send + Sync> Feed for Examples<T, G> {
    fn fill(&mut self, rows: &[usize], _: &mut ChaCha8Rng, team: &Team) {
        assert_eq!(rows.len(), self.shape[0], "as many as the program is for");
        let width = self.data.len() / rows.len().max(1);
        if width == 0 {
            return;
        }
        // A few numbers are not worth waking anybody for.
        if self.data.len() < 10_000 {
            return (self.gather)(rows, &mut self.data);
        }
        let pieces = rows.chunks(PIECE).zip(self.data.chunks_mut(PIECE * width));
        team.each(pieces, |(rows, data)| (self.gather)(rows, data));
    }

    fn view(&self) -> View<'_> {
        View::new(&self.shape, &self.data)
    }
}

/// Random numbers.
pub(crate) struct Drawn<T, D> {
    shape: Vec<usize>,
    data: Vec<T>,
    draw: D,
}

impl<T: Element, D: Fn(&mut ChaCha8Rng, &mut [T]) + Send> Drawn<T, D> {
    /// An array of this shape.
    pub fn new(shape: &[usize], draw: D) -> Self {
        Drawn {
            shape: shape.to_vec(),
            data: vec![T::default(); shape.iter().product()],
            draw,
        }
    }
}

impl<T: Element, D: Fn(&mut ChaCha8Rng, &mut [T]) + Send> Feed for Drawn<T, D> {
    fn fill(&mut self, _: &[usize], rng: &mut ChaCha8Rng, _: &Team) {
        (self.draw)(rng, &mut self.data);
    }

    fn view(&self) -> View<'_> {
        View::new(&self.shape, &self.data)
    }
}
