//! A piece of a printed formula, with just enough structure to place
//! parentheses.

/// How tightly the outermost operator of a [`Term`] binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// Comparisons.
    Relation,
    /// `+`, `-`.
    Sum,
    /// `*`, `/`.
    Product,
    /// The matrix product `·`.
    Dot,
    /// A leading `-` or `!`.
    Prefix,
    /// `²`, `ᵀ`, `^`.
    Power,
    /// A name, a number, a call.
    Atom,
}

/// A printed (sub)expression.
#[derive(Clone, Debug)]
pub struct Term {
    /// The text.
    pub text: String,
    /// How tightly it binds.
    pub binding: Binding,
}

impl Term {
    /// A name or a number.
    pub fn atom(text: impl Into<String>) -> Term {
        Term {
            text: text.into(),
            binding: Binding::Atom,
        }
    }

    /// `name(a, b, attributes)`.
    pub fn call(name: &str, args: &[Term], attributes: &str) -> Term {
        let mut parts: Vec<&str> = args.iter().map(|a| a.text.as_str()).collect();
        if !attributes.is_empty() {
            parts.push(attributes);
        }
        Term::atom(format!("{name}({})", parts.join(", ")))
    }

    /// `a op b`, of operators that group to the left.
    pub fn infix(left: &Term, op: &str, right: &Term, binding: Binding) -> Term {
        let left = left.within(left.binding >= binding);
        let right = right.within(right.binding > binding);
        Term {
            text: format!("{left} {op} {right}"),
            binding,
        }
    }

    /// `op a`.
    pub fn prefix(op: &str, of: &Term) -> Term {
        Term {
            text: format!("{op}{}", of.within(of.binding >= Binding::Prefix)),
            binding: Binding::Prefix,
        }
    }

    /// `a op`, as in `x²` and `wᵀ`.
    pub fn postfix(of: &Term, op: &str) -> Term {
        Term {
            text: format!("{}{op}", of.within(of.binding == Binding::Atom)),
            binding: Binding::Power,
        }
    }

    fn within(&self, bare: bool) -> String {
        if bare {
            self.text.clone()
        } else {
            format!("({})", self.text)
        }
    }
}
