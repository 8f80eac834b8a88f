"""Postfix 3.7, with or without OpenDKIM on a unix socket, in a folder of its own and on a port of its own.

The machine's own Postfix configuration is neither read nor changed. Limits that would throttle one
busy local client are lifted, so that what is measured is the work and not a policy.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from common import Process, RECIPIENT, answers, free_port, run, say, tool, wait_for

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
flush     unix n - n 1000? 0 flush
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_process_limit = 100
smtp_destination_concurrency_limit = 20
smtp_tls_security_level = none
smtpd_tls_security_level = none
alias_maps =
alias_database =
local_recipient_maps =
in_flow_delay = 0
biff = no
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
{milter}
"""

OPENDKIM = """\
Mode s
Syslog no
Domain example.com
Selector bench
KeyFile {base}/key.pem
Socket local:{base}/milter/opendkim.sock
Canonicalization relaxed/relaxed
SignatureAlgorithm rsa-sha256
OversignHeaders From
InternalHosts 127.0.0.1
UMask 000
RequireSafeKeys no
"""


class Postfix:
    def __init__(self, sink_port, signing):
        if os.getuid() != 0:
            raise SystemExit("bench: Postfix can only be started by root; run make bench as root or with sudo")
        self.name = "Postfix + OpenDKIM" if signing else "Postfix"
        self.port = free_port()
        # Not below the project: the postfix user must be able to reach it, and socket paths are short.
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="bpf-"))
        self.base.chmod(0o755)
        self.opendkim = self._start_opendkim() if signing else None
        self._write_configuration(sink_port, signing)

    def _write_configuration(self, sink_port, signing):
        user = pwd.getpwnam("postfix")
        for name in ("queue", "data", "config"):
            (self.base / name).mkdir()
        os.chown(self.base / "data", user.pw_uid, user.pw_gid)
        milter = ""
        if signing:
            milter = (f"smtpd_milters = unix:{self.base}/milter/opendkim.sock\n"
                      "milter_default_action = tempfail\nmilter_protocol = 6")
        config = self.base / "config"
        (config / "main.cf").write_text(MAIN.format(base=self.base, sink=sink_port, milter=milter))
        (config / "master.cf").write_text(MASTER.format(port=self.port))

    def _start_opendkim(self):
        milter = self.base / "milter"
        milter.mkdir()
        milter.chmod(0o755)
        run(tool("openssl"), "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
            "-out", self.base / "key.pem")
        config = self.base / "opendkim.conf"
        config.write_text(OPENDKIM.format(base=self.base))
        process = Process(tool("opendkim"), "-f", "-x", config, log=self.base / "opendkim.log")
        wait_for("OpenDKIM's socket", lambda: (milter / "opendkim.sock").exists())
        return process

    def start(self):
        run(tool("postfix"), "-c", self.base / "config", "start", stdin=subprocess.DEVNULL)
        wait_for(self.name, lambda: answers(self.port))
        return self

    def stop(self):
        try:
            run(tool("postfix"), "-c", self.base / "config", "stop", stdin=subprocess.DEVNULL)
        except RuntimeError as error:
            say(f"{self.name} did not stop cleanly: {error}")
        if self.opendkim:
            self.opendkim.stop()

    def remove(self):
        shutil.rmtree(self.base, ignore_errors=True)
