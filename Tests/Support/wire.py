"""SMTP by hand: exact bytes out, replies in. And a short way to send a message properly."""

import base64
import smtplib
import socket
import ssl
import threading


class Wire:
    """A client that can send what no library would."""

    def __init__(self, address, greet=True, timeout=20):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        if greet:
            assert self.reply()[0] == 220

    def send(self, data):
        self.socket.sendall(data)

    def reply(self):
        """(code, text of all lines); (0, "") when the server has closed."""
        lines = []
        while True:
            try:
                line = self.stream.readline()
            except ConnectionError:
                line = b""
            if not line:
                return 0, ""
            lines.append(line[4:].decode(errors="replace").rstrip())
            if line[3:4] != b"-":
                return int(line[:3]), "\n".join(lines)

    def say(self, command):
        self.send((command if isinstance(command, bytes) else command.encode()) + b"\r\n")
        return self.reply()

    def is_closed(self):
        """Whether the server closes, reading (and dropping) what it still says."""
        return self.rest() is not None

    def rest(self):
        """All that the server says until it closes; None when it does not close in time."""
        self.socket.settimeout(5)
        collected = b""
        try:
            while True:
                data = self.stream.read1(65536)
                if not data:
                    return collected
                collected += data
        except ConnectionError:
            return collected
        except TimeoutError:
            return None

    def login(self, token):
        secret = base64.b64encode(f"\0{token['id']}\0{token['password']}".encode()).decode()
        assert self.say("EHLO client.example.com")[0] == 250
        assert self.say(f"AUTH PLAIN {secret}")[0] == 235
        return self

    def begin(self, sender, *recipients):
        """MAIL and RCPT one by one, then DATA up to its 354."""
        assert self.say(f"MAIL FROM:<{sender}>")[0] == 250
        for recipient in recipients:
            assert self.say(f"RCPT TO:<{recipient}>")[0] == 250
        assert self.say("DATA")[0] == 354
        return self

    def start_tls(self, context):
        assert self.say("EHLO client.example.com")[0] == 250
        assert self.say("STARTTLS")[0] == 220
        self.socket = context.wrap_socket(self.socket)
        self.stream = self.socket.makefile("rb")
        return self

    def close(self):
        self.stream.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def simple(recipient, sender="hello@example.com", subject="Hello", body="One line.\r\n", extra=""):
    return (f"From: Acme <{sender}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\n"
            f"Message-ID: <{abs(hash((recipient, subject)))}@client.example.com>\r\n"
            f"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n{extra}\r\n{body}").encode()


def submit(server, token, recipients, content, sender="hello@example.com", options=(), tls=True):
    """Sends one message with smtplib over STARTTLS, as most programs do."""
    host, port = server.address("smtp")
    with smtplib.SMTP(host, port, timeout=30) as client:
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            client.starttls(context=context)
        client.login(token["id"], token["password"])
        if isinstance(recipients, str):
            recipients = [recipients]
        refused = client.sendmail(sender, recipients, content, mail_options=list(options))
        assert refused == {}


class Load(threading.Thread):
    """Hands in one message after another; knows which were answered with 250, and what else was answered."""

    def __init__(self, running, token, name):
        super().__init__()
        self.running, self.token, self.prefix = running, token, name
        self.accepted, self.refused = [], []
        self.done = threading.Event()

    def run(self):
        number = 0
        while not self.done.is_set():
            number += 1
            recipient = f"{self.prefix}-{number}@example.net"
            try:
                submit(self.running, self.token, recipient, simple(recipient))
                self.accepted.append(recipient)
            except Exception as error:
                self.refused.append(error)
