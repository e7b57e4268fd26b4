"""Building programs, and running them one at a time with what they took."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

# Of a run's surroundings, what sets the number of threads in a peer's library.
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
# And what would choose another kernel than the library does by itself.
FOREIGN = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]


def build(step):
    """Builds a program (see `peers.Build`), and says so."""
    print(f"building {step.product.name}", file=sys.stderr)
    env = surroundings()
    if step.native:
        env["RUSTFLAGS"] = "-C target-cpu=native"
    subprocess.run(step.command, cwd=step.directory, env=env, check=True)


def measure(command, threads):
    """Runs a program on as many CPUs as it has threads.

    Returns the JSON object that it prints, with the median of its epochs but
    the first, the peak of its resident memory, and how many CPUs other
    processes kept busy meanwhile.
    """
    cpus = sorted(os.sched_getaffinity(0))[:threads]
    env = surroundings() | dict.fromkeys(THREADS, str(threads))
    if threads > 1:
        env["OMP_PROC_BIND"] = "true"
    start, others = time.monotonic(), busy()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(
            command,
            stdout=output,
            stderr=errors,
            env=env,
            preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if child.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {child.returncode}\n{errors.read()}")
        lines = [line for line in output if line.startswith("{")]
    figures = json.loads(lines[-1]) if lines else {}
    epochs = figures.get("seconds_per_epoch")
    if epochs:
        figures["median_s"] = statistics.median(epochs[1:] or epochs)
    own = usage.ru_utime + usage.ru_stime
    elapsed = time.monotonic() - start
    figures["peak_mb"] = round(usage.ru_maxrss / 1024, 1)
    figures["other_cpus"] = round(max(0.0, busy() - others - own) / elapsed, 2)
    return figures


def surroundings():
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


def busy():
    """CPU seconds that all processes together have used: user, nice, system,
    and both kinds of interrupts."""
    with open("/proc/stat") as stat:
        ticks = [int(field) for field in stat.readline().split()[1:]]
    return sum(ticks[i] for i in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")
