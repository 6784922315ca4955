"""(g) What metrics and traces cost a message: rest → rest with telemetry off, with metrics, and with metrics and traces.

Three programs in the same run, in turns, with 64 connections; the upstream is an nginx that answers 200. Traces are sampled
as the configuration says by default, one message in a hundred, and sent to a collector that answers 200. All messages come
without a trace. Metrics are read once a round, as Prometheus would.
"""

import pathlib
import statistics
import tempfile
import urllib.request

from .process import CORES, OMNIBUS, cpu_seconds, free_port, running
from .proxy import CONNECTIONS, NGINX, ROUTES, UPSTREAM, document, load

SETTINGS = {
    "off": "telemetry: {{ metrics: false, listen: \"127.0.0.1:{told}\" }}\n",
    "metrics": "telemetry: {{ listen: \"127.0.0.1:{told}\" }}\n",
    "metrics and traces": "telemetry: {{ listen: \"127.0.0.1:{told}\", traces: {{ "
                          "endpoint: \"http://127.0.0.1:{upstream}/v1/traces\", sample: 1% }} }}\n",
}


def run(report, quick):
    rounds, seconds = (1, 1) if quick else (7, 3)
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        upstream = free_port()
        (folder / "upstream.conf").write_text(
            NGINX.format(folder=folder, workers=1, name="upstream", body=UPSTREAM.format(port=upstream)))
        body = folder / "body.json"
        body.write_text(document(1000))
        nginx = ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "upstream.conf")]
        with running(nginx, folder, ready=upstream):
            compare(report, folder, upstream, body, rounds, seconds)


def compare(report, folder, upstream, body, rounds, seconds, subjects=None):
    """Starts the programs one inside the other, and measures when all run."""
    subjects = subjects or {}
    if len(subjects) < len(SETTINGS):
        name = list(SETTINGS)[len(subjects)]
        place, port, told = folder / f"{len(subjects)}", free_port(), free_port()
        (place / "routes").mkdir(parents=True)
        (place / "omnibus.yaml").write_text(SETTINGS[name].format(told=told, upstream=upstream))
        (place / "routes/proxy.yaml").write_text(ROUTES.format(upstream=upstream, port=port))
        with running([str(OMNIBUS), "run", str(place / "routes")], folder, ready=port) as program:
            subjects[name] = (program.pid, port, told)
            return compare(report, folder, upstream, body, rounds, seconds, subjects)
    return measure(report, subjects, body, folder, rounds, seconds)


def measure(report, subjects, body, folder, rounds, seconds):
    for path, what in [("plain", "(a) rest → rest"), ("filtered", "(b) rest → json → filter → rest")]:
        results = {name: [] for name in subjects}
        for _, port, _ in subjects.values():
            load(f"http://127.0.0.1:{port}/{path}", body, folder, 1)
        for number in range(rounds):
            # Each begins, ends and stands between as often as the others.
            names = list(subjects)
            for name in names[number % len(names):] + names[:number % len(names)]:
                pid, port, told = subjects[name]
                before = cpu_seconds(pid)
                figures = load(f"http://127.0.0.1:{port}/{path}", body, folder, seconds)
                urllib.request.urlopen(f"http://127.0.0.1:{told}/metrics").read()
                figures["cpu"] = (cpu_seconds(pid) - before) / figures["requests"] * 1e6
                results[name].append(figures)

        def median(name, key):
            return statistics.median(figures[key] for figures in results[name])

        report.table(
            f"{what}, 1 KB, {CONNECTIONS} connections, {CORES} cores, medians of {rounds} rounds",
            ["telemetry", "CPU µs/request", "× off", "requests/s", "p50 ms", "p99 ms"],
            [[name, median(name, "cpu"), median(name, "cpu") / median("off", "cpu"), median(name, "per_second"),
              median(name, "p50"), median(name, "p99")] for name in subjects])
        report.bar(
            f"(g) {what}, CPU a request with metrics and 1 % of traces",
            median("metrics and traces", "cpu") / median("off", "cpu"), 1.1, "× that without")
