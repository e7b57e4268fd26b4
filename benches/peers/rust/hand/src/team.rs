//! Training on one thread or two. A batch is split once a step: each thread
//! takes the gradient of its rows, all meet, each updates its part of the
//! parameters, all meet again. The threads live as long as the training.

use std::ops::Range;
use std::sync::{Barrier, Mutex, RwLock};
use std::thread;

use peers_common::{Digits, Peer, Training, pin};

use crate::layout::initial;
use crate::shared::{Shared, SpinBarrier};
use crate::{Adam, Product, Shard};

/// Trains and prints the figures, and returns the last test accuracy.
///
/// # Panics
///
/// If there are neither one nor two threads.
pub fn train(digits: &Digits, options: &Training, product: Product) -> f64 {
    let threads = options.threads;
    assert!(
        (1..=2).contains(&threads),
        "one thread or two, not {threads}"
    );
    let parameters = initial(options.hidden, 0);
    let gradient = || Shared::new(vec![0.0; parameters.len()]);
    let team = Team {
        digits,
        threads,
        count: parameters.len(),
        gradients: (0..threads).map(|_| gradient()).collect(),
        parameters: Shared::new(parameters),
        meeting: SpinBarrier::new(threads),
        gate: Barrier::new(threads),
        task: RwLock::default(),
        loss: Mutex::default(),
    };
    let (team, rows) = (&team, options.batch.div_ceil(threads));
    let member = move |i| Member::new(team, i, Shard::new(rows, options.hidden, product));
    thread::scope(|scope| {
        for i in 1..threads {
            scope.spawn(move || member(i).serve());
        }
        let mut leader = Leader(member(0));
        let accuracy = peers_common::train(&mut leader, digits.train_y.len(), options);
        leader.dismiss();
        accuracy
    })
}

/// What the threads share.
struct Team<'a> {
    digits: &'a Digits,
    threads: usize,
    /// How many parameters there are.
    count: usize,
    parameters: Shared,
    /// Of each thread's rows.
    gradients: Vec<Shared>,
    /// Between the two halves of a step, and between steps.
    meeting: SpinBarrier,
    /// Between epochs, where a thread may sleep.
    gate: Barrier,
    task: RwLock<Task>,
    /// The sum over an epoch.
    loss: Mutex<f64>,
}

/// What the next epoch is: in which order, or none.
#[derive(Default)]
struct Task {
    order: Vec<u32>,
    batch: usize,
}

/// One thread's own.
struct Member<'a> {
    team: &'a Team<'a>,
    index: usize,
    shard: Shard,
    /// The part of the parameters that it updates.
    part: Range<usize>,
    adam: Adam,
}

impl<'a> Member<'a> {
    fn new(team: &'a Team<'a>, index: usize, shard: Shard) -> Self {
        if team.threads > 1 {
            pin(index);
        }
        let part = share(team.count, index, team.threads);
        let adam = Adam::new(part.len());
        Self {
            team,
            index,
            shard,
            part,
            adam,
        }
    }

    /// Takes part in epochs until there is an empty one.
    fn serve(mut self) {
        while self.epoch() {}
    }

    fn epoch(&mut self) -> bool {
        self.team.gate.wait();
        let task = self.team.task.read().expect("no thread has panicked");
        let mut loss = 0.0;
        for rows in task.order.chunks(task.batch.max(1)) {
            loss += self.step(rows);
        }
        *self.team.loss.lock().expect("no thread has panicked") += loss;
        let more = !task.order.is_empty();
        drop(task);
        self.team.gate.wait();
        more
    }

    fn step(&mut self, rows: &[u32]) -> f64 {
        let team = self.team;
        let own = &rows[share(rows.len(), self.index, team.threads)];
        // SAFETY: until the meeting, parameters are only read, and each
        // thread's gradient is used by that thread alone.
        let (parameters, gradient) = unsafe {
            (
                team.parameters.read(0..team.count),
                team.gradients[self.index].write(0..team.count),
            )
        };
        let scale = 1.0 / rows.len() as f32;
        let loss = self
            .shard
            .gradient(parameters, team.digits, own, scale, gradient);
        team.meeting.wait();
        // SAFETY: until the second meeting, gradients are only read, and each
        // thread's part of the parameters is used by that thread alone.
        unsafe {
            let parameters = team.parameters.write(self.part.clone());
            match team.gradients.as_slice() {
                [g] => self.adam.step(parameters, &[g.read(self.part.clone())]),
                [a, b] => {
                    let (a, b) = (a.read(self.part.clone()), b.read(self.part.clone()));
                    self.adam.step(parameters, &[a, b]);
                }
                _ => unreachable!("one thread or two"),
            }
        }
        team.meeting.wait();
        loss
    }
}

/// The `i`-th of `parts` nearly equal parts of `0..n`.
fn share(n: usize, i: usize, parts: usize) -> Range<usize> {
    let size = n.div_ceil(parts);
    (i * size).min(n)..((i + 1) * size).min(n)
}

/// The thread that decides what the next epoch is.
struct Leader<'a>(Member<'a>);

impl Leader<'_> {
    fn begin(&mut self, order: &[u32], batch: usize) {
        let mut task = self.0.team.task.write().expect("no thread has panicked");
        task.order.clear();
        task.order.extend_from_slice(order);
        task.batch = batch;
        drop(task);
        self.0.epoch();
    }

    fn dismiss(mut self) {
        self.begin(&[], 1);
    }
}

impl Peer for Leader<'_> {
    fn epoch(&mut self, order: &[u32], batch: usize) -> f64 {
        self.begin(order, batch);
        let mut loss = self.0.team.loss.lock().expect("no thread has panicked");
        std::mem::take(&mut *loss) / order.len() as f64
    }

    fn accuracy(&mut self) -> f64 {
        let Member { team, shard, .. } = &mut self.0;
        // SAFETY: between epochs nobody writes.
        let parameters = unsafe { team.parameters.read(0..team.count) };
        team.digits
            .accuracy(shard.classify(parameters, &team.digits.test_x))
    }
}
