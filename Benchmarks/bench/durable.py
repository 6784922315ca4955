"""(j) Durable accept: rest → queue, synced before the answer, beside the same route without the queue; and a queue drained.

Both routes are in one program and take turns, with 64 connections that send 1 KB. The other route ends without a body, too,
but keeps nothing: what is between them is the store and the wait for the disk. For the drain, what was accepted is worked
off by a route that does nothing with it, so that leases and acknowledgements are all there is.
"""

import pathlib
import re
import signal
import statistics
import tempfile
import time
import urllib.request

from .process import CORES, OMNIBUS, cpu_seconds, free_port, running, wait_until
from .proxy import CONNECTIONS, document, load

ROUTES = """
routes:
  - id: volatile
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: POST, path: /volatile }} }}
    steps: [ {{ filter: "false" }} ]
  - id: durable
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: POST, path: /durable }} }}
    steps: [ {{ to: {{ queue: {{ name: accepted }} }} }} ]
"""

WORKER = """
routes:
  - id: worker
    from: {{ queue: {{ name: accepted, concurrency: {concurrency} }} }}
    steps: []
"""

SETTINGS = """
data: {{ directory: "{folder}/data" }}
telemetry: {{ listen: "127.0.0.1:{told}" }}
admin: {{ enabled: false }}
"""


def run(report, quick):
    rounds, seconds = (1, 1) if quick else (5, 3)
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        port, told = free_port(), free_port()
        (folder / "routes").mkdir()
        (folder / "routes/accept.yaml").write_text(ROUTES.format(port=port))
        (folder / "omnibus.yaml").write_text(SETTINGS.format(folder=folder, told=told))
        body = folder / "body.json"
        body.write_text(document(1000))
        with running([str(OMNIBUS), "run", str(folder / "routes")], folder, ready=port) as program:
            accept(report, program, port, body, folder, rounds, seconds)
            drain(report, program, told, folder)


def accept(report, program, port, body, folder, rounds, seconds):
    results = {"volatile": [], "durable": []}
    for number in range(rounds):
        for name in results if number % 2 == 0 else reversed(results):
            before = cpu_seconds(program.pid)
            figures = load(f"http://127.0.0.1:{port}/{name}", body, folder, seconds)
            figures["cpu"] = (cpu_seconds(program.pid) - before) / figures["requests"] * 1e6
            results[name].append(figures)

    def median(name, key):
        return statistics.median(figures[key] for figures in results[name])

    report.table(
        f"accept of 1 KB, {CONNECTIONS} connections, {CORES} cores, medians of {rounds} rounds",
        ["route", "messages/s", "× volatile", "CPU µs/message", "p50 ms", "p99 ms"],
        [[f"rest → {'queue' if name == 'durable' else 'nothing'}", median(name, "per_second"),
          median(name, "per_second") / median("volatile", "per_second"), median(name, "cpu"), median(name, "p50"),
          median(name, "p99")] for name in results])
    report.bar(
        "(j) durable accept", median("durable", "per_second") / median("volatile", "per_second"), 0.6,
        "× the same route without the queue", at_least=True)


def drain(report, program, told, folder):
    """Adds a worker to what runs, and times how fast the queue gets empty."""
    def number(name):
        text = urllib.request.urlopen(f"http://127.0.0.1:{told}/metrics").read().decode()
        return sum(int(float(value)) for value in re.findall(rf"^{name}{{[^}}]*}} (\S+)", text, re.M))

    # What is read of a queue's depth is a second old at the most; what was acknowledged is counted at once.
    time.sleep(2)
    full = number("omnibus_queue_depth")
    before = cpu_seconds(program.pid)
    (folder / "routes/worker.yaml").write_text(WORKER.format(concurrency=64))
    program.send_signal(signal.SIGHUP)
    wait_until(lambda: number("omnibus_queue_acknowledged_total") > 0, "the drain")
    began, left = time.monotonic(), full - number("omnibus_queue_acknowledged_total")
    wait_until(lambda: number("omnibus_queue_acknowledged_total") >= full, "an empty queue", seconds=300, every=0.02)
    took = time.monotonic() - began
    report.table(
        "a queue worked off, 64 at once",
        ["messages", "messages/s", "CPU µs/message"],
        [[full, left / took, (cpu_seconds(program.pid) - before) / full * 1e6]])
