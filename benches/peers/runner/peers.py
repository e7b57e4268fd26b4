"""Who takes part: how each program is built, and how a run of it is started."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent

# Who runs unless told otherwise: those that the project's README names.
USUAL = ["wengert", "wengert-replayed", "limit", "hand", "numpy", "torch", "jax", "jax-scan", "burn", "autograd"]


@dataclass(frozen=True)
class Build:
    """A program that cargo builds."""

    directory: Path
    package: str
    target: tuple[str, str]
    native: bool
    product: Path

    @property
    def command(self):
        kind, name = self.target
        target_dir = str(self.directory / "target")
        selection = ["-p", self.package, f"--{kind}", name, "--target-dir", target_dir]
        return ["cargo", "build", "--release", *selection]


def of_project(package, kind, name):
    """A program of the project, built as anybody would."""
    folder = "release/examples" if kind == "example" else "release"
    return Build(ROOT, package, (kind, name), False, ROOT / "target" / folder / name)


def of_peer(package):
    """A peer written in Rust, built for the very processor."""
    rust = HERE / "rust"
    return Build(rust, package, ("bin", package), True, rust / "target/release" / package)


EXPORT = of_project("wengert-mnist", "example", "export")
MICRO = of_project("wengert-benches", "bin", "micro")


@dataclass(frozen=True)
class Peer:
    name: str
    builds: tuple[Build, ...] = ()
    # The command that trains digits, given data, batch, threads, hidden, epochs.
    digits: Callable[..., list[str]] | None = None
    # The command that runs the micro-benchmarks.
    micro: list[str] | None = None


def all_peers(python):
    """All there are; `python` runs those that are written in it."""
    return [
        wengert(),
        replayed(),
        rust("limit", "--limit", program="hand", micro=False),
        rust("hand", micro=False),
        rust("hand-matrixmultiply", "--product", "matrixmultiply", program="hand", micro=False),
        script(python, "numpy", micro=False),
        script(python, "torch"),
        script(python, "torch-compiled", "--compiled", program="torch", micro=False),
        script(python, "jax"),
        script(python, "jax-scan", "--scan", program="jax"),
        rust("burn"),
        rust("candle"),
        script(python, "autograd", digits=False),
    ]


def rust(name, *switches, program=None, micro=True):
    build = of_peer(f"peers-{program or name}")
    start = [str(build.product)]
    return Peer(name, (build,), trains(start, switches), [*start, "micro", *switches] if micro else None)


def script(python, name, *switches, program=None, digits=True, micro=True):
    start = [python, str(HERE / "python" / f"{program or name}_peer.py")]
    digits = trains(start, switches) if digits else None
    return Peer(name, (), digits, [*start, "micro", *switches] if micro else None)


def trains(start, switches):
    def command(**settings):
        pairs = ((f"--{name}", str(value)) for name, value in settings.items())
        return [*start, "digits", *switches, *(word for pair in pairs for word in pair)]

    return command


def replayed():
    """The project's programs of small operations, compiled once and replayed."""
    return Peer("wengert-replayed", (MICRO,), None, [str(MICRO.product), "--replayed"])


def wengert():
    """The project: its digits example, and the micro-benchmarks of its own."""
    digits = of_project("wengert", "example", "digits")

    def command(data, batch, threads, hidden, epochs):
        options = {
            "epochs": epochs,
            "batch-size": batch,
            "threads": threads,
            "hidden": hidden,
            "activation": "sigmoid",
            "loss": "softmax",
            "optimizer": "adam",
            "learning-rate": 0.001,
            "schedule": "constant",
            "dropout": 0,
            # The images are part of the program; what it saves is of no interest.
            "out": data / "out",
        }
        pairs = ((f"--{name}", str(value)) for name, value in options.items())
        return [str(digits.product), "--json", "--quiet", *(word for pair in pairs for word in pair)]

    return Peer("wengert", (digits, MICRO), command, [str(MICRO.product)])
