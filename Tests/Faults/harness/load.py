"""Clients that hand messages in over connections that they keep, and never send a number twice."""

import asyncio


class Load:
    def __init__(self, ledger, host, port, connections, pause, size):
        self.ledger = ledger
        self.address = (host, port)
        self.connections = connections
        self.pause = pause
        self.filler = "x" * size
        self.stopping = False

    async def run(self):
        await asyncio.gather(*(self.client() for _ in range(self.connections)))

    def stop(self):
        self.stopping = True

    async def client(self):
        while not self.stopping:
            try:
                reader, writer = await asyncio.open_connection(*self.address)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            try:
                while not self.stopping:
                    await self.send(reader, writer)
                    await asyncio.sleep(self.pause)
            except (OSError, EOFError):
                pass
            finally:
                writer.close()

    async def send(self, reader, writer):
        number = self.ledger.next()
        body = b'{"number":%d,"filler":"%s"}' % (number, self.filler.encode())
        head = "POST /messages HTTP/1.1\r\nhost: %s:%d\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        try:
            writer.write((head % (*self.address, len(body))).encode() + body)
            status, keeps = await read_answer(reader)
        except (OSError, EOFError):
            self.ledger.unknown.add(number)
            raise
        if status in (200, 202, 204):
            self.ledger.acknowledged[number] = asyncio.get_running_loop().time()
        else:
            self.ledger.refused[status] += 1
        if not keeps:
            raise EOFError


async def read_answer(reader):
    """The status of an answer, and whether the connection stays."""
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    status = int(line.split()[1])
    length, keeps = 0, True
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "content-length":
            length = int(value)
        if name.lower() == "connection" and value.strip().lower() == "close":
            keeps = False
    await reader.readexactly(length)
    return status, keeps
