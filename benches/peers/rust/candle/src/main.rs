//! candle, on the CPU.

mod digits;
mod micro;

use peers_common::{Arguments, Task, pinned_pool};

fn main() -> candle_core::Result<()> {
    match Arguments::from_command_line().task {
        Task::Digits(options) => {
            pinned_pool(options.threads);
            digits::run(&options)
        }
        Task::Micro => {
            pinned_pool(1);
            micro::run()
        }
    }
}
