#!/usr/bin/env python3
"""What a partner of the home-care provider does, and what can be seen of it. Each command prints one JSON document.

keys         makes throw-away keys of the provider and of the partner, Curve25519, in --keys
setup        makes the bucket
refer        encrypts referrals for the provider, whose key it asks it for, and puts them on the intake queue
results      takes what the provider put on the outbound queue, and prints it
change       tells of changes by POST, as the provider's planning system does, and prints how often it got which answer
drop         encrypts a flat file for the provider, and puts it into the bucket below inbound/
export       asks for an export of clients
objects      prints the keys of the bucket
fetch        prints the text of an object; one that ends in .gpg is decrypted and its signature verified
queues       prints how many messages are in each queue
events       takes the events of one kind from its queue, and prints them
listen       prints how many events RabbitMQ has for a queue that is bound to all, after taking them

The address of AWS and its keys are in the usual variables (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID …).
"""

import argparse
import base64
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid

PROVIDER, PARTNER = "intake@care.example", "exchange@partner.example"
KINDS = ["client", "service", "visit", "employee"]
BRANCHES = ["north", "south", "east", "west", "harbour"]
FAMILY = "Acker Berg Conrad Dietz Engel Fischer Gruber Hahn Jung Kaya Möller Nowak Öztürk O'Brien García Dubois".split()
GIVEN = "Anna Ben Carla David Elif Femke Gerd Hanna Ivan Jana Karim Lea Malik Nora Zoë Björn".split()
REFERRAL_FAULTS = ["plain", "foreign", "tampered", "incomplete", "branch"]
CHANGE_FAULTS = ["health", "unknown"]


def request(method, url, document=None, login=None):
    headers = {"content-type": "application/json"}
    if login:
        headers["authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    body = json.dumps(document).encode() if document is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class GnuPG:
    """gpg with a folder of its own, which goes with it, and with it the agent."""

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix="omnibus-gpg-")
        return self

    def __exit__(self, *_):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.home, ignore_errors=True)

    def __call__(self, *arguments, input=b""):
        command = ["gpg", "--homedir", self.home, "--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode", "loopback",
                   "--trust-model", "always", *arguments]
        done = subprocess.run(command, input=input, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"partner: gpg fails: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def encrypt(self, text, key, armored=True, signer=None):
        """The text, encrypted; signed by the secret key of a file, or by one that nobody knows."""
        sign = []
        if signer == "stranger":
            self("--passphrase", "", "--quick-generate-key", "Stranger <stranger@elsewhere.example>", "ed25519", "sign", "never")
        elif signer:
            self("--passphrase", "", "--import", signer)
        if signer:
            sign = ["--passphrase", "", "--sign"]
        return self("--armor" if armored else "--no-armor", *sign, "--recipient-file", key, "--encrypt", input=text)

    @staticmethod
    def tampered(message, armored=True):
        """The message with one bit of it changed."""
        if armored:
            lines = message.decode().split("\n")
            place = len(lines) // 2
            lines[place] = ("A" if lines[place][0] != "A" else "B") + lines[place][1:]
            return "\n".join(lines).encode()
        return message[:-10] + bytes([message[-10] ^ 1]) + message[-9:]


class Partner:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)

    # Keys

    def keys(self):
        folder = self.options.keys
        os.makedirs(folder, mode=0o700, exist_ok=True)
        made = {}
        for name, user, passphrase in (("provider", PROVIDER, self.options.passphrase), ("partner", PARTNER, "")):
            with GnuPG() as gpg:
                secret = ["--passphrase", passphrase]
                gpg(*secret, "--quick-generate-key", f"Care {name} <{user}>", "ed25519", "sign", "never")
                listed = gpg("--with-colons", "--list-keys", user).decode()
                made[name] = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))
                gpg(*secret, "--quick-add-key", made[name], "cv25519", "encr", "never")
                self.write(f"{folder}/{name}.asc", gpg("--armor", "--export", user))
                self.write(f"{folder}/{name}.secret.asc", gpg(*secret, "--armor", "--export-secret-keys", user))
        return made

    @staticmethod
    def write(path, content):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    def provider_key(self, folder):
        """The provider's public key, as it serves it."""
        status, key = request("GET", f"{self.options.url}/api/v1/config/pub_key")
        if status != 200:
            sys.exit(f"partner: the provider answers {status} when it is asked for its key")
        self.write(f"{folder}/provider.asc", key)
        return f"{folder}/provider.asc"

    # AWS

    def client(self, service):
        import boto3
        return boto3.client(service, region_name=os.environ.get("AWS_DEFAULT_REGION", "eu-central-1"))

    def queue(self, sqs, name):
        return sqs.get_queue_url(QueueName=f"{self.options.queues}-{name}")["QueueUrl"]

    def take(self, name):
        sqs = self.client("sqs")
        url, taken = self.queue(sqs, name), []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def setup(self):
        self.client("s3").create_bucket(
            Bucket=self.options.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        return {"bucket": self.options.bucket}

    # Intake

    def referral(self, number):
        source = self.random
        return {
            "referral": {"id": f"{self.options.prefix}{number}", "partner": "st-mary", "sent_at": "2026-05-04T08:15:00Z"},
            "client": {
                "external_id": f"{self.options.prefix}C{number}", "branch": source.choice(BRANCHES),
                "name": {"family": source.choice(FAMILY), "given": source.choice(GIVEN)},
                "birth_date": f"19{source.randrange(30, 60)}-0{source.randrange(1, 9)}-1{source.randrange(0, 9)}",
                "address": {"street": "Harbour Road 7", "postal_code": "20457", "city": "Hamburg", "country": "DE"},
            },
            "contacts": [{"name": {"family": source.choice(FAMILY), "given": source.choice(GIVEN)}, "relation": "child",
                          "phone": f"+49 40 {source.randrange(10**6, 10**7)}"}],
            "service": {"external_id": f"{self.options.prefix}S{number}", "kind": "nursing", "starts_on": "2026-06-01",
                        "hours_per_week": 7.5, "diagnoses": ["I63.9"]},
        }

    def refer(self):
        sqs = self.client("sqs")
        url = self.queue(sqs, "intake")
        with tempfile.TemporaryDirectory() as folder, GnuPG() as gpg:
            key = self.provider_key(folder)
            if self.options.fault == "foreign":
                key = f"{self.options.keys}/partner.asc"
            sent = []
            for number in range(self.options.start, self.options.start + self.options.count):
                referral = self.referral(number)
                if self.options.fault == "incomplete":
                    del referral["client"]["name"]
                if self.options.fault == "branch":
                    referral["client"]["branch"] = "moon"
                text = json.dumps(referral).encode()
                body = text if self.options.fault == "plain" else gpg.encrypt(text, key, signer=self.signer())
                if self.options.fault == "tampered":
                    body = gpg.tampered(body)
                sqs.send_message(QueueUrl=url, MessageBody=body.decode())
                sent.append(referral["client"]["external_id"])
        return sent

    def signer(self):
        """Who signs: nobody, the partner, or a stranger."""
        return f"{self.options.keys}/partner.secret.asc" if self.options.signed == "partner" else self.options.signed

    def results(self):
        return self.take("intake-outbound")

    # Events

    def change(self):
        answers = {}
        for number in range(self.options.start, self.options.start + self.options.count):
            kind = self.options.kind or KINDS[number % len(KINDS)]
            event = {"event_id": str(uuid.UUID(int=self.random.getrandbits(128))), "kind": kind,
                     "action": self.random.choice(["created", "updated", "deleted"]), "id": f"{self.options.prefix}{number}",
                     "changed_at": "2026-05-04T08:15:00Z", "branch": self.random.choice(BRANCHES)}
            if self.options.fault == "health":
                event["diagnoses"] = ["I63.9"]
            if self.options.fault == "unknown":
                event["kind"] = "invoice"
            status, _ = request("POST", f"{self.options.url}/events", event, self.options.login)
            answers[str(status)] = answers.get(str(status), 0) + 1
        return answers

    def events(self):
        return self.take(f"events-{self.options.kind}")

    def listen(self):
        import pika
        connection = pika.BlockingConnection(pika.URLParameters(self.options.broker))
        channel = connection.channel()
        channel.exchange_declare("care.events", "topic", durable=True)
        channel.queue_declare("partner", durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind("partner", "care.events", "#")
        taken = {}
        while True:
            method, _, body = channel.basic_get("partner", auto_ack=True)
            if method is None:
                break
            event = json.loads(body)
            if method.routing_key != f"{event['kind']}.{event['action']}":
                sys.exit("partner: an event came with the routing key of another")
            taken[event["event_id"]] = taken.get(event["event_id"], 0) + 1
        connection.close()
        return {"events": len(taken), "messages": sum(taken.values())}

    # Flat files

    def rows(self):
        """Columns and rows of a file, of which --broken are wrong: the layout refuses some, the provider others."""
        source, kind = self.random, self.options.kind
        columns = {
            "client": "client_number last_name first_name birth_date branch street postal_code city phone",
            "employee": "employee_number last_name first_name hired_on branch role weekly_hours",
            "visit": "visit_number client_number employee_number started_at minutes service branch",
        }[kind].split()
        rows = []
        for number in range(self.options.start, self.options.start + self.options.count):
            branch = source.choice(BRANCHES)
            name = [source.choice(FAMILY), source.choice(GIVEN)]
            rows.append({
                "client": [f"K{number}", *name, "1941-05-02", branch, "Harbour Road 7", "20457", "Hamburg", ""],
                "employee": [f"E{number}", *name, "2021-03-01", branch, "nurse", "38.50"],
                "visit": [f"V{number}", "K1", "E1", "2026-05-04 08:15", str(source.randrange(10, 90)), "GP", branch],
            }[kind])
        for place in range(self.options.broken):
            row = rows[place * len(rows) // self.options.broken]
            if place % 2:
                row[columns.index("branch")] = "moon"
            else:
                row[3] = "soon"
        return columns, rows

    def fixed_width(self):
        lines = [f"H{'PARTNER':<10}20260504"]
        for number in range(self.options.start, self.options.start + self.options.count):
            lines.append(f"C{number:06}{self.random.choice(FAMILY):<20}{self.random.choice(GIVEN):<15}19410502north  ")
        return "\r\n".join([*lines, f"T{self.options.count:06}", ""]).encode("windows-1252")

    def drop(self):
        if self.options.kind == "legacy":
            content, name = self.fixed_width(), f"{self.options.name or 'legacy'}.txt.gpg"
        else:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\r\n")
            columns, rows = self.rows()
            writer.writerow(columns)
            writer.writerows(rows)
            content, name = text.getvalue().encode(), f"{self.options.name or self.options.kind + 's'}.csv.gpg"
        with tempfile.TemporaryDirectory() as folder, GnuPG() as gpg:
            key = f"{self.options.keys}/partner.asc" if self.options.fault == "foreign" else self.provider_key(folder)
            content = gpg.encrypt(content, key, armored=False, signer=self.signer())
            if self.options.fault == "tampered":
                content = gpg.tampered(content, armored=False)
            self.client("s3").put_object(Bucket=self.options.bucket, Key=f"inbound/{name}", Body=content)
        return {"key": f"inbound/{name}"}

    def export(self):
        status, body = request("POST", f"{self.options.url}/exports/clients", {}, self.options.login)
        return {"status": status, **(json.loads(body) if status == 200 else {})}

    def objects(self):
        listed = self.client("s3").list_objects_v2(Bucket=self.options.bucket).get("Contents", [])
        return [one["Key"] for one in listed]

    def fetch(self):
        content = self.client("s3").get_object(Bucket=self.options.bucket, Key=self.options.key)["Body"].read()
        if not self.options.key.endswith(".gpg"):
            return {"text": content.decode()}
        with GnuPG() as gpg:
            gpg("--passphrase", "", "--import", f"{self.options.keys}/partner.secret.asc", f"{self.options.keys}/provider.asc")
            with tempfile.NamedTemporaryFile() as status:
                text = gpg("--passphrase", "", "--status-file", status.name, "--decrypt", input=content)
                return {"text": text.decode(), "signed": b"GOODSIG" in status.read()}

    # What can be seen

    def waiting(self):
        sqs = self.client("sqs")
        counts = {}
        for url in sqs.list_queues(QueueNamePrefix=self.options.queues).get("QueueUrls", []):
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            counts[url.rsplit("/", 1)[1].removeprefix(f"{self.options.queues}-")] = (
                int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"]))
        return counts


def main():
    commands = {"queues": Partner.waiting} | {
        name: getattr(Partner, name)
        for name in "keys setup refer results change drop export objects fetch events listen".split()}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=sorted(commands))
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the provider")
    parser.add_argument("--login", default="partner:demonstration", help="user:password for POST")
    parser.add_argument("--broker", default="amqp://guest:guest@127.0.0.1:5672", help="RabbitMQ, with user and password")
    parser.add_argument("--keys", default=".run/care/keys")
    parser.add_argument("--passphrase", default="demonstration", help="of the provider's secret key")
    parser.add_argument("--queues", default=os.environ.get("CARE_QUEUES", "care"), help="what the names of queues begin with")
    parser.add_argument("--bucket", default=os.environ.get("CARE_BUCKET", "care-exchange"))
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--start", type=int, default=1, help="the first number")
    parser.add_argument("--prefix", default="R", help="what ids begin with")
    parser.add_argument("--broken", type=int, default=0, help="how many rows of a file are wrong")
    parser.add_argument("--fault", choices=REFERRAL_FAULTS + CHANGE_FAULTS)
    parser.add_argument("--signed", choices=["partner", "stranger"], help="who signs what is encrypted; nobody unless given")
    parser.add_argument("--kind", choices=KINDS + ["legacy"])
    parser.add_argument("--name", help="of the file, without .csv.gpg")
    parser.add_argument("--key", help="of the object")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(json.dumps(commands[options.command](Partner(options)), ensure_ascii=False, sort_keys=True))


if __name__ == "__main__":
    main()
