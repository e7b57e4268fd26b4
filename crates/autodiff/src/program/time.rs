//! Where the time of a run goes.

use std::fmt;
use std::time::{Duration, Instant};

use super::cost::Cost;
use super::error::RunError;
use super::{Program, Workspace};
use crate::team::Alone;
use crate::view::View;

/// The time that each step of a program took.
#[derive(Clone, Debug)]
pub struct Timing {
    /// In the order in which they run.
    pub steps: Vec<StepTime>,
}

/// The time that one step took: an instruction, or several that run as one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepTime {
    /// The instructions, as the program prints them.
    pub text: String,
    /// How long it took, the fastest of all runs.
    pub time: Duration,
    /// What it costs on paper.
    pub cost: Cost,
}

impl Program {
    /// Runs the program so many times and tells how long every step took at
    /// its fastest.
    ///
    /// # Errors
    /// As [`run`](Program::run).
    ///
    /// ```
    /// use ndarray::array;
    /// use wengert_autodiff::{Tape, Value, Workspace};
    ///
    /// let tape = Tape::new();
    /// let x = tape.input("x", array![1.0, 2.0]);
    /// let program = tape.compile(&[x.any()], &[x.exp().sum().any()])?;
    /// let value = Value::from(array![0.0, 1.0]);
    /// let timing = program.time(&mut Workspace::new(), &[(&value).into()], 10)?;
    /// assert_eq!(timing.steps.len(), 2);
    /// println!("{timing}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn time(
        &self,
        workspace: &mut Workspace,
        inputs: &[View<'_>],
        runs: usize,
    ) -> Result<Timing, RunError> {
        self.check(inputs)?;
        workspace.prepare(self);
        let mut best = vec![Duration::MAX; self.plan.steps.len()];
        for _ in 0..runs.max(1) {
            for (step, best) in self.plan.steps.iter().zip(&mut best) {
                let start = Instant::now();
                self.step(&Alone, step, inputs, &mut workspace.memory)?;
                *best = start.elapsed().min(*best);
            }
        }
        let steps = self
            .plan
            .steps
            .iter()
            .zip(best)
            .map(|(step, time)| StepTime {
                text: self.step_text(step).trim_end().to_string(),
                time,
                cost: self.step_cost(step),
            });
        Ok(Timing {
            steps: steps.collect(),
        })
    }
}

/// One line per step: microseconds, GFLOP/s, GB/s, instructions.
impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "      µs   GFLOP/s   GB/s")?;
        for step in &self.steps {
            let seconds = step.time.as_secs_f64();
            let per_ns = |n: u64| n as f64 / (1e9 * seconds.max(1e-12));
            writeln!(
                f,
                "{:>8.2} {:>9.2} {:>6.2} {}",
                1e6 * seconds,
                per_ns(step.cost.flops),
                per_ns(step.cost.bytes),
                step.text
            )?;
        }
        Ok(())
    }
}
