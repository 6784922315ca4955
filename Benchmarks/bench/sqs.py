"""(n) SQS: receive → delete, beside boto3 against the same server, moto.

Both take the same number of messages of 2 KB from a queue and delete them, ten a call. The server is one Python process and
the slower side, so that messages/s are its own; what is compared is the CPU time of the client. Each call of the server looks
at all messages that the queue has and had, so each round is short, and has a queue of its own.
"""

import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time
import urllib.request

from .engine import idle_engine
from .process import cpu_seconds, free_port, running, wait_until
from .python import python_with

PACKAGES = ["moto==5.2.5", "boto3==1.44.5", "flask==3.1.3", "flask-cors==6.0.5", "pyyaml==6.0.3", "py-partiql-parser==0.6.3"]
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKBENCH", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1"}

FILL = """
import boto3, sys
sqs, queue, count = boto3.client("sqs"), sys.argv[1], int(sys.argv[2])
url = sqs.create_queue(QueueName=queue)["QueueUrl"]
for start in range(0, count, 10):
    sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": str(n), "MessageBody": str(start + n).ljust(2000, ".")} for n in range(10)])
"""

TAKE = """
import boto3, resource, sys, time
sqs, queue, count, done = boto3.client("sqs"), sys.argv[1], int(sys.argv[2]), 0
url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
began, before = time.monotonic(), cpu()
while done < count:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["All"],
                                MessageAttributeNames=["All"]).get("Messages", [])
    if found:
        sqs.delete_message_batch(QueueUrl=url, Entries=[
            {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(found)])
        done += len(found)
print(time.monotonic() - began, cpu() - before)
"""

ROUTES = """
routes:
  - id: take
    from: {{ sqs: {{ queue: {queue}, endpoint: "{url}", concurrency: {concurrency}, wait: 1s }} }}
    steps: [ {{ filter: "false" }} ]
"""


def run(report, quick):
    rounds, count = (1, 300) if quick else (7, 300)
    python = python_with("sqs", PACKAGES)
    if python is None:
        print("skipped: moto and boto3 cannot be had from PyPI")
        return
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = os.environ | KEYS | {"AWS_ENDPOINT_URL": url}
        with running([python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], folder, ready=port):
            results = {"boto3": [], "omnibus": []}
            for number in range(rounds):
                for name in results if number % 2 == 0 else reversed(results):
                    queue = f"{name}-{number}"
                    subprocess.run([python, "-c", FILL, queue, str(count)], env=environment, check=True)
                    take = boto3 if name == "boto3" else omnibus
                    results[name].append(take(python, folder, url, environment, queue, count))

    def median(name, place):
        return statistics.median(figures[place] for figures in results[name])

    report.table(
        f"receive → delete of {count} messages of 2 KB, medians of {rounds} rounds",
        ["client", "messages/s", "CPU µs/message", "× boto3"],
        [[name, count / median(name, 0), median(name, 1) / count * 1e6, median(name, 1) / median("boto3", 1)]
         for name in results])
    report.bar("(n) CPU per message, SQS", median("omnibus", 1) / median("boto3", 1), 1, "× boto3")


def boto3(python, folder, url, environment, queue, count):
    output = subprocess.run(
        [python, "-c", TAKE, queue, str(count)], env=environment, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def omnibus(python, folder, url, environment, queue, count):
    """A program that is there already gets the route, so that its start is not measured."""
    with idle_engine(folder / queue, environment) as (program, told, work):
        def deleted():
            text = urllib.request.urlopen(f"http://127.0.0.1:{told}/metrics").read().decode()
            return sum(int(float(value)) for value in re.findall(r"^omnibus_sqs_deleted_total{[^}]*} (\S+)", text, re.M))

        before, began = cpu_seconds(program.pid), time.monotonic()
        work(ROUTES.format(url=url, concurrency=20, queue=queue))
        wait_until(lambda: deleted() >= count, "an empty queue", seconds=600, every=0.5)
        return [time.monotonic() - began, cpu_seconds(program.pid) - before]
