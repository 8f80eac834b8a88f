"""Opens and clicks: recorded, counted, flagged, and not to be forged."""

import concurrent.futures
import time
import urllib.parse

import pytest

from fidelity import tracking_urls
from installation import wait_until
from web import call
from wire import simple, submit

HTML = ("<html><body><p><a href='https://example.com/a?x=1&amp;y=2'>one</a> "
        "<a href=\"https://example.com/b\">two</a> <a href=\"mailto:x@example.com\">mail</a> <a href=\"#top\">top</a> "
        "<a data-brevdue-track=\"off\" href=\"https://example.com/off\">off</a></p></body></html>\r\n")
TARGETS = ["https://example.com/a?x=1&y=2", "https://example.com/b"]
HEADERS = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"


class Tracked:
    def __init__(self, relay, address, campaign):
        self.relay = relay
        self.token = relay.smtp_token(campaign)
        self.recipient = address("reader")
        submit(relay.server, self.token, self.recipient, simple(self.recipient, body=HTML, extra=HEADERS))
        self.data = relay.sink.received.wait_for(self.recipient).data
        found = wait_until("delivery", lambda: relay.messages(recipient=self.recipient, status="delivered"))
        self.id = found[0]["id"]
        self.pixel, self.clicks = tracking_urls(self.data, relay.server.url)

    def person_may_look(self):
        """A fetch within a second of delivery is taken for a scanner's."""
        time.sleep(1.2)
        return self

    def events(self, kind):
        return [event for event in self.relay.message(self.id)["events"] if event["type"] == kind]

    def wait_events(self, kind, count):
        return wait_until(f"{count} {kind} events",
                          lambda: (found := self.events(kind)) and len(found) >= count and found, 10, 0.1)

    def totals(self):
        shown = self.relay.json("smtp-token", "show", self.token["id"])
        return shown.get("totals") or shown.get("statistics") or shown


@pytest.fixture
def tracked(relay, address, request):
    return Tracked(relay, address, request.node.name)


def test_links_and_pixel_are_there_and_others_left_alone(tracked):
    assert tracked.pixel
    assert len(tracked.clicks) == 2
    flat = tracked.data.replace(b"=\r\n", b"")
    for kept in (b"mailto:x@example.com", b"#top", b"https://example.com/off"):
        assert kept in flat


def test_an_open_is_recorded_and_counted_once_per_reader(tracked):
    tracked.person_may_look()
    for _ in range(3):
        answer = call("GET", tracked.pixel)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "image/gif"
        assert answer.body[:3] == b"GIF"
        assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]
    opened = tracked.wait_events("OPEN", 3)
    assert opened[0]["userAgent"].startswith("Mozilla")
    assert not opened[0].get("filteredEvent")
    totals = wait_until("the totals", lambda: (t := tracked.totals())["opened"] == 3 and t, 5)
    assert (totals["openedUnique"], totals["delivered"], totals["sent"]) == (1, 1, 1)


def test_opens_answered_before_the_end_are_kept(install, address):
    installation, recipient = install(), address()
    with installation.serve() as server:
        submit(server, installation.token, recipient, simple(recipient, body=HTML, extra=HEADERS))
        message = wait_until("captured", lambda: installation.messages(recipient=recipient, status="captured"))[0]
        pixel, _ = tracking_urls(installation.source(message["id"]), server.url)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: call("GET", pixel).status, range(400)))
        assert server.stop() == 0
    assert answers == [200] * 400
    events = installation.message(message["id"])["events"]
    assert len([event for event in events if event["type"] == "OPEN"]) == 400


def test_a_click_leads_on_and_is_recorded(tracked):
    tracked.person_may_look()
    for url, target in zip(tracked.clicks, TARGETS):
        answer = call("GET", url)
        assert answer.status == 302
        assert answer.headers["Location"] == target
    clicks = tracked.wait_events("CLICK", 2)
    assert [click["url"] for click in clicks] == TARGETS
    assert [click["linkId"] for click in clicks] == [0, 1]
    totals = wait_until("the totals", lambda: (t := tracked.totals())["clicked"] == 2 and t, 5)
    assert totals["clickedUnique"] == 1


@pytest.mark.parametrize("agent, method", [
    ("GoogleImageProxy", "GET"), ("curl/8.0", "GET"), ("Mozilla/5.0 (compatible; Barracuda Sentinel)", "GET"),
    (None, "HEAD")])
def test_machines_are_flagged_and_not_counted(tracked, agent, method):
    tracked.person_may_look()
    options = {"agent": agent} if agent else {}
    assert call(method, tracked.pixel, **options).status == 200
    opened = tracked.wait_events("OPEN", 1)[0]
    assert opened["filteredEvent"] is True
    assert opened["filterReason"]
    assert tracked.totals()["opened"] == 0


def altered(url, at):
    """The URL with one character of its token changed."""
    head, _, token = url.rpartition("/")
    token, dot, rest = token.partition(".")
    other = "A" if token[at] != "A" else "B"
    return f"{head}/{token[:at]}{other}{token[at + 1:]}{dot}{rest}"


@pytest.mark.parametrize("at", [0, 5, 12, -3])
def test_a_forged_token_is_worth_nothing(tracked, at):
    at = at if at >= 0 else len(tracked.clicks[0].rpartition("/")[2]) + at
    answer = call("GET", altered(tracked.clicks[0], at))
    assert answer.status == 404
    assert answer.headers.get("Location") is None
    call("GET", altered(tracked.pixel, at))
    tracked.person_may_look()
    call("GET", tracked.pixel)
    assert len(tracked.wait_events("OPEN", 1)) == 1
    assert tracked.events("CLICK") == []


@pytest.mark.parametrize("path", [
    "", "x", "https://evil.example", "//evil.example", "%2e%2e/%2e%2e/etc/passwd", "A" * 5000, "?url=https://evil.example"])
def test_no_open_redirector(relay, path):
    answer = call("GET", f"{relay.server.url}/t/c/{urllib.parse.quote(path, safe='/?=:%')}")
    assert answer.status in (400, 404, 414)
    assert answer.headers.get("Location") is None


def test_each_recipient_has_links_of_their_own(relay, address):
    pair = [address("first"), address("second")]
    submit(relay.server, relay.token, pair, simple(pair[0], body=HTML, extra=HEADERS))
    copies = [relay.sink.received.wait_for(recipient).data for recipient in pair]
    urls = [set(tracking_urls(copy, relay.server.url)[1]) for copy in copies]
    assert urls[0].isdisjoint(urls[1])


def test_a_link_works_while_the_receiver_still_has_the_message(install, address, scripted):
    """Scanners follow links before they answer the dot: the URL must be on disk by then."""
    sink = scripted()
    installation = install(delivery__mode="relay", delivery__relay=sink.address)
    server = installation.serve()
    seen = {}
    recipient = address()
    usual = sink.received.add

    def look(message):
        _, clicks = tracking_urls(message.data, server.url)
        seen["answer"] = call("GET", clicks[0]).headers["Location"]
        usual(message)
    sink.received.add = look
    submit(server, installation.token, recipient, simple(recipient, body=HTML, extra=HEADERS))
    wait_until("the scan", lambda: seen)
    assert seen["answer"] == TARGETS[0]


def test_text_parts_stay_as_they_are(relay, address):
    recipient = address()
    content = simple(recipient, body="see https://example.com/plain\r\n")
    submit(relay.server, relay.token, recipient, content)
    assert relay.sink.received.wait_for(recipient).data.endswith(content)
