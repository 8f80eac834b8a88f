"""Opens and clicks: how many a second are answered and kept, and what one waits for its pixel."""

import re
import subprocess
import time
import urllib.request

import subject
from common import ROOT, WORK, say, tool, wait_for

HTML = '<html><body><p>Hello</p><p><a href="https://example.com/orders/1">Your order</a></p></body></html>'
GOAL = 10_000


def part(options):
    installation = subject.fresh("tracking")
    email = installation.email("Hello", HTML, sender="Shop <shop@example.com>")
    token = installation.access_token("bench")
    lines = ["| opens and clicks, half and half, of 100 messages | answered/s | kept/s | lost | p50 | p99 | worst |",
             "|---|---|---|---|---|---|---|"]
    with installation.serve() as server:
        paths = WORK / "tracking" / "paths.txt"
        paths.write_text("\n".join(sent_paths(installation, server, token, email, 100)))
        wrk(server.url, paths, 2)
        for name, pause in (("full load, 64 connections", 0), (f"about {GOAL / 2:,.0f}/s", 12)):
            before = kept(server)
            begin = time.monotonic()
            found = wrk(server.url, paths, options.seconds, pause)
            wait_for("all of them kept", lambda: settled(server, before, found["requests"]), timeout=120, every=0.1)
            elapsed = time.monotonic() - begin
            stored, lost = (now - then for now, then in zip(kept(server), before))
            lines.append(f"| {name} | {found['rate']:.0f} | {stored / elapsed:.0f} | {lost} | {found['p50']:.1f} ms | "
                         f"{found['p99']:.1f} ms | {found['max']:.0f} ms |")
            say(lines[-1])
    lines += ["", f"Goal: {GOAL:,}/s taken, p99 < 20 ms. wrk uses the same two cores."]
    return lines


def sent_paths(installation, server, token, email, count):
    """Paths of the pixels and links of messages just sent (captured)."""
    body = f'{{"emailId":{email},"message":{{"to":"p@example.net"}}}}'
    for _ in range(count):
        subprocess.run(
            ["curl", "-sS", "-f", "-o", "/dev/null", "-H", f"Authorization: Bearer {token}", "-H",
             "Content-Type: application/json", "-d", body,
             server.url + "/marketing/v3/transactional/single-email/send"], check=True, timeout=20)
    captured = wait_for(
        "all captured", lambda: installation.messages(status="captured", limit=count)[count - 1:] and
        installation.messages(status="captured", limit=count))
    found = []
    for message in captured:
        source = installation.source(message["id"]).decode().replace("=\r\n", "").replace("=3D", "=")
        found += re.findall(r"/t/[oc]/[\w.-]+", source)
    if len(found) != 2 * count:
        raise RuntimeError(f"{len(found)} pixels and links in {count} messages")
    return found


def kept(server):
    """(kept, lost) since the server started."""
    with urllib.request.urlopen(server.url + "/metrics", timeout=20) as answer:
        text = answer.read().decode()

    def value(name):
        match = re.search(rf"^{name}(?:{{}})? (\d+)", text, re.M)
        return int(match.group(1)) if match else 0
    return value("brevdue_tracking_recorded_total"), value("brevdue_tracking_lost_total")


def settled(server, before, wanted):
    """Connections that wrk cut may have sent a little more."""
    return sum(kept(server)) - sum(before) >= wanted


def wrk(url, paths, seconds, pause=0):
    output = subprocess.run(
        [tool("wrk"), "-t", "2", "-c", "64", "-d", f"{seconds}s", "-s", str(ROOT / "bench" / "tracking.lua"), url],
        env={"PATHS": str(paths), "PAUSE_MS": str(pause)}, check=True, capture_output=True, text=True,
        timeout=seconds + 60).stdout
    found = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", output.split("RESULT", 1)[1])}
    if found["errors"]:
        raise RuntimeError(f"{found['errors']} of {found['requests']} were not answered as they should")
    return {"requests": found["requests"], "rate": found["requests"] / (found["duration_us"] / 1e6),
            "p50": found["p50_us"] / 1000, "p99": found["p99_us"] / 1000, "max": found["max_us"] / 1000}
