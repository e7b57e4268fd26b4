//! A group of elementwise instructions, made ready to run block by block.

use smallvec::SmallVec;

use super::lane::Code;
use super::plan::Source;

/// Instructions that run on one block after the other.
#[derive(Clone, Debug)]
pub(crate) struct Fused {
    /// The results, seen as a matrix.
    pub rows: usize,
    pub cols: usize,
    /// Elements that a block has at most.
    block: usize,
    pub instructions: Vec<Instruction>,
    /// How each of them is run.
    pub code: Vec<Code>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    pub node: u32,
    pub args: SmallVec<[Operand; 3]>,
    /// The slot of the result.
    pub slot: u32,
    pub part: Part,
}

/// What an instruction reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand {
    pub source: Source,
    /// Where the array starts in there.
    pub offset: usize,
    pub part: Part,
}

/// Which part of an array belongs to a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The block, out of the whole array.
    Full,
    /// The array is one block, which is overwritten by every block.
    Local,
    /// The one element, for all blocks.
    One,
    /// The columns of the block, of the one row.
    Row,
    /// The rows of the block, of the one column.
    Column,
}

/// A block: a part of the rows, or a part of one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub row: usize,
    pub col: usize,
    pub rows: usize,
    pub cols: usize,
}

/// Where the parts of a block are in their arrays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Start and number of elements, for every kind of part.
    parts: [(usize, usize); 5],
}

impl Window {
    /// An array as a whole.
    pub fn whole(len: usize) -> Window {
        let (full, one) = ((0, len), (0, 1));
        Window {
            parts: [full, full, one, full, one],
        }
    }

    /// The block of a result of so many columns.
    fn new(block: Block, cols: usize) -> Window {
        let len = block.rows * block.cols;
        Window {
            parts: [
                (block.row * cols + block.col, len),
                (0, len),
                (0, 1),
                (block.col, block.cols),
                (block.row, block.rows),
            ],
        }
    }

    /// Start and number of elements of a part.
    #[inline]
    pub fn of(&self, part: Part) -> (usize, usize) {
        self.parts[part as usize]
    }
}

impl Fused {
    /// In blocks of at most `block` elements.
    pub fn new(size: usize, cols: Option<usize>, block: usize) -> Fused {
        let cols = cols.unwrap_or(size);
        Fused {
            rows: size / cols,
            cols,
            block,
            instructions: Vec::new(),
            code: Vec::new(),
        }
    }

    /// Rows and columns of the largest block: so many whole rows, or a part of
    /// one.
    fn largest(&self) -> (usize, usize) {
        let rows = (self.block / self.cols).max(1).min(self.rows);
        (rows, self.cols.min(self.block))
    }

    /// Whether there are blocks of several rows.
    pub fn high(&self) -> bool {
        self.largest().0 > 1
    }

    /// Where the parts of a block are.
    pub(super) fn window(&self, block: Block) -> Window {
        Window::new(block, self.cols)
    }

    /// Elements of the largest block.
    pub fn largest_block(&self) -> usize {
        let (rows, cols) = self.largest();
        rows * cols
    }

    /// The instructions whose results are kept for a block only.
    pub fn locals(&self) -> impl Iterator<Item = u32> + '_ {
        let local = |i: &&Instruction| i.part == Part::Local;
        self.instructions.iter().filter(local).map(|i| i.node)
    }

    /// All blocks.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> + use<> {
        let (rows, cols) = (self.rows, self.cols);
        let (high, wide) = self.largest();
        (0..rows).step_by(high).flat_map(move |row| {
            (0..cols).step_by(wide).map(move |col| Block {
                row,
                col,
                rows: high.min(rows - row),
                cols: wide.min(cols - col),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_everything_once() {
        for (rows, cols) in [(1, 1), (1, 5000), (5000, 1), (300, 7), (3, 2000), (2, 1024)] {
            let fused = Fused::new(rows * cols, Some(cols), 1024);
            let mut seen = vec![0; rows * cols];
            for b in fused.blocks() {
                assert!(b.rows == 1 || b.cols == cols, "a block is contiguous");
                assert!(b.rows * b.cols <= fused.largest_block());
                let start = b.row * cols + b.col;
                seen[start..start + b.rows * b.cols]
                    .iter_mut()
                    .for_each(|n| *n += 1);
            }
            assert!(seen.iter().all(|&n| n == 1), "{rows} {cols}");
        }
    }
}
