//! The command line of the hand-written program.

use clap::{Parser, Subcommand};
use peers_common::{Digits, Training};
use peers_hand::Product;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Train the digits network
    Digits {
        #[command(flatten)]
        training: Training,
        /// The crate that multiplies matrices
        #[arg(long, value_enum, default_value_t = Product::Gemm)]
        product: Product,
        /// Do not train: measure what no program can be faster than
        #[arg(long)]
        limit: bool,
    },
}

fn main() {
    let Task::Digits {
        training,
        product,
        limit,
    } = Arguments::parse().task;
    let digits = Digits::load(&training.data);
    match limit {
        true => peers_hand::limit(&digits, &training),
        false => {
            peers_hand::train(&digits, &training, product);
        }
    }
}
