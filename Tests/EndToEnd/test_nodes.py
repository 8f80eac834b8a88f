"""Several servers on one PostgreSQL database: whatever becomes of one, nothing accepted is lost."""

import os
import signal
import threading
import time

import pytest

import installation as support
import nodes
import postgres
from installation import wait_until
from sinks import ScriptedSink
from web import call
from wire import simple, submit

pytestmark = pytest.mark.skipif(
    support.ENGINE != "postgres", reason="BREVDUE_TEST_ENGINE is not postgres: make test runs these on PostgreSQL")


@pytest.fixture
def cluster(tmp_path, request):
    """Servers under load, two where a test asks for no other number, on a PostgreSQL server of their own."""
    server = postgres.PostgresServer()
    with nodes.Cluster(tmp_path, server, getattr(request, "param", 2)) as made:
        yield made
    server.close()


def assert_balanced(cluster):
    report = cluster.finish()
    print(cluster.text(report))
    assert not report.failures
    assert all(seconds < nodes.TAKEOVER_SECONDS for seconds in cluster.takeovers), cluster.takeovers


@pytest.mark.parametrize("cluster", [3], indirect=True)
def test_others_take_over_from_a_server_that_dies_hangs_or_is_cut_off(cluster):
    """`make nodes-test` does more of this, with longer pauses."""
    cluster.start()
    first, second, third = cluster.nodes
    listed = first.installation.json("node", "list")
    assert [node["name"] for node in listed] == [f"node{number}.example.com" for number in range(3)]
    assert len({node["number"] for node in listed}) == 3
    cluster.kill(second)
    second.start()
    cluster.wait_for_deliveries(50)
    cluster.hang(first, 20)
    cluster.wait_for_deliveries(50)
    cluster.cut_off(third, 20)
    cluster.wait_for_deliveries(50)
    cluster.restart(second)
    assert_balanced(cluster)


class HoldingSink(ScriptedSink):
    """Keeps the first who says DATA waiting for its 354 until told."""

    def __init__(self):
        self.held = threading.Event()
        self.go_on = threading.Event()
        super().__init__()

    def _answer(self, stage, usual):
        if stage == "data" and not self.held.is_set():
            self.held.set()
            self.go_on.wait(60)
        return super()._answer(stage, usual)


@pytest.fixture
def pair(install):
    """Two servers on one database that relay to one sink that can keep them waiting, the second not yet started."""
    sink = HoldingSink()
    options = {"delivery__mode": "relay", "delivery__relay": f"127.0.0.1:{sink.port}", "delivery__relay_tls": "off"}
    first = install("first", smtp__hostname="first.example.com", **options)
    second = install("second", smtp__hostname="second.example.com",
                     database__url=first.configuration["database.url"], **options)
    yield first, second, sink
    sink.go_on.set()
    sink.close()


def sessions(installation):
    return postgres.query(installation.configuration["database.url"], "SELECT session FROM node WHERE session <> 0")


def test_who_comes_back_within_a_message_does_not_finish_it(pair, address):
    first, second, sink = pair
    recipient = address()
    with first.serve() as stale:
        submit(stale, first.token, recipient, simple(recipient))
        assert sink.held.wait(20)
        os.kill(stale.pid, signal.SIGSTOP)
        try:
            with second.serve():
                sink.received.wait_for(recipient, nodes.TAKEOVER_SECONDS)
                sink.go_on.set()
        finally:
            os.kill(stale.pid, signal.SIGCONT)
        wait_until("the stale server to hang up", lambda: sink.open_connections == 0, 20)
        assert len(sink.received.to(recipient)) == 1


def test_a_restart_after_a_crash_waits_for_no_lease(pair, address):
    first, _, sink = pair
    recipient = address()
    crashed = first.serve()
    submit(crashed, first.token, recipient, simple(recipient))
    assert sink.held.wait(20)
    [before] = sessions(first)
    crashed.kill()
    with first.serve():
        begin = time.monotonic()
        sink.received.wait_for(recipient)
        assert time.monotonic() - begin < 2
        [after] = sessions(first)
        assert after != before


def test_a_copy_of_the_folder_ends_nobody(pair):
    first, second, _ = pair
    with first.serve():
        [before] = sessions(first)
        (second.data / "session").write_bytes((first.data / "session").read_bytes())
        with second.serve():
            assert before in sessions(first) and len(sessions(first)) == 2


def test_mail_is_delivered_by_those_who_have_the_role(pair, address):
    front, back, sink = pair
    sink.held.set()
    recipient = address()
    with front.serve(roles="http,smtp") as accepting:
        submit(accepting, front.token, recipient, simple(recipient))
        with back.serve(roles="delivery,scheduler", http__public_url="http://127.0.0.1:8080") as delivering:
            sink.received.wait_for(recipient)
            assert set(delivering.runtime["listeners"]) == set()
        assert set(accepting.runtime["listeners"]) == {"http", "smtp", "smtpTls"}


def test_a_server_whose_clock_jumps_takes_no_mail_and_gives_up_none(cluster):
    cluster.start(clock=1)
    steady, jumping = cluster.nodes
    jumping.set_clock(80 * 3600)
    begin = time.monotonic()
    answer = wait_until("the server to say so",
                        lambda: (found := call("GET", f"{jumping.running.url}/health/ready")).status == 503 and found)
    assert b"clock" in answer.body
    cluster.measure_takeover(begin)
    assert call("GET", f"{steady.running.url}/health/ready").status == 200
    jumping.set_clock(0)
    wait_until("the server to come back", lambda: call("GET", f"{jumping.running.url}/health/ready").status == 200, 30)
    cluster.wait_for_deliveries(50)
    assert cluster.query("SELECT count(*) FROM message WHERE status = 'expired'") == 0
    assert_balanced(cluster)


def test_a_server_that_stops_in_good_order_hands_over_at_once(cluster):
    cluster.start()
    cluster.nodes[1].end_load()
    cluster.nodes[1].running.stop()
    owners = postgres.query(cluster.url, "SELECT DISTINCT owner FROM queue WHERE owner IS NOT NULL")
    sessions = postgres.query(cluster.url, "SELECT session FROM node WHERE session <> 0")
    assert len(sessions) == 1
    assert all(owner in sessions for owner in owners)
    assert [node["leaseUntil"] is None for node in cluster.nodes[0].installation.json("node", "list")] == [False, True]
    assert_balanced(cluster)
