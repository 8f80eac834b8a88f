"""Several servers on one PostgreSQL database: whatever becomes of one, nothing accepted is lost."""

import time

import pytest

import installation as support
import nodes
import postgres
from installation import wait_until
from web import call

pytestmark = pytest.mark.skipif(
    support.ENGINE != "postgres", reason="BREVDUE_TEST_ENGINE is not postgres: make test runs these on PostgreSQL")


@pytest.fixture
def cluster(tmp_path):
    """Two servers under load, on a PostgreSQL server of their own."""
    server = postgres.PostgresServer()
    with nodes.Cluster(tmp_path, server, 2) as made:
        yield made
    server.close()


def assert_balanced(cluster):
    report = cluster.finish()
    print(cluster.text(report))
    assert not report.failures
    assert all(seconds < nodes.TAKEOVER_SECONDS for seconds in cluster.takeovers), cluster.takeovers


def test_others_take_over_from_a_server_that_dies_hangs_or_is_cut_off(cluster):
    cluster.start()
    first, second = cluster.nodes
    listed = first.installation.json("node", "list")
    assert [node["name"] for node in listed] == ["node0.example.com", "node1.example.com"]
    assert len({node["number"] for node in listed}) == 2
    cluster.kill(second)
    second.start()
    cluster.wait_for_deliveries(50)
    cluster.hang(first, 20)
    cluster.wait_for_deliveries(50)
    cluster.cut_off(second, 20)
    cluster.wait_for_deliveries(50)
    assert_balanced(cluster)


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
