"""NumPy, with the gradient derived by hand."""

import numpy as np

import common
from common import BETA_1, BETA_2, EPSILON, RATE


def digits(options):
    data = common.Digits(options.data)
    parameters = common.initial(options.hidden)
    w1, b1, w2, b2 = parameters
    m = [np.zeros_like(p) for p in parameters]
    v = [np.zeros_like(p) for p in parameters]
    steps = 0

    def forward(x):
        h = 1 / (1 + np.exp(-(x @ w1 + b1)))
        return h, h @ w2 + b2

    def gradients(x, y):
        rows = np.arange(len(y))
        h, z = forward(x)
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        s = e.sum(axis=1, keepdims=True)
        loss = (np.log(s[:, 0]) - z[rows, y]).sum()
        dz = e / s
        dz[rows, y] -= 1
        dz /= len(y)
        ds = dz @ w2.T * h * (1 - h)
        return loss, (x.T @ ds, ds.sum(axis=0), h.T @ dz, dz.sum(axis=0))

    def adam(gradients):
        nonlocal steps
        steps += 1
        rate = RATE / (1 - BETA_1**steps)
        scale = 1 / (1 - BETA_2**steps)
        for p, m_, v_, g in zip(parameters, m, v, gradients):
            m_ *= BETA_1
            m_ += (1 - BETA_1) * g
            v_ *= BETA_2
            v_ += (1 - BETA_2) * g * g
            p -= rate * m_ / (np.sqrt(v_ * scale) + EPSILON)

    def epoch(order):
        total = 0.0
        for i in range(0, len(order), options.batch):
            rows = order[i : i + options.batch]
            loss, g = gradients(data.train_x[rows], data.train_y[rows])
            adam(g)
            total += float(loss)
        return total / len(order)

    common.train(epoch, lambda: forward(data.test_x)[1].argmax(axis=1), data, options)


if __name__ == "__main__":
    options = common.arguments()
    if options.task == "micro":
        raise SystemExit("NumPy has no gradients to time")
    digits(options)
