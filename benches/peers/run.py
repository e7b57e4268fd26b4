#!/usr/bin/env python3
"""Runs the project and its peers in turn, round after round.

Prints one JSON object a run and, at the end, tables of medians and of medians
of paired ratios. See README.md.
"""

import argparse
import itertools
import json
import sys
import tempfile
from pathlib import Path

from runner import peers, process, table


def main():
    options = arguments()
    if options.table:
        lines = options.table.read_text().splitlines()
        print(table.render([json.loads(line) for line in lines if line.startswith("{")]))
        return
    known = {peer.name: peer for peer in peers.all_peers(options.python)}
    wrong = set(options.peers) - set(known)
    if wrong:
        sys.exit(f"no such peers: {', '.join(sorted(wrong))}; there are {', '.join(known)}")
    chosen = [known[name] for name in options.peers]
    for build in dict.fromkeys(build for peer in chosen for build in peer.builds):
        process.build(build)
    runs = []
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        process.build(peers.EXPORT)
        process.measure([str(peers.EXPORT.product), str(data)], threads=1)
        for run in schedule(options, chosen, data):
            print(json.dumps(run), flush=True)
            runs.append(run)
    print(f"\n{table.render(runs)}")


def schedule(options, chosen, data):
    """All runs, one after the other; every second round goes backwards, so that
    nobody always follows the same neighbour."""
    settings = list(itertools.product(options.hidden, options.batches, options.threads))
    for turn in range(options.rounds):
        order = chosen if turn % 2 == 0 else chosen[::-1]
        if "digits" in options.workloads:
            for hidden, batch, threads in settings:
                setting = dict(hidden=hidden, batch=batch, threads=threads)
                for peer in order:
                    if peer.digits:
                        command = peer.digits(data=data, epochs=options.epochs, **setting)
                        figures = process.measure(command, threads)
                        yield figures | setting | dict(workload="digits", round=turn, peer=peer.name)
        if "micro" in options.workloads:
            for peer in order:
                if peer.micro:
                    figures = process.measure(peer.micro, threads=1)
                    yield figures | dict(workload="micro", round=turn, peer=peer.name)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)

    def several(kind):
        return lambda text: [kind(item) for item in text.split(",")]

    parser.add_argument("--peers", type=several(str), default=peers.USUAL, help="default: %(default)s")
    parser.add_argument("--workloads", type=several(str), default=["digits", "micro"])
    parser.add_argument("--batches", type=several(int), default=[32, 64, 128, 512])
    parser.add_argument("--threads", type=several(int), default=[1, 2])
    parser.add_argument("--hidden", type=several(int), default=[128], help="units of the hidden layer")
    parser.add_argument("--epochs", type=int, default=4, help="the first of a run warms up")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--python", default=sys.executable, help="one with requirements.txt installed")
    parser.add_argument("--table", type=Path, metavar="FILE", help="tables of an earlier run's output")
    return parser.parse_args()


if __name__ == "__main__":
    main()
