//! The command line, the same for every peer.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Runs one workload and prints its figures as one JSON object.
#[derive(Parser, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    pub task: Task,
}

#[derive(Subcommand, Debug)]
pub enum Task {
    /// Train the digits network
    Digits(Training),
    /// A chain of small operations, and the Rosenbrock function
    Micro,
}

#[derive(Args, Debug)]
pub struct Training {
    /// Where the four IDX files are
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long, default_value_t = 64)]
    pub batch: usize,
    /// Units of the hidden layer
    #[arg(long, default_value_t = 128)]
    pub hidden: usize,
    #[arg(long, default_value_t = 4)]
    pub epochs: usize,
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
}

impl Arguments {
    pub fn from_command_line() -> Self {
        Self::parse()
    }
}
