"""(i) Reloads: how long it takes to apply 100 changed routes, idle and under load, and what thousands of reloads leave behind.

A reload is timed from SIGHUP to the line of the log that says what was applied: reading the files is in it. The load is wrk
with 64 connections on one of the routes, on the same cores.
"""

import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

from .process import OMNIBUS, free_port, memory_mb, running, wait_until

ROUTE = """
  - id: route-{number}
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: GET, path: /route-{number} }} }}
    steps:
      - filter: '!("x-kind" in headers)'
      - set: {{ headers: {{ x-route: "number {number} of change {change}" }} }}
      - set: {{ status: 200 }}
"""


class Engine:
    """A running program with routes that are rewritten."""

    def __init__(self, folder, process, port, count):
        self.folder, self.process, self.port, self.count = folder, process, port, count
        self.generation = 1
        self.log = sorted(pathlib.Path(folder).glob("omnibus-*.log"))[-1]
        self.place = 0
        self.rest = ""

    def change(self):
        """Changes all routes; milliseconds until they were applied."""
        self.generation += 1
        write(self.folder, self.port, self.count, self.generation)
        began = time.monotonic()
        os.kill(self.process.pid, signal.SIGHUP)
        wait_until(self.is_applied, f"generation {self.generation}", every=0.0002)
        return (time.monotonic() - began) * 1000

    def is_applied(self):
        with open(self.log) as log:
            log.seek(self.place)
            self.rest += log.read()
            self.place = log.tell()
        if f'"generation":"{self.generation}"' not in self.rest:
            return False
        self.rest = ""
        return True


def write(folder, port, count, change):
    routes = pathlib.Path(folder) / "routes"
    routes.mkdir(exist_ok=True)
    # Ten routes a file, as a real folder would have.
    for first in range(0, count, 10):
        numbers = range(first, min(first + 10, count))
        text = "routes:" + "".join(ROUTE.format(number=number, port=port, change=change) for number in numbers)
        (routes / f"{first:04d}.yaml").write_text(text)


@contextlib.contextmanager
def engine(count):
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        port = free_port()
        write(folder, port, count, 1)
        command = [str(OMNIBUS), "run", f"{folder}/routes", "--no-watch", "--log-format", "json"]
        with running(command, folder, ready=port) as process:
            started = Engine(folder, process, port, count)
            wait_until(lambda: '"ready"' in started.log.read_text(), "ready")
            started.place = started.log.stat().st_size
            yield started


def percentiles(times):
    ordered = sorted(times)
    return [statistics.median(ordered), *(ordered[int((len(ordered) - 1) * part)] for part in (0.9, 0.99)), ordered[-1]]


def slope(samples):
    """MB a thousand reloads, by least squares over (reloads, MB)."""
    mean_x = statistics.mean(x for x, _ in samples)
    mean_y = statistics.mean(y for _, y in samples)
    above = sum((x - mean_x) * (y - mean_y) for x, y in samples)
    return 1000 * above / sum((x - mean_x) ** 2 for x, _ in samples)


def run(report, quick):
    rounds = 20 if quick else 100
    with engine(100) as started:
        idle = [started.change() for _ in range(rounds)]
        load = subprocess.Popen(
            ["wrk", "-t", "1", "-c", "64", "-d", "600s", f"http://127.0.0.1:{started.port}/route-0"],
            stdout=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            loaded = [started.change() for _ in range(rounds)]
        finally:
            load.terminate()
            load.wait()
    report.table(
        f"until 100 changed routes are applied, ms, {rounds} reloads", ["", "median", "90 %", "99 %", "most"],
        [["idle", *percentiles(idle)], ["under load", *percentiles(loaded)]])
    report.bar("(i) 100 routes applied, median", statistics.median(idle), 100, "ms")

    count = 500 if quick else 10_000
    with engine(10) as started:
        samples = []
        for number in range(count):
            started.change()
            # What is kept of the last generations has to fill first, and the heap to find its size.
            if number >= count // 5 and number % (count // 100) == 0:
                samples.append((number, memory_mb(started.process.pid, "VmRSS")))
    growth = slope(samples)
    report.table(
        f"{count:,} reloads of 10 changed routes, resident MB", ["after a fifth", "at the end", "a thousand reloads add"],
        [[f"{samples[0][1]:.1f}", samples[-1][1], growth]])
    if not quick:
        report.bar("(i) growth a thousand reloads", growth, 0.1, "MB")
