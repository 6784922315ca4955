#!/usr/bin/env python3
"""Plays the REST API of a home-care provider: takes employees and referrals, and answers as such systems do.

POST /employees            201; 401 without the right credentials; 422 for what it will not have, as a problem document;
                           503 with Retry-After at the first try of every employee whose number divides by 500
POST /referrals            201; 401, 422
GET  /employees            {"count": …, "numbers": […]}
GET  /employees/<number>   the employee as it came in, or 404
GET  /referrals            {"count": …, "ids": […]}
GET  /statistics           {"requests": …, "by_status": {"201": …}}

Prints "listening on http://127.0.0.1:<port>" once it does. Reading needs no credentials; nothing is kept on disk.
"""

import argparse
import base64
import collections
import hmac
import json
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BRANCHES = {"north", "south", "east", "west", "harbour"}
UNAVAILABLE_EVERY = 500
LARGEST_BODY = 1 << 20


class Store:
    """What the API knows, shared by the threads of all connections."""

    def __init__(self):
        self.lock = threading.Lock()
        self.employees = {}
        self.referrals = {}
        self.tried = set()
        self.by_status = collections.Counter()

    def add_employee(self, employee):
        """The answer for a new employee: status, problems, and seconds to wait before it is tried again."""
        number = employee.get("employee_number")
        problems = []
        if not isinstance(number, str) or not number:
            problems.append({"field": "employee_number", "detail": "is required"})
        if employee.get("branch") not in BRANCHES:
            problems.append({"field": "branch", "detail": "is not a branch of this provider"})
        with self.lock:
            if number in self.employees:
                problems.append({"field": "employee_number", "detail": "is taken already"})
            if problems:
                return 422, problems, None
            if number.isdigit() and int(number) % UNAVAILABLE_EVERY == 0 and number not in self.tried:
                self.tried.add(number)
                return 503, [], 1
            self.employees[number] = employee
        return 201, [], None

    def add_referral(self, referral):
        identifier = referral.get("id")
        if not isinstance(identifier, str) or not identifier:
            return 422, [{"field": "id", "detail": "is required"}], None
        with self.lock:
            self.referrals[identifier] = referral
        return 201, [], None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    store = None
    credentials = None

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self):
        store = self.store
        with store.lock:
            if self.path == "/employees":
                answer = {"count": len(store.employees), "numbers": sorted(store.employees)}
            elif self.path.startswith("/employees/"):
                answer = store.employees.get(self.path.removeprefix("/employees/"))
            elif self.path == "/referrals":
                answer = {"count": len(store.referrals), "ids": sorted(store.referrals)}
            elif self.path == "/statistics":
                by_status = {str(status): count for status, count in store.by_status.items()}
                answer = {"requests": sum(by_status.values()), "by_status": by_status}
            else:
                answer = None
        if answer is None:
            return self.answer(404, {"title": "nothing of that name"})
        return self.answer(200, answer)

    def do_POST(self):
        body = self.read_body()
        if body is None:
            return None
        if not self.may_write():
            return self.counted(401, {"title": "credentials are missing or wrong"},
                                {"WWW-Authenticate": 'Basic realm="home care"'})
        add = {"/employees": self.store.add_employee, "/referrals": self.store.add_referral}.get(self.path)
        if add is None:
            return self.counted(404, {"title": "nothing of that name"})
        try:
            document = json.loads(body)
        except ValueError:
            return self.counted(400, {"title": "the body is not JSON"})
        if not isinstance(document, dict):
            return self.counted(400, {"title": "the body is not a JSON object"})
        status, problems, wait = add(document)
        if status == 503:
            return self.counted(503, {"title": "down for a moment"}, {"Retry-After": str(wait)})
        if status == 422:
            return self.counted(422, {"title": "refused", "status": 422, "errors": problems})
        return self.counted(201, {"status": "created"})

    def read_body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            self.counted(411 if not length.isdigit() else 413, {"title": "a body of a known, small length is expected"})
            return None
        return self.rfile.read(int(length))

    def may_write(self):
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "basic" and hmac.compare_digest(given.encode(), self.credentials)

    def counted(self, status, document, headers=None):
        with self.store.lock:
            self.store.by_status[status] += 1
        return self.answer(status, document, headers)

    def answer(self, status, document, headers=None):
        body = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *arguments):
        """Says nothing: bodies and paths are about people."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--user", default="omnibus")
    parser.add_argument("--password", default="demonstration")
    parser.add_argument("--until-end-of-input", action="store_true", help="end when standard input does")
    options = parser.parse_args()

    # Ctrl-C on a terminal reaches everybody: whoever started this server ends it, after what is under way is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent may have started this on a thread that blocks all signals.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    Handler.store = Store()
    Handler.credentials = base64.b64encode(f"{options.user}:{options.password}".encode())
    server = Server(("127.0.0.1", options.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    if options.until_end_of_input:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.buffer.read()
    else:
        server.serve_forever()


if __name__ == "__main__":
    main()
