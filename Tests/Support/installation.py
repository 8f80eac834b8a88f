"""Drives the real binary as a person would: by its commands, its configuration keys and its signals."""

import json
import os
import pathlib
import signal
import subprocess
import time

import postgres

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


# Where each installation keeps its data: in the embedded file, or in a database of its own on the server of
# scripts/with-postgres.
ENGINE = os.environ.get("BREVDUE_TEST_ENGINE", "sqlite")
if ENGINE not in ("sqlite", "postgres"):
    raise ValueError(f"BREVDUE_TEST_ENGINE is {ENGINE!r}: it must be sqlite or postgres")


def binary():
    """The program under test: BREVDUE_BINARY, else what was built, debug before release."""
    named = os.environ.get("BREVDUE_BINARY")
    if named:
        return pathlib.Path(named).resolve()
    for kind in ("debug", "release"):
        path = ROOT / ".build" / kind / "brevdue"
        if path.exists():
            return path
    raise FileNotFoundError("no brevdue binary: run swift build --product brevdue, or set BREVDUE_BINARY")


def wait_until(what, condition, timeout=20.0, every=0.02):
    """Polls until `condition` gives something true, and returns it; says what was waited for when it does not."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:.0f} s for {what}")
        time.sleep(every)


class CommandFailed(AssertionError):
    """A command of the CLI ended with another status than 0."""

    def __init__(self, arguments, done):
        self.status = done.returncode
        self.stdout = done.stdout.decode(errors="replace")
        self.stderr = done.stderr.decode(errors="replace")
        super().__init__(f"brevdue {' '.join(arguments)} ended with {self.status}\n{self.stdout}{self.stderr}")


class Installation:
    """One data folder, and database, with the commands that work on it."""

    def __init__(self, directory, program=None, like=None, **configuration):
        """`like`: an installation whose database to begin with; on SQLite that comes with its folder."""
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.program = pathlib.Path(program) if program else binary()
        self.configuration = {
            "data.directory": self.directory / "data",
            "http.listen": "127.0.0.1:0",
            "smtp.listen": "127.0.0.1:0",
            "smtp.tls-listen": "127.0.0.1:0",
            "inbound.listen": "127.0.0.1:0",
            "smtp.hostname": "mail.example.com",
        }
        self.configuration.update(configuration)
        self.own_database = None
        if ENGINE == "postgres" and "database.url" not in self.configuration:
            self.own_database = postgres.create_database(like.configuration["database.url"] if like else None)
            self.configuration["database.url"] = self.own_database
        self.starts = 0

    def remove_database(self):
        """Leaves no database behind on the server; the folder is the caller's."""
        if self.own_database:
            postgres.drop_database(self.own_database)

    @property
    def data(self):
        return pathlib.Path(self.configuration["data.directory"])

    def environment(self, extra=None):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BREVDUE_")}
        for key, value in {**self.configuration, **(extra or {})}.items():
            if value is not None:
                kept["BREVDUE_" + key.upper().replace(".", "_").replace("-", "_")] = str(value)
        return kept

    def run(self, *arguments, input=None, check=True, timeout=60):
        """Runs a command; bytes in, bytes out."""
        arguments = [str(argument) for argument in arguments]
        done = subprocess.run(
            [str(self.program), *arguments], input=input, env=self.environment(), capture_output=True,
            timeout=timeout)
        if check and done.returncode != 0:
            raise CommandFailed(arguments, done)
        return done

    def json(self, *arguments, **options):
        """Runs a command with --json and gives what it printed."""
        done = self.run(*arguments, "--json", **options)
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise AssertionError(f"{arguments}: not one JSON value on stdout: {done.stdout[:300]!r}") from error

    def setup(self, account="Acme", email="owner@example.com", password="correct horse battery staple"):
        return self.run(
            "setup", "--account", account, "--email", email, "--password-stdin", input=password.encode() + b"\n")

    def add_domain(self, name="example.com", *options):
        return self.json("domain", "add", name, "--verified", *options)

    def smtp_token(self, campaign="tests", *options):
        return self.json("smtp-token", "create", "--campaign", campaign, *options)

    def access_token(self, name="tests", scopes=("transactional-email", "content")):
        options = [part for scope in scopes for part in ("--scope", scope)]
        return self.json("access-token", "create", "--name", name, *options)["token"]

    def email(self, subject, html, text=None, sender="Acme <hello@example.com>", name="test", single_send=True):
        page = self.directory / f"email-{time.monotonic_ns()}.html"
        page.write_text(html)
        options = ["--html", page]
        if text is not None:
            plain = page.with_suffix(".txt")
            plain.write_text(text)
            options += ["--text", plain]
        if sender:
            options += ["--from", sender]
        if single_send:
            options.append("--single-send")
        return self.json("email", "create", "--name", name, "--subject", subject, *options)["id"]

    def messages(self, **filters):
        options = [part for key, value in filters.items() for part in (f"--{key}", value)]
        return self.json("message", "list", *options)

    def message(self, identifier):
        return self.json("message", "show", identifier)

    def source(self, identifier):
        return self.run("message", "source", identifier).stdout

    def queue(self):
        return self.json("queue", "status")

    def serve(self, **configuration):
        """Starts the server and waits until it is ready; `delivery__mode="relay"` sets `delivery.mode`."""
        named = {key.replace("__", ".").replace("_", "-"): value for key, value in configuration.items()}
        return Server(self, named)


class Server:
    """`brevdue serve` of an installation; stopped by the signals that an operator would use."""

    def __init__(self, installation, configuration):
        self.installation = installation
        installation.starts += 1
        self.log_path = installation.directory / f"serve-{installation.starts}.log"
        self.runtime_path = installation.data / "runtime.json"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(installation.program), "serve"], env=installation.environment(configuration),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            self.runtime = wait_until("DATA/runtime.json", self._runtime, timeout=30)
        except BaseException:
            self.kill()
            raise

    def _runtime(self):
        if self.process.poll() is not None:
            raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.log()}")
        try:
            runtime = json.loads(self.runtime_path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return runtime if runtime.get("pid") == self.process.pid else None

    @property
    def pid(self):
        return self.process.pid

    def address(self, listener):
        """(host, port) of `smtp`, `smtpTls`, `http` or `inbound`; the first where there are several."""
        value = self.runtime["listeners"][listener]
        first = value[0] if isinstance(value, list) else value.split(",")[0]
        host, _, port = first.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def url(self):
        host, port = self.address("http")
        return f"http://{host}:{port}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, timeout=40):
        """SIGTERM, and waits for the end; gives the exit status."""
        if self.process.poll() is None:
            self.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"serve did not stop within {timeout} s of SIGTERM:\n{self.log()[-3000:]}")
        return self.process.returncode

    def kill(self):
        """SIGKILL: no last words."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def resident_megabytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
