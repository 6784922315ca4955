"""Where the engine delivers to: notes what arrives, and is slow or cut when it is told to be."""

import asyncio
import json
import time


class Upstream:
    def __init__(self, ledger):
        self.ledger = ledger
        self.delay = 0.0
        self.is_cut = False
        self.server = None
        self.port = None
        self.writers = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port or 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self, seconds):
        """Breaks all connections and takes none for a while."""
        self.is_cut = True
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self.is_cut = False
        await self.start()

    async def slow(self, delay, seconds):
        """Answers late for a while."""
        self.delay = delay
        await asyncio.sleep(seconds)
        self.delay = 0.0

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            while await reader.readline():
                await self.answer(reader, writer)
        except (OSError, EOFError, ValueError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def answer(self, reader, writer):
        fields = {}
        while line := (await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        body = await reader.readexactly(int(fields["content-length"]))
        number = json.loads(body)["number"]
        arrival = [time.monotonic(), fields.get("idempotency-key"), fields.get("x-sequence"), False]
        self.ledger.deliveries[number].append(arrival)
        if self.delay:
            await asyncio.sleep(self.delay)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        arrival[3] = not self.is_cut and not writer.transport.is_closing()
