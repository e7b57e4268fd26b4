"""What the peers written in Python share: arguments, data, initial
parameters, the loop around an epoch, and how a time is taken."""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

INPUTS, OUTPUTS = 784, 10
RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def arguments(**switches):
    """The command line, the same for every peer; `switches` are its own."""
    parser = argparse.ArgumentParser()
    tasks = parser.add_subparsers(dest="task", required=True)
    digits = tasks.add_parser("digits", help="train the digits network")
    digits.add_argument("--data", type=Path, required=True)
    digits.add_argument("--batch", type=int, default=64)
    digits.add_argument("--hidden", type=int, default=128)
    digits.add_argument("--epochs", type=int, default=4)
    digits.add_argument("--threads", type=int, default=1)
    micro = tasks.add_parser("micro", help="a chain of small operations, and the Rosenbrock function")
    for name, text in switches.items():
        for task in (digits, micro):
            task.add_argument(f"--{name}", action="store_true", help=text)
    return parser.parse_args()


class Digits:
    """The four IDX files in a directory; pixels as f32 from 0 to 1."""

    def __init__(self, directory):
        def read(name, header):
            return np.fromfile(directory / name, np.uint8, offset=header)

        def images(name):
            return read(name, 16).reshape(-1, INPUTS).astype(np.float32) / np.float32(255)

        def labels(name):
            return read(name, 8).astype(np.int64)

        self.train_x = images("train-images-idx3-ubyte")
        self.train_y = labels("train-labels-idx1-ubyte")
        self.test_x = images("t10k-images-idx3-ubyte")
        self.test_y = labels("t10k-labels-idx1-ubyte")


def initial(hidden):
    """W1 [784, hidden], b1, W2 [hidden, 10], b2: uniform within ±1/√inputs."""
    rng = np.random.default_rng(0)
    shapes = [(INPUTS, hidden), hidden, (hidden, OUTPUTS), OUTPUTS]
    bounds = [INPUTS**-0.5] * 2 + [hidden**-0.5] * 2
    return [rng.uniform(-b, b, s).astype(np.float32) for b, s in zip(bounds, shapes)]


def train(epoch, answers, digits, options):
    """Trains and prints the figures.

    `epoch(order)` trains on the rows in that order and returns the mean loss;
    `answers()` gives the classes of the test images. Shuffling is timed,
    evaluation is not.
    """
    rng = np.random.default_rng(1)
    seconds, losses, accuracies = [], [], []
    for _ in range(options.epochs):
        start = time.perf_counter()
        losses.append(float(epoch(rng.permutation(len(digits.train_y)))))
        seconds.append(time.perf_counter() - start)
        accuracies.append(float(np.mean(np.asarray(answers()) == digits.test_y)))
    show(seconds_per_epoch=seconds, train_loss=losses, test_accuracy=accuracies)


# The micro-benchmarks: 500 times a sine and a product, on 8 elements; and where
# the Rosenbrock function is differentiated.
PAIRS = 500
START = np.full(8, 0.5, np.float32)
FACTOR = np.full(8, 0.999, np.float32)
POINT = np.array([0.5 + 0.001 * (i % 7) for i in range(1000)], np.float32)


def rosenbrock(x):
    """Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)², for arrays of any library."""
    p, q = x[:-1], x[1:]
    u = q - p * p
    v = 1.0 - p
    return (100.0 * u * u + v * v).sum()


def median(calls, call):
    """The median time of a call, after a tenth as many that warm up."""
    times = []
    for i in range(calls + -(-calls // 10)):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times[-calls:])


def show_micro(chain, value, gradient, chain_forward=None):
    """Prints figures, given seconds a call."""
    per_op = 1e9 / (2 * PAIRS)
    show(
        chain_ns_per_op=chain * per_op,
        chain_forward_ns_per_op=chain_forward and chain_forward * per_op,
        rosenbrock_gradient_us=gradient * 1e6,
        rosenbrock_value_us=value * 1e6,
        rosenbrock_gradient_over_value=gradient / value,
    )


def show(**figures):
    print(json.dumps(figures), flush=True)
