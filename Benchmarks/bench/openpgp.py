"""(k) OpenPGP beside gpg, with the same keys (Curve25519), cipher and compression: a large file from folder to folder, and
messages of 2 KB, by HTTP in and out, where gpg is started for each.

Large files go as gpg packs them by itself (zlib, 6) and without packing, in turns, each side several times, of which the
median counts; both end with what they wrote on the disk.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from .flat_file import make
from .process import CORES, OMNIBUS, cpu_seconds, free_port, memory_mb, running, wait_until

OURS, THEIRS = "bus@care.example", "ops@partner.example"

FILE_ROUTE = """
routes:
  - id: openpgp
    from:
      file: {{ directory: "{work}/in", pattern: "*", poll: 10ms, settle: 0ms, done: "{work}/done", failed: "{work}/failed" }}
    steps:
      - {step}
      - to: {{ file: {{ directory: "{work}/out", name: result, mode: replace }} }}
"""

SMALL_ROUTES = """
routes:
  - id: encrypt
    from: {{ rest: {{ listen: "127.0.0.1:{port}", path: /encrypt, method: POST }} }}
    steps:
      - {encrypt}
  - id: decrypt
    from: {{ rest: {{ listen: "127.0.0.1:{port}", path: /decrypt, method: POST }} }}
    steps:
      - {decrypt}
"""


class Keys:
    """Two pairs of keys in a home of gpg, and files of them for routes."""

    def __init__(self, folder):
        self.home = folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.folder = folder
        for user in (OURS, THEIRS):
            parameters = (
                "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign,cert\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\n"
                f"Subkey-Usage: encrypt\nName-Email: {user}\nExpire-Date: 0\n%no-protection\n%commit\n")
            self.run("--full-generate-key", input=parameters.encode())
            self.run("--armor", "-o", folder / f"{user}.public", "--export", user)
            self.run("--armor", "-o", folder / f"{user}.secret", "--export-secret-keys", user)

    @property
    def command(self):
        return ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--quiet", "--no-tty", "--trust-model", "always"]

    def run(self, *arguments, input=b""):
        words = self.command + [str(argument) for argument in arguments]
        return subprocess.run(words, input=input, check=True, capture_output=True).stdout

    def ring(self, secret, public):
        return (f'{{ public: [ {{ file: "{self.folder}/{public}.public" }} ],'
                f' secret: [ {{ file: "{self.folder}/{secret}.secret" }} ] }}')

    def end(self):
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=False)


def omnibus(keys, step, file, result, folder):
    """Seconds, seconds of CPU time and peak resident MB from folder to folder; the file that was made is `result`."""
    work = folder / "work"
    for name in ["in", "out", "done", "failed", "routes"]:
        (work / name).mkdir(parents=True)
    (work / "routes/routes.yaml").write_text(FILE_ROUTE.format(work=work, step=step))
    try:
        with running([str(OMNIBUS), "run", str(work / "routes")], folder) as process:
            time.sleep(0.5)
            before = cpu_seconds(process.pid)
            began = time.monotonic()
            os.link(file, work / "in/file")
            ended = [work / "done/file", work / "failed/file"]
            wait_until(lambda: any(path.exists() for path in ended) or process.poll() is not None,
                       "the end of the file", seconds=600)
            seconds = time.monotonic() - began
            if not ended[0].exists():
                raise SystemExit("the file failed:\n" + sorted(folder.glob("*.log"))[-1].read_text()[-2000:])
            figures = seconds, cpu_seconds(process.pid) - before, memory_mb(process.pid, "VmHWM")
        os.replace(work / "out/result", result)
        return figures
    finally:
        shutil.rmtree(work)


def gpg(keys, arguments, file, result):
    """The same of gpg; the synchronisation belongs to it, as Omnibus does it too."""
    began = time.monotonic()
    process = subprocess.Popen(keys.command + arguments + ["-o", str(result), str(file)], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"gpg ended with {status}")
    with open(result, "rb") as written:
        os.fsync(written.fileno())
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def middle(turns):
    """The turn with the median of seconds."""
    return sorted(turns)[len(turns) // 2]


def large(report, keys, folder, quick):
    file = folder / "file.csv"
    size = make(file, 50_000_000 if quick else 1_000_000_000) / 1e6
    subprocess.run(["cat", file], stdout=subprocess.DEVNULL, check=True)  # so that nobody pays for the disk
    ring = keys.ring(OURS, OURS)
    rows, ratios = [], {}
    for name, compression, level in [("packed", "zlib", "6"), ("not packed", "none", "0")]:
        turned = {}
        sealed = {who: folder / f"{who}.gpg" for who in ("Omnibus", "gpg")}
        opened = folder / "opened"
        encrypt = f"pgp_encrypt: {{ keys: {ring}, recipients: [ {OURS} ], compression: {compression} }}"
        for _ in range(3):
            turns = [
                ("Omnibus", "encrypt", lambda: omnibus(keys, encrypt, file, sealed["Omnibus"], folder)),
                ("gpg", "encrypt", lambda: gpg(keys, ["-z", level, "--cipher-algo", "AES256", "-r", OURS, "-e"], file, sealed["gpg"])),
                ("Omnibus", "decrypt", lambda: omnibus(keys, f"pgp_decrypt: {{ keys: {ring} }}", sealed["gpg"], opened, folder)),
                ("gpg", "decrypt", lambda: gpg(keys, ["-d"], sealed["Omnibus"], opened)),
            ]
            for who, what, turn in turns:
                figures = turn()
                if what == "decrypt" and os.path.getsize(opened) != os.path.getsize(file):
                    raise SystemExit(f"{who} made something else of the file")
                turned.setdefault((who, what), []).append(figures)
        for what in ("encrypt", "decrypt"):
            for who in ("Omnibus", "gpg"):
                seconds, cpu, memory = middle(turned[who, what])
                rows.append([f"{who}, {what}, {name}", seconds, size / seconds, cpu, memory])
            ratios[what, name] = middle(turned["gpg", what])[0] / middle(turned["Omnibus", what])[0]
    report.table(f"a file of {size:,.0f} MB", ["", "s", "MB/s", "CPU s", "peak MB"], rows)
    report.bar("(k) encrypting a large file, packed", ratios["encrypt", "packed"], 1, "× gpg", at_least=True)
    report.bar("(k) decrypting a large file, packed", ratios["decrypt", "packed"], 0.6, "× gpg", at_least=True)
    report.bar("(k) encrypting a large file, not packed", ratios["encrypt", "not packed"], 1, "× gpg", at_least=True)
    report.bar("(k) decrypting a large file, not packed", ratios["decrypt", "not packed"], 0.6, "× gpg", at_least=True)


def posts(port, path, body, folder, seconds):
    """Messages a second by wrk."""
    (folder / "body").write_bytes(body)
    script = folder / "post.lua"
    script.write_text(
        f'local file = io.open("{folder}/body", "rb")\nwrk.method = "POST"\nwrk.body = file:read("*a")\n'
        'done = function(summary, latency, requests)\n'
        '  io.write(string.format("\\n%d %d %d\\n", summary.requests, summary.duration, summary.errors.status))\nend\n')
    words = ["wrk", "-t1", f"-c{8 * CORES}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    requests, microseconds, failed = (int(word) for word in output.strip().splitlines()[-1].split())
    if failed:
        raise SystemExit(f"{failed} of {requests} messages failed")
    return requests / (microseconds / 1e6)


def starts(keys, arguments, body, folder, seconds):
    """Messages a second by gpg, of which as many run at once as there are cores."""
    (folder / "small").write_bytes(body)
    words = keys.command + arguments + ["-o", "/dev/null", str(folder / "small")]
    count, running_now = 0, []
    began = time.monotonic()
    while running_now or time.monotonic() - began < seconds:
        while len(running_now) < CORES and time.monotonic() - began < seconds:
            running_now.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        if running_now.pop(0).wait():
            raise SystemExit("gpg failed")
        count += 1
    return count / (time.monotonic() - began)


def small(report, keys, folder, quick):
    port = free_port()
    seconds = 2 if quick else 10
    text = os.urandom(1024).hex().encode()
    ring = keys.ring(OURS, THEIRS)
    # We decrypt what the partner sent: his key signs, ours opens.
    encrypt = f"pgp_encrypt: {{ keys: {ring}, recipients: [ {THEIRS} ], sign_with: [ {OURS} ] }}"
    decrypt = f"pgp_decrypt: {{ keys: {ring}, signed_by: [ {THEIRS} ] }}"
    sealed = keys.run("-z", "0", "-u", THEIRS, "-r", OURS, "-s", "-e", input=text)
    routes = folder / "routes"
    routes.mkdir()
    (routes / "routes.yaml").write_text(SMALL_ROUTES.format(port=port, encrypt=encrypt, decrypt=decrypt))
    rows = []
    with running([str(OMNIBUS), "run", str(routes)], folder, ready=port):
        for what, path, body, arguments in [
                ("encrypt and sign", "/encrypt", text, ["-z", "0", "-u", OURS, "-r", THEIRS, "-s", "-e"]),
                ("decrypt and verify", "/decrypt", sealed, ["-d"])]:
            posts(port, path, body, folder, 1)
            ours = posts(port, path, body, folder, seconds)
            theirs = starts(keys, arguments, body, folder, seconds)
            rows.append([what, ours, theirs, ours / theirs])
    report.table("messages of 2 KB with Curve25519 keys", ["", "Omnibus, messages/s", "gpg, messages/s", "×"], rows)
    for what, _, _, ratio in rows:
        report.bar(f"(k) small messages, {what}", ratio, 20, "× gpg", at_least=True)


def run(report, quick):
    with tempfile.TemporaryDirectory(prefix="omnibus-bench-") as folder:
        folder = pathlib.Path(folder)
        keys = Keys(folder)
        try:
            small(report, keys, folder, quick)
            large(report, keys, folder, quick)
        finally:
            keys.end()
