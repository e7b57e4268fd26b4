//! The arguments of a call, by PyTorch's signature: positional and keyword,
//! with defaults, numbers beside arrays, `dim` as an integer, a tuple or
//! nothing, negative axes.
//!
//! An argument that the mapping of an operation never looked at is an
//! argument that it ignores. [`Call::finish`] refuses such a call, so that
//! support for a keyword cannot be claimed by forgetting it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use wengert_autodiff::{Tape, Var};

use super::array::{Array, Data};

/// A float array on the tape.
pub(super) type V<'t> = Var<'t, f64>;

/// Why a case cannot be run: the operation, or this way of calling it, is not
/// offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsupported(pub String);

pub(super) fn unsupported<T>(what: impl Into<String>) -> Result<T, Unsupported> {
    Err(Unsupported(what.into()))
}

/// One argument.
#[derive(Clone, Debug)]
pub(super) enum Arg<'t> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Array(V<'t>),
    /// Integers have no place on the tape but as indices, and as those they
    /// must not be negative; so they stay as they came until it is known what
    /// they mean.
    Ints(Array),
    Mask(Var<'t, bool>),
    List(Vec<Arg<'t>>),
    Tuple(Vec<Arg<'t>>),
    Slice([Option<i64>; 3]),
    Ellipsis,
    DType(String),
}

/// What an operation returns.
#[derive(Clone, Debug)]
pub(super) enum Output<'t> {
    Float(V<'t>),
    Index(Var<'t, usize>),
}

pub(super) type Answer<'t> = Result<Vec<Output<'t>>, Unsupported>;

/// The answer of an operation with one result.
pub(super) fn one<'t>(y: V<'t>) -> Answer<'t> {
    Ok(vec![Output::Float(y)])
}

/// The answer of an operation with several.
pub(super) fn many<'t>(ys: impl IntoIterator<Item = V<'t>>) -> Answer<'t> {
    Ok(ys.into_iter().map(Output::Float).collect())
}

/// Arguments by name.
#[derive(Debug)]
pub(super) struct Call<'t> {
    tape: &'t Tape,
    args: BTreeMap<String, Arg<'t>>,
    seen: RefCell<BTreeSet<String>>,
}

impl<'t> Call<'t> {
    /// Positional and keyword arguments, named by a signature: parameter names
    /// in order, separated by blanks. The last positional one may end in `...`
    /// and then takes all that are left, given one by one or as one list.
    pub fn bind(
        tape: &'t Tape,
        signature: &str,
        positional: Vec<Arg<'t>>,
        named: Vec<(String, Arg<'t>)>,
    ) -> Result<Call<'t>, Unsupported> {
        let parameters: Vec<&str> = signature.split_whitespace().collect();
        let mut args = BTreeMap::new();
        let mut given = positional.into_iter().peekable();
        for parameter in &parameters {
            if given.peek().is_none() {
                break;
            }
            if let Some(name) = parameter.strip_suffix("...") {
                let mut rest: Vec<Arg<'t>> = given.by_ref().collect();
                let whole = matches!(rest[..], [Arg::List(_) | Arg::Tuple(_)]);
                let list = if whole {
                    rest.swap_remove(0)
                } else {
                    Arg::List(rest)
                };
                args.insert(name.to_string(), list);
            } else if let Some(arg) = given.next() {
                args.insert(parameter.to_string(), arg);
            }
        }
        if given.next().is_some() {
            return unsupported(format!(
                "more than {} positional arguments",
                parameters.len()
            ));
        }
        for (name, arg) in named {
            let known = parameters.iter().any(|p| p.trim_end_matches("...") == name);
            if !known {
                return unsupported(format!("argument `{name}`"));
            }
            if args.insert(name.clone(), arg).is_some() {
                return unsupported(format!("argument `{name}`, which is given twice"));
            }
        }
        let seen = RefCell::default();
        Ok(Call { tape, args, seen })
    }

    pub fn tape(&self) -> &'t Tape {
        self.tape
    }

    /// Refuses the call if an argument was never looked at. `None` is how an
    /// argument is not given.
    pub fn finish(&self) -> Result<(), Unsupported> {
        let seen = self.seen.borrow();
        let ignored =
            |(name, arg): &(&String, &Arg<'t>)| !matches!(arg, Arg::None) && !seen.contains(*name);
        match self.args.iter().find(ignored) {
            Some((name, _)) => unsupported(format!("argument `{name}`")),
            None => Ok(()),
        }
    }

    /// An argument, if it was given and is not `None`.
    pub fn get(&self, name: &str) -> Option<&Arg<'t>> {
        self.seen.borrow_mut().insert(name.to_string());
        self.args.get(name).filter(|arg| !matches!(arg, Arg::None))
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn need(&self, name: &str) -> Result<&Arg<'t>, Unsupported> {
        match self.get(name) {
            Some(arg) => Ok(arg),
            None => unsupported(format!("a call without `{name}`")),
        }
    }

    fn wrong<T>(&self, name: &str, what: &str) -> Result<T, Unsupported> {
        unsupported(format!("argument `{name}` that is not {what}"))
    }

    /// Arguments that are offered only as the default: each is missing,
    /// `None`, or `false`.
    pub fn only_default(&self, names: &[&str]) -> Result<(), Unsupported> {
        for name in names {
            match self.get(name) {
                None | Some(Arg::Bool(false)) => {}
                Some(_) => return unsupported(format!("argument `{name}`")),
            }
        }
        Ok(())
    }

    /// `dtype`, which may only be the one that everything has.
    pub fn only_f64(&self) -> Result<(), Unsupported> {
        match self.get("dtype") {
            None => Ok(()),
            Some(Arg::DType(d)) if d == "float64" => Ok(()),
            Some(other) => unsupported(format!("dtype {other:?}")),
        }
    }

    /// A float array; numbers, integers and masks become constants.
    pub fn array(&self, name: &str) -> Result<V<'t>, Unsupported> {
        self.as_array(self.need(name)?)
    }

    pub fn optional_array(&self, name: &str) -> Result<Option<V<'t>>, Unsupported> {
        self.get(name).map(|arg| self.as_array(arg)).transpose()
    }

    pub fn as_array(&self, arg: &Arg<'t>) -> Result<V<'t>, Unsupported> {
        match arg {
            Arg::Array(v) => Ok(*v),
            Arg::Mask(m) => Ok(m.cast()),
            Arg::Ints(a) => {
                let Data::Int(data) = &a.data else {
                    unreachable!("made from integers")
                };
                let data: Vec<f64> = data.iter().map(|&i| i as f64).collect();
                Ok(a.laid_out(&data, f64::NAN, |view| self.tape.constant(view)))
            }
            arg => match as_number(arg) {
                Some(x) => Ok(self.tape.scalar(x)),
                None => unsupported(format!("an array given as {arg:?}")),
            },
        }
    }

    /// A list of float arrays; a single array is a list of one.
    pub fn arrays(&self, name: &str) -> Result<Vec<V<'t>>, Unsupported> {
        match self.need(name)? {
            Arg::List(list) | Arg::Tuple(list) => {
                list.iter().map(|arg| self.as_array(arg)).collect()
            }
            arg => Ok(vec![self.as_array(arg)?]),
        }
    }

    /// Whether an argument is a number, and which.
    pub fn constant(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(as_number)
    }

    pub fn number(&self, name: &str, default: f64) -> Result<f64, Unsupported> {
        match self.get(name) {
            None => Ok(default),
            Some(arg) => as_number(arg).map_or_else(|| self.wrong(name, "a number"), Ok),
        }
    }

    pub fn flag(&self, name: &str, default: bool) -> Result<bool, Unsupported> {
        match self.get(name) {
            None => Ok(default),
            Some(Arg::Bool(b)) => Ok(*b),
            Some(_) => self.wrong(name, "true or false"),
        }
    }

    pub fn text(&self, name: &str, default: &str) -> Result<String, Unsupported> {
        match self.get(name) {
            None => Ok(default.into()),
            Some(Arg::Text(s)) => Ok(s.clone()),
            Some(_) => self.wrong(name, "a word"),
        }
    }

    pub fn int(&self, name: &str, default: i64) -> Result<i64, Unsupported> {
        match self.get(name) {
            None => Ok(default),
            Some(arg) => as_int(arg).map_or_else(|| self.wrong(name, "an integer"), Ok),
        }
    }

    pub fn need_int(&self, name: &str) -> Result<i64, Unsupported> {
        self.need(name)?;
        self.int(name, 0)
    }

    /// A list of integers; a single one is a list of one.
    pub fn ints(&self, name: &str) -> Result<Option<Vec<i64>>, Unsupported> {
        let Some(arg) = self.get(name) else {
            return Ok(None);
        };
        let found = match arg {
            Arg::List(list) | Arg::Tuple(list) => list.iter().map(as_int).collect(),
            Arg::Ints(Array {
                data: Data::Int(data),
                ..
            }) => Some(data.clone()),
            arg => as_int(arg).map(|i| vec![i]),
        };
        match found {
            Some(list) => Ok(Some(list)),
            None => self.wrong(name, "a list of integers"),
        }
    }

    pub fn need_ints(&self, name: &str) -> Result<Vec<i64>, Unsupported> {
        self.need(name)?;
        Ok(self.ints(name)?.unwrap_or_default())
    }

    /// The lengths of a shape.
    pub fn sizes(&self, name: &str) -> Result<Vec<usize>, Unsupported> {
        let sizes = self.need_ints(name)?;
        let sizes: Option<Vec<usize>> = sizes.iter().map(|&n| usize::try_from(n).ok()).collect();
        sizes.map_or_else(|| self.wrong(name, "a shape"), Ok)
    }

    /// An integer array.
    pub fn integers(&self, name: &str) -> Result<&Array, Unsupported> {
        match self.need(name)? {
            Arg::Ints(array) => Ok(array),
            _ => self.wrong(name, "an array of integers"),
        }
    }

    pub fn mask(&self, name: &str) -> Result<Var<'t, bool>, Unsupported> {
        match self.need(name)? {
            Arg::Mask(mask) => Ok(*mask),
            Arg::Bool(b) => Ok(self.tape.scalar(*b)),
            _ => self.wrong(name, "a mask"),
        }
    }

    pub fn optional_mask(&self, name: &str) -> Result<Option<Var<'t, bool>>, Unsupported> {
        match self.get(name) {
            None => Ok(None),
            Some(_) => self.mask(name).map(Some),
        }
    }

    /// One axis, counted from the front, of an array of rank `rank`. A scalar
    /// counts as having one axis, as in PyTorch.
    pub fn axis(&self, name: &str, default: i64, rank: usize) -> Result<usize, Unsupported> {
        axis(self.int(name, default)?, rank)
    }

    /// The axes of a reduction of an array of rank `rank`: an integer, a
    /// list, or, as `None` and the empty list, all of them. Those of a scalar
    /// are none.
    pub fn axes(&self, name: &str, rank: usize) -> Result<Vec<isize>, Unsupported> {
        let given = self.ints(name)?.unwrap_or_default();
        if given.is_empty() {
            return Ok((0..rank as isize).collect());
        }
        let axes: Vec<usize> = given
            .iter()
            .map(|&a| axis(a, rank))
            .collect::<Result<_, _>>()?;
        Ok(match rank {
            0 => vec![],
            _ => axes.into_iter().map(|a| a as isize).collect(),
        })
    }
}

/// `at` counted from the front.
pub(super) fn axis(at: i64, rank: usize) -> Result<usize, Unsupported> {
    let n = rank.max(1) as i64;
    match at {
        at if (-n..0).contains(&at) => Ok((at + n) as usize),
        at if (0..n).contains(&at) => Ok(at as usize),
        at => unsupported(format!("axis {at} of rank {rank}")),
    }
}

pub(super) fn as_number(arg: &Arg<'_>) -> Option<f64> {
    match arg {
        Arg::Int(i) => Some(*i as f64),
        Arg::Float(x) => Some(*x),
        Arg::Bool(b) => Some(f64::from(u8::from(*b))),
        Arg::Text(s) => match s.as_str() {
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            "nan" => Some(f64::NAN),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn as_int(arg: &Arg<'_>) -> Option<i64> {
    match arg {
        Arg::Int(i) => Some(*i),
        Arg::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Some(*x as i64),
        Arg::Ints(Array {
            shape,
            data: Data::Int(data),
            ..
        }) if shape.is_empty() => Some(data[0]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind<'t>(tape: &'t Tape, signature: &str, named: &[(&str, Arg<'t>)]) -> Call<'t> {
        let named = named
            .iter()
            .map(|(n, a)| (n.to_string(), a.clone()))
            .collect();
        Call::bind(tape, signature, vec![Arg::Float(1.0), Arg::Int(2)], named).unwrap()
    }

    #[test]
    fn an_argument_that_nobody_reads_is_not_supported() {
        let tape = Tape::new();
        let call = bind(&tape, "input other alpha", &[("alpha", Arg::Int(3))]);
        assert_eq!(call.number("input", 0.0), Ok(1.0));
        assert_eq!(call.int("other", 0), Ok(2));
        assert_eq!(call.finish(), unsupported("argument `alpha`"));
        assert_eq!(call.int("alpha", 1), Ok(3));
        assert_eq!(call.finish(), Ok(()));
    }

    #[test]
    fn a_name_outside_the_signature_is_not_supported() {
        let tape = Tape::new();
        let call = Call::bind(&tape, "input", vec![], vec![("out".into(), Arg::None)]);
        assert_eq!(call.unwrap_err(), Unsupported("argument `out`".into()));
        let call = Call::bind(&tape, "input", vec![Arg::None, Arg::None], vec![]);
        assert!(call.is_err());
    }

    #[test]
    fn the_rest_may_come_one_by_one_or_as_a_list() {
        let tape = Tape::new();
        let two = || vec![Arg::Int(2), Arg::Int(3)];
        for rest in [two(), vec![Arg::List(two())]] {
            let call = Call::bind(&tape, "shape...", rest, vec![]).unwrap();
            assert_eq!(call.sizes("shape"), Ok(vec![2, 3]));
        }
    }

    #[test]
    fn axes_count_from_either_end_and_a_scalar_has_one() {
        assert_eq!((axis(-1, 3), axis(2, 3)), (Ok(2), Ok(2)));
        assert_eq!((axis(-1, 0), axis(0, 0)), (Ok(0), Ok(0)));
        assert!(axis(3, 3).is_err() && axis(-4, 3).is_err());
    }
}
