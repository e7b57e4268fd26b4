//! A tape of a million operations: seconds and bytes per operation to record
//! it, differentiate it, compile the gradient and run it once, beside shorter
//! ones. What is linear has equal numbers in a column.
//!
//! ```text
//! cargo run --release -p wengert-benches --bin million
//! ```

use std::process::Command;
use std::time::Instant;

use wengert_autodiff::{Tape, Value, View, Workspace};
use wengert_benches::chain;

const LENGTHS: [usize; 4] = [125_000, 250_000, 500_000, 1_000_000];

fn main() {
    // Every length in a process of its own, which begins without memory.
    if let Some(length) = std::env::args().nth(1) {
        return measure(length.parse().expect("a number of operations"));
    }
    println!("operations   phase           seconds   ns per op   bytes per op");
    for length in LENGTHS {
        let program = std::env::current_exe().expect("this program");
        let status = Command::new(program).arg(length.to_string()).status();
        assert!(status.expect("it starts").success());
    }
}

fn measure(length: usize) {
    let mut phase = Phases::new(length);
    let tape = Tape::new();
    let x = tape.input("x", chain::start());
    let factor = tape.constant(chain::start().mapv(|x| 1.998 * x));
    let mut y = x;
    for _ in 0..length / 2 {
        y = y.sin() * factor;
    }
    let y = y.sum();
    phase.done("record");
    let [dx] = tape.grad(y, [x]).expect("it has rules");
    phase.done("differentiate");
    let program = tape.compile(&[x.any()], &[dx.any()]);
    let program = program.expect("nothing was read");
    phase.done("compile");
    let value = Value::new(&chain::start());
    let (mut workspace, inputs) = (Workspace::new(), [View::from(&value)]);
    let first = {
        let outputs = program.run(&mut workspace, &inputs).expect("it runs");
        outputs.value(0)
    };
    phase.done("run once");
    assert_eq!(first, dx.peek(), "a run gives what was recorded");
    program.run(&mut workspace, &inputs).expect("it runs");
    phase.done("run again");
}

/// Prints what passes between calls.
struct Phases {
    length: usize,
    start: Instant,
    memory: usize,
}

impl Phases {
    fn new(length: usize) -> Phases {
        Phases {
            length,
            start: Instant::now(),
            memory: resident(),
        }
    }

    fn done(&mut self, name: &str) {
        let (seconds, memory) = (self.start.elapsed().as_secs_f64(), resident());
        let per_op = |x: f64| x / self.length as f64;
        println!(
            "{:>10}   {name:<13} {seconds:>9.3} {:>11.0} {:>14.0}",
            self.length,
            per_op(1e9 * seconds),
            per_op(memory as f64 - self.memory as f64),
        );
        (self.start, self.memory) = (Instant::now(), memory);
    }
}

/// Bytes of memory that the process takes; 0 where that cannot be read.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok());
    1024 * kilobytes.unwrap_or(0)
}
