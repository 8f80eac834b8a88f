"""One, two and three servers on one PostgreSQL database: what they take, sign and deliver together."""

import contextlib
import sys
import time

import subject
from common import ROOT, WORK, Sink, median, say, smtp_load

sys.path.insert(0, str(ROOT / "Tests" / "Support"))

import postgres  # noqa: E402

SERVERS = (1, 2, 3)


class SafePostgres(postgres.PostgresServer):
    """As an installation has it: what it says is kept is synced."""

    settings = "max_connections = 200\nfsync = on\nfull_page_writes = on\n"


def nodes_part(options):
    rates = {count: [] for count in SERVERS}
    accepted = {count: [] for count in SERVERS}
    sink = Sink(WORK)
    try:
        for number in range(options.rounds):
            for count in SERVERS:
                total, taken = one_round(sink, count, options.messages // 2)
                rates[count].append(total)
                accepted[count].append(taken)
                say(f"round {number + 1}: {count} servers {total:.0f}/s delivered, {taken:.0f}/s accepted")
    finally:
        sink.stop()
    lines = ["| servers on one PostgreSQL, 10 KB, 20 sessions in all | messages/s to the sink, median (all rounds) | "
             "accepted/s |", "|---|---|---|"]
    for count in SERVERS:
        every = ", ".join(f"{rate:.0f}" for rate in rates[count])
        lines.append(f"| {count} | {median(rates[count]):.0f} ({every}) | {median(accepted[count]):.0f} |")
    lines += ["", "Servers, database, load and sink share the processors of one machine: what more servers cost shows here, "
              "not what they bring."]
    return lines


def one_round(sink, count, messages):
    """Messages a second until the last is at the sink, and until the last 250."""
    with contextlib.ExitStack() as stack:
        database = SafePostgres()
        stack.callback(database.close)
        url = postgres.create_database(server=database.url)
        first = subject.fresh("node0", **{"database.url": url}, **subject.relay_to(sink.port))
        others = [subject.beside(first, f"node{number}") for number in range(1, count)]
        servers = [stack.enter_context(installation.serve()) for installation in (first, *others)]
        ports = [server.address("smtp")[1] for server in servers]
        timed(sink, ports, 200)
        return timed(sink, ports, messages)


def timed(sink, ports, messages):
    share = messages // len(ports)
    before, begin = sink.count(), time.monotonic()
    loads = [smtp_load(port, share, sessions=max(1, 20 // len(ports))) for port in ports]
    taken = None
    while taken is None or sink.count() - before < share * len(ports):
        if taken is None and all(load.child.poll() is not None for load in loads):
            if any(load.child.returncode for load in loads):
                raise RuntimeError("smtp-source met a refusal")
            taken = time.monotonic() - begin
        if time.monotonic() - begin > max(60, messages / 20):
            raise TimeoutError(f"{sink.count() - before} of {messages} at the sink")
        time.sleep(0.02)
    return share * len(ports) / (time.monotonic() - begin), share * len(ports) / taken
