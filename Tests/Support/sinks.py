"""SMTP servers that receive what Brevdue sends: aiosmtpd for fidelity, and one that misbehaves on demand."""

import dataclasses
import socket
import ssl
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from installation import wait_until


@dataclasses.dataclass
class Received:
    sender: str
    recipients: list
    data: bytes
    options: list = dataclasses.field(default_factory=list)
    tls: bool = False
    at: float = dataclasses.field(default_factory=time.time)


class Collected:
    """Messages that came in, safe to look at from the test's thread."""

    def __init__(self):
        self.messages = []
        self.lock = threading.Lock()

    def add(self, message):
        with self.lock:
            self.messages.append(message)

    def __len__(self):
        with self.lock:
            return len(self.messages)

    def all(self):
        with self.lock:
            return list(self.messages)

    def to(self, recipient):
        return [message for message in self.all() if recipient in message.recipients]

    def wait(self, count, timeout=20):
        wait_until(f"{count} messages at the sink (there are {len(self)})", lambda: len(self) >= count, timeout)
        return self.all()

    def wait_for(self, recipient, timeout=20):
        return wait_until(f"a message to {recipient} at the sink", lambda: self.to(recipient), timeout)[0]


class ForeignSink:
    """aiosmtpd: an SMTP server that others wrote, keeping every message byte for byte."""

    def __init__(self, tls_context=None, user=None, password=None, size=40 * 1024 * 1024):
        self.received = Collected()
        credentials = (user, password) if user else None
        self.controller = _Controller(self, tls_context, credentials, size)
        self.controller.start()
        self.port = self.controller.server.sockets[0].getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope):
        self.received.add(Received(
            envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content or envelope.content,
            list(envelope.mail_options), session.ssl is not None))
        return "250 2.0.0 kept"

    def close(self):
        self.controller.stop()


class _Controller(Controller):
    def __init__(self, handler, tls_context, credentials, size):
        self.tls_for_clients = tls_context
        self.credentials = credentials
        self.size = size
        super().__init__(handler, hostname="127.0.0.1", port=0)

    def factory(self):
        options = {"data_size_limit": self.size, "enable_SMTPUTF8": True, "hostname": "sink.example.net"}
        if self.tls_for_clients:
            options["tls_context"] = self.tls_for_clients
        if self.credentials:
            options.update(authenticator=self._check, auth_required=True, auth_require_tls=False)
        return SMTP(self.handler, **options)

    def _check(self, server, session, envelope, mechanism, auth_data):
        from aiosmtpd.smtp import AuthResult
        given = (auth_data.login.decode(), auth_data.password.decode())
        return AuthResult(success=given == self.credentials)

    def _trigger_server(self):
        # The base class connects to the port that was asked for; with port 0 only the socket knows it.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Stall(Exception):
    """Raised inside a conversation to say nothing more and keep the connection open."""


class Hang(Exception):
    """Raised inside a conversation to close the connection at once."""


class ScriptedSink:
    """Answers as it is told, stage by stage.

    `script[stage]` is a list of answers used up one by one, then the last one stays. An answer is a
    reply line ("451 4.3.0 later"), "close", "stall", "garbage", or "accept-then-close" for the dot.
    Stages: connect, ehlo, starttls, mail, rcpt, data, dot, rset, quit.
    """

    def __init__(self, host="127.0.0.1", tls_context=None, pipelining=True, extensions=(), broken_tls=False,
                 port=0):
        self.received = Collected()
        self.script = {}
        self.commands = []
        self.connections = 0
        self.open_connections = 0
        self.most_open = 0
        self.lock = threading.Lock()
        self.tls_context = tls_context
        self.broken_tls = broken_tls
        self.keywords = ["8BITMIME", "SMTPUTF8", "SIZE 41943040", "ENHANCEDSTATUSCODES", "DSN", *extensions]
        if pipelining:
            self.keywords.insert(0, "PIPELINING")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(128)
        self.host, self.port = self.socket.getsockname()[:2]
        self.closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def on(self, stage, *answers):
        with self.lock:
            self.script[stage] = list(answers)

    def close(self):
        self.closing.set()
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def _answer(self, stage, usual):
        with self.lock:
            answers = self.script.get(stage)
            if not answers:
                return usual
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _accept(self):
        while not self.closing.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.open_connections += 1
                self.most_open = max(self.most_open, self.open_connections)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            _Conversation(self, connection).run()
        except Stall:
            self.closing.wait(600)
        except (Hang, OSError, ssl.SSLError):
            pass
        finally:
            with self.lock:
                self.open_connections -= 1
            connection.close()


class _Conversation:
    def __init__(self, sink, connection):
        self.sink = sink
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.tls = False
        self.forget()

    def forget(self):
        self.sender, self.options, self.recipients = None, [], []

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def reply(self, stage, usual):
        """Gives the answer of the script; true when it says yes."""
        return self.perform(self.sink._answer(stage, usual))

    def perform(self, answer):
        if answer == "close":
            raise Hang
        if answer == "stall":
            raise Stall
        if answer == "garbage":
            self.connection.sendall(b"\x00\xff not smtp at all \x00\r\n")
            raise Hang
        if answer == "accept-then-close":
            return "take"
        self.say(answer)
        if answer.startswith("421"):
            raise Hang
        return answer[0] in "23"

    def run(self):
        self.reply("connect", "220 sink.example.net ESMTP")
        while True:
            line = self.stream.readline()
            if not line:
                return
            text = line.decode(errors="replace").rstrip("\r\n")
            with self.sink.lock:
                self.sink.commands.append(text)
            self.obey(text)

    def obey(self, text):
        verb = text.split(" ", 1)[0].upper()
        if verb in ("EHLO", "HELO"):
            self.greet(verb)
        elif verb == "STARTTLS":
            self.start_tls()
        elif verb == "MAIL":
            if self.reply("mail", "250 2.1.0 ok"):
                self.sender = text[text.index("<") + 1:text.index(">")]
                self.options = text[text.index(">") + 1:].split()
        elif verb == "RCPT" and self.sender is None:
            self.say("503 5.5.1 no sender")
        elif verb == "RCPT":
            if self.reply("rcpt", "250 2.1.5 ok"):
                self.recipients.append(text[text.index("<") + 1:text.index(">")])
        elif verb == "DATA":
            self.take_data()
        elif verb == "RSET":
            self.forget()
            self.reply("rset", "250 2.0.0 ok")
        elif verb == "QUIT":
            self.reply("quit", "221 2.0.0 bye")
            raise Hang
        else:
            self.say("500 5.5.1 unknown")

    def greet(self, verb):
        keywords = list(self.sink.keywords)
        if (self.sink.tls_context or self.sink.broken_tls) and not self.tls:
            keywords.append("STARTTLS")
        answer = self.sink._answer("ehlo", None)
        if answer is not None:
            self.perform(answer)
            return
        lines = ["sink.example.net", *keywords] if verb == "EHLO" else ["sink.example.net"]
        for index, line in enumerate(lines):
            self.say(f"250{' ' if index == len(lines) - 1 else '-'}{line}")

    def start_tls(self):
        if not self.reply("starttls", "220 2.0.0 go"):
            return
        if self.sink.broken_tls:
            # Behind the client's first words: before them it would be an injection, which is something else.
            self.connection.recv(4096)
            self.connection.sendall(b"this is no handshake\r\n")
            raise Hang
        self.connection = self.sink.tls_context.wrap_socket(self.connection, server_side=True)
        self.stream = self.connection.makefile("rb")
        self.tls = True
        self.forget()

    def take_data(self):
        if not self.recipients:
            self.say("503 5.5.1 no recipients")
            return
        if not self.reply("data", "354 go on"):
            self.forget()
            return
        lines = []
        while True:
            line = self.stream.readline()
            if not line:
                raise Hang
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        message = Received(self.sender, self.recipients, b"".join(lines), self.options, self.tls)
        said = self.reply("dot", "250 2.0.0 kept")
        if said:
            self.sink.received.add(message)
        self.forget()
        if said == "take":
            raise Hang


def certificate(directory, name="sink.example.net"):
    """A self-signed certificate for tests; gives the paths of certificate and key."""
    import subprocess
    certificate_path, key_path = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1",
         "-keyout", key_path, "-out", certificate_path], check=True, capture_output=True)
    return certificate_path, key_path


def server_context(directory, name="sink.example.net"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(directory, name))
    return context
