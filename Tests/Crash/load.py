"""The client of the crash test: a process of its own that outlives every kill of the server.

    load.py CONFIGURATION.json

It sends by SMTP and by the single-send API from several threads, reconnects when the server is gone, and
writes one line to the ledger for each message whose 250 or 200 it has read: `KIND ID RECIPIENTS`, and
where the configuration names a `log`, how long that file was when the yes had come. It ends on SIGTERM, after
which the ledger is complete.
"""

import base64
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time

stopping = threading.Event()


class Ledger:
    """One write(2) of one line per accepted message; what is in the file was promised."""

    def __init__(self, path, log):
        self.log = log
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def accepted(self, kind, identifier, recipients):
        length = f" {os.stat(self.log).st_size}" if self.log else ""
        os.write(self.file, f"{kind} {identifier} {recipients}{length}\n".encode())


class Conversation:
    """The least SMTP client that can tell exactly which reply it has read."""

    def __init__(self, address, user, password):
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.expect(b"220")
        self.say(b"EHLO load.example.com", b"250")
        secret = base64.b64encode(f"\0{user}\0{password}".encode())
        self.say(b"AUTH PLAIN " + secret, b"235")

    def expect(self, code):
        while True:
            line = self.stream.readline()
            if not line.endswith(b"\n"):
                raise ConnectionError("the server went away")
            if not line.startswith(code):
                raise ValueError(f"{line!r} where {code!r} was hoped for")
            if line[3:4] == b" ":
                return

    def say(self, command, code):
        self.socket.sendall(command + b"\r\n")
        self.expect(code)

    def send(self, recipients, content):
        commands = [b"MAIL FROM:<load@example.com>"]
        commands += [b"RCPT TO:<" + recipient.encode() + b">" for recipient in recipients]
        self.socket.sendall(b"\r\n".join(commands + [b"DATA"]) + b"\r\n")
        for _ in commands:
            self.expect(b"250")
        self.expect(b"354")
        self.socket.sendall(content + b".\r\n")
        self.expect(b"250")

    def close(self):
        self.stream.close()
        self.socket.close()


def message(identifier, recipients, chance):
    line = f"{identifier} ".encode() * 4
    line = line[:70] + b"\r\n"
    body = line * chance.randint(3, 200)
    digest = hashlib.sha256(body).hexdigest()
    head = (f"From: Load <load@example.com>\r\nTo: {', '.join(recipients)}\r\nSubject: crash {identifier}\r\n"
            f"Message-ID: <{identifier}@load.example.com>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\n"
            f"X-Digest: {digest}\r\n\r\n")
    return head.encode() + body


def smtp_worker(number, options, ledger, complaints):
    chance = random.Random(number)
    address = ("127.0.0.1", options["smtp"])
    count = 0
    conversation = None
    while not stopping.is_set():
        count += 1
        identifier = f"s{options.get('prefix', '')}{number}-{count}"
        recipients = [f"{identifier}@example.net"]
        if count % 5 == 0:
            recipients.append(f"{identifier}@example.org")
        try:
            if conversation is None:
                conversation = Conversation(address, options["user"], options["password"])
            conversation.send(recipients, message(identifier, recipients, chance))
            ledger.accepted("smtp", identifier, len(recipients))
            if count % 20 == 0:
                conversation.close()
                conversation = None
        except ValueError as error:
            complaints.note(f"smtp: {error}")
            conversation = abandon(conversation)
        except OSError:
            conversation = abandon(conversation)


def abandon(conversation):
    if conversation is not None:
        conversation.close()
    time.sleep(0.02)
    return None


def http_worker(number, options, ledger, complaints):
    """Keeps one sendId until it is answered, so that also a repeat must give exactly one message."""
    connection = None
    count = 0
    while not stopping.is_set():
        count += 1
        identifier = f"h{options.get('prefix', '')}{number}-{count}"
        body = json.dumps({
            "emailId": int(options["email"]),
            "message": {"to": f"{identifier}@example.net", "sendId": identifier},
            "contactProperties": {"firstname": "Ada"}, "customProperties": {"id": identifier}})
        while not stopping.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", options["http"], timeout=60)
                connection.request(
                    "POST", "/marketing/v3/transactional/single-email/send", body,
                    {"Authorization": f"Bearer {options['token']}", "Content-Type": "application/json"})
                response = connection.getresponse()
                text = response.read()
                if response.status == 200:
                    ledger.accepted("http", identifier, 1)
                    break
                complaints.note(f"http: {response.status} {text[:120]!r}")
                time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                time.sleep(0.02)


class Complaints:
    """What the server said that was neither yes nor silence; the first of each are kept."""

    def __init__(self, path):
        self.path = path
        self.seen = {}
        self.lock = threading.Lock()

    def note(self, text):
        with self.lock:
            self.seen[text] = self.seen.get(text, 0) + 1

    def write(self):
        with open(self.path, "w") as file:
            json.dump(self.seen, file, indent=1)


def main():
    with open(sys.argv[1]) as file:
        options = json.load(file)
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    ledger = Ledger(options["ledger"], options.get("log"))
    complaints = Complaints(options["complaints"])
    workers = [threading.Thread(target=smtp_worker, args=(number, options, ledger, complaints), daemon=True)
               for number in range(options["smtp_workers"])]
    workers += [threading.Thread(target=http_worker, args=(number, options, ledger, complaints), daemon=True)
                for number in range(options["http_workers"])]
    for worker in workers:
        worker.start()
    while not stopping.wait(0.2):
        pass
    for worker in workers:
        worker.join(60)
    complaints.write()


if __name__ == "__main__":
    main()
