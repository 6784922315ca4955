"""What h11 makes of generated requests: h11_verdicts.py SEED COUNT, a line of JSON for each connection's worth of bytes.

Most are valid requests that were changed in one to three of the ways that request smuggling and sloppy clients know.
"""

import base64
import json
import random
import sys

import h11

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"]
TARGETS = ["/", "/a", "/a/b?c=d", "/%41", "/?", "/a//b", "/a;b=c", "/a?x=%00", "*", "http://a/", "http://a:80/b?c",
           "https://a/", "a:443", "/a#b", "/a b", "/a\x00", "/ä", "http://u@a/", "http:///", "/" + "a" * 300, "//a", ""]
ODD = [b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xff", b",", b";", b":", b"\"",
       b"0", b"9", b"f", b"+", b"-", b"x", b"\x1b", b"\r\r\n", b"\n\n", b"\x85", b"\xa0"]
LENGTHS = ["+3", "-3", "3,3", "3, 3", "3 ", " 3", "3;", "0x3", "3.0", "", "03", "3 3", "99999999999999999999", "3\x0b",
           "1" * 19, "3,4", "\x003", "٣", "0", "2", "4"]
CODINGS = ["chunked", "Chunked", " chunked", "chunked ", "\tchunked", "\x0bchunked", "chunked, chunked", "gzip, chunked",
           "chunked, identity", "identity", "", "chunked;a=b", "\"chunked\"", "xchunked", "chunke", ",chunked", "chunked,"]
SIZES = ["0x3", "+3", "-3", " 3", "3 ", "3\t", "3\x0b", "", "g", "03", "3;", "3;a", "3;a=b", "3;a=\"b\"", "3;a\x00", "3;\x01",
         "3 ;a", "3;\ta", "3;a\r", "3\r", "3\n", "10000000000000003", "ffffffffffffffff", "100000000000000000003",
         "3," + "3", "3;" + "a" * 200, "3_0", "0" * 18 + "3", "3;\x7f", "3;\xe4"]
TRAILERS = ["X: y", "X : y", " X: y", "X", ":y", "X: \x00", "Content-Length: 3", "Content-Length: x", "Content-Length: 3, 4",
            "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Host: a", "X: y\r\n z", "X: y\nZ: a", "X: a\rb",
            "X\x00: a", "X: " + "a" * 300, "Content-Length: 1\r\nContent-Length: 2", "X:\x7f", "[X]: y"]
FIELDS = ["X: y", "X : y", "X\t: y", " X: y", "X", ": y", "X: a\x00b", "X: a\rb", "X: a\nb", "X: a\r\n b", "X: a\r\n\tb",
          "X: \x0b", "X: \xe4", "X\xe4: a", "(X): a", "X: a\x7f", "Host: b", "host: a", "Connection: close", "X:",
          "Connection: keep-alive", "Expect: 100-continue", "Expect: x", "Content-Length: 3", "Content-Length: 0",
          "Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Content-Length\x00: 3", "Content_Length: 3",
          "Transfer-Encoding:\x0bchunked", "Transfer-Encoding\x0b: chunked", "Transfer-Encoding : chunked", "\x00X: y",
          "Upgrade: h2c", "Upgrade: websocket", "X: " + "a" * 400, "TE: trailers", "Trailer: X", "X\r: a", "X: a\r"]
HOSTS = ["a", "a:80", "", "a b", "a,b", "a/b", "u@a", "[::1]", "[::1]:80", "[::1", "a:b", "a:", "\x00", "ä", "a\tb", "a:80:80"]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.10", "HTTP/11", "HTTP/1,1", "",
            "HTTP/1.1 ", " HTTP/1.1", "HTTP /1.1", "HTTP/1.1\x00", "HTTP/+1.1", "HTTP/1.1 x", "HTTP/3.1"]


def latin(text):
    return text.encode("latin-1", "replace")


def chunked(rng, changes):
    out = b""
    for _ in range(rng.randint(0, 3)):
        piece = bytes(rng.choice(b"abc\r\n0;\xff") for _ in range(rng.choice([1, 3, 3, 3, 10, 17])))
        size = rng.choice(["%x", "%X", "0%x"]) % len(piece)
        if "size" in changes:
            size, piece = rng.choice(SIZES), b"abc"
        end = rng.choice([b"\n", b"\r", b"", b"\r\r\n", b"\n\r", b"x\r\n", b" \r\n", b"\0\r"]) if "chunk end" in changes else b"\r\n"
        out += latin(size) + b"\r\n" + piece + end
    last = rng.choice(["00", "0;a", "0 ", "-0", "0\n", "0;" + "\x00"]) if "last chunk" in changes else "0"
    trailers = b"".join(latin(rng.choice(TRAILERS)) + b"\r\n" for _ in range(rng.randint(1, 2))) if "trailer" in changes else b""
    end = rng.choice([b"\n", b"", b"\r", b"\n\r\n"]) if "last line" in changes else b"\r\n"
    return out + latin(last) + b"\r\n" + trailers + end


def request(rng, changes):
    method, target, version = rng.choice(METHODS), rng.choice(TARGETS[:7]), rng.choice(VERSIONS[:1] * 8 + VERSIONS[1:3])
    fields = ["Host: " + rng.choice(HOSTS[:2])]
    body = b""
    kind = rng.choice(["none", "length", "chunked", "chunked"])
    if changes & {"size", "chunk end", "last chunk", "trailer", "last line", "coding"}:
        kind = "chunked"
    if "length" in changes:
        kind = "length"
    if kind == "length":
        body = bytes(rng.choice(b"abc\r\n\0GET /") for _ in range(rng.choice([0, 3, 3, 3, 12])))
        text = rng.choice(LENGTHS) if "length" in changes else str(len(body))
        fields.append("Content-Length: " + text)
    elif kind == "chunked":
        body = chunked(rng, changes)
        text = rng.choice(CODINGS) if "coding" in changes else "chunked"
        fields.append(rng.choice(["Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING"]) + ":" + rng.choice([" ", ""]) + text)
    if "target" in changes:
        target = rng.choice(TARGETS)
    if "version" in changes:
        version = rng.choice(VERSIONS)
    if "host" in changes:
        fields[0] = "Host: " + rng.choice(HOSTS)
    if "no host" in changes:
        del fields[0]
    if "method" in changes:
        method = rng.choice(["get", "G", "PRI", "CONNECT", "G:T", "", "G(T", "G\x00T", " GET", "\r\nGET", "\nGET", "A" * 33, "M-SEARCH"])
    if "field" in changes:
        for _ in range(rng.randint(1, 2)):
            fields.insert(rng.randint(0, len(fields)), rng.choice(FIELDS))
    if "repeat" in changes and fields:
        fields.insert(rng.randint(0, len(fields)), rng.choice(fields))
    space = rng.choice(["  ", "\t", "", " \t", "\x0b"]) if "space" in changes else " "
    ends = [b"\r\n"] * (len(fields) + 2)
    if "line end" in changes:
        ends[rng.randrange(len(ends))] = rng.choice([b"\n", b"\r", b"\r\r\n", b"\n\r", b" \r\n", b"\0\r\n", b"\r\n\r\n"])
    lines = [latin(method + space + target + " " + version)] + [latin(field) for field in fields] + [b""]
    return b"".join(line + end for line, end in zip(lines, ends)) + body


KINDS = ["size", "chunk end", "last chunk", "trailer", "last line", "coding", "length", "target", "version", "host",
         "no host", "method", "field", "field", "repeat", "space", "line end", "byte", "byte", "cut", "between"]


def connection(rng):
    changes = set(rng.sample(KINDS, rng.choice([0, 1, 1, 1, 2, 3])))
    requests = [request(rng, changes)] + [request(rng, set()) for _ in range(rng.randint(0, 2))]
    data = (rng.choice([b"\r\n", b"\n", b"\0", b"x", b" "]) if "between" in changes else b"").join(requests)
    if "byte" in changes:
        for _ in range(rng.randint(1, 2)):
            place = rng.randrange(len(data))
            data = data[:place] + rng.choice(ODD) + data[place + rng.randint(0, 1):]
    if "cut" in changes:
        data = data[:rng.randrange(len(data))]
    return changes, data


def verdict(data):
    """The requests that h11 takes as a whole, why it refuses what follows, or None, and whether it closes after them."""
    server = h11.Connection(h11.SERVER)
    requests = []
    try:
        server.receive_data(data)
        while True:
            event = server.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return requests, None, False
            if isinstance(event, h11.Request):
                current = {"method": event.method.decode("latin-1"), "target": event.target.decode("latin-1"), "body": b""}
            elif isinstance(event, h11.Data):
                current["body"] += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                current["body"] = current["body"].hex()
                requests.append(current)
                server.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                if server.our_state is h11.SWITCHED_PROTOCOL:
                    return requests, None, True
                server.send(h11.EndOfMessage())
                if server.our_state is not h11.DONE or server.their_state is not h11.DONE:
                    return requests, None, True
                server.start_next_cycle()
            else:
                return requests, None, True
    except h11.RemoteProtocolError as error:
        return requests, str(error), False


def main():
    rng = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        changes, data = connection(rng)
        requests, refusal, closes = verdict(data)
        print(json.dumps({
            "changes": sorted(changes), "bytes": base64.b64encode(data).decode(), "requests": requests,
            "refusal": refusal or "", "closes": closes}))


main()
