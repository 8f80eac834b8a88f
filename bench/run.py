"""make bench: measures Brevdue beside Postfix on this machine, in this hour, and keeps what it found.

    bench/run.py [--part smtp|single-send|tracking|memory|nodes]… [--engine sqlite|postgres]… [--without-postfix]
                 [--messages N] [--rounds N] [--queued N] [--no-record]
"""

import argparse
import datetime
import os
import platform
import re
import socket
import threading
import time

import common
import cost
import subject
import tracking
from common import RECIPIENT, ROOT, SENDER, WORK, Process, Sink, median, noise, run, say, tool, wait_for
from nodes import nodes_part
from postfix import Postfix

HTML = """<html><body><p>Hello {{ contact.firstname }}, thank you.</p><p>Order {{ custom.order }}: {{ custom.total }}
</p><p><a href="https://example.com/orders/{{ custom.order }}">See your order</a></p></body></html>"""


def smtp_part(options):
    """In, durable, signed, out: interleaved rounds of all, so that a slow minute hits all alike."""
    sink = Sink(WORK)
    costs = {}
    rounds = [(subject.NAMES[engine], brevdue_round(engine, costs)) for engine in options.engine]
    if not options.without_postfix:
        rounds += [("Postfix + OpenDKIM", signed_round), ("Postfix", plain_round)]
    rates = {}
    acceptance = {}
    for number in range(options.rounds):
        for name, one in rounds:
            messages = options.messages if name in subject.NAMES.values() else max(500, options.messages // 5)
            total, accepted = one(sink, messages)
            rates.setdefault(name, []).append(messages / total)
            acceptance.setdefault(name, []).append(messages / accepted)
            say(f"round {number + 1}: {name} {messages / total:.0f}/s delivered, {messages / accepted:.0f}/s accepted")
    sink.stop()
    lines = ["| 10 KB, 20 sessions, a connection per message | messages/s to the sink, median (all rounds) | accepted/s |",
             "|---|---|---|"]
    for name, values in rates.items():
        every = ", ".join(f"{value:.0f}" for value in values)
        lines.append(f"| {name} | {median(values):.0f} ({every}) | {median(acceptance[name]):.0f} |")
    if not options.without_postfix:
        lines += [""] + [ratio_line(name, rates) for name, _ in rounds if name in subject.NAMES.values()]
    return lines + [""] + cost.HEADER + [cost.row(name, all_rounds) for name, all_rounds in costs.items()]


def ratio_line(name, rates):
    ours = median(rates[name])
    signed, plain = median(rates["Postfix + OpenDKIM"]), median(rates["Postfix"])
    return (f"{name} : Postfix + OpenDKIM = **{ours / signed:.2f}** (goal 10); "
            f"{name} : Postfix alone = **{ours / plain:.2f}** (goal 5)\\")


def brevdue_round(engine, costs):
    """A round that keeps what it has cost."""
    def one(sink, messages):
        installation = subject.fresh(f"smtp-{engine}", engine, **subject.relay_to(sink.port))
        with installation.serve() as server:
            _, port = server.address("smtp")
            common.timed_round("Brevdue warm-up", port, sink, 200)
            spent = cost.Cost(server, subject.Database.pid(engine))
            result = common.timed_round("Brevdue", port, sink, messages)
            subject.drained(installation, 30)
            costs.setdefault(subject.NAMES[engine], []).append(spent.per(messages))
        return result
    return one


def postfix_round(sink, messages, signing):
    other = Postfix(sink.port, signing).start()
    try:
        common.timed_round(f"{other.name} warm-up", other.port, sink, 200)
        return common.timed_round(other.name, other.port, sink, messages)
    finally:
        other.stop()
        other.remove()


def signed_round(sink, messages):
    return postfix_round(sink, messages, True)


def plain_round(sink, messages):
    return postfix_round(sink, messages, False)


def single_send_part(options):
    lines = ["| single send | requests/s | p50 | p99 | worst | errors |", "|---|---|---|---|---|---|"]
    costs = []
    for engine in options.engine:
        name = subject.NAMES[engine]
        full, half, spent = single_sends(engine, options.seconds)
        costs.append(cost.row(name, [spent]))
        for load, one in ((f"{name}, full load, 32 connections", full), (f"{name}, about half of that", half)):
            lines.append(f"| {load} | {one['rate']:.0f} | {one['p50']:.1f} ms | {one['p99']:.1f} ms | "
                         f"{one['max']:.0f} ms | {one['errors']} |")
    lines += ["", "Each is durable before its 200, then rendered, signed and relayed in the same time "
              "(goal 2,000/s, p99 < 50 ms at half load).", ""]
    return lines + cost.HEADER + costs


def single_sends(engine, seconds):
    """Under full and half load, and what one costs under full load until all are delivered."""
    sink = Sink(WORK)
    installation = subject.fresh(f"single-send-{engine}", engine, **subject.relay_to(sink.port))
    email = installation.email("Order {{ custom.order }}", HTML, sender="Shop <shop@example.com>")
    token = installation.access_token("bench")
    with installation.serve() as server:
        wrk(server.url, token, email, 3, connections=16)
        subject.drained(installation, 600)
        begin = sink.count()
        spent = cost.Cost(server, subject.Database.pid(engine))
        full = wrk(server.url, token, email, seconds, connections=32)
        subject.drained(installation, 600)
        costs = spent.per(max(1, sink.count() - begin))
        half = wrk_at(server.url, token, email, seconds, full["rate"] / 2)
        subject.drained(installation, 600)
    sink.stop()
    return full, half, costs


def wrk(url, token, email, seconds, connections, pause=0):
    environment = {**os.environ, "TOKEN": token, "EMAIL": str(email), "PAUSE_MS": str(pause)}
    output = run(tool("wrk"), "-t", 2, "-c", connections, "-d", f"{seconds}s", "--timeout", "10s",
                 "-s", ROOT / "bench" / "single_send.lua", url, env=environment, timeout=seconds + 60)
    found = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", output.split("RESULT", 1)[1])}
    return {"rate": found["requests"] / (found["duration_us"] / 1e6), "p50": found["p50_us"] / 1000,
            "p99": found["p99_us"] / 1000, "max": found["max_us"] / 1000, "errors": found["errors"]}


def wrk_at(url, token, email, seconds, rate):
    """wrk has no rate; connections that pause in between come to one. Their mean cycle is pause + answer."""
    connections = 64
    pause = max(1, int(connections / rate * 1000) - 3)
    return wrk(url, token, email, seconds, connections, pause)


class StallingListener:
    """A relay that takes connections and never says a word: what is queued stays queued."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.held = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                self.held.append(self.socket.accept()[0])
            except OSError:
                return

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        for connection in self.held:
            connection.close()


def memory_part(options):
    installation = subject.fresh("memory")
    lines = ["| memory and starts | |", "|---|---|"]
    begin = time.monotonic()
    with installation.serve() as server:
        lines.append(f"| start to ready, existing data | {time.monotonic() - begin:.3f} s (goal 0.3) |")
        time.sleep(3)
        lines.append(f"| idle, resident | {server.resident_megabytes():.1f} MB (goal 60) |")
    stalled = StallingListener()
    installation.configuration.update(subject.relay_to(stalled.port))
    with installation.serve() as server:
        fill(installation, server, options.queued)
        time.sleep(3)
        lines.append(f"| {options.queued:,} queued, resident after taking them | "
                     f"{server.resident_megabytes():.1f} MB (goal 300) |")
        server.kill()
    stalled.close()
    sink = Sink(WORK)
    installation.configuration.update(subject.relay_to(sink.port))
    begin = time.monotonic()
    with installation.serve() as server:
        ready = time.monotonic() - begin
        wait_for("the first delivery", lambda: sink.count() > 0, timeout=60, every=0.002)
        first = time.monotonic() - begin
        highest = 0.0
        for _ in range(20):
            time.sleep(0.5)
            highest = max(highest, server.resident_megabytes())
        waiting = options.queued - sink.count()
        server.kill()
    sink.stop()
    lines += [f"| restart after kill -9 with {options.queued:,} queued, to ready | {ready:.2f} s |",
              f"| the same, to the first message at the sink | {first:.2f} s (goal 2) |",
              f"| highest resident in the 10 s of delivering that follow ({waiting:,} still waiting) | "
              f"{highest:.1f} MB (goal 300) |"]
    return lines


def fill(installation, server, wanted):
    """Queues `wanted` messages: 500 recipients a transaction, one original for all of them."""
    _, port = server.address("smtp")
    run(tool("smtp-source"), "-s", 4, "-r", 500, "-m", max(1, wanted // 500), "-l", 2048, "-f", SENDER,
        "-t", RECIPIENT, f"127.0.0.1:{port}", timeout=1800)
    counts = installation.queue()
    say(f"queued: {counts}")
    held = counts["queued"] + counts["inFlight"] + counts["deferred"]
    if held < wanted // 500 * 500:
        raise RuntimeError(f"{held} queued of {wanted}")


PARTS = {
    "smtp": smtp_part, "single-send": single_send_part, "tracking": tracking.part, "memory": memory_part,
    "nodes": nodes_part}


def commit():
    name = run("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
    dirty = run("git", "-C", ROOT, "status", "--porcelain", "--", "Sources", "Package.swift").strip()
    return name + (" with uncommitted changes" if dirty else "")


def processor():
    text = open("/proc/cpuinfo").read()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found.group(1) if found else platform.processor()


def noise_line(before, after):
    def change(key):
        return f"{before[key]:.4g} → {after[key]:.4g}"
    return (f"Noise, before → after: RSA-2048 signatures/s on one core {change('rsa')}; spin loop "
            f"{change('spin')} s; synced 10 KB appends/s {change('syncs')}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--engine", action="append", choices=["sqlite", "postgres"],
                        help="for smtp and single-send; both when none is named")
    parser.add_argument("--without-postfix", action="store_true")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--queued", type=int, default=1_000_000)
    parser.add_argument("--no-record", action="store_true")
    options = parser.parse_args()
    options.engine = options.engine or ["sqlite", "postgres"]
    WORK.mkdir(parents=True, exist_ok=True)
    os.chmod(WORK, 0o755)
    now = datetime.datetime.now(datetime.timezone.utc)
    report = [f"## {now:%Y-%m-%d %H:%M} UTC, commit {commit()}", "",
              f"{os.cpu_count()} × {processor()}, load {os.getloadavg()[0]:.2f} at the start", ""]
    before = noise()
    try:
        for name, part in PARTS.items():
            if options.part and name not in options.part:
                continue
            say(f"part {name}")
            report += part(options) + [""]
    finally:
        subject.Database.close()
    report += [noise_line(before, noise()), ""]
    text = "\n".join(report)
    print(text)
    if not options.no_record:
        with open(ROOT / "bench" / "RESULTS.md", "a") as file:
            file.write("\n" + text)


if __name__ == "__main__":
    main()
