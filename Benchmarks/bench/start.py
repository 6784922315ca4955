"""(e) From start to ready with 1, 100 and 1,000 routes, and resident memory when idle.

Ready is the first 200 of the route that was written last.
"""

import http.client
import pathlib
import statistics
import tempfile
import time

from .process import OMNIBUS, free_port, memory_mb, running

ROUTE = """
  - id: route-{number}
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: GET, path: /route-{number} }} }}
    steps:
      - filter: '!("x-kind" in headers)'
      - set: {{ headers: {{ x-route: "number {number} of ${{ size(route.id) }}" }} }}
      - set: {{ status: 200 }}
"""


def is_ready(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def start(count, folder):
    """Milliseconds until ready, and resident MB a second later."""
    port = free_port()
    routes = pathlib.Path(folder) / f"routes-{count}"
    routes.mkdir(exist_ok=True)
    # Ten routes a file, as a real folder would have.
    for first in range(0, count, 10):
        numbers = range(first, min(first + 10, count))
        text = "routes:" + "".join(ROUTE.format(number=number, port=port) for number in numbers)
        (routes / f"{first:04d}.yaml").write_text(text)
    began = time.monotonic()
    with running([str(OMNIBUS), "run", str(routes)], folder) as process:
        while not is_ready(port, f"/route-{count - 1}"):
            if process.poll() is not None or time.monotonic() - began > 60:
                log = sorted(pathlib.Path(folder).glob("*.log"))[-1].read_text()[-2000:]
                raise SystemExit(f"{count} routes did not get ready:\n{log}")
            time.sleep(0.0005)
        ready = (time.monotonic() - began) * 1000
        time.sleep(1)
        return ready, memory_mb(process.pid, "VmRSS")


def run(report, quick):
    rounds = 1 if quick else 5
    rows = []
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        for count in [1, 100, 1000]:
            results = [start(count, folder) for _ in range(rounds)]
            rows.append([count, *(statistics.median(result[place] for result in results) for place in (0, 1))])
    report.table(
        f"from start to ready, medians of {rounds} rounds", ["routes", "ms", "resident MB"],
        [[f"{count:,}", ready, memory] for count, ready, memory in rows])
    report.bar("(e) 100 routes ready", rows[1][1], 60, "ms")
    report.bar("(e) 100 routes, idle", rows[1][2], 40, "MB")
