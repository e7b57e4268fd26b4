//! Every operation: its parameters, the domain of its operands, its kinks,
//! ties and poles.
//!
//! [`rows`] is made from [`OpKind::ALL`], and the `match` has no wildcard: an
//! operation without a row does not compile. Where an operation has kinds,
//! their list is the enum's own, and whatever differs between them is a
//! `match` without a wildcard again.

use wengert_autodiff::DType;
use wengert_autodiff::ops::{Binary, Compare, Leaf, Logic, OpKind, Reduction, StopGradient, Unary};

use super::case::{Operand, Plan};
use super::row::Row;

mod arrange;
mod custom;
mod elementwise;
mod group;
mod index;
mod linear;
mod masks;

pub use custom::Cube;

/// The whole table.
pub fn rows() -> Vec<Row> {
    OpKind::ALL.iter().flat_map(|&kind| of(kind)).collect()
}

fn of(kind: OpKind) -> Vec<Row> {
    match kind {
        OpKind::Leaf => vec![plain("input", kind, |s| {
            Plan::new(Leaf::Input, [Operand::float(s, (-2.0, 2.0))])
        })],
        OpKind::Unary => Unary::ALL.iter().map(|&f| elementwise::unary(f)).collect(),
        OpKind::Binary => Binary::ALL
            .iter()
            .map(|&f| elementwise::binary(f))
            .collect(),
        OpKind::Powi => vec![elementwise::powi()],
        OpKind::Powf => vec![elementwise::powf()],
        OpKind::AbsPow => vec![elementwise::abs_pow()],
        OpKind::Clamp => vec![elementwise::clamp()],
        OpKind::Compare => Compare::ALL.iter().map(|&c| masks::compare(c)).collect(),
        OpKind::Logic => Logic::ALL.iter().map(|&c| masks::logic(c)).collect(),
        OpKind::Not => vec![masks::not()],
        OpKind::Where => vec![masks::choose()],
        OpKind::Reduce => Reduction::ALL.iter().map(|&r| group::reduce(r)).collect(),
        OpKind::Norm => vec![group::norm()],
        OpKind::Center => vec![group::center()],
        OpKind::CumSum => vec![group::cumsum()],
        OpKind::CumProd => vec![group::cumprod()],
        OpKind::LogSumExp => vec![group::logsumexp()],
        OpKind::Softmax => vec![group::softmax()],
        OpKind::LogSoftmax => vec![group::log_softmax()],
        OpKind::ArgExtreme => [false, true].map(masks::position).into(),
        OpKind::MatMul => linear::rows(),
        OpKind::Reshape => vec![arrange::reshape()],
        OpKind::Permute => vec![arrange::permute()],
        OpKind::BroadcastTo => vec![arrange::broadcast_to()],
        OpKind::Slice => vec![arrange::slice()],
        OpKind::Embed => vec![arrange::embed()],
        OpKind::Concat => vec![arrange::concat()],
        OpKind::Split => vec![arrange::split()],
        OpKind::IndexSelect => vec![index::index_select()],
        OpKind::IndexAdd => vec![index::index_add()],
        OpKind::Gather => vec![index::gather()],
        OpKind::ScatterAdd => vec![index::scatter_add()],
        OpKind::OneHot => vec![masks::one_hot()],
        OpKind::Cast => [DType::F32, DType::F64, DType::Index, DType::Bool]
            .into_iter()
            .flat_map(masks::cast)
            .collect(),
        OpKind::StopGradient => vec![
            plain("stop_gradient", kind, |s| {
                Plan::new(StopGradient, [Operand::float(s, (-2.0, 2.0))])
            })
            .generic(),
        ],
        OpKind::Custom => vec![custom::cube()],
    }
}

/// A row without parameters that takes an operand of any shape.
fn plain(name: &str, kind: OpKind, plan: fn(&[usize]) -> Option<Plan>) -> Row {
    Row::new(name, kind, move |_, shape, _| plan(shape))
}
