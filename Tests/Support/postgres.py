"""A PostgreSQL server of the tests' own, and databases on it."""

import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import urllib.parse
import uuid

USER = "postgres"
# With characters that a URL has to spell otherwise.
PASSWORD = "brev:due@te/st"


def programs():
    """The folder of initdb and pg_ctl, of the newest server that is installed."""
    folders = pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    newest = sorted(folders, key=lambda path: int(path.parts[-3]))
    if not newest:
        raise FileNotFoundError("no PostgreSQL server in /usr/lib/postgresql: run scripts/install test")
    return newest[-1].parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostgresServer:
    """A server in a folder of its own, on loopback. Not safe from power cuts unless it `syncs`."""

    settings = "max_connections = 500\nfsync = off\nfull_page_writes = off\n"
    initial = ()  # more options of initdb

    def __init__(self, folder=None, tls=False, syncs=False):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="brevdue-postgres-"))
        self.folder.mkdir(exist_ok=True)
        self.data = self.place()
        self.port = free_port()
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n")
        # A server refuses to run as root.
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            for path in (self.folder, secret):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", *self.initial)
        if tls:
            self._make_certificate()
        with open(self.data / "postgresql.auto.conf", "a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
                f"{self.settings}ssl = {'on' if tls else 'off'}\n")
            if syncs:
                settings.write("fsync = on\nfull_page_writes = on\n")
        self.start()

    def place(self):
        """Where the data are."""
        return self.folder / "data"

    def environment(self):
        """What the server runs with; None: as we do."""
        return None

    @property
    def certificate(self):
        """What a client has to trust when the server speaks TLS."""
        return self.data / "server.crt"

    def _make_certificate(self):
        self._run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests",
                  "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.data / "server.key", "-out",
                  self.certificate)
        os.chmod(self.data / "server.key", 0o600)

    @property
    def url(self):
        return self.url_of("postgres")

    def url_of(self, database, password=PASSWORD):
        return f"postgres://{USER}:{urllib.parse.quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self):
        """Of the process that all others of the server are children of."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start", env=self.environment())

    def stop(self, mode="immediate"):
        try:
            self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")
        except subprocess.CalledProcessError:
            # It may have ended by itself just before.
            if (self.data / "postmaster.pid").exists():
                raise

    def close(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments, env=None):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        path = programs() / program
        done = subprocess.run(
            [path if path.exists() else program, *arguments], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=env, **identity)
        if done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, program, done.stdout.decode(errors="replace"))


def server_url():
    """A superuser's URL of the server that this run has, set by scripts/with-postgres."""
    url = os.environ.get("BREVDUE_TEST_POSTGRES")
    if not url:
        raise RuntimeError("BREVDUE_TEST_POSTGRES is not set: run scripts/with-postgres COMMAND")
    return url


def query(url, sql):
    """Runs one statement and gives its rows as lists of text."""
    done = subprocess.run(
        [programs() / "psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-c", sql], capture_output=True,
        check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{sql}: {done.stderr.decode(errors='replace')}")
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


def create_database(like=None, server=None):
    """A new database, empty or with all that another holds (to which nobody may be connected); gives its URL."""
    server = server or server_url()
    name = "test_" + uuid.uuid4().hex
    template = urllib.parse.urlsplit(like).path[1:] if like else "template0"
    query(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return urllib.parse.urlsplit(server)._replace(path="/" + name).geturl()


def drop_database(url):
    name = urllib.parse.urlsplit(url).path[1:]
    query(server_url(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
