"""(f) HTTPS: a small answer over connections that are kept, and over a new connection with a full handshake each, beside
nginx with the same certificate.

The load generator does its half of each handshake on the same cores: requests a second say little, CPU time a request
says what TLS costs the server. The same without TLS, to compare.
"""

import pathlib
import re
import statistics
import subprocess
import tempfile

from .process import CORES, OMNIBUS, cpu_seconds, free_port, running
from .proxy import CONNECTIONS, NGINX

ANSWER = "x" * 1000

SERVERS = """
  server {{ listen 127.0.0.1:{plain} backlog=1024; location / {{ return 200 '{answer}'; }} }}
  server {{
    listen 127.0.0.1:{secure} ssl backlog=1024;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {{ return 200 '{answer}'; }}
  }}
"""

ROUTES = """
routes:
  - id: plain
    from: {{ rest: {{ listen: "127.0.0.1:{plain}", method: GET, path: / }} }}
    steps: [{{ set: {{ body: {answer} }} }}]
  - id: secure
    from:
      rest: {{ listen: "127.0.0.1:{secure}", method: GET, path: /, tls: {{ certificate: server.pem, key: server.key }} }}
    steps: [{{ set: {{ body: {answer} }} }}]
"""

LOAD = """
{header}
done = function(summary, latency, requests)
  io.write(string.format("FIGURES %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.timeout))
end
"""


def load(url, keeps, folder, seconds):
    """One round: requests, requests a second, median and 99 % latency in ms."""
    script = pathlib.Path(folder) / "load.lua"
    script.write_text(LOAD.format(header="" if keeps else 'wrk.headers["connection"] = "close"'))
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
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             folder / "server.key", "-out", folder / "server.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        ports = {name: free_port() for name in ["nginx", "nginx TLS", "Omnibus", "Omnibus TLS"]}
        (folder / "nginx.conf").write_text(NGINX.format(
            folder=folder, workers=CORES, name="tls", body=SERVERS.format(
                plain=ports["nginx"], secure=ports["nginx TLS"], folder=folder, answer=ANSWER)))
        (folder / "tls.yaml").write_text(ROUTES.format(
            plain=ports["Omnibus"], secure=ports["Omnibus TLS"], answer=ANSWER))
        with running(["/usr/sbin/nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")], folder,
                     ready=ports["nginx TLS"]) as nginx, \
                running([str(OMNIBUS), "run", str(folder / "tls.yaml")], folder, ready=ports["Omnibus TLS"]) as omnibus:
            subjects = {
                name: ((omnibus if name.startswith("Omnibus") else nginx).pid,
                       f"{'https' if name.endswith('TLS') else 'http'}://127.0.0.1:{port}/")
                for name, port in ports.items()
            }
            kept = measure(report, "connections that are kept", True, subjects, folder, rounds, seconds)
            fresh = measure(report, "a new connection for each request", False, subjects, folder, rounds, seconds)
            report.bar("kept connections, CPU a request", kept["Omnibus TLS"] / kept["nginx TLS"], 3.5, "× nginx's")
            report.bar("new connections, CPU a request", fresh["Omnibus TLS"] / fresh["nginx TLS"], 1.5, "× nginx's")


def measure(report, title, keeps, subjects, folder, rounds, seconds):
    """Prints a table; the median CPU time a request, in µs, by subject."""
    results = {name: [] for name in subjects}
    for _, url in subjects.values():
        load(url, keeps, folder, 1)
    for number in range(rounds):
        for name in list(subjects) if number % 2 == 0 else list(reversed(subjects)):
            pid, url = subjects[name]
            before = cpu_seconds(pid)
            figures = load(url, keeps, folder, seconds)
            figures["cpu"] = (cpu_seconds(pid) - before) / figures["requests"] * 1e6
            results[name].append(figures)

    def median(name, key):
        return statistics.median(figures[key] for figures in results[name])

    report.table(
        f"{title}, answers of 1 KB, {CONNECTIONS} connections, {CORES} cores, medians of {rounds} rounds",
        ["", "CPU µs/request", "requests/s", "p50 ms", "p99 ms"],
        [[name] + [median(name, key) for key in ["cpu", "per_second", "p50", "p99"]] for name in subjects])
    return {name: median(name, "cpu") for name in subjects}
