"""What a load costs whichever way the machine is disturbed: processor time, and waiting for the database."""

import os
import pathlib
import re
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def _times(pid):
    """Its own seconds and those of children that have ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return 0.0, 0.0
    fields = text.rpartition(")")[2].split()
    utime, stime, cutime, cstime = (int(fields[place]) / TICKS for place in (11, 12, 13, 14))
    return utime + stime, cutime + cstime


def _children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


class Cost:
    """Of a server and, on PostgreSQL, of the database's processes, from when it is made."""

    def __init__(self, server, postmaster=None):
        self.server = server
        self.postmaster = postmaster
        self.begin = self._now()

    def _now(self):
        seconds = {"server": _times(self.server.pid)[0], "database": 0.0, "trips": self._round_trips()}
        if self.postmaster:
            seconds["database"] = sum(_times(self.postmaster)) + sum(
                _times(child)[0] for child in _children(self.postmaster))
        return seconds

    def _round_trips(self):
        with urllib.request.urlopen(f"{self.server.url}/metrics", timeout=10) as answer:
            found = re.search(r"^brevdue_store_round_trips(?:\{\})? ([\d.e+]+)", answer.read().decode(), re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def per(self, messages):
        """Milliseconds of server and database, and round trips, for each of so many messages."""
        spent = {key: value - self.begin[key] for key, value in self._now().items()}
        return {"server": spent["server"] * 1000 / messages, "database": spent["database"] * 1000 / messages,
                "trips": spent["trips"] / messages}


def row(name, costs):
    """A line of the report from the costs of several rounds: the median of each."""
    def middle(key):
        ordered = sorted(cost[key] for cost in costs)
        return ordered[len(ordered) // 2]
    return f"| {name} | {middle('server'):.2f} | {middle('database'):.2f} | {middle('trips'):.2f} |"


HEADER = ["| processor time a message | server, ms | database, ms | round trips |", "|---|---|---|---|"]
