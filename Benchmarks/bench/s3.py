"""(m) S3: objects of 1 MB and one of 1 GB, written and read, beside boto3 against the same stand-in.

The stand-in (`s3_store.py`) throws away what it is sent, and looks at nothing: what is measured is the client. Both sign
what they send, as the address is http, and work out a checksum of it. Files are read and written by both.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from .engine import idle_engine
from .process import CORES, cpu_seconds, free_port, memory_mb, running, wait_until
from .python import python_with

PACKAGES = ["boto3==1.44.5"]
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1"}
AT_ONCE = 4

PUT = """
routes:
  - id: put{number}
    from: {{ file: {{ directory: "{folder}/in", settle: 0s, poll: 50ms, max_in_flight: {at_once} }} }}
    steps:
      - to: {{ s3: {{ endpoint: "{url}", bucket: bench, key: "out/${{ headers['file-name'] }}" }} }}
"""

GET = """
routes:
  - id: get{number}
    from: {{ s3: {{ endpoint: "{url}", bucket: bench, prefix: in/, done: delete, poll: 50ms, max_in_flight: {at_once} }} }}
    steps:
      - to: {{ file: {{ directory: "{folder}/got", name: "${{ headers['file-name'] }}", mode: replace }} }}
"""

BOTO = """
import boto3, concurrent.futures, os, pathlib, resource, sys, time
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
what, folder, count, at_once = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}, max_pool_connections=16))
config = TransferConfig(multipart_chunksize=8 << 20, max_concurrency=3)
def put(name):
    if count > 1: s3.put_object(Bucket="bench", Key="out/" + name, Body=(folder / "in" / name).read_bytes())
    else: s3.upload_file(str(folder / "in" / name), "bench", "out/" + name, Config=config)
def get(key):
    name = key.rpartition("/")[2]
    if count > 1: (folder / "got" / name).write_bytes(s3.get_object(Bucket="bench", Key=key)["Body"].read())
    else: s3.download_file("bench", key, str(folder / "got" / name), Config=TransferConfig(max_concurrency=1))
    s3.delete_object(Bucket="bench", Key=key)
def spent(): return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
s3.list_objects_v2(Bucket="bench")
before, began = spent(), time.monotonic()
if what == "put": names = sorted(os.listdir(folder / "in"))
else: names = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix="in/")
               for o in p.get("Contents", [])]
with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
    for _ in pool.map(put if what == "put" else get, names): pass
took, cpu = time.monotonic() - began, spent() - before
print(took, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
"""


def run(report, quick):
    python = python_with("s3", PACKAGES)
    if python is None:
        print("skipped: boto3 cannot be had from PyPI")
        return
    rounds, small, large = (1, 100, 100_000_000) if quick else (3, 2000, 1_000_000_000)
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        port = free_port()
        store = [sys.executable, str(pathlib.Path(__file__).with_name("s3_store.py")), str(port)]
        with running(store, folder, ready=port):
            bench = Bench(python, folder, f"http://127.0.0.1:{port}", rounds)
            bench.measure(report, "put", small, 1_000_000)
            bench.measure(report, "get", small, 1_000_000)
            bench.measure(report, "put", 1, large)
            bench.measure(report, "get", 1, large)


class Bench:
    def __init__(self, python, folder, url, rounds):
        self.python, self.folder, self.url, self.rounds, self.number = python, folder, url, rounds, 0
        self.environment = os.environ | KEYS | {"AWS_ENDPOINT_URL": url}

    def measure(self, report, what, count, size):
        results = {"boto3": [], "omnibus": []}
        for turn in range(self.rounds):
            for name in results if turn % 2 == 0 else reversed(results):
                take = self.boto3 if name == "boto3" else self.omnibus
                results[name].append(take(what, count, size))

        def median(name, place):
            return statistics.median(figures[place] for figures in results[name])

        megabytes = count * size / 1e6
        verb = "file → S3" if what == "put" else "S3 → file"
        title = f"{count:,} objects of 1 MB" if count > 1 else f"one object of {megabytes:,.0f} MB"
        report.table(
            f"{verb}, {title}, {AT_ONCE if count > 1 else 1} at once, {CORES} cores, medians of {self.rounds} rounds",
            ["client", "MB/s", "CPU ms/MB", "× boto3", "peak MB"],
            [[name, megabytes / median(name, 0), median(name, 1) / megabytes * 1e3, median(name, 1) / median("boto3", 1),
              median(name, 2)] for name in results])
        report.bar(f"(m) CPU time, {verb}, {title}", median("omnibus", 1) / median("boto3", 1), 1, "× boto3")

    def home(self, what, count, size):
        """A folder with the files that are sent; or the store gets the objects."""
        self.number += 1
        home = self.folder / str(self.number)
        for name in ["in", "got", "routes"]:
            (home / name).mkdir(parents=True)
        if what == "get":
            self.control(f"?count={count}&size={size}", "POST")
            return home
        first = home / "in" / "000000"
        with open(first, "wb") as file:
            for start in range(0, size, 1 << 20):
                file.write(os.urandom(min(1 << 20, size - start)))
        for number in range(1, count):
            shutil.copyfile(first, home / "in" / f"{number:06}")
        return home

    def control(self, query="", method="GET"):
        return json.load(urllib.request.urlopen(urllib.request.Request(f"{self.url}/control{query}", method=method)))

    def boto3(self, what, count, size):
        home = self.home(what, count, size)
        at_once = AT_ONCE if count > 1 else 1
        output = subprocess.run(
            [self.python, "-c", BOTO, what, str(home), str(count), str(at_once)], env=self.environment, check=True,
            capture_output=True, text=True).stdout
        shutil.rmtree(home)
        return [float(word) for word in output.split()]

    def omnibus(self, what, count, size):
        """A program that is there already gets the route, so that its start is not measured."""
        home = self.home(what, count, size)
        counted = "deleted" if what == "get" else "put" if size <= 8 << 20 else "completed"
        target = self.control()[counted] + count
        route = PUT if what == "put" else GET
        with idle_engine(home, self.environment) as (program, _, work):
            before, began = cpu_seconds(program.pid), time.monotonic()
            work(route.format(number=self.number, folder=home, url=self.url, at_once=AT_ONCE if count > 1 else 1))
            wait_until(lambda: self.control()[counted] >= target, "all objects", seconds=600, every=0.02)
            figures = [time.monotonic() - began, cpu_seconds(program.pid) - before, memory_mb(program.pid, "VmHWM")]
        shutil.rmtree(home)
        return figures
