"""HIPS autograd: NumPy, recorded."""

import autograd
import autograd.numpy as np

import common
from common import FACTOR, PAIRS, POINT, START, median, rosenbrock


def micro():
    def chain(x):
        for _ in range(PAIRS):
            x = np.sin(x) * FACTOR
        return np.sum(x)

    chain_gradient, gradient = autograd.grad(chain), autograd.grad(rosenbrock)
    common.show_micro(
        chain=median(40, lambda: chain_gradient(START)),
        value=median(300, lambda: rosenbrock(POINT)),
        gradient=median(300, lambda: gradient(POINT)),
    )


if __name__ == "__main__":
    options = common.arguments()
    if options.task == "digits":
        raise SystemExit("autograd does not train digits here")
    micro()
