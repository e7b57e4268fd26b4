"""Medians, and medians of paired ratios, as tables in Markdown."""

from collections import defaultdict
from statistics import median

PROJECT, HAND = "wengert", "hand"


def render(runs):
    """All tables of the runs, which are the objects that `run.py` prints."""
    settings = defaultdict(list)
    for run in runs:
        if run["workload"] == "digits":
            settings[run["hidden"], run["batch"], run["threads"]].append(run)
    parts = []
    for (hidden, batch, threads), some in sorted(settings.items()):
        plural = "" if threads == 1 else "s"
        title = f"digits 784-{hidden}-10, batch {batch}, {threads} thread{plural}"
        parts.append(f"### {title}\n\n{digits(some)}")
    micro_runs = [run for run in runs if run["workload"] == "micro"]
    if micro_runs:
        parts.append(f"### small operations, 1 thread\n\n{micro(micro_runs)}")
    return "\n\n".join(parts)


def digits(runs):
    head = [
        "",
        "seconds per epoch (range)",
        f"{PROJECT} / it",
        f"it / {HAND}",
        "test accuracy",
        "peak MB",
        "others' CPUs",
    ]
    rows = []
    for name, own in by_peer(runs).items():
        times = [run["median_s"] for run in own]
        accuracies = [run["test_accuracy"][-1] for run in own if "test_accuracy" in run]
        rows.append([
            name,
            f"{median(times):.3f} ({min(times):.3f} to {max(times):.3f})",
            figure(paired(runs, PROJECT, name, "median_s")),
            figure(paired(runs, name, HAND, "median_s")),
            f"{100 * median(accuracies):.2f} %" if accuracies else "",
            f"{median(run['peak_mb'] for run in own):.0f}",
            f"{median(run['other_cpus'] for run in own):.2f}",
        ])
    return markdown(head, rows)


def micro(runs):
    head = [
        "",
        "chain, forward: ns per op",
        "forward and backward",
        f"{PROJECT} / it",
        "Rosenbrock, value: µs",
        "gradient: µs",
        f"{PROJECT} / it",
        "gradient / value",
        "peak MB",
    ]

    def middle(own, key):
        values = [run[key] for run in own if run.get(key) is not None]
        return figure(median(values) if values else None)

    rows = [
        [
            name,
            middle(own, "chain_forward_ns_per_op"),
            middle(own, "chain_ns_per_op"),
            figure(paired(runs, PROJECT, name, "chain_ns_per_op")),
            middle(own, "rosenbrock_value_us"),
            middle(own, "rosenbrock_gradient_us"),
            figure(paired(runs, PROJECT, name, "rosenbrock_gradient_us")),
            middle(own, "rosenbrock_gradient_over_value"),
            f"{median(run['peak_mb'] for run in own):.0f}",
        ]
        for name, own in by_peer(runs).items()
    ]
    return markdown(head, rows)


def by_peer(runs):
    groups = defaultdict(list)
    for run in runs:
        groups[run["peer"]].append(run)
    return groups


def paired(runs, above, below, key):
    """The median over rounds of one peer's figure over another's of the same
    round; none if they never ran in one round.

    Machines drift: here by a factor of ten between rounds, and yet

    >>> runs = [dict(peer="a", round=0, s=2.0), dict(peer="b", round=0, s=1.0),
    ...         dict(peer="a", round=1, s=30.0), dict(peer="b", round=1, s=10.0),
    ...         dict(peer="a", round=2, s=2.5), dict(peer="b", round=2, s=1.0),
    ...         dict(peer="a", round=3, s=9.0)]
    >>> paired(runs, "a", "b", "s")
    2.5
    >>> paired(runs, "a", "c", "s") is None
    True
    """
    rounds = defaultdict(dict)
    for run in runs:
        rounds[run["round"]][run["peer"]] = run[key]
    ratios = [turn[above] / turn[below] for turn in rounds.values() if above in turn and below in turn]
    return median(ratios) if ratios else None


def figure(value):
    """Three digits, whatever the size.

    >>> [figure(x) for x in (0.012345, 1.2345, 23.456, 41344.2, None)]
    ['0.0123', '1.23', '23.5', '41,344', '']
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
