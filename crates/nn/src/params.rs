//! The parameters of a model: named arrays, in order, over one flat buffer.
//! Knows no layer and no optimiser.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use ndarray::{ArrayBase, ArrayViewD, ArrayViewMutD, Data, Dimension, IxDyn};
use wengert_autodiff::{Float, Value};

use crate::flat::Flat;

/// Names a parameter of one [`Params`]: its position in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParamId(pub(crate) usize);

impl ParamId {
    /// The position in the store, from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A parameter that cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// The name is taken.
    #[error("there is already a parameter `{name}`, of shape {shape:?}; names must differ")]
    Duplicate {
        /// The name.
        name: String,
        /// The shape of the parameter that has it.
        shape: Vec<usize>,
    },
    /// The name says nothing.
    #[error("a parameter needs a name, not the empty text")]
    Unnamed,
}

/// Where a parameter lies in the flat buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub range: Range<usize>,
    pub shape: Vec<usize>,
}

/// Names and places, shared between parameters and gradients.
pub(crate) type Layout = IndexMap<String, Slot>;

/// Named arrays, in the order in which they were added, over one contiguous
/// buffer.
///
/// Layers hold [`ParamId`]s and not arrays, so that an optimiser is one pass
/// over [`flat_mut`](Params::flat_mut) and a checkpoint one block.
///
/// A clone is cheap: memory is shared until one of the two is written to.
/// Keeping the best parameters seen so far costs one copy.
///
/// ```
/// use ndarray::array;
/// use wengert_nn::Params;
///
/// let mut params = Params::new();
/// let weight = params.add("weight", array![[1.0, 2.0], [3.0, 4.0]])?;
/// let bias = params.add("bias", array![5.0, 6.0])?;
/// assert_eq!(params.view(weight)[[1, 0]], 3.0);
/// assert_eq!(params.id("bias"), Some(bias));
/// assert_eq!(params.flat(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// assert_eq!((params.len(), params.count()), (2, 6));
/// # Ok::<(), wengert_nn::ParamsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Params<F> {
    layout: Arc<Layout>,
    flat: Flat<F>,
    frozen: Vec<bool>,
}

impl<F> Default for Params<F> {
    fn default() -> Self {
        Params {
            layout: Arc::default(),
            flat: Flat::default(),
            frozen: Vec::new(),
        }
    }
}

impl<F: Float> Params<F> {
    /// An empty store.
    pub fn new() -> Self {
        Params::default()
    }

    /// Appends a parameter. Any dimension and layout; elements are copied in
    /// row-major order.
    ///
    /// # Errors
    /// If the name is taken, or empty.
    pub fn add<S: Data<Elem = F>, D: Dimension>(
        &mut self,
        name: impl Into<String>,
        array: ArrayBase<S, D>,
    ) -> Result<ParamId, ParamsError> {
        let name = name.into();
        if name.is_empty() {
            return Err(ParamsError::Unnamed);
        }
        if let Some(slot) = self.layout.get(&name) {
            let shape = slot.shape.clone();
            return Err(ParamsError::Duplicate { name, shape });
        }
        let start = self.flat.len();
        let slot = Slot {
            range: start..start + array.len(),
            shape: array.shape().to_vec(),
        };
        self.flat.extend(array.iter().copied());
        self.frozen.push(false);
        let (index, _) = Arc::make_mut(&mut self.layout).insert_full(name, slot);
        Ok(ParamId(index))
    }

    /// The parameter called `name`.
    pub fn id(&self, name: &str) -> Option<ParamId> {
        self.layout.get_index_of(name).map(ParamId)
    }

    /// Every parameter, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = ParamId> + use<F> {
        (0..self.layout.len()).map(ParamId)
    }

    /// The parameter's name.
    ///
    /// # Panics
    /// If `id` is of another store with more parameters; as everywhere below.
    #[track_caller]
    pub fn name(&self, id: ParamId) -> &str {
        self.entry(id).0
    }

    /// The parameter's shape.
    #[track_caller]
    pub fn shape(&self, id: ParamId) -> &[usize] {
        &self.slot(id).shape
    }

    /// Where the parameter lies in [`flat`](Params::flat).
    #[track_caller]
    pub fn range(&self, id: ParamId) -> Range<usize> {
        self.slot(id).range.clone()
    }

    /// The parameter's array.
    #[track_caller]
    pub fn view(&self, id: ParamId) -> ArrayViewD<'_, F> {
        let slot = self.slot(id);
        let data = &self.flat.as_slice()[slot.range.clone()];
        ArrayViewD::from_shape(IxDyn(&slot.shape), data).expect("a slot is as long as its shape")
    }

    /// The parameter's array, to write to.
    #[track_caller]
    pub fn view_mut(&mut self, id: ParamId) -> ArrayViewMutD<'_, F> {
        let Slot { range, shape } = self.slot(id).clone();
        let data = &mut self.flat.as_mut_slice()[range];
        ArrayViewMutD::from_shape(IxDyn(&shape), data).expect("a slot is as long as its shape")
    }

    /// The parameter as a value for a tape; shares the memory.
    #[track_caller]
    pub fn value(&self, id: ParamId) -> Value {
        let slot = self.slot(id);
        self.flat.value(slot.range.clone(), &slot.shape)
    }

    /// Names and arrays, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, ArrayViewD<'_, F>)> {
        self.ids().map(|id| (self.name(id), self.view(id)))
    }

    /// All numbers, parameter after parameter, each in row-major order.
    pub fn flat(&self) -> &[F] {
        self.flat.as_slice()
    }

    /// All numbers, to write to.
    pub fn flat_mut(&mut self) -> &mut [F] {
        self.flat.as_mut_slice()
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.flat.len()
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.layout.len()
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.layout.is_empty()
    }

    /// Excludes a parameter from training: it is not differentiated, and no
    /// optimiser changes it.
    #[track_caller]
    pub fn freeze(&mut self, id: ParamId) {
        self.frozen[id.0] = true;
    }

    /// Includes a parameter in training again.
    #[track_caller]
    pub fn unfreeze(&mut self, id: ParamId) {
        self.frozen[id.0] = false;
    }

    /// Whether the parameter is excluded from training.
    #[track_caller]
    pub fn is_frozen(&self, id: ParamId) -> bool {
        self.frozen[id.0]
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    pub(crate) fn buffer(&self) -> &Flat<F> {
        &self.flat
    }

    pub(crate) fn buffer_mut(&mut self) -> &mut Flat<F> {
        &mut self.flat
    }

    #[track_caller]
    fn slot(&self, id: ParamId) -> &Slot {
        self.entry(id).1
    }

    #[track_caller]
    fn entry(&self, id: ParamId) -> (&String, &Slot) {
        match self.layout.get_index(id.0) {
            Some(entry) => entry,
            None => panic!(
                "parameter {} of a store of {}: the id belongs to another store",
                id.0,
                self.len()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array0, Array2, array};

    use super::*;

    #[test]
    fn names_are_unique_and_order_is_that_of_adding() {
        let mut params = Params::<f64>::new();
        params.add("b", array![1.0]).unwrap();
        params.add("a", array![2.0]).unwrap();
        let error = params.add("b", array![[3.0]]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is already a parameter `b`, of shape [1]; names must differ"
        );
        assert!(params.add("", array![3.0]).is_err());
        let names: Vec<&str> = params.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(params.flat(), [1.0, 2.0]);
    }

    #[test]
    fn any_shape_and_layout() {
        let mut params = Params::<f32>::new();
        let scalar = params.add("scalar", Array0::from_elem((), 1.0)).unwrap();
        let empty = params.add("empty", Array2::zeros((0, 3))).unwrap();
        let transposed = array![[1.0, 2.0], [3.0, 4.0]].reversed_axes();
        let matrix = params.add("matrix", transposed.clone()).unwrap();
        assert_eq!(params.view(scalar).ndim(), 0);
        assert_eq!(params.shape(empty), [0, 3]);
        assert_eq!(params.view(matrix), transposed.view().into_dyn());
        params.view_mut(matrix)[[0, 1]] = 30.0;
        assert_eq!(params.flat(), [1.0, 1.0, 30.0, 2.0, 4.0]);
        assert_eq!(params.range(matrix), 1..5);
    }

    #[test]
    fn a_clone_keeps_its_numbers() {
        let mut params = Params::<f32>::new();
        let id = params.add("a", array![1.0]).unwrap();
        let best = params.clone();
        params.flat_mut()[0] = 2.0;
        assert_eq!((best.view(id)[0], params.view(id)[0]), (1.0, 2.0));
        params.freeze(id);
        assert!(params.is_frozen(id) && !best.is_frozen(id));
    }

    #[test]
    #[should_panic(expected = "belongs to another store")]
    fn a_foreign_id_is_refused() {
        Params::<f32>::new().view(ParamId(3));
    }
}
