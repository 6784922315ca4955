"""(a) rest → rest and (b) rest → json → filter on a body field → rest, beside nginx and HAProxy.

All of them in the same run, in turns, with 64 connections; the upstream is an nginx that answers 200. On a machine where
load, proxy and upstream share the cores, requests a second say little, CPU time a request says what a message costs.
"""

import json
import pathlib
import re
import statistics
import subprocess
import tempfile

from .process import CORES, OMNIBUS, cpu_seconds, free_port, running

CONNECTIONS = 64
SIZES = {"1 KB": 1000, "10 KB": 10_000}

NGINX = """
worker_processes {workers};
daemon off;
pid {folder}/nginx-{name}.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-{name}-body;
  proxy_temp_path {folder}/nginx-{name}-proxy;
  fastcgi_temp_path {folder}/nginx-{name}-fastcgi;
  uwsgi_temp_path {folder}/nginx-{name}-uwsgi;
  scgi_temp_path {folder}/nginx-{name}-scgi;
  keepalive_requests 1000000000;
  {body}
}}
"""

UPSTREAM = """
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location / {{ default_type application/json; return 200 '{{"accepted": true}}'; }}
  }}
"""

PROXY = """
  upstream target {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    location / {{ proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
"""

HAPROXY = """
global
  nbthread {workers}
  maxconn 1000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen proxy
  bind 127.0.0.1:{port}
  server target 127.0.0.1:{upstream} pool-max-conn 64
"""

ROUTES = """
connections:
  target: {{ rest: {{ url: "http://127.0.0.1:{upstream}" }} }}
routes:
  - id: plain
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: POST, path: /plain }} }}
    steps:
      - to: {{ rest: {{ connection: target, method: POST, path: / }} }}
  - id: filtered
    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: POST, path: /filtered }} }}
    steps:
      - filter: body.kind == "admission"
      - to: {{ rest: {{ connection: target, method: POST, path: / }} }}
"""

LOAD = """
local file = io.open("{body}", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.headers["content-type"] = "application/json"
done = function(summary, latency, requests)
  io.write(string.format("FIGURES %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout))
end
"""


def document(size):
    """A JSON document of `size` bytes, of the sort that such routes move."""
    entries = []
    head = {"kind": "admission", "id": "4711", "patient": {"last_name": "Berg", "birth_date": "1941-05-02"}}

    def written():
        return json.dumps({**head, "entries": entries, "note": ""}, separators=(",", ":"))

    while len(written()) < size - 160:
        entries.append({"code": f"I{len(entries):04d}", "value": 12.5 + len(entries), "unit": "mmol/L", "final": True})
    return written()[:-2] + "x" * (size - len(written())) + '"}'


def load(url, body, folder, seconds):
    """One round: requests, requests a second, median and 99 % latency in ms."""
    script = pathlib.Path(folder) / "load.lua"
    script.write_text(LOAD.format(body=body))
    output = subprocess.run(
        ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", script, url],
        check=True, capture_output=True, text=True).stdout
    requests, micros, median, high, errors = map(int, re.search(r"FIGURES (.*)", output).group(1).split())
    if errors or not requests:
        raise SystemExit(f"{url}: {errors} of {requests} requests failed\n{output}")
    return {"requests": requests, "per_second": requests / micros * 1e6, "p50": median / 1000, "p99": high / 1000}


def run(report, quick):
    rounds, seconds = (1, 1) if quick else (5, 4)
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        ports = {name: free_port() for name in ["upstream", "nginx", "HAProxy", "Omnibus"]}
        common = {"folder": folder, "workers": CORES, "upstream": ports["upstream"]}
        (folder / "upstream.conf").write_text(NGINX.format(
            **{**common, "workers": 1}, name="upstream", body=UPSTREAM.format(port=ports["upstream"])))
        (folder / "nginx.conf").write_text(NGINX.format(
            **common, name="proxy", body=PROXY.format(port=ports["nginx"], upstream=ports["upstream"])))
        (folder / "haproxy.conf").write_text(HAPROXY.format(**common, port=ports["HAProxy"]))
        (folder / "routes").mkdir()
        (folder / "routes/proxy.yaml").write_text(ROUTES.format(upstream=ports["upstream"], port=ports["Omnibus"]))
        nginx = ["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c"]
        with running([*nginx, str(folder / "upstream.conf")], folder, ready=ports["upstream"]), \
                running([*nginx, str(folder / "nginx.conf")], folder, ready=ports["nginx"]) as plain_nginx, \
                running(["/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.conf")], folder,
                        ready=ports["HAProxy"]) as haproxy, \
                running([str(OMNIBUS), "run", str(folder / "routes")], folder, ready=ports["Omnibus"]) as omnibus:
            subjects = {
                "nginx": (plain_nginx.pid, f"http://127.0.0.1:{ports['nginx']}/"),
                "HAProxy": (haproxy.pid, f"http://127.0.0.1:{ports['HAProxy']}/"),
                "Omnibus (a)": (omnibus.pid, f"http://127.0.0.1:{ports['Omnibus']}/plain"),
                "Omnibus (b)": (omnibus.pid, f"http://127.0.0.1:{ports['Omnibus']}/filtered"),
            }
            for size, length in SIZES.items():
                body = folder / "body.json"
                body.write_text(document(length))
                measure(report, size, subjects, body, folder, rounds, seconds)


def measure(report, size, subjects, body, folder, rounds, seconds):
    results = {name: [] for name in subjects}
    for name, (_, url) in subjects.items():
        load(url, body, folder, 1)
    for number in range(rounds):
        order = list(subjects) if number % 2 == 0 else list(reversed(subjects))
        for name in order:
            pid, url = subjects[name]
            before = cpu_seconds(pid)
            figures = load(url, body, folder, seconds)
            figures["cpu"] = (cpu_seconds(pid) - before) / figures["requests"] * 1e6
            results[name].append(figures)

    def median(name, key):
        return statistics.median(figures[key] for figures in results[name])

    rows = [
        [name, median(name, "cpu"), median(name, "cpu") / median("nginx", "cpu"), median(name, "per_second"),
         median(name, "per_second") / median("nginx", "per_second"), median(name, "p50"), median(name, "p99")]
        for name in subjects
    ]
    report.table(
        f"{size}, {CONNECTIONS} connections, {CORES} cores, medians of {rounds} rounds",
        ["", "CPU µs/request", "× nginx", "requests/s", "× nginx's", "p50 ms", "p99 ms"], rows)
    report.bar(f"(a) {size}, CPU a request", median("Omnibus (a)", "cpu") / median("nginx", "cpu"), 3.5, "× nginx's")
    report.bar(
        f"(b) {size}, CPU a request", median("Omnibus (b)", "cpu") / median("Omnibus (a)", "cpu"), 1.3, "× that of (a)")
