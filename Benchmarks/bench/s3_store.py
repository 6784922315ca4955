"""A stand-in for S3 that costs little: what is put is counted and thrown away, what is got is the same bytes each time.

usage: s3_store PORT. Path style, single ranges; no signature and no checksum is looked at. POST /control?count=N&size=M fills the bucket with
objects of M bytes under in/, GET /control answers how many were put, completed, and deleted.
"""

import asyncio
import json
import sys
import urllib.parse

PIECE = bytes(1 << 20)
ETAG = '"00000000000000000000000000000000-1"'


class Store:
    def __init__(self):
        self.objects = {}
        self.counts = {"put": 0, "completed": 0, "deleted": 0, "bytes": 0}

    def fill(self, count, size):
        self.objects = {f"in/{number:06}": size for number in range(count)}

    def list(self, query):
        keys = sorted(self.objects)
        after = query.get("continuation-token", "")
        rest = [key for key in keys if key > after and key.startswith(query.get("prefix", ""))]
        page = rest[:1000]
        text = "<ListBucketResult><EncodingType>url</EncodingType>"
        text += f"<IsTruncated>{'true' if len(rest) > len(page) else 'false'}</IsTruncated>"
        if len(rest) > len(page):
            text += f"<NextContinuationToken>{page[-1]}</NextContinuationToken>"
        for key in page:
            text += (f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                     f"<ETag>{ETAG}</ETag><Size>{self.objects[key]}</Size></Contents>")
        return (text + "</ListBucketResult>").encode()


class Connection(asyncio.BufferedProtocol):
    """Reads heads from a buffer, and bodies into one that nobody looks at."""

    def __init__(self, store):
        self.store, self.buffer, self.head = store, bytearray(1 << 20), b""
        self.left, self.request, self.writing = 0, None, asyncio.Event()
        self.writing.set()

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=4 << 20)

    def pause_writing(self):
        self.writing.clear()

    def resume_writing(self):
        self.writing.set()

    def connection_lost(self, _):
        self.writing.set()

    def get_buffer(self, _):
        return self.buffer

    def buffer_updated(self, count):
        if self.left > 0:
            taken = min(self.left, count)
            self.left -= taken
            self.store.counts["bytes"] += taken
            if self.left == 0:
                self.answer()
            if taken == count:
                return
            self.head += bytes(self.buffer[taken:count])
        else:
            self.head += bytes(self.buffer[:count])
        while self.left == 0 and b"\r\n\r\n" in self.head:
            head, _, rest = self.head.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            if fields.get("expect"):
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = int(fields.get("content-length", "0"))
            self.request = (*lines[0].split(" ")[:2], fields)
            self.left, self.head = max(length - len(rest), 0), rest[length:]
            self.store.counts["bytes"] += min(length, len(rest))
            if self.left == 0:
                self.answer()

    def answer(self):
        method, target, fields = self.request
        path, _, query = target.partition("?")
        query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        key = urllib.parse.unquote(path.lstrip("/").partition("/")[2])
        store = self.store
        if path == "/control":
            if method == "POST":
                store.fill(int(query["count"]), int(query["size"]))
            return self.send(json.dumps(store.counts).encode())
        if method == "GET" and not key:
            return self.send(store.list(query))
        if method in ("GET", "HEAD"):
            size = store.objects.get(key)
            if size is None:
                return self.send(b"<Error><Code>NoSuchKey</Code></Error>", status="404 Not Found")
            if method == "GET" and fields.get("range", "").startswith("bytes="):
                return self.send_range(size, fields["range"].removeprefix("bytes="))
            return self.send(b"", size=size, is_head=method == "HEAD")
        if method == "DELETE":
            store.counts["deleted"] += store.objects.pop(key, None) is not None
            return self.send(b"", status="204 No Content")
        if method == "POST" and "uploads" in query:
            return self.send(b"<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>")
        if method == "POST":
            store.counts["completed"] += 1
            return self.send(f"<CompleteMultipartUploadResult><ETag>{ETAG}</ETag></CompleteMultipartUploadResult>".encode())
        store.counts["put"] += "partNumber" not in query
        self.send(b"")

    def send_range(self, size, wanted):
        first, _, last = wanted.partition("-")
        first, last = int(first), min(int(last or size - 1), size - 1)
        self.send(b"", "206 Partial Content", last - first + 1, extra=f"content-range: bytes {first}-{last}/{size}\r\n")

    def send(self, body, status="200 OK", size=None, is_head=False, extra=""):
        length = len(body) if size is None else size
        head = f"HTTP/1.1 {status}\r\netag: {ETAG}\r\ncontent-type: application/octet-stream\r\n{extra}"
        head += "last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        if not status.startswith("204"):
            head += f"content-length: {length}\r\n"
        self.transport.write((head + "\r\n").encode() + body)
        if size and not is_head:
            asyncio.get_running_loop().create_task(self.stream(size))

    async def stream(self, left):
        while left > 0 and not self.transport.is_closing():
            await self.writing.wait()
            self.transport.write(PIECE[:min(left, len(PIECE))])
            left -= min(left, len(PIECE))


async def main(port):
    store = Store()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(store), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
