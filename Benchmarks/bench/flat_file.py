"""(c) A CSV file of 1 GB, read record by record against a typed layout, beside Python's csv module and Miller; and the
same records in fixed width.

Omnibus takes the file from a folder as it would in earnest; the time is from its name being there to its being moved on.
"""

import csv
import io
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from .process import OMNIBUS, cpu_seconds, memory_mb, running, wait_until

ROUTES = """
routes:
  - id: flat-file
    from:
      file: {{ directory: "{folder}/in", pattern: "*.csv", poll: 10ms, settle: 0ms, done: "{folder}/done", failed: "{folder}/failed" }}
    steps:
      - split:
          flat_file:
            columns:
              - {{ name: number, type: integer, required: true }}
              - {{ name: last_name, required: true }}
              - {{ name: first_name, required: true }}
              - {{ name: born, type: date }}
              - {{ name: hired, type: date, required: true }}
              - {{ name: branch }}
              - {{ name: role }}
              - {{ name: hours, type: decimal, required: true }}
              - {{ name: email }}
              - {{ name: phone }}
          steps: {steps}
"""

FIXED_ROUTES = """
routes:
  - id: flat-file
    from:
      file: {{ directory: "{folder}/in", pattern: "*.csv", poll: 10ms, settle: 0ms, done: "{folder}/done", failed: "{folder}/failed" }}
    steps:
      - split:
          flat_file:
            form: fixed_width
            {types}columns:
              - {{ name: number, width: 6, type: integer, required: true }}
              - {{ name: last_name, width: 10, required: true }}
              - {{ name: first_name, width: 10, required: true }}
              - {{ name: born, width: 10, type: date }}
              - {{ name: hired, width: 10, type: date, required: true }}
              - {{ name: branch, width: 6 }}
              - {{ name: role, width: 16 }}
              - {{ name: hours, width: 6, type: decimal, required: true }}
              - {{ name: email, width: 26 }}
              - {{ name: phone, width: 16 }}
          steps: {steps}
"""

WIDTHS = [-6, 10, 10, 10, 10, 6, 16, -6, 26, 16]
"""Those of the columns in fixed width, below zero where texts stand right."""

VARIANTS = {
    "Omnibus, layout checked": "[]",
    "Omnibus, and each record filtered": "[ filter: body.number < 0 ]",
}

PYTHON = """
import csv, sys
count = 0
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    for row in csv.reader(file):
        count += 1
print(count)
"""


def make(path, size):
    """Writes a CSV file of about `size` bytes: one megabyte of rows, again and again, behind a heading."""
    source = random.Random(11)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    while text.tell() < 1_000_000:
        number = source.randrange(10**5, 10**6)
        writer.writerow([
            number, source.choice(["Berg", "Müller", "O'Brien", "Kaya", "Nowak"]), source.choice(["Anna", "Jo", "Samir"]),
            f"19{source.randrange(50, 99)}-0{source.randrange(1, 9)}-{source.randrange(10, 28)}", "2019-08-01",
            source.choice(["north", "south"]), source.choice(["nurse", "care assistant", "driver, nights"]),
            f"{source.randrange(10, 40)}.50", f"e{number}@homecare.example", f"+49 30 {source.randrange(10**6, 10**7)}"])
    block = text.getvalue().encode()
    with open(path, "wb") as file:
        file.write(b"number,last_name,first_name,born,hired,branch,role,hours,email,phone\n")
        while file.tell() < size:
            file.write(block)
    return os.path.getsize(path)


def make_fixed(path, source):
    """Writes the records of a CSV file in fixed width; the first megabyte of them, as often as it takes."""
    with open(source, newline="", encoding="utf-8") as rows:
        reader = csv.reader(rows)
        next(reader)
        lines = []
        for row in reader:
            fields = (field.ljust(width) if width > 0 else field.rjust(-width) for field, width in zip(row, WIDTHS))
            lines.append("".join(fields) + "\n")
            if len(lines) == 10_000:
                break
    block = "".join(lines).encode()
    with open(path, "wb") as file:
        while file.tell() < os.path.getsize(source):
            file.write(block)
    return os.path.getsize(path)


def omnibus(steps, file, folder, routes=ROUTES, **settings):
    """Seconds, seconds of CPU time and peak resident MB of a run over the file."""
    work = folder / "work"
    for name in ["in", "done", "failed", "routes"]:
        (work / name).mkdir(parents=True)
    (work / "routes/routes.yaml").write_text(routes.format(folder=work, steps=steps, **settings))
    try:
        with running([str(OMNIBUS), "run", str(work / "routes")], folder) as process:
            time.sleep(0.5)
            before = cpu_seconds(process.pid)
            os.link(file, work / "in/file.csv")
            began = time.monotonic()
            ended = [work / "done/file.csv", work / "failed/file.csv"]
            wait_until(lambda: any(path.exists() for path in ended) or process.poll() is not None,
                       "the end of the file", seconds=600)
            seconds = time.monotonic() - began
            if not ended[0].exists():
                raise SystemExit("the file failed:\n" + sorted(folder.glob("*.log"))[-1].read_text()[-2000:])
            return seconds, cpu_seconds(process.pid) - before, memory_mb(process.pid, "VmHWM")
    finally:
        shutil.rmtree(work)


def command(words, folder):
    """Seconds, seconds of CPU time and peak resident MB of a program that reads the file and ends."""
    began = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} ended with {process.returncode}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def run(report, quick):
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        file = folder / "file.csv"
        size = make(file, 50_000_000 if quick else 1_000_000_000) / 1e6
        subprocess.run(["cat", file], stdout=subprocess.DEVNULL, check=True)  # so that nobody pays for the disk
        results = {name: omnibus(steps, file, folder) for name, steps in VARIANTS.items()}
        results["Python csv, rows counted"] = command([sys.executable, "-c", PYTHON, str(file)], folder)
        if shutil.which("mlr"):
            words = ["mlr", "--icsv", "--ocsv", "filter", "$number < 0", str(file)]
            results["Miller, each record filtered"] = command(words, folder)
        fixed = folder / "fixed.txt"
        fixed_size = make_fixed(fixed, file) / 1e6
        subprocess.run(["cat", fixed], stdout=subprocess.DEVNULL, check=True)
        types = "records:\n            - name: employee\n              match: { at: 1, in: [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"] }\n              "
        fixed_results = {
            "Omnibus, layout checked": omnibus("[]", fixed, folder, FIXED_ROUTES, types=""),
            "Omnibus, types of records": omnibus("[]", fixed, folder, FIXED_ROUTES, types=types),
        }
    report.table(
        f"a CSV file of {size:,.0f} MB", ["", "s", "MB/s", "CPU s", "peak MB"],
        [[name, seconds, size / seconds, cpu, memory] for name, (seconds, cpu, memory) in results.items()])
    report.table(
        f"a file in fixed width of {fixed_size:,.0f} MB", ["", "s", "MB/s", "CPU s", "peak MB"],
        [[name, seconds, fixed_size / seconds, cpu, memory] for name, (seconds, cpu, memory) in fixed_results.items()])
    seconds, _, memory = results["Omnibus, layout checked"]
    report.bar("(c) reading a flat file", size / seconds, 150, "MB/s", at_least=True)
    report.bar("(c) peak resident memory", memory, 100, "MB")
