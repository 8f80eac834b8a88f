"""What every part of the benchmark needs: where things are, waiting, processes, noise, the table."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / "work"
SENDER = "bench@example.com"
RECIPIENT = "someone@example.net"


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(*command, timeout=120, **options):
    """Runs a command to its end; its output is part of the error when it fails."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=timeout, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def wait_for(what, condition, timeout=30.0, every=0.02):
    """Polls until `condition` gives something true, which it returns."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise TimeoutError(f"waited {timeout:.0f} s for {what}")


def free_port():
    """A TCP port on 127.0.0.1 that nobody listens on, 10000 or higher."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            if probe.getsockname()[1] >= 10000:
                return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tool(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        raise SystemExit(f"bench: {name} is not installed; run scripts/install bench")
    return found


class Process:
    """A child that is ended by its own id, politely first."""

    def __init__(self, *command, log=None, **options):
        self.log = open(log, "ab") if log else subprocess.DEVNULL
        self.child = subprocess.Popen(
            [str(part) for part in command], stdout=self.log, stderr=subprocess.STDOUT, **options)

    @property
    def pid(self):
        return self.child.pid

    def stop(self, timeout=20):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.log is not subprocess.DEVNULL:
            self.log.close()

    def resident_megabytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


class Sink:
    """Postfix's smtp-sink, with the number of messages that it has taken."""

    def __init__(self, directory):
        self.port = free_port()
        self.output = directory / "sink.out"
        self.output.write_bytes(b"")
        as_user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.process = Process(
            tool("smtp-sink"), *as_user, "-c", f"127.0.0.1:{self.port}", "1000", log=self.output)
        wait_for("smtp-sink", lambda: answers(self.port))

    def count(self):
        with open(self.output, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 200))
            found = re.findall(rb"mesg=(\d+)", file.read())
        return int(found[-1]) if found else 0

    def stop(self):
        self.process.stop()


def smtp_load(port, messages, sessions=20, size=10240, sender=SENDER, recipient=RECIPIENT):
    """The load of one round: a connection per message, as smtp-source makes it."""
    return Process(
        tool("smtp-source"), "-s", sessions, "-m", messages, "-l", size, "-f", sender, "-t", recipient,
        f"127.0.0.1:{port}")


def timed_round(name, port, sink, messages):
    """Seconds from the first connection until the sink has counted every message, and until the last 250."""
    before = sink.count()
    begin = time.monotonic()
    load = smtp_load(port, messages)
    accepted = None
    deadline = begin + max(60.0, messages / 20)
    while True:
        now = time.monotonic()
        if accepted is None and load.child.poll() is not None:
            if load.child.returncode != 0:
                raise RuntimeError(f"smtp-source against {name} ended with {load.child.returncode}")
            accepted = now - begin
        if sink.count() - before >= messages and accepted is not None:
            return now - begin, accepted
        if now > deadline:
            load.stop()
            raise TimeoutError(f"{name}: {sink.count() - before} of {messages} at the sink")
        time.sleep(0.02)


def noise():
    """How fast this machine is right now: a spin loop, RSA signatures on one core, synced appends."""
    begin = time.perf_counter()
    total = 0
    for number in range(3_000_000):
        total += number
    spin = time.perf_counter() - begin
    text = run(tool("openssl"), "speed", "-seconds", "1", "rsa2048")
    found = re.search(r"rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)", text)
    return {"spin": spin, "rsa": float(found.group(1)) if found else 0.0, "syncs": synced_appends()}


def synced_appends(seconds=0.5):
    WORK.mkdir(parents=True, exist_ok=True)
    path = WORK / "sync.probe"
    with open(path, "wb") as file:
        block, count, begin = b"x" * 10240, 0, time.monotonic()
        while time.monotonic() - begin < seconds:
            file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
