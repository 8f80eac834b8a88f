"""Relay and direct delivery against servers that accept, refuse, stall and vanish."""

import datetime
import time

import pytest

import sinks
from installation import wait_until
from wire import simple, submit


def status_of(installation, recipient, *wanted, timeout=20):
    def look():
        found = installation.messages(recipient=recipient)
        return found[0] if found and found[0]["status"] in wanted else None
    found = wait_until(f"{recipient} to be {' or '.join(wanted)}", look, timeout, every=0.1)
    return installation.message(found["id"])


def seconds(moment):
    """Since 1970, of a time in our JSON."""
    return datetime.datetime.fromisoformat(moment).timestamp()


def events(message, kind):
    return [event for event in message["events"] if event["type"] == kind]


@pytest.fixture
def relayed(install, scripted):
    """An installation that relays to a sink which answers as the test tells it."""
    def make(**options):
        sink = scripted(**options)
        installation = install(delivery__mode="relay", delivery__relay=sink.address)
        installation.sink = sink
        installation.server = installation.serve()
        return installation
    return make


def send(installation, recipient, **options):
    submit(installation.server, installation.token, recipient, simple(recipient, **options))


def test_delivered_is_recorded_with_the_servers_words(relayed, address):
    installation, recipient = relayed(), address()
    installation.sink.on("dot", "250 2.6.0 kept as 4711")
    send(installation, recipient)
    message = status_of(installation, recipient, "delivered")
    assert [event["type"] for event in message["events"]][-1] == "DELIVERED"
    delivered = events(message, "DELIVERED")[0]
    assert "kept as 4711" in delivered["response"]
    assert {"SENT", "PROCESSED"} <= {event["type"] for event in message["events"]}
    assert message["source"] == "smtp"
    assert message["tokenId"] == installation.token["id"]
    assert message["sender"] == "hello@example.com"
    assert message["subject"] == "Hello"


REFUSALS = [("mail", "550 5.7.1 no"), ("rcpt", "550 5.1.1 no such user"), ("data", "554 5.6.0 no"),
            ("dot", "554 5.7.1 looks like spam")]


@pytest.mark.parametrize("stage, words", REFUSALS)
def test_refused_for_good_is_a_bounce(relayed, address, stage, words):
    installation, recipient = relayed(), address()
    installation.sink.on(stage, words)
    send(installation, recipient)
    message = status_of(installation, recipient, "bounced")
    bounce = events(message, "BOUNCE")[0]
    assert bounce["stage"] == stage
    assert words[10:] in bounce["response"]
    assert bounce["status"] == words[4:9]
    assert len(installation.sink.received) == 0


@pytest.mark.parametrize("stage, words", [
    ("mail", "451 4.3.0 later"), ("rcpt", "450 4.2.0 busy"), ("data", "452 4.3.1 full"), ("dot", "451 4.7.1 slow down"),
    ("connect", "421 4.3.2 closed for today"), ("rcpt", "close"), ("dot", "close"), ("data", "garbage")])
def test_put_off_is_tried_again(relayed, address, stage, words):
    installation, recipient = relayed(), address()
    installation.sink.on(stage, words)
    begin = time.time()
    send(installation, recipient)
    message = status_of(installation, recipient, "deferred")
    deferred = events(message, "DEFERRED")[0]
    delay = seconds(deferred["nextAttemptAt"]) - begin
    assert 50 <= delay <= 370, f"the next attempt is in {delay:.0f} s"
    if words[0] == "4":
        assert words[10:] in deferred["response"]
    assert installation.queue()["deferred"] == 1
    installation.sink.script.clear()
    installation.run("queue", "retry", "--all")
    message = status_of(installation, recipient, "delivered")
    assert [event["type"] for event in message["events"] if event["type"] != "PROCESSED"] == [
        "SENT", "DEFERRED", "DELIVERED"]
    # The very same bytes go out at each attempt: what was signed stays signed.
    assert installation.sink.received.to(recipient)[0].data == installation.source(message["id"])


def test_nobody_listens_is_put_off(install, address):
    recipient = address()
    installation = install(delivery__mode="relay", delivery__relay="127.0.0.1:9")
    installation.server = installation.serve()
    send(installation, recipient)
    message = status_of(installation, recipient, "deferred")
    assert events(message, "DEFERRED")[0]["stage"] == "connect"


def test_a_delay_that_the_receiver_states_is_honoured(relayed, address):
    installation, recipient = relayed(), address()
    installation.sink.on("rcpt", "450 4.7.1 please try again in 900 seconds")
    begin = time.time()
    send(installation, recipient)
    deferred = events(status_of(installation, recipient, "deferred"), "DEFERRED")[0]
    assert 880 <= seconds(deferred["nextAttemptAt"]) - begin <= 1000


def test_one_bad_recipient_does_not_hold_the_others(relayed, address):
    installation = relayed()
    good, bad = address("good"), address("bad")
    submit(installation.server, installation.token, [good, bad], simple(good))
    status_of(installation, good, "delivered")
    status_of(installation, bad, "delivered")
    assert len(installation.sink.received) == 2, "each recipient has a copy of their own"


def test_connections_are_used_again(relayed, address):
    installation = relayed()
    names = [address("many") for _ in range(60)]
    for start in range(0, 60, 20):
        submit(installation.server, installation.token, names[start:start + 20], simple(names[start]))
    installation.sink.received.wait(60)
    assert installation.sink.connections <= 30


def test_pipelining_is_used_where_offered_only(relayed, address):
    installation, recipient = relayed(pipelining=False), address()
    send(installation, recipient)
    assert installation.sink.received.wait_for(recipient)


def test_starttls_is_taken_where_offered(relayed, address, tmp_path):
    installation, recipient = relayed(tls_context=sinks.server_context(tmp_path)), address()
    send(installation, recipient)
    assert installation.sink.received.wait_for(recipient).tls
    assert events(status_of(installation, recipient, "delivered"), "DELIVERED")[0]["tls"].startswith("TLSv1.")


def test_a_broken_handshake_falls_back_to_clear_text(relayed, address):
    installation, recipient = relayed(broken_tls=True), address()
    send(installation, recipient)
    assert not installation.sink.received.wait_for(recipient, 30).tls


def test_relay_with_a_login(install, address, tmp_path):
    sink = sinks.ForeignSink(tls_context=sinks.server_context(tmp_path), user="robot", password="tin can")
    try:
        recipient = address()
        installation = install(
            delivery__mode="relay", delivery__relay=sink.address, delivery__relay_user="robot",
            delivery__relay_password="tin can")
        installation.server = installation.serve()
        send(installation, recipient)
        assert sink.received.wait_for(recipient).tls
    finally:
        sink.close()


def test_message_source_is_what_was_sent(relayed, address):
    installation, recipient = relayed(), address()
    content = simple(recipient, extra="MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n",
                     body='<p><a href="https://example.com/x?a=1&amp;b=2">x</a></p>\r\n')
    submit(installation.server, installation.token, recipient, content)
    got = installation.sink.received.wait_for(recipient)
    message = status_of(installation, recipient, "delivered")
    assert installation.source(message["id"]) == got.data
    assert got.data != content


def test_the_clients_options_go_along(relayed, address):
    installation, recipient = relayed(), address()
    content = simple(recipient, body="caf\u00e9\r\n",
                     extra="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n")
    submit(installation.server, installation.token, recipient, content, options=["BODY=8BITMIME"])
    got = installation.sink.received.wait_for(recipient)
    assert got.data.endswith(content)
    assert "BODY=8BITMIME" in got.options


def test_what_is_on_its_way_is_in_flight_and_nothing_else(relayed, address):
    installation = relayed()
    tried, fresh = address("tried"), address("fresh")

    def counts(queued=0, in_flight=0, deferred=0):
        wanted = {"queued": queued, "inFlight": in_flight, "deferred": deferred, "held": 0}
        wait_until(f"queue status to be {wanted}", lambda: installation.queue() == wanted, every=0.1)

    installation.sink.on("rcpt", "451 4.3.0 later")
    send(installation, tried)
    status_of(installation, tried, "deferred")
    counts(deferred=1)
    installation.sink.on("rcpt", "stall")
    send(installation, fresh)
    counts(in_flight=1, deferred=1)
    installation.run("queue", "retry", "--all")
    counts(in_flight=2)
    assert installation.json("queue", "status", "--account", installation.messages()[0]["account"])["inFlight"] == 2
    installation.sink.close()
    counts(deferred=2)


def test_a_held_message_waits(relayed, address):
    installation, recipient = relayed(), address()
    installation.sink.on("rcpt", "450 4.2.0 busy")
    send(installation, recipient)
    message = status_of(installation, recipient, "deferred")
    installation.run("queue", "hold", message["id"])
    assert installation.queue()["held"] == 1
    installation.run("queue", "release", message["id"])
    assert installation.queue()["held"] == 0
    installation.run("queue", "cancel", message["id"])
    status_of(installation, recipient, "cancelled")
    counts = installation.queue()
    assert counts["queued"] == counts["deferred"] == counts["held"] == 0


# Direct delivery: MX by the test's own name server, all hosts on loopback addresses.


class Direct:
    def __init__(self, install, nameserver, port, **more):
        self.installation = install(
            delivery__mode="direct", delivery__port=port, dns__resolver=nameserver.address, **more)
        self.installation.server = self.installation.serve()


@pytest.fixture
def direct(install, nameserver):
    def make(port):
        return Direct(install, nameserver, port).installation
    return make


def test_direct_by_mx(direct, scripted, nameserver, address):
    sink = scripted()
    nameserver.add("mx-only.test", "MX", "10 mail.mx-only.test.")
    nameserver.add("mail.mx-only.test", "A", "127.0.0.1")
    installation, recipient = direct(sink.port), address(domain="mx-only.test")
    send(installation, recipient)
    assert sink.received.wait_for(recipient)
    delivered = events(status_of(installation, recipient, "delivered"), "DELIVERED")[0]
    assert delivered["host"].rstrip(".") == "mail.mx-only.test"
    assert delivered["ipAddress"] == "127.0.0.1"


def test_direct_falls_back_to_the_address(direct, scripted, nameserver, address):
    sink = scripted()
    nameserver.add("a-only.test", "A", "127.0.0.1")
    installation, recipient = direct(sink.port), address(domain="a-only.test")
    send(installation, recipient)
    assert sink.received.wait_for(recipient)


def test_direct_follows_a_cname(direct, scripted, nameserver, address):
    sink = scripted()
    nameserver.add("alias.test", "CNAME", "real.test.")
    nameserver.add("real.test", "MX", "10 mail.real.test.")
    nameserver.add("mail.real.test", "A", "127.0.0.1")
    installation, recipient = direct(sink.port), address(domain="alias.test")
    send(installation, recipient)
    assert sink.received.wait_for(recipient)


def test_direct_by_ipv6(direct, scripted, nameserver, address):
    sink = scripted(host="::1")
    nameserver.add("six.test", "MX", "10 mail.six.test.")
    nameserver.add("mail.six.test", "AAAA", "::1")
    installation, recipient = direct(sink.port), address(domain="six.test")
    send(installation, recipient)
    assert sink.received.wait_for(recipient)
    assert events(status_of(installation, recipient, "delivered"), "DELIVERED")[0]["ipAddress"] == "::1"


def test_direct_takes_the_second_mx_when_the_first_is_down(direct, scripted, nameserver, address):
    sink = scripted(host="127.0.0.2")
    nameserver.add("two.test", "MX", "10 first.two.test.", "20 second.two.test.")
    nameserver.add("first.two.test", "A", "127.0.0.1")
    nameserver.add("second.two.test", "A", "127.0.0.2")
    installation, recipient = direct(sink.port), address(domain="two.test")
    send(installation, recipient)
    assert sink.received.wait_for(recipient)


def test_direct_takes_the_second_mx_when_the_first_says_421(direct, scripted, nameserver, address):
    second = scripted(host="127.0.0.2")
    first = scripted(host="127.0.0.1", port=second.port)
    first.on("connect", "421 4.3.2 not now")
    nameserver.add("two.test", "MX", "10 first.two.test.", "20 second.two.test.")
    nameserver.add("first.two.test", "A", "127.0.0.1")
    nameserver.add("second.two.test", "A", "127.0.0.2")
    installation, recipient = direct(second.port), address(domain="two.test")
    send(installation, recipient)
    assert second.received.wait_for(recipient)
    assert len(first.received) == 0


def test_null_mx_is_a_bounce(direct, scripted, nameserver, address):
    nameserver.add("null.test", "MX", "0 .")
    nameserver.add("null.test", "A", "127.0.0.1")
    sink = scripted()
    installation, recipient = direct(sink.port), address(domain="null.test")
    send(installation, recipient)
    bounce = events(status_of(installation, recipient, "bounced"), "BOUNCE")[0]
    assert bounce["status"] == "5.1.10"
    assert sink.connections == 0


def test_no_such_domain_is_a_bounce(direct, scripted, address):
    sink = scripted()
    installation, recipient = direct(sink.port), address(domain="nowhere.test")
    send(installation, recipient)
    bounce = events(status_of(installation, recipient, "bounced"), "BOUNCE")[0]
    assert bounce["status"].startswith("5.1.2")
    assert bounce["stage"] == "resolve"


def test_a_name_server_in_trouble_is_put_off(direct, scripted, nameserver, address):
    sink = scripted()
    nameserver.fail("trouble.test")
    installation, recipient = direct(sink.port), address(domain="trouble.test")
    send(installation, recipient)
    deferred = events(status_of(installation, recipient, "deferred", timeout=60), "DEFERRED")[0]
    assert deferred["stage"] == "resolve"
    assert deferred["status"].startswith("4.4")


def test_mail_for_the_internet_does_not_go_to_private_addresses(direct, nameserver, address):
    nameserver.add("astray.test", "MX", "10 here.astray.test.", "20 there.astray.test.")
    nameserver.add("here.astray.test", "A", "127.0.0.1")
    nameserver.add("there.astray.test", "AAAA", "fd00::1")
    installation, recipient = direct(25), address(domain="astray.test")
    send(installation, recipient)
    bounce = events(status_of(installation, recipient, "bounced"), "BOUNCE")[0]
    assert bounce["stage"] == "resolve"
    assert bounce["status"] == "5.4.4"
    assert "here.astray.test is at 127.0.0.1, a loopback address" in bounce["response"]
    assert "there.astray.test is at fd00::1, a private address" in bounce["response"]


def test_a_stalled_destination_does_not_hold_the_others(direct, scripted, nameserver, address):
    good = scripted(host="127.0.0.1")
    slow = scripted(host="127.0.0.2", port=good.port)
    slow.on("connect", "stall")
    for name, where in (("good", "127.0.0.1"), ("slow", "127.0.0.2")):
        nameserver.add(f"{name}.test", "MX", f"10 mail.{name}.test.")
        nameserver.add(f"mail.{name}.test", "A", where)
    installation = direct(good.port)
    for _ in range(2):
        stuck = [address("stuck", "slow.test") for _ in range(200)]
        submit(installation.server, installation.token, stuck, simple(stuck[0]))
    begin = time.monotonic()
    free = [address("free", "good.test") for _ in range(100)]
    submit(installation.server, installation.token, free, simple(free[0]))
    good.received.wait(100, timeout=15)
    assert time.monotonic() - begin < 15
    assert slow.most_open <= 20
