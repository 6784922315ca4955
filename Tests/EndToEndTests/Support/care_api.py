#!/usr/bin/env python3
"""Plays the REST API of a home-care provider: takes employees and referrals, and answers as such systems do.

POST /employees            201; 401 without the right credentials; 422 for what it will not have, as a problem document;
                           503 with Retry-After at the first try of every employee whose number divides by 500
POST /referrals            201; 401, 422
POST /intake               a client with contacts and a service: 201 with the ids that both get; 401, 422; 200 with the same
                           ids for an Idempotency-Key that it has seen
PUT  /<kind>/<number>      employees, clients or visits: 201, or 200 where there is one of the number; 401, 422
GET  /employees            {"count": …, "numbers": […]}; so /clients, /visits
GET  /employees/<number>   the employee as it came in, or 404; so /clients/<number>, /visits/<number>
GET  /referrals            {"count": …, "ids": […]}
GET  /intake               {"count": …, "external_ids": […]}, of all clients that were created
GET  /export/clients       a list of all clients with a number, as an export has them
POST /outage               {"requests": 40}: so many requests that write are answered 503 from now on
POST /release              {}: what --hold-after holds goes on
GET  /statistics           {"requests": …, "by_status": {"201": …}}

Prints "listening on http://127.0.0.1:<port>" once it does. Reading needs no credentials; nothing is kept on disk but records
where --state names a file.
"""

import argparse
import base64
import collections
import hmac
import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BRANCHES = {"north", "south", "east", "west", "harbour"}
UNAVAILABLE_EVERY = 500
LARGEST_BODY = 1 << 20


class Store:
    """What the API knows, shared by the threads of all connections."""

    def __init__(self):
        self.lock = threading.Lock()
        self.records = {"employees": {}, "clients": {}, "visits": {}}
        self.employees = self.records["employees"]
        self.referrals = {}
        self.intake = []
        self.answers = {}
        self.tried = set()
        self.by_status = collections.Counter()
        self.outage = 0
        self.state = None
        self.hold_after = None
        self.released = threading.Condition(self.lock)

    def keep(self, path):
        """Has records outlive the server, in a file that may be there already."""
        self.state = path
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for kind, records in json.load(file).items():
                    self.records[kind].update(records)

    def save(self):
        if self.state:
            with open(self.state + ".new", "w", encoding="utf-8") as file:
                json.dump(self.records, file)
            os.replace(self.state + ".new", self.state)

    def wait(self):
        """Holds a record back while there are as many as --hold-after allows."""
        with self.released:
            self.released.wait_for(
                lambda: self.hold_after is None or sum(map(len, self.records.values())) < self.hold_after)

    def release(self):
        with self.released:
            self.hold_after = None
            self.released.notify_all()

    def is_out(self):
        """Whether this request is one of an outage."""
        with self.lock:
            self.outage = max(self.outage - 1, 0)
            return self.outage > 0

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

    def put(self, kind, number, record):
        """The answer for a record that comes in under its number, again and again: status and problems."""
        problems = []
        if record.get("branch") not in BRANCHES:
            problems.append({"field": "branch", "detail": "is not a branch of this provider"})
        if kind == "visits" and record.get("minutes", 0) > 24 * 60:
            problems.append({"field": "minutes", "detail": "is more than a day"})
        if problems:
            return 422, problems
        with self.lock:
            known = number in self.records[kind]
            self.records[kind][number] = record
            self.save()
        return 200 if known else 201, []

    def take_in(self, referral, key):
        """The answer for a client with a service: status, problems, and the ids that they get."""
        client, service = referral.get("client"), referral.get("service")
        problems = [{"field": name, "detail": "is required"}
                    for name, part in (("client", client), ("service", service))
                    if not isinstance(part, dict) or not part.get("external_id")]
        if problems:
            return 422, problems, None
        if client.get("branch") not in BRANCHES:
            return 422, [{"field": "client/branch", "detail": "is not a branch of this provider"}], None
        with self.lock:
            if key in self.answers:
                return 200, [], self.answers[key]
            self.intake.append(client["external_id"])
            ids = {"client": {"id": f"C{1000 + len(self.intake)}", "external_id": client["external_id"]},
                   "service": {"id": f"S{5000 + len(self.intake)}", "external_id": service["external_id"]}}
            if key is not None:
                self.answers[key] = ids
        return 201, [], ids

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
    delay = 0

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self):
        store = self.store
        with store.lock:
            kind, _, number = self.path[1:].partition("/")
            if kind in store.records and not number:
                answer = {"count": len(store.records[kind]), "numbers": sorted(store.records[kind])}
            elif kind in store.records:
                answer = store.records[kind].get(number)
            elif self.path == "/intake":
                answer = {"count": len(store.intake), "external_ids": sorted(store.intake)}
            elif self.path == "/export/clients":
                answer = [record for _, record in sorted(store.records["clients"].items())]
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
        adds = {"/employees": self.store.add_employee, "/referrals": self.store.add_referral}
        document = self.read_document(self.path in ("/intake", "/outage", "/release") or self.path in adds)
        if document is None:
            return None
        if self.path == "/outage":
            with self.store.lock:
                self.store.outage = document["requests"] + 1
            return self.answer(200, {})
        if self.path == "/release":
            self.store.release()
            return self.answer(200, {})
        if self.path == "/intake":
            time.sleep(self.delay)
            status, problems, ids = self.store.take_in(document, self.headers.get("Idempotency-Key"))
            return self.refused(problems) if status == 422 else self.counted(status, ids)
        status, problems, wait = adds[self.path](document)
        if status == 503:
            return self.counted(503, {"title": "down for a moment"}, {"Retry-After": str(wait)})
        return self.refused(problems) if status == 422 else self.counted(201, {"status": "created"})

    def do_PUT(self):
        kind, _, number = self.path[1:].partition("/")
        document = self.read_document(kind in self.store.records and number)
        if document is None:
            return None
        self.store.wait()
        if self.store.is_out():
            return self.counted(503, {"title": "down for a moment"})
        status, problems = self.store.put(kind, number, document)
        return self.refused(problems) if status == 422 else self.counted(status, {"status": "stored"})

    def read_document(self, is_known):
        """The JSON object of a request; None where it was answered already."""
        body = self.read_body()
        if body is None:
            return None
        if not self.may_write():
            self.counted(401, {"title": "credentials are missing or wrong"},
                         {"WWW-Authenticate": 'Basic realm="home care"'})
            return None
        if not is_known:
            self.counted(404, {"title": "nothing of that name"})
            return None
        try:
            document = json.loads(body)
        except ValueError:
            self.counted(400, {"title": "the body is not JSON"})
            return None
        if not isinstance(document, dict):
            self.counted(400, {"title": "the body is not a JSON object"})
            return None
        return document

    def refused(self, problems):
        return self.counted(422, {"title": "refused", "status": 422, "errors": problems})

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
    parser.add_argument("--delay", type=float, default=0, help="seconds that POST /intake takes")
    parser.add_argument("--hold-after", type=int, help="so many records are put, and the others held until POST /release")
    parser.add_argument("--state", help="a file that keeps the records")
    parser.add_argument("--until-end-of-input", action="store_true", help="end when standard input does")
    options = parser.parse_args()

    # Ctrl-C on a terminal reaches everybody: whoever started this server ends it, after what is under way is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent may have started this on a thread that blocks all signals.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    Handler.store = Store()
    Handler.store.hold_after = options.hold_after
    if options.state:
        Handler.store.keep(options.state)
    Handler.credentials = base64.b64encode(f"{options.user}:{options.password}".encode())
    Handler.delay = options.delay
    server = Server(("127.0.0.1", options.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    if options.until_end_of_input:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.buffer.read()
    else:
        server.serve_forever()


if __name__ == "__main__":
    main()
