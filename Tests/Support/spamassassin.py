"""SpamAssassin on this machine alone: the rules of its package, no network, nothing learned, nothing left behind."""

import email.utils
import json
import pathlib
import shutil
import subprocess

PROGRAM = shutil.which("spamassassin")
JUDGE = pathlib.Path(__file__).with_suffix(".pl")
RULES = pathlib.Path("/usr/share/spamassassin")
PLUGINS = pathlib.Path("/etc/spamassassin")

# The addresses of mx.example.net, whose word counts, and of the server that hands mail over to it. Those for examples in
# IPv4 are "illegal" to SpamAssassin (RCVD_ILLEGAL_IP, 1.3).
RECEIVER, SENDER = "2001:db8::19", "2001:db8:1::25"
SETTINGS = f"""\
use_bayes 0
dns_available no
trusted_networks {RECEIVER}
internal_networks {RECEIVER}
"""


def received(message, hostname, now):
    """The bytes of `message`, a `sinks.Received`, as they look in a mailbox: behind what the recipient's server adds.

    Without that SpamAssassin knows of no server that handed it over, and says so by a rule of its own (NO_RELAYS); with
    a hop over loopback it would trust every server (ALL_TRUSTED, which lowers the score).
    """
    return (f"Return-Path: <{message.sender}>\r\n"
            f"Received: from {hostname} ({hostname} [IPv6:{SENDER}])\r\n"
            f"\tby mx.example.net (Postfix) with ESMTPS id 4cZ8Q15Yt2z3J\r\n"
            f"\tfor <{message.recipients[0]}>; {email.utils.formatdate(now)}\r\n").encode() + message.data


def rules(messages, folder):
    """Name → rule → score, for name → bytes. One process judges them all: starting takes longer than judging."""
    (folder / "state").mkdir()
    # Which plugins there are is the package's to say; the machine's own local.cf and updated rules are left out.
    for plugins in PLUGINS.glob("*.pre"):
        shutil.copy(plugins, folder)
    (folder / "local.cf").write_text(SETTINGS)
    files = {name: folder / f"{name}.eml" for name in messages}
    for name, data in messages.items():
        files[name].write_bytes(data)
    done = subprocess.run(["perl", JUDGE, RULES, folder, *files.values()], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    found = json.loads(done.stdout)
    return {name: found[str(file)] for name, file in files.items()}
