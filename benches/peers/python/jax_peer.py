"""JAX: one jitted step at a time, or a whole epoch in one jitted scan; the chain
of small operations unrolled, or a scan as well."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import common
from common import BETA_1, BETA_2, EPSILON, FACTOR, PAIRS, POINT, RATE, START, median, rosenbrock


def digits(options):
    data = common.Digits(options.data)
    x, y = jnp.asarray(data.train_x), jnp.asarray(data.train_y, jnp.int32)
    test = jnp.asarray(data.test_x)

    @jax.jit
    def logits(parameters, x):
        w1, b1, w2, b2 = parameters
        return jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2

    def loss_of(parameters, x, y):
        log_p = jax.nn.log_softmax(logits(parameters, x))
        return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

    # Data are arguments: as constants they would be copied into the program.
    def step(state, x, y, rows):
        parameters, m, v, steps, total = state
        loss, g = jax.value_and_grad(loss_of)(parameters, x[rows], y[rows])
        steps += 1
        rate = RATE / (1 - BETA_1**steps)
        scale = 1 / (1 - BETA_2**steps)
        m = [BETA_1 * m + (1 - BETA_1) * g for m, g in zip(m, g)]
        v = [BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(v, g)]
        moments = zip(parameters, m, v)
        parameters = [p - rate * m / (jnp.sqrt(v * scale) + EPSILON) for p, m, v in moments]
        return parameters, m, v, steps, total + loss * len(rows)

    one_step = jax.jit(step, donate_argnums=0)

    @partial(jax.jit, donate_argnums=0)
    def all_steps(state, x, y, batches):
        return jax.lax.scan(lambda state, rows: (step(state, x, y, rows), None), state, batches)[0]

    parameters = [jnp.asarray(p) for p in common.initial(options.hidden)]
    zeros = [jnp.zeros_like(p) for p in parameters]
    state = (parameters, zeros, [z.copy() for z in zeros], jnp.float32(0), jnp.float32(0))

    def epoch(order):
        nonlocal state
        state = (*state[:4], jnp.float32(0))
        order = order.astype(np.int32)
        whole = len(order) // options.batch * options.batch
        if options.scan:
            state = all_steps(state, x, y, order[:whole].reshape(-1, options.batch))
        else:
            for rows in order[:whole].reshape(-1, options.batch):
                state = one_step(state, x, y, rows)
        if whole < len(order):
            state = one_step(state, x, y, order[whole:])
        jax.block_until_ready(state)
        return state[4] / len(order)

    common.train(epoch, lambda: logits(state[0], test).argmax(axis=1), data, options)


def micro(options):
    factor = jnp.asarray(FACTOR)

    @jax.jit
    def chain(x):
        if options.scan:
            return jax.lax.scan(lambda x, _: (jnp.sin(x) * factor, None), x, length=PAIRS)[0].sum()
        for _ in range(PAIRS):
            x = jnp.sin(x) * factor
        return x.sum()

    start, point = jnp.asarray(START), jnp.asarray(POINT)
    chain_gradient = jax.jit(jax.grad(chain))
    value, gradient = jax.jit(rosenbrock), jax.jit(jax.grad(rosenbrock))
    common.show_micro(
        chain_forward=median(200, lambda: chain(start).block_until_ready()),
        chain=median(200, lambda: chain_gradient(start).block_until_ready()),
        value=median(500, lambda: value(point).block_until_ready()),
        gradient=median(500, lambda: gradient(point).block_until_ready()),
    )


if __name__ == "__main__":
    options = common.arguments(scan="write the loop over steps, or over operations, as a scan")
    micro(options) if options.task == "micro" else digits(options)
