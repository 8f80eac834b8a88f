"""Clients that others wrote, each sending as its own manual says."""

import shutil
import smtplib
import subprocess

import pytest

from installation import wait_until
from wire import simple


def have(name):
    found = shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    if not found:
        pytest.fail(f"{name} is not installed: run scripts/install test")
    return found


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_smtplib_with_starttls(relay, address, unverified):
    recipient = address()
    with smtplib.SMTP(*relay.server.address("smtp")) as client:
        client.starttls(context=unverified)
        client.login(relay.token["id"], relay.token["password"])
        client.sendmail("hello@example.com", [recipient], simple(recipient))
    assert relay.sink.received.wait_for(recipient).data.endswith(simple(recipient))


def test_smtplib_with_implicit_tls(relay, address, unverified):
    recipient = address()
    with smtplib.SMTP_SSL(*relay.server.address("smtpTls"), context=unverified) as client:
        client.login(relay.token["id"], relay.token["password"])
        client.sendmail("hello@example.com", [recipient], simple(recipient))
    assert relay.sink.received.wait_for(recipient).data.endswith(simple(recipient))


@pytest.mark.parametrize("way", ["-tls", "-tlsc"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks(relay, address, way, mechanism):
    recipient = address()
    host, port = relay.server.address("smtp" if way == "-tls" else "smtpTls")
    output = run(have("swaks"), "--server", host, "--port", port, way, "--auth", mechanism,
                 "--auth-user", relay.token["id"], "--auth-password", relay.token["password"],
                 "--from", "hello@example.com", "--to", recipient, "--header", "Subject: from swaks",
                 "--body", "line one\\n.\\nline three", "--pipeline")
    assert "250 2.0.0" in output or " 250 " in output
    mail = relay.sink.received.wait_for(recipient).data
    assert b"Subject: from swaks\r\n" in mail
    assert b"\r\n.\r\nline three\r\n" in mail


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_curl(relay, address, tmp_path, scheme):
    recipient = address()
    content = tmp_path / "mail.eml"
    content.write_bytes(simple(recipient, subject="from curl"))
    host, port = relay.server.address("smtp" if scheme == "smtp" else "smtpTls")
    run(have("curl"), "-sS", "--ssl-reqd", "-k", f"{scheme}://{host}:{port}/client.example.com",
        "--user", f"{relay.token['id']}:{relay.token['password']}", "--mail-from", "hello@example.com",
        "--mail-rcpt", recipient, "--upload-file", content)
    assert relay.sink.received.wait_for(recipient).data.endswith(simple(recipient, subject="from curl"))


def sink_user():
    import os
    return ["-u", "nobody"] if os.getuid() == 0 else []


def test_smtp_source_to_smtp_sink(install, tmp_path):
    """Postfix's own pair, with many sessions; who comes from a trusted network needs no log-in."""
    from crash import free_ports
    port = free_ports(1)[0]
    counted = tmp_path / "counted"
    with open(counted, "wb") as output:
        sink = subprocess.Popen([have("smtp-sink"), *sink_user(), "-c", f"127.0.0.1:{port}", "100"], stdout=output)
    try:
        installation = install(delivery__mode="relay", delivery__relay=f"127.0.0.1:{port}")
        installation.configuration["smtp.trusted-clients"] = f"127.0.0.1/32={installation.token['id']}"
        server = installation.serve()
        host, submission = server.address("smtp")
        for extra in ([], ["-d"]):
            run(have("smtp-source"), *extra, "-s", 10, "-m", 200, "-l", 10240, "-f", "hello@example.com",
                "-t", "someone@example.net", f"{host}:{submission}")
        wait_until("400 at smtp-sink", lambda: b"mesg=400" in counted.read_bytes(), 60, 0.1)
        counts = wait_until("an empty queue", lambda: (q := installation.queue())["queued"] == 0 and q)
        assert counts["deferred"] == 0
    finally:
        sink.terminate()
        sink.wait()


def test_a_stranger_is_not_trusted(install):
    installation = install()
    installation.configuration["smtp.trusted-clients"] = f"10.11.12.0/24={installation.token['id']}"
    server = installation.serve()
    with smtplib.SMTP(*server.address("smtp")) as client:
        client.ehlo()
        assert client.docmd("MAIL FROM:<hello@example.com>")[0] == 530
