"""(d) What a message takes through 0, 5 and 20 steps that do next to nothing, and what each middleware around such a step
adds, in process: no network, no parsing."""

import json
import subprocess

from .process import ROOT

PROGRAM = ROOT / "Benchmarks/.build/release/RoutingBenchmark"


def run(report, quick):
    output = subprocess.run([PROGRAM], check=True, capture_output=True, text=True).stdout
    figures = {}
    middleware = {}
    for line in output.splitlines():
        figure = json.loads(line)
        if "middleware" in figure:
            middleware[figure["middleware"]] = figure["ns"]
            continue
        figures.setdefault(figure["steps"], {})[figure["count"]] = figure["ns"]

    def per_step(kind):
        return (figures[kind][20] - figures[kind][0]) / 20

    report.table(
        "through steps that do next to nothing, ns", ["", "0 steps", "5 steps", "20 steps", "a step"],
        [[kind, by_count[0], by_count[5], by_count[20], per_step(kind)] for kind, by_count in figures.items()])
    report.bar("(d) a transformer", per_step("transformers"), 60, "ns")
    report.bar("(d) a step that may wait", per_step("steps"), 60, "ns")

    added = {name: ns - middleware["none"] for name, ns in middleware.items() if name != "none"}
    report.table("what a middleware adds to a call, ns", ["", "ns"], [[name, ns] for name, ns in added.items()])
    report.bar("(d) a closed circuit breaker", added["circuit_breaker, closed"], 250, "ns")
    report.bar("(d) a closed circuit breaker, by time", added["circuit_breaker, window 10s"], 250, "ns")
    report.bar("(d) a time-out", added["timeout"], 3000, "ns")
