"""`roles`: a server does what it is told to, and nothing else."""

import pytest

from installation import wait_until
from web import call, single_send
from wire import simple, submit

PUBLIC = "http://127.0.0.1:8080"


@pytest.mark.parametrize("roles, listeners", [
    ("http", {"http"}), ("smtp", {"smtp", "smtpTls"}), ("smtp,delivery", {"smtp", "smtpTls"}),
    ("delivery,scheduler", set()), ("inbound", set()), ("all", {"http", "smtp", "smtpTls"})])
def test_it_listens_where_its_roles_say(install, roles, listeners):
    with install(roles=roles, http__public_url=PUBLIC).serve() as server:
        assert set(server.runtime["listeners"]) == listeners
        if "http" in listeners:
            assert call("GET", f"{server.url}/health/ready").status == 200
        assert server.stop() == 0


def test_without_delivery_mail_stays_until_somebody_has_that_role(install, address):
    installation = install(http__public_url=PUBLIC)
    access = installation.access_token()
    email = installation.email("Hello", "<p>Hello</p>")
    by_smtp, by_http = address(), address()
    with installation.serve(roles="http,smtp") as server:
        submit(server, installation.token, by_smtp, simple(by_smtp))
        assert single_send(server, access, {"emailId": int(email), "message": {"to": by_http}}).status == 200
        wait_until("the single send to be carried out", lambda: installation.messages(recipient=by_http))
        counts = installation.queue()
        assert (counts["queued"], counts["inFlight"]) == (2, 0)
    with installation.serve(roles="delivery"):
        for recipient in (by_smtp, by_http):
            wait_until("the message", lambda recipient=recipient: installation.messages(
                recipient=recipient, status="captured"))


def test_links_need_a_home(install):
    with pytest.raises(AssertionError) as refused:
        install().serve(roles="delivery")
    assert "http.public-url" in str(refused.value)
