//! What a tape is made of: numbered values and instructions, and the dense
//! lists that hold them.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;

use crate::error::Fault;
use crate::op::Results;
use crate::ops::Op;
use crate::value::Value;

/// Names a value on a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub(crate) u32);

/// Names an instruction on a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InstId(pub(crate) u32);

impl ValueId {
    /// Position in the order of recording.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl InstId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ValueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// One operation, applied: its operands, its results, and who wrote it.
#[derive(Debug)]
pub(crate) struct Inst {
    pub op: Op,
    /// Operands: a range of [`Inner::args`].
    args: (u32, u32),
    /// Results: consecutive values, starting here.
    first: ValueId,
    results: u32,
    pub site: Site,
    /// The instruction whose derivative this one is part of.
    pub origin: Option<InstId>,
}

/// Where in the user's program an instruction comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub location: &'static Location<'static>,
    /// Index into [`Inner::scopes`]; 0 is the outermost, without a name.
    pub scope: u32,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub(super) insts: Vec<Inst>,
    pub(super) args: Vec<ValueId>,
    pub(super) values: Vec<Value>,
    /// The instruction that defines each value.
    pub(super) producers: Vec<InstId>,
    pub(super) names: BTreeMap<ValueId, String>,
    pub(super) scopes: Vec<String>,
    /// The scope that is open now.
    pub(super) scope: u32,
    /// While derivatives are appended: the instruction being differentiated.
    pub(super) origin: Option<InstId>,
    pub(super) reads: Vec<(ValueId, &'static Location<'static>)>,
    /// Masks that the program has branched on, and how.
    pub(super) decisions: Vec<Decision>,
}

/// A branch that the program took while recording.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision {
    pub mask: ValueId,
    pub taken: bool,
    pub location: &'static Location<'static>,
}

impl Inner {
    pub fn insts(&self) -> impl DoubleEndedIterator<Item = InstId> + ExactSizeIterator + use<> {
        (0..self.insts.len() as u32).map(InstId)
    }

    #[inline]
    pub fn inst(&self, id: InstId) -> &Inst {
        &self.insts[id.index()]
    }

    #[inline]
    pub fn args(&self, id: InstId) -> &[ValueId] {
        let (start, len) = self.inst(id).args;
        &self.args[start as usize..(start + len) as usize]
    }

    #[inline]
    pub fn results(&self, id: InstId) -> impl ExactSizeIterator<Item = ValueId> + use<> {
        let inst = self.inst(id);
        let first = inst.first.0;
        (first..first + inst.results).map(ValueId)
    }

    #[inline]
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    #[inline]
    pub fn producer(&self, id: ValueId) -> InstId {
        self.producers[id.index()]
    }

    pub fn name(&self, id: ValueId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    pub fn values(&self) -> usize {
        self.values.len()
    }

    pub fn scope_name(&self, site: Site) -> &str {
        match site.scope {
            0 => "",
            n => &self.scopes[n as usize - 1],
        }
    }

    /// A name for messages: the user's, or the number.
    pub fn label(&self, id: ValueId) -> String {
        match self.name(id) {
            Some(name) => format!("`{name}`"),
            None => id.to_string(),
        }
    }

    /// Appends an instruction, and takes its results out of `values`: a value
    /// is large, and each time that it is handed on by itself is a copy.
    #[inline]
    pub(super) fn push(
        &mut self,
        op: Op,
        args: &[ValueId],
        values: &mut Results<Value>,
        location: &'static Location<'static>,
    ) -> Result<ValueId, Fault> {
        let count = |n: usize| u32::try_from(n).map_err(|_| Fault::Full);
        let first = ValueId(count(self.values.len() + values.len())? - values.len() as u32);
        let start = count(self.args.len() + args.len())? - args.len() as u32;
        let id = InstId(count(self.insts.len())?);
        let results = values.len() as u32;
        self.args.extend_from_slice(args);
        self.define(id, values);
        let site = match self.origin {
            // Derivatives point at the line of what they are derivatives of.
            Some(origin) => self.inst(origin).site,
            None => Site {
                location,
                scope: self.scope,
            },
        };
        self.insts.push(Inst {
            op,
            args: (start, args.len() as u32),
            first,
            results,
            site,
            origin: self.origin,
        });
        Ok(first)
    }

    /// Appends the results of the instruction `by`.
    #[inline]
    fn define(&mut self, by: InstId, values: &mut Results<Value>) {
        for value in values.drain(..) {
            self.values.push(value);
            self.producers.push(by);
        }
    }

    /// Appends an instruction of another tape, with its site, whose operands
    /// have the same numbers here.
    pub fn adopt(&mut self, of: &Inner, id: InstId, op: Op, mut values: Results<Value>) {
        let inst = of.inst(id);
        let (start, first) = (self.args.len() as u32, ValueId(self.values.len() as u32));
        let new = InstId(self.insts.len() as u32);
        self.args.extend_from_slice(of.args(id));
        self.define(new, &mut values);
        self.insts.push(Inst {
            op,
            args: (start, inst.args.1),
            first,
            ..*inst
        });
    }

    /// Takes over the names and scopes of another tape.
    pub fn adopt_names(&mut self, of: &Inner) {
        self.names = of.names.clone();
        self.scopes = of.scopes.clone();
    }
}
