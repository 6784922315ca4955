#!/usr/bin/env python3
"""Reloads a running engine again and again while 64 connections that are kept send to it.

usage: reload_under_load.py PROGRAM FOLDER CHANGES

Routes are changed, added, removed and broken. What is sent goes to two routes that are there all the time: `stable`, which
never changes and hands each message to a server in this script, and `changing`, whose definition changes. Prints a line of
JSON: requests that were answered, and all that must not be: failures, answers that are neither of the old nor of the new
revision, messages that the server never saw or saw twice.
"""

import asyncio
import collections
import json
import pathlib
import signal
import socket
import sys

CONNECTIONS = 64


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


async def read_message(reader):
    """The first line and the body of a request or response with a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(fields.get("content-length", "0")))
    return head[0], body


class Upstream:
    """Counts what it is sent, by id, and sends it back."""

    def __init__(self):
        self.seen = collections.Counter()

    async def serve(self, reader, writer):
        try:
            while True:
                _, body = await read_message(reader)
                self.seen[json.loads(body)["id"]] += 1
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                             + f"content-length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class Load:
    """Connections that send one request after another."""

    def __init__(self, port):
        self.port = port
        self.is_over = False
        self.answered = set()
        self.requests = 0
        self.failures = []
        self.answers = collections.Counter()
        # The revisions that an answer of `changing` may be of: those before and after the change under way.
        self.valid = {1}

    async def connection(self, number):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            count = 0
            while not self.is_over:
                count += 1
                await self.request(reader, writer, f"{number}-{count}", "stable" if count % 2 else "changing")
            writer.close()
        except (OSError, asyncio.IncompleteReadError) as error:
            self.failures.append(f"connection {number}: {error!r}")

    async def request(self, reader, writer, name, path):
        body = json.dumps({"id": name}).encode()
        before = set(self.valid)
        writer.write(f"POST /{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                     f"content-length: {len(body)}\r\n\r\n".encode() + body)
        line, answer = await read_message(reader)
        self.requests += 1
        if " 200 " not in line:
            self.failures.append(f"{path} {name}: {line} {answer[:200]!r}")
        elif path == "stable":
            self.answered.add(name)
            if json.loads(answer)["id"] != name:
                self.failures.append(f"{path} {name}: the answer to another request")
        else:
            answer = json.loads(answer)
            if answer["first"] != answer["second"] or answer["first"] not in before | self.valid:
                self.failures.append(f"{path} {name}: {answer}, expected one of {sorted(before | self.valid)}")
            self.answers[answer["first"]] += 1


class Engine:
    def __init__(self, process):
        self.process = process
        self.lines = []
        self.news = asyncio.Event()

    async def follow(self):
        async for line in self.process.stdout:
            self.lines.append(line.decode())
            self.news.set()

    async def wait(self, text, count=1):
        """Waits until so many lines have the text."""
        while sum(text in line for line in self.lines) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 60)


def route(name, port, path, steps):
    return (f'  - id: {name}\n    from: {{ rest: {{ listen: "127.0.0.1:{port}", method: POST, path: {path} }} }}\n'
            f"    steps:\n{steps}")


class Files:
    def __init__(self, folder, port, upstream):
        self.folder, self.port = pathlib.Path(folder), port
        self.other = free_port()
        self.write("stable.yaml", route(
            "stable", port, "/stable",
            f'      - to: {{ rest: {{ url: "http://127.0.0.1:{upstream}", method: POST, path: / }} }}\n'))
        self.revision = 0
        self.change()

    def write(self, name, routes):
        (self.folder / name).write_text("routes:\n" + routes)

    def change(self):
        self.revision += 1
        self.write("changing.yaml", route(
            "changing", self.port, "/changing",
            f"      - map: {{ first: {self.revision}, second: 0 }}\n"
            f"      - map: {{ first: \"${{body.first}}\", second: {self.revision} }}\n"))

    def turn(self, number):
        """The change of a turn; answers whether the files can be applied."""
        (self.folder / "broken.yaml").unlink(missing_ok=True)
        match number % 5:
            case 0: self.change()
            case 1: self.write("other.yaml", route("other", self.port, f"/other-{number}", "      - set: { status: 200 }\n"))
            case 2: self.write("other.yaml", route("other", self.other, "/elsewhere", "      - set: { status: 200 }\n"))
            case 3: (self.folder / "other.yaml").unlink()
            case 4:
                self.change()
                self.revision -= 1
                (self.folder / "broken.yaml").write_text("routes:\n  - { id: stable, frm: {} }\n")
                return False
        return True


async def main(program, folder, changes):
    upstream = Upstream()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    port = free_port()
    files = Files(folder, port, server.sockets[0].getsockname()[1])
    process = await asyncio.create_subprocess_exec(
        program, "run", folder, "--no-watch", "--log-format", "json", stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT)
    engine = Engine(process)
    following = asyncio.create_task(engine.follow())
    await engine.wait('"message":"ready"')
    load = Load(port)
    clients = [asyncio.create_task(load.connection(number)) for number in range(CONNECTIONS)]
    generation, refused = 1, 0
    for number in range(changes):
        is_good = files.turn(number)
        load.valid.add(files.revision)
        process.send_signal(signal.SIGHUP)
        if is_good:
            generation += 1
            await engine.wait(f'"generation":"{generation}"')
            load.valid = {files.revision}
        else:
            refused += 1
            await engine.wait("nothing was changed", refused)
    load.is_over = True
    await asyncio.gather(*clients)
    process.terminate()
    code = await asyncio.wait_for(process.wait(), 60)
    await following
    server.close()
    print(json.dumps({
        "requests": load.requests, "generation": generation, "refused": refused, "code": code,
        "revisions": len(load.answers), "failures": load.failures[:10],
        "lost": len(load.answered - upstream.seen.keys()),
        "doubled": sum(count > 1 for count in upstream.seen.values()),
    }))


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
