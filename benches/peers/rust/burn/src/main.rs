//! burn, with its `flex` backend on the CPU.

mod digits;
mod micro;

use burn::tensor::Device;
use peers_common::{Arguments, Task, pinned_pool};

fn main() {
    match Arguments::from_command_line().task {
        Task::Digits(options) => {
            pinned_pool(options.threads);
            digits::run(&options, &Device::flex());
        }
        Task::Micro => {
            pinned_pool(1);
            micro::run(&Device::flex());
        }
    }
}
