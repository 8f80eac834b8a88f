"""Several servers on one PostgreSQL database, one of which dies, hangs, is cut off or has its clock jump under load.

Each server has a load of its own, which only it can accept; all deliver to one recorder. Whatever happens to one,
the ledgers must balance: everything accepted arrives, and duplicates stay within the bound. `brevdue` processes are
the only ones that anything is done to.
"""

import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Support"))

import postgres  # noqa: E402
from crash import DUPLICATES_PER_KILL, Report, free_ports, orphans  # noqa: E402
from installation import Installation, wait_until  # noqa: E402

# The promise: work of a server that is gone is others' in less than this many seconds.
TAKEOVER_SECONDS = 30


class Proxy:
    """Between a server and its database; can stop forwarding without closing anything, as a broken network does."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.open = threading.Event()
        self.open.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client):
        self.open.wait()
        server = socket.create_connection(self.target)
        threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
        self._forward(server, client)

    def _forward(self, source, target):
        try:
            while data := source.recv(65536):
                self.open.wait()
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.open.set()
        self.listener.close()


class Node:
    """One server with its data folder, its load, and its way to the database."""

    def __init__(self, cluster, number):
        self.cluster = cluster
        self.number = number
        self.folder = cluster.folder / f"node{number}"
        self.proxy = Proxy(cluster.server.port)
        self.clock = self.folder / "clock"
        smtp, http = free_ports(2)
        self.ports = (smtp, http)
        self.installation = Installation(
            self.folder, cluster.program,
            **{"smtp.listen": f"127.0.0.1:{smtp}", "http.listen": f"127.0.0.1:{http}", "log.level": "notice",
               "smtp.hostname": f"node{number}.example.com", "http.public-url": "http://127.0.0.1:8080",
               "database.url": cluster.url.replace(f":{cluster.server.port}/", f":{self.proxy.port}/"),
               "delivery.mode": "relay", "delivery.relay": f"127.0.0.1:{cluster.recorder_port}",
               "delivery.relay-tls": "off"})
        self.running = None
        self.load = None

    def start(self, clock=False):
        environment = dict(os.environ)
        if clock:
            self.set_clock(0)
            library = self.folder / "clock.so"
            subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", HERE / "clock.c", "-o",
                            library, "-ldl"], check=True)
            os.environ.update(LD_PRELOAD=str(library), CLOCK_FILE=str(self.clock))
        try:
            self.running = self.installation.serve()
        finally:
            os.environ.clear()
            os.environ.update(environment)

    def set_clock(self, seconds):
        new = self.clock.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.rename(self.clock)

    def begin_load(self, token, access, email, workers):
        options = {
            "smtp": self.ports[0], "http": self.ports[1], "user": token["id"], "password": token["password"],
            "token": access, "email": email, "ledger": str(self.folder / "accepted"), "prefix": f"n{self.number}-",
            "complaints": str(self.folder / "complaints.json"), "smtp_workers": workers[0], "http_workers": workers[1]}
        path = self.folder / "load.json"
        path.write_text(json.dumps(options))
        self.load = subprocess.Popen([sys.executable, HERE / "load.py", path])

    def end_load(self):
        """Once its client has read every answer that is under way."""
        self.load.terminate()
        self.load.wait(90)

    def close(self):
        for child in (self.load, self.running and self.running.process):
            if child and child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.kill()
                child.wait()
        self.proxy.close()


class Cluster:
    """Nodes on a new database of a PostgreSQL server, with their recorder."""

    def __init__(self, folder, server, count, program=None, say=print, workers=(3, 2)):
        self.folder = pathlib.Path(folder)
        self.server = server
        self.program = program
        self.say = say
        self.workers = workers
        self.url = postgres.create_database(server=server.url)
        port_file = self.folder / "recorder.port"
        self.recorder = subprocess.Popen(
            [sys.executable, HERE / "recorder.py", port_file, self.folder / "delivered"])
        self.recorder_port = int(wait_until("the recorder", lambda: port_file.exists() and port_file.read_text()))
        self.nodes = [Node(self, number) for number in range(count)]
        self.faults = 0
        self.takeovers = []
        self.restarts = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.close()
        self.recorder.kill()
        self.recorder.wait()

    def start(self, clock=None):
        """All servers, under load; `clock` is the number of one whose clock will be set."""
        first = self.nodes[0].installation
        first.setup()
        first.add_domain("example.com")
        token, access = first.smtp_token("nodes"), first.access_token()
        email = first.email("crash {{ custom.id }}", "<p>Hello {{ contact.firstname }}: {{ custom.id }}</p>")
        for node in self.nodes:
            node.start(clock=node.number == clock)
        for node in self.nodes:
            node.begin_load(token, access, email, self.workers)
        self.wait_for_deliveries(100)

    def query(self, sql):
        return int(postgres.query(self.url, sql)[0][0])

    def delivered(self):
        path = self.folder / "delivered"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def wait_for_deliveries(self, more):
        wanted = self.delivered() + more
        wait_until(f"{more} more deliveries", lambda: self.delivered() >= wanted, 60, every=0.05)

    def restart(self, node):
        """Kills a server and starts it again at once: it ends its own old session and waits for nobody's lease."""
        self.faults += 1
        node.running.kill()
        begin = time.monotonic()
        newest = self.query("SELECT coalesce(max(message_id), 0) FROM queue")
        node.start()
        wait_until("what was queued to be delivered",
                   lambda: self.query(f"SELECT count(*) FROM queue WHERE message_id <= {newest}") == 0, 30, every=0.1)
        self.restarts.append(time.monotonic() - begin)

    def measure_takeover(self, since):
        """Seconds since `since` until everything queued by now is delivered, though one server is gone."""
        newest = self.query("SELECT coalesce(max(message_id), 0) FROM queue")
        wait_until("the others to take over",
                   lambda: self.query(f"SELECT count(*) FROM queue WHERE message_id <= {newest}") == 0,
                   2 * TAKEOVER_SECONDS, every=0.2)
        seconds = time.monotonic() - since
        self.takeovers.append(seconds)
        self.say(f"taken over {seconds:.1f} s after the fault")
        return seconds

    def kill(self, node):
        self.faults += 1
        node.running.kill()
        return self.measure_takeover(time.monotonic())

    def hang(self, node, seconds):
        """SIGSTOP: nothing moves, all connections stay open."""
        self.faults += 1
        begin = time.monotonic()
        os.kill(node.running.pid, signal.SIGSTOP)
        try:
            self.measure_takeover(begin)
            time.sleep(max(0.0, seconds - (time.monotonic() - begin)))
        finally:
            os.kill(node.running.pid, signal.SIGCONT)

    def cut_off(self, node, seconds):
        self.faults += 1
        begin = time.monotonic()
        node.proxy.open.clear()
        try:
            self.measure_takeover(begin)
            time.sleep(max(0.0, seconds - (time.monotonic() - begin)))
        finally:
            node.proxy.open.set()

    def perform(self, kind, node, hang):
        """A fault by its name, and what follows from it; `hang`: seconds without a move, or without the database."""
        if kind == "hang":
            self.hang(node, hang)
        elif kind == "cut off":
            self.cut_off(node, hang)
        elif kind == "restart":
            self.restart(node)
        else:
            self.kill(node)
            node.start()

    def finish(self):
        """Ends the loads, waits for the last message, and gives the report."""
        for node in self.nodes:
            node.end_load()
        report = Report()
        report.rounds = max(1, self.faults)
        latest, since = -1, time.monotonic()
        while True:
            self._read_ledgers(report)
            if not report.missing:
                break
            if self.delivered() != latest:
                latest, since = self.delivered(), time.monotonic()
            if time.monotonic() - since > 30:
                self.say(f"nothing more arrives; {postgres.query(self.url, 'SELECT * FROM queue LIMIT 5')}")
                break
            time.sleep(0.2)
        report.start_times = [0]
        report.integrity = orphans(self.url)
        return report

    def _read_ledgers(self, report):
        report.accepted = {}
        for node in self.nodes:
            for line in (node.folder / "accepted").read_text().splitlines():
                _, identifier, recipients = line.split()
                report.accepted[identifier] = int(recipients)
        report.deliveries.clear()
        report.corrupt = report.unknown = 0
        for line in (self.folder / "delivered").read_text().splitlines():
            identifier, recipient, state, _ = line.split()
            report.deliveries[(identifier, recipient)] += 1
            report.corrupt += state != "ok"
            report.unknown += identifier == "unknown"

    def text(self, report):
        return "\n".join([
            f"{len(self.nodes)} servers, {self.faults} faults; {len(report.accepted)} messages accepted, "
            f"{report.expected} recipients, all deliveries {sum(report.deliveries.values())}",
            f"lost: {len(report.missing)}   changed: {report.corrupt}   duplicates: {report.duplicates} "
            f"(bound {DUPLICATES_PER_KILL} a fault)   database: {report.integrity}",
            "taken over after: " + ", ".join(f"{seconds:.1f} s" for seconds in self.takeovers),
            "delivered after a restart at once: " + ", ".join(f"{seconds:.1f} s" for seconds in self.restarts)])


def run(servers, rounds, hang, seed=None, program=None, say=print, folder=None):
    """Faults of one server after another, of all kinds in turn, under load. Gives the cluster's text and failures."""
    chance = random.Random(seed)
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="brevdue-nodes-"))
    server = postgres.PostgresServer()
    try:
        with Cluster(folder, server, servers, program, say) as cluster:
            cluster.start()
            for number in range(rounds):
                node = chance.choice(cluster.nodes)
                kind = ("hang", "kill", "cut off", "restart")[number % 4]
                say(f"round {number + 1} of {rounds}: {kind}, server {node.number}")
                cluster.perform(kind, node, hang)
                cluster.wait_for_deliveries(50)
            report = cluster.finish()
            slow = [seconds for seconds in cluster.takeovers if seconds >= TAKEOVER_SECONDS]
            late = [f"a takeover took {seconds:.1f} s" for seconds in slow]
            return cluster.text(report), report.failures + late
    finally:
        server.close()
