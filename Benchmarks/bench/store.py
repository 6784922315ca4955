"""(g) The store alone: messages of 1 KB appended by 64 tasks, beside a file that is synced for all that wait; and how fast
a queue is worked off, each message leased and acknowledged by itself."""

import json
import statistics
import subprocess

from .process import ROOT

PROGRAM = ROOT / "Benchmarks/.build/release/StoreBenchmark"


def run(report, quick):
    seconds, rounds = ("0.5", "3") if quick else ("2", "7")
    output = subprocess.run([PROGRAM, seconds, rounds, "/tmp"], check=True, capture_output=True, text=True).stdout
    figures = {}
    for line in output.splitlines():
        figure = json.loads(line)
        figures.setdefault(figure["what"], []).append(figure)

    def median(what, key):
        return statistics.median(figure[key] for figure in figures[what])

    report.table(
        "durable messages of 1 KB by 64 tasks, medians of rounds in turns",
        ["", "messages/s", "CPU µs a message", "messages a sync"],
        [[what, median(what, "per_second"), median(what, "cpu_us"), median(what, "group")] for what in figures])
    shares = [store["per_second"] / file["per_second"] for store, file in zip(figures["store"], figures["file"])]
    report.bar("(g) the store, of the file's rate", 100 * statistics.median(shares), 40, "%", at_least=True)
