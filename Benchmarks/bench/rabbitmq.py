"""(l) RabbitMQ: messages of 1 KB from a quorum queue to another, with confirms, beside bare librabbitmq and pika.

All three take from a queue that was filled before, publish each message persistent and mandatory to a second queue, and
acknowledge it when the broker has confirmed that: the same type of queue, prefetch and window. The broker is the same
process, and the rounds take turns. pika's blocking connection waits for each confirm by itself; that is how it is used.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from .process import CORES, OMNIBUS, ROOT, answers, cpu_seconds, free_port, running, wait_until

BASELINE = pathlib.Path(os.environ.get("BASELINE_BINARY", ROOT / "Benchmarks/.build/release/RabbitMQBaseline"))
SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
WINDOW = 500
SIZE = 1000

ROUTES = """
routes:
  - id: move
    from:
      rabbitmq:
        url: "amqp://127.0.0.1:{port}"
        login: {{ user: guest, password: "${{env:RABBITMQ_PASSWORD}}" }}
        queue: from
        concurrency: {window}
        prefetch: {window}
    steps:
      - to:
          rabbitmq:
            url: "amqp://127.0.0.1:{port}"
            login: {{ user: guest, password: "${{env:RABBITMQ_PASSWORD}}" }}
            routing_key: to
            window: {window}
"""

SETTINGS = """
data: {{ directory: "{folder}/data" }}
telemetry: {{ listen: "127.0.0.1:{told}" }}
admin: {{ enabled: false }}
"""

PIKA = """
import pika, sys, time
port, count, window = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
def channel():
    parameters = pika.ConnectionParameters("127.0.0.1", port, credentials=pika.PlainCredentials("guest", "guest"))
    return pika.BlockingConnection(parameters).channel()
taking, sending = channel(), channel()
sending.confirm_delivery()
taking.basic_qos(prefetch_count=window)
properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
began, used, done = time.monotonic(), time.process_time(), 0
for method, _, body in taking.consume("from"):
    sending.basic_publish("", "to", body, properties, mandatory=True)
    taking.basic_ack(method.delivery_tag)
    done += 1
    if done == count:
        break
print(time.monotonic() - began, time.process_time() - used)
"""


@contextlib.contextmanager
def broker(folder):
    """A RabbitMQ of its own on free ports, ended by the numbers of its processes."""
    port, names, node = free_port(), free_port(), free_port()
    home = folder / "node/home"
    for name in ["mnesia", "log", "home"]:
        (folder / "node" / name).mkdir(parents=True)
    cookie = home / ".erlang.cookie"
    cookie.write_text("OMNIBUSBENCH")
    cookie.chmod(0o400)
    (folder / "node/rabbitmq.conf").write_text(
        f"listeners.tcp.default = 127.0.0.1:{port}\nloopback_users = none\nlog.console = false\nlog.file.level = warning\n")
    (folder / "node/enabled_plugins").write_text("[].")
    pid = folder / "node/pid"
    environment = dict(
        os.environ, HOME=str(home), RABBITMQ_NODENAME=f"bench{port}@localhost",
        RABBITMQ_MNESIA_BASE=str(folder / "node/mnesia"), RABBITMQ_LOG_BASE=str(folder / "node/log"),
        RABBITMQ_CONFIG_FILE=str(folder / "node/rabbitmq"),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "node/enabled_plugins"), RABBITMQ_PID_FILE=str(pid),
        RABBITMQ_CONF_ENV_FILE="/dev/null", ERL_EPMD_ADDRESS="127.0.0.1", ERL_EPMD_PORT=str(names),
        RABBITMQ_DIST_PORT=str(node))
    with running(["epmd"], folder, ready=names, env=dict(os.environ, ERL_EPMD_ADDRESS="127.0.0.1", ERL_EPMD_PORT=str(names))):
        with running([SERVER], folder, env=environment) as script:
            try:
                wait_until(lambda: script.poll() is not None or answers(port), "RabbitMQ", seconds=120, every=0.1)
                yield port, int(re.sub(r"\D", "", pid.read_text()))
            finally:
                with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
                    os.kill(int(re.sub(r"\D", "", pid.read_text())), signal.SIGKILL)


def baseline(*arguments):
    result = subprocess.run([str(BASELINE), *map(str, arguments)], capture_output=True, text=True, check=True)
    return [float(number) for number in result.stdout.split()]


def pika(port, count, folder):
    """Seconds and seconds of CPU; None where there is no pika."""
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import pika"], capture_output=True).returncode:
        return None
    program = folder / "move.py"
    program.write_text(PIKA)
    result = subprocess.run([python, str(program), str(port), str(count), str(WINDOW)], capture_output=True, text=True, check=True)
    return [float(number) for number in result.stdout.split()]


def omnibus(port, count, folder):
    """Seconds from the first acknowledged message to the last, for as many as there are between, and seconds of CPU."""
    routes, told = folder / "routes", free_port()
    shutil.rmtree(routes, ignore_errors=True)
    routes.mkdir()
    (routes / "move.yaml").write_text(ROUTES.format(port=port, window=WINDOW))
    (folder / "omnibus.yaml").write_text(SETTINGS.format(folder=folder, told=told))
    environment = dict(os.environ, RABBITMQ_PASSWORD="guest")

    def done():
        text = urllib.request.urlopen(f"http://127.0.0.1:{told}/metrics").read().decode()
        return sum(int(float(n)) for n in re.findall(r"^omnibus_rabbitmq_acknowledged_total{[^}]*} (\S+)", text, re.M))

    with running([str(OMNIBUS), "run", str(routes)], folder, ready=told, env=environment) as program:
        # What comes before the first message, the start of the program, is not what is measured.
        wait_until(lambda: done() > 0, "the first message", every=0.002)
        began, first, used = time.monotonic(), done(), cpu_seconds(program.pid)
        # Each look makes the program write all its metrics, which is not what is measured either.
        wait_until(lambda: done() >= count, "the last message", seconds=600, every=0.05)
        seconds = time.monotonic() - began
        return seconds * count / (count - first), (cpu_seconds(program.pid) - used) * count / (count - first)


def run(report, quick):
    if not os.access(SERVER, os.X_OK):
        print("  skipped: rabbitmq-server is not installed")
        return
    rounds, count = (1, 3000) if quick else (5, 60_000)
    results = {"librabbitmq": [], "omnibus": [], "pika": []}
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        with broker(folder) as (port, node):
            for number in range(rounds):
                turn = ["librabbitmq", "omnibus"] if number % 2 == 0 else ["omnibus", "librabbitmq"]
                for name in turn + (["pika"] if number == 0 else []):
                    some = count // 10 if name == "pika" else count
                    baseline("make", port, "to", "quorum")
                    baseline("fill", port, "from", some, SIZE, "quorum")
                    before = cpu_seconds(node)
                    moved = {
                        "librabbitmq": lambda: baseline("move", port, "from", "to", some, WINDOW),
                        "omnibus": lambda: omnibus(port, some, folder), "pika": lambda: pika(port, some, folder),
                    }[name]()
                    if moved is None:
                        continue
                    seconds, cpu = moved
                    results[name].append(
                        {"rate": some / seconds, "cpu": cpu / some * 1e6, "broker": (cpu_seconds(node) - before) / some * 1e6})

    def median(name, key):
        return statistics.median(figures[key] for figures in results[name])

    report.table(
        f"{count:,} messages of 1 KB from a quorum queue to another, prefetch and window {WINDOW}, {CORES} cores, "
        f"medians of {rounds} rounds",
        ["client", "messages/s", "× librabbitmq", "CPU µs/message", "broker's"],
        [[name, median(name, "rate"), median(name, "rate") / median("librabbitmq", "rate"), median(name, "cpu"),
          median(name, "broker")] for name in results if results[name]])
    report.bar(
        "(l) RabbitMQ to RabbitMQ", median("omnibus", "rate") / median("librabbitmq", "rate"), 0.8,
        "× bare librabbitmq", at_least=True)
