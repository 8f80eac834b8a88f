"""Fills a store with messages and events of 400 days and shows plan and time of each query that the product asks.

    scripts/with-postgres .venv/bin/python bench/queries.py [--engine sqlite|postgres]… [--events N] [--limit-ms N]

On a store of its own for each engine. The statements are those of Sources/Storage (Messages.swift, Events.swift,
Totals.swift). Ends with 1 when one of them took longer than the limit even once."""

import argparse
import json
import pathlib
import re
import sqlite3
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests" / "Support"))

import postgres  # noqa: E402
from installation import Installation  # noqa: E402

EPOCH = 1_704_067_200_000
DAY = 86_400_000
DAYS = 400
EVENTS_PER_MESSAGE = 4
QUEUED = 20_000
ACCOUNT = 1_000_001
TOKENS = 20
# Someone who gets one of 250 of all mails, as a shop's own archive does; all others get a few.
FREQUENT = "archive@shop.example"

COLUMNS = """m.id, m.account_id, m.original_id, m.status, m.attempts, m.processed_at, m.completed_at, m.opens,
  m.clicks, m.first_open_at, m.first_click_at, m.campaign_id, m.created_at, m.flags, m.source,
  m.token_id, m.email_id, m.recipient, m.sender, m.return_path, m.subject, m.dsn"""

# Both engines know these; {i} is the number of the row, {id} its id, {at} its time.
MESSAGE = f"""SELECT {{id}}, CASE WHEN {{i}} % 10 = 0 THEN {ACCOUNT + 1} ELSE {ACCOUNT} END, {{id}} + 1,
  CASE WHEN {{i}} % 25 = 0 THEN 'bounced' WHEN {{i}} % 5000 = 1 THEN 'dropped' ELSE 'delivered' END, 1, {{at}}, {{at}},
  {{i}} % 3, 0, 100001 + {{i}} % {TOKENS} * ({{i}} % {TOKENS}) / {TOKENS}, {{at}}, 1, 'smtp',
  'abcdefghij@1000001.smtp.brevdue', CASE WHEN {{i}} % 500 IN (7, 75) THEN '{FREQUENT}'
    ELSE 'User' || ({{i}} * 7919 % {{count}} / 3) || '@example.com' END, 'shop@brand.example', 'bounce@brand.example',
  'Your order ' || {{i}}"""
EPOCH_OF_DAYS = int(time.time() * 1000) - DAYS * DAY
# All that is counted in a span of time.
SPAN = "SELECT " + ", ".join(
    f"CAST(coalesce(sum({column}), 0) AS BIGINT)" for column in (
        "sent", "deferred", "delivered", "bounced", "dropped", "opened", "opened_unique", "clicked", "clicked_unique")
) + " FROM campaign_period WHERE campaign_id = ? AND start_at >= ? AND start_at < ?"
MESSAGE_COLUMNS = """id, account_id, original_id, status, attempts, processed_at, completed_at, opens, clicks, campaign_id,
  created_at, flags, source, token_id, recipient, sender, return_path, subject"""
EVENT = """SELECT {id}, {id} + {k} * 4194304, CASE {k} WHEN 1 THEN 'SENT' WHEN 2 THEN 'PROCESSED' WHEN 3 THEN 'DELIVERED'
  ELSE 'OPEN' END, {at} + {k}, CASE WHEN {k} < 3 THEN NULL ELSE '{{"response":"250 2.0.0 Ok: queued as 4BxY","host":'
  || '"mx.example.com","ipAddress":"192.0.2.1","tls":"TLSv1.3","attempt":1}}' END"""


def say(text):
    print(f"queries: {text}", file=sys.stderr, flush=True)


def queries(identifier):
    """Name, statement with ?, values."""
    def listing(conditions):
        return f"SELECT {COLUMNS} FROM message m WHERE {conditions} ORDER BY m.id DESC LIMIT 50"

    account = "m.account_id = ?"
    # The plus keeps SQLite from taking the account's index; PostgreSQL decides by itself.
    also = "+m.account_id = ?"
    return [
        ("a message", f"SELECT {COLUMNS} FROM message m WHERE m.id = ? AND (? IS NULL OR m.account_id = ?)",
         [identifier, ACCOUNT, ACCOUNT]),
        ("its timeline", "SELECT id, type, at, detail FROM event WHERE message_id = ? ORDER BY at, id", [identifier]),
        ("by recipient, few", listing("lower(m.recipient) = ?"), ["user77@example.com"]),
        ("by recipient, many", listing(f"lower(m.recipient) = ? AND {also}"), [FREQUENT, ACCOUNT]),
        ("by recipient, nobody", listing(f"lower(m.recipient) = ? AND {also}"), ["nobody@example.com", ACCOUNT]),
        ("by recipient and status", listing(f"lower(m.recipient) = ? AND {also} AND m.status = ? AND m.status <> 'queued'"),
         [FREQUENT, ACCOUNT, "bounced"]),
        ("by SMTP token or e-mail", listing(f"m.campaign_id = ? AND {also}"), [100001 + TOKENS // 2 - 1, ACCOUNT]),
        ("by SMTP token, page 2", listing(f"m.campaign_id = ? AND {also} AND m.id < ?"), [100001, ACCOUNT, identifier]),
        ("by SMTP token without mail", listing(f"m.campaign_id = ? AND {also}"), [7, ACCOUNT]),
        ("by status, few", listing(f"{account} AND m.status = ? AND m.status <> 'queued'"), [ACCOUNT, "dropped"]),
        ("by status, most", listing(f"{account} AND m.status = ? AND m.status <> 'queued'"), [ACCOUNT, "delivered"]),
        ("by status, none", listing(f"{account} AND m.status = ? AND m.status <> 'queued'"), [ACCOUNT, "cancelled"]),
        ("queued ones", f"""SELECT {COLUMNS} FROM (SELECT message_id FROM queue WHERE attempts = 0 AND account_id = ?
             ORDER BY message_id DESC LIMIT 50) q JOIN message m ON m.id = q.message_id ORDER BY m.id DESC""", [ACCOUNT]),
        ("the newest", listing(account), [ACCOUNT]),
        ("the newest of all accounts", listing("m.id > ?"), [0]),
        ("an older page", listing(f"{account} AND m.id < ?"), [ACCOUNT, identifier]),
        ("totals of a token", """SELECT sent, deferred, delivered, bounced, dropped, opened, opened_unique, clicked,
           clicked_unique FROM campaign_total WHERE campaign_id = ?""", [100001]),
        ("its day", SPAN, [100001, EPOCH_OF_DAYS + 200 * DAY, EPOCH_OF_DAYS + 201 * DAY]),
        ("its month", SPAN, [100001, EPOCH_OF_DAYS + 200 * DAY, EPOCH_OF_DAYS + 230 * DAY]),
        ("its year", SPAN, [100001, EPOCH_OF_DAYS, EPOCH_OF_DAYS + DAYS * DAY]),
    ]


class Times:
    """Ids and times of `count` messages, spread evenly over the days until now."""

    def __init__(self, count):
        self.count = count
        self.end = int(time.time() * 1000)
        self.begin = self.end - DAYS * DAY
        self.step = max(1, DAYS * DAY // count)

    def at(self, i):
        return f"({self.begin} + {i} * {self.step})"

    def id(self, i):
        return f"(({self.begin - EPOCH} + {i} * {self.step}) * 4194304 + {i} % 1024 * 4)"

    def texts(self, i="i", **more):
        return {"i": i, "id": self.id(i), "at": self.at(i), "count": self.count, **more}

    @property
    def example(self):
        """Id of a message in the middle."""
        return self.number(self.count // 2 + 1)

    def number(self, i):
        """What `id` is for this row."""
        return (self.begin - EPOCH + i * self.step) * 4194304 + i % 1024 * 4

    def fill(self, numbers, kinds):
        """Statements that fill the tables from these sources of `i` and `k`."""
        last = f"i >= {self.count - QUEUED}"
        return [
            f"INSERT INTO message ({MESSAGE_COLUMNS}) {MESSAGE.format(**self.texts())} FROM {numbers}",
            "INSERT INTO event (message_id, id, type, at, detail) "
            f"{EVENT.format(**self.texts(k='k'))} FROM {numbers}, {kinds}",
            f"UPDATE message SET status = 'queued' WHERE id >= {self.number(self.count - QUEUED)}",
            f"""INSERT INTO queue (message_id, account_id, original_id, domain, due_at, attempts, expires_at, is_held)
              SELECT {self.id('i')}, {ACCOUNT}, {self.id('i')} + 1, 'example.com', {self.at('i')}, 0, {self.at('i')}, 0
              FROM {numbers} WHERE {last}""",
            "INSERT INTO campaign_total SELECT campaign_id, count(*), 0, count(*), 0, 0, 0, 0, 0, 0 FROM message "
            "GROUP BY campaign_id",
            "INSERT INTO campaign_period SELECT campaign_id, created_at / 900000 * 900000, count(*), 0, count(*), 0, 0, 0, 0, 0, 0 "
            "FROM message GROUP BY 1, 2",
        ]


class SQLite:
    def __init__(self, folder, times):
        installation = Installation(folder / "sqlite")
        installation.setup()
        self.file = sqlite3.connect(folder / "sqlite" / "data" / "brevdue.db", isolation_level=None)
        self.file.execute("PRAGMA synchronous = OFF")
        self.file.execute("PRAGMA cache_size = -200000")
        numbers = f"(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {times.count - 1}) SELECT i FROM n)"
        kinds = "(" + " UNION ALL ".join(f"SELECT {k} AS k" for k in range(1, EVENTS_PER_MESSAGE + 1)) + ")"
        for statement in times.fill(numbers, kinds):
            self.file.execute(statement)
        # As a reader of the server has it, and nothing of the filling in it.
        self.file.close()
        self.file = sqlite3.connect(folder / "sqlite" / "data" / "brevdue.db", isolation_level=None)
        self.file.execute("PRAGMA cache_size = -8192")

    def plan(self, sql, values):
        return "; ".join(row[3] for row in self.file.execute("EXPLAIN QUERY PLAN " + sql, values))

    def run(self, sql, values, repetitions):
        """Times in ms, and how many rows it gave."""
        spent = []
        for _ in range(repetitions):
            begin = time.perf_counter()
            rows = len(self.file.execute(sql, values).fetchall())
            spent.append((time.perf_counter() - begin) * 1000)
        return spent, rows, self.plan(sql, values)


class PostgreSQL:
    def __init__(self, folder, times):
        self.url = postgres.create_database()
        Installation(folder / "postgres", **{"database.url": self.url}).setup()
        for statement in self._partitions(times):
            postgres.query(self.url, statement)
        numbers = f"generate_series(0::bigint, {times.count - 1}) i"
        for statement in times.fill(numbers, f"generate_series(1::bigint, {EVENTS_PER_MESSAGE}) k"):
            postgres.query(self.url, statement)
        postgres.query(self.url, "VACUUM ANALYZE")

    @staticmethod
    def _partitions(times):
        """Those that the server would have made in the course of time, 28 days each."""
        period = 28 * DAY
        for number in range((times.begin - EPOCH) // period, (times.end - EPOCH) // period):
            for table in ("event", "message"):
                yield (f"CREATE TABLE {table}_n{number} PARTITION OF {table} "
                       f"FOR VALUES FROM ({number * period << 22}) TO ({(number + 1) * period << 22})")

    def run(self, sql, values, repetitions):
        """As the server runs it: prepared once, with planning where the plan is made anew each time."""
        parts = sql.replace(" +", " ").split("?")
        numbered = "".join(part + (f"${index + 1}" if index < len(parts) - 1 else "") for index, part in enumerate(parts))
        types = ", ".join("bigint" if isinstance(value, int) else "text" for value in values)
        given = ", ".join(str(value) if isinstance(value, int) else f"'{value}'" for value in values)
        mode = "SET plan_cache_mode = force_custom_plan;" if "LIMIT 50" in sql else ""
        script = f"{mode}PREPARE q({types}) AS {numbered};" + f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE q({given});" * repetitions
        text = "\n".join("\t".join(row) for row in postgres.query(self.url, script))
        found, place = [], 0
        while place < len(text):
            value, place = json.JSONDecoder().raw_decode(text, place)
            found.append(value[0])
            while place < len(text) and text[place].isspace():
                place += 1
        spent = [one["Planning Time"] + one["Execution Time"] for one in found]
        plan = found[-1]["Plan"]
        return spent, plan["Actual Rows"], self._plan(plan)

    def _plan(self, node):
        """What was done, the same of several partitions together."""
        steps = {}

        def walk(node):
            if node["Node Type"] not in ("Limit", "Result") and node.get("Actual Loops", 1) > 0:
                place = node.get("Index Name") or node.get("Relation Name") or ""
                step = f"{node['Node Type']} {re.sub(r'_(n[0-9]+|[0-9]{8}|default)(?=_|$)', '_*', place)}".strip()
                steps[step] = steps.get(step, 0) + 1
            for child in node.get("Plans", []):
                walk(child)
        walk(node)
        return ", ".join(step + (f" × {count}" if count > 1 else "") for step, count in steps.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", choices=["sqlite", "postgres"])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--limit-ms", type=float, default=50)
    options = parser.parse_args()
    times = Times(max(2 * QUEUED, options.events // EVENTS_PER_MESSAGE))
    slow = 0
    with tempfile.TemporaryDirectory(prefix="brevdue-queries-") as folder:
        for name in options.engine or ["sqlite", "postgres"]:
            begin = time.monotonic()
            say(f"{name}: filling with {times.count} messages, {times.count * EVENTS_PER_MESSAGE} events")
            engine = {"sqlite": SQLite, "postgres": PostgreSQL}[name](pathlib.Path(folder), times)
            say(f"{name}: filled in {time.monotonic() - begin:.0f} s")
            print(f"\n| {name} | rows | first ms | median ms | worst ms | plan |\n|---|---|---|---|---|---|")
            for title, sql, values in queries(times.example):
                spent, rows, plan = engine.run(sql, values, options.repetitions)
                slow += max(spent) > options.limit_ms
                print(f"| {title} | {rows} | {spent[0]:.2f} | {statistics.median(spent):.2f} | {max(spent):.2f} | {plan} |",
                      flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
