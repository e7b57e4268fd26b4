"""PyTorch, eager or with the loss compiled; Adam fused."""

import torch

import common
from common import FACTOR, PAIRS, POINT, RATE, START, median, rosenbrock


def digits(options):
    torch.set_num_threads(options.threads)
    data = common.Digits(options.data)
    x, y = torch.from_numpy(data.train_x), torch.from_numpy(data.train_y)
    test = torch.from_numpy(data.test_x)
    net = torch.nn.Sequential(
        torch.nn.Linear(common.INPUTS, options.hidden),
        torch.nn.Sigmoid(),
        torch.nn.Linear(options.hidden, common.OUTPUTS),
    )
    w1, b1, w2, b2 = map(torch.from_numpy, common.initial(options.hidden))
    with torch.no_grad():
        for parameter, value in zip(net.parameters(), (w1.T, b1, w2.T, b2)):
            parameter.copy_(value)
    adam = torch.optim.Adam(net.parameters(), lr=RATE, fused=True)

    def loss_of(x, y):
        return torch.nn.functional.cross_entropy(net(x), y)

    if options.compiled:
        loss_of = torch.compile(loss_of, dynamic=False)

    def epoch(order):
        order = torch.from_numpy(order)
        total = torch.zeros(())
        for rows in order.split(options.batch):
            loss = loss_of(x[rows], y[rows])
            adam.zero_grad(set_to_none=True)
            loss.backward()
            adam.step()
            total += loss.detach() * len(rows)
        return total / len(order)

    def answers():
        with torch.no_grad():
            return net(test).argmax(dim=1)

    common.train(epoch, answers, data, options)


def micro():
    torch.set_num_threads(1)
    factor = torch.from_numpy(FACTOR)

    def chain(x):
        for _ in range(PAIRS):
            x = torch.sin(x) * factor
        return x.sum()

    def gradient(f, x):
        x = torch.tensor(x, requires_grad=True)
        return torch.autograd.grad(f(x), x)[0]

    point = torch.from_numpy(POINT)
    common.show_micro(
        chain_forward=median(40, lambda: chain(torch.tensor(START, requires_grad=True))),
        chain=median(40, lambda: gradient(chain, START)),
        value=median(300, lambda: rosenbrock(point).item()),
        gradient=median(300, lambda: gradient(rosenbrock, POINT)),
    )


if __name__ == "__main__":
    options = common.arguments(compiled="torch.compile the loss")
    micro() if options.task == "micro" else digits(options)
