"""Starting, stopping, reloading, crashing."""

import os
import signal
import smtplib
import socket
import ssl
import stat
import time

import pytest

import sinks
from installation import CommandFailed, Installation, wait_until
from web import call
from wire import Wire, simple, submit


def delivered(installation, recipient, timeout=20):
    return wait_until(
        f"{recipient} to be delivered",
        lambda: installation.messages(recipient=recipient, status="delivered"), timeout, every=0.1)


def test_runtime_file_and_health(install):
    installation = install()
    with installation.serve() as server:
        assert server.runtime["pid"] == server.pid
        assert {"http", "smtp", "smtpTls"} <= set(server.runtime["listeners"])
        assert call("GET", f"{server.url}/health/live").status == 200
        assert call("GET", f"{server.url}/health/ready").status == 200
        metrics = call("GET", f"{server.url}/metrics")
        assert metrics.status == 200
        assert b"# TYPE" in metrics.body
        assert server.stop() == 0
        assert not server.runtime_path.exists()


def test_stopped_at_once_and_told_so_again_it_ends_in_good_order(install):
    installation = install()
    for _ in range(3):
        with installation.serve() as server:
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                server.process.send_signal(number)
            assert server.process.wait(40) == 0
            assert "stopped" in server.log()


def test_a_second_server_says_why_it_ends(install):
    installation, other = install(), install("other")
    with installation.serve() as first:
        host, port = first.address("smtp")
        with pytest.raises(AssertionError) as refused:
            installation.serve()
        assert "serve ended with 1" in str(refused.value)
        assert str(installation.data) in str(refused.value)
        with pytest.raises(AssertionError) as refused:
            other.serve(smtp__listen=f"{host}:{port}")
        assert "serve ended with 1" in str(refused.value)
        assert str(port) in str(refused.value)
        assert call("GET", f"{first.url}/health/ready").status == 200


def test_serve_before_setup_says_what_to_do(tmp_path):
    installation = Installation(tmp_path)
    with pytest.raises(AssertionError) as refused:
        with installation.serve() as server:
            # Serving without an account is allowed too; then nobody can log in.
            raise AssertionError(f"serves: {server.runtime}")
    assert "setup" in str(refused.value) or "serves" in str(refused.value)


def test_a_setting_that_makes_no_sense(tmp_path):
    installation = Installation(tmp_path, **{"delivery.mode": "sideways"})
    with pytest.raises(CommandFailed) as refused:
        installation.run("serve", timeout=20)
    assert "delivery.mode" in refused.value.stderr
    assert refused.value.status in (1, 2)


def test_sigterm_lets_data_in_progress_finish(install, address):
    installation = install()
    server = installation.serve()
    recipient = address()
    content = simple(recipient, body="slow\r\n" * 100)
    with Wire(server.address("smtp")).login(installation.token) as busy, Wire(server.address("smtp")) as idle:
        idle.say("EHLO idle.example.com")
        busy.begin("hello@example.com", recipient)
        busy.send(content[:200])
        server.terminate()
        code, text = idle.reply()
        assert code == 421 and text.startswith("4.3.2")
        busy.send(content[200:] + b".\r\n")
        code, _ = busy.reply()
        assert code == 250
    assert server.process.wait(30) == 0
    with installation.serve():
        found = wait_until("the message", lambda: installation.messages(recipient=recipient))
        assert installation.source(found[0]["id"]).endswith(content)


def test_sigterm_ends_an_idle_server_soon(install):
    server = install().serve()
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < 5


def test_sigint_ends_as_sigterm_does(install):
    server = install().serve()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0


def test_a_client_that_never_finishes_does_not_hold_the_stop_forever(install, address):
    installation = install(shutdown__grace=2)
    server = installation.serve()
    with Wire(server.address("smtp")).login(installation.token) as stuck:
        stuck.begin("hello@example.com", address())
        stuck.send(b"Subject: never\r\n")
        begin = time.monotonic()
        server.terminate()
        server.process.wait(20)
        assert time.monotonic() - begin < 15


def peer_certificate(address):
    with smtplib.SMTP(*address) as client:
        context = ssl._create_unverified_context()
        client.starttls(context=context)
        return client.sock.getpeercert(binary_form=True)


def test_sighup_and_changed_files_reload_the_certificate(install, tmp_path):
    certificate, key = sinks.certificate(tmp_path, "first.example.com")
    installation = install(tls__certificate_file=certificate, tls__key_file=key)
    server = installation.serve()
    first = peer_certificate(server.address("smtp"))
    new_certificate, new_key = sinks.certificate(tmp_path, "second.example.com")
    os.replace(new_key, key)
    os.replace(new_certificate, certificate)
    server.reload()
    wait_until("the new certificate", lambda: peer_certificate(server.address("smtp")) != first, timeout=5, every=0.1)
    second = peer_certificate(server.address("smtp"))

    # A file that is no certificate must not take the good one away.
    certificate.write_text("not a certificate")
    server.reload()
    wait_until("a complaint in the log", lambda: "certificate" in server.log(), timeout=5)
    assert peer_certificate(server.address("smtp")) == second

    # Without a signal: the files are watched.
    third_certificate, third_key = sinks.certificate(tmp_path, "third.example.com")
    os.replace(third_key, key)
    os.replace(third_certificate, certificate)
    wait_until("the third certificate", lambda: peer_certificate(server.address("smtp")) != second, timeout=10,
               every=0.2)


def test_the_self_signed_certificate_is_kept_and_private(install):
    installation = install()
    with installation.serve() as server:
        first = peer_certificate(server.address("smtp"))
    with installation.serve() as server:
        assert peer_certificate(server.address("smtp")) == first
    keys = [path for path in installation.data.rglob("*key*.pem")]
    assert keys
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_implicit_tls_port(capture_like, address, unverified):
    installation, server = capture_like
    recipient = address()
    host, port = server.address("smtpTls")
    with smtplib.SMTP_SSL(host, port, context=unverified) as client:
        client.login(installation.token["id"], installation.token["password"])
        client.sendmail("hello@example.com", [recipient], simple(recipient))
    assert wait_until("the message", lambda: installation.messages(recipient=recipient))


@pytest.fixture
def capture_like(install):
    installation = install()
    return installation, installation.serve()


def test_queued_mail_survives_a_restart(install, scripted, address):
    sink = scripted()
    sink.on("connect", "stall")
    installation = install(delivery__mode="relay", delivery__relay=sink.address, shutdown__grace=2)
    server = installation.serve()
    recipients = [address("waiting") for _ in range(30)]
    for recipient in recipients:
        submit(server, installation.token, recipient, simple(recipient))
    server.stop()
    sink.script.clear()
    with installation.serve():
        for recipient in recipients:
            delivered(installation, recipient)
    assert sorted(message.recipients[0] for message in sink.received.all()) == sorted(recipients)


def test_queued_mail_survives_a_kill(install, scripted, address):
    sink = scripted()
    sink.on("connect", "stall")
    installation = install(delivery__mode="relay", delivery__relay=sink.address)
    server = installation.serve()
    recipient = address()
    submit(server, installation.token, recipient, simple(recipient))
    server.kill()
    sink.script.clear()
    with installation.serve():
        delivered(installation, recipient)
    assert len(sink.received) == 1


def test_a_connection_over_the_limit_of_an_address_is_refused(install):
    server = install(smtp__connections_per_address=3).serve()
    open_ones = [Wire(server.address("smtp")) for _ in range(3)]
    with socket.create_connection(server.address("smtp"), timeout=10) as extra:
        assert extra.recv(100)[:3] in (b"421", b"")
    for wire in open_ones:
        wire.close()


def test_a_slow_client_in_data_is_not_kept_forever_but_others_go_on(capture_like, address):
    installation, server = capture_like
    with Wire(server.address("smtp")).login(installation.token) as slow:
        slow.begin("hello@example.com", address())
        slow.send(b"Subj")
        recipient = address()
        submit(server, installation.token, recipient, simple(recipient))
        assert wait_until("the other message", lambda: installation.messages(recipient=recipient))
