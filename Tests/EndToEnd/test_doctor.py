"""`brevdue doctor` on certificates as openssl makes them."""

import datetime
import subprocess

import pytest

from sinks import certificate

HOST = "mail.example.com"  # smtp.hostname of the tests' installations


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options).stdout


def made(folder, days=60, names=f"DNS:{HOST}", kind="ec"):
    """A certificate for `days` from now and its key; the paths of both."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    key_options = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}[kind]
    openssl("req", "-x509", "-newkey", *key_options, "-nodes", "-days", days, "-subj", "/CN=some",
            *(["-addext", f"subjectAltName={names}"] if names else []), "-keyout", key, "-out", chain)
    return chain, key


def expired(folder):
    """One that ended yesterday, which `openssl req` won't make."""
    def day(ago):
        moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=ago)
        return moment.strftime("%y%m%d%H%M%SZ")
    _, key = made(folder)
    (folder / "index").write_text("")
    (folder / "serial").write_text("01")
    (folder / "ca.conf").write_text(f"""[ca]
default_ca = d
[d]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = p
x509_extensions = e
[p]
commonName = supplied
[e]
subjectAltName = DNS:{HOST}
""")
    openssl("req", "-new", "-key", key, "-subj", "/CN=old", "-out", folder / "request.pem")
    openssl("ca", "-batch", "-selfsign", "-config", folder / "ca.conf", "-keyfile", key, "-in", folder / "request.pem",
            "-startdate", day(30), "-enddate", day(1), "-notext", "-out", folder / "old.pem")
    return folder / "old.pem", key


@pytest.fixture
def doctor(install, nameserver):
    """What doctor says of a certificate and its key: the checks by that name, and the exit status."""
    def ask(chain, key):
        installation = install(
            tls__certificate_file=chain, tls__key_file=key, dns__resolver=nameserver.address)
        done = installation.run("doctor", check=False)
        checks = installation.json("doctor", check=False)["checks"]
        return [check for check in checks if check["name"] == "certificate"], done.returncode
    return ask


@pytest.mark.parametrize("names", [f"DNS:{HOST}", "DNS:other.example,DNS:*.example.com"])
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_good_certificate(doctor, tmp_path, names, kind):
    checks, status = doctor(*made(tmp_path, names=names, kind=kind))
    assert [check["status"] for check in checks] == ["ok"], checks
    assert status == 0


def test_a_chain_is_judged_by_its_first(doctor, tmp_path):
    chain, key = made(tmp_path)
    issuer, _ = certificate(tmp_path, "issuer.example")
    chain.write_bytes(chain.read_bytes() + issuer.read_bytes())
    checks, _ = doctor(chain, key)
    assert [check["status"] for check in checks] == ["ok"], checks


def test_one_that_ends_soon(doctor, tmp_path):
    checks, status = doctor(*made(tmp_path, days=10))
    assert [check["status"] for check in checks] == ["warning"]
    assert "expires on" in checks[0]["detail"]
    assert status == 0


def test_one_that_has_ended(doctor, tmp_path):
    checks, status = doctor(*expired(tmp_path))
    assert [check["status"] for check in checks] == ["failed"]
    assert "expired on" in checks[0]["detail"]
    assert status == 1


@pytest.mark.parametrize("names, told", [
    ("DNS:www.example.org,IP:192.0.2.1", "www.example.org, 192.0.2.1"), (None, "some")])
def test_one_for_another_name(doctor, tmp_path, names, told):
    checks, status = doctor(*made(tmp_path, names=names))
    assert [check["status"] for check in checks] == ["warning"]
    assert f"is for {told}, not for smtp.hostname {HOST}" in checks[0]["detail"]
    assert status == 0


def test_a_file_that_is_not_there(doctor, tmp_path):
    chain, _ = made(tmp_path)
    checks, status = doctor(chain, tmp_path / "nothing.pem")
    assert [check["status"] for check in checks] == ["failed"]
    assert f"{tmp_path / 'nothing.pem'} can't be read: No such file" in checks[0]["detail"]
    assert status == 1


def test_a_key_that_does_not_belong_to_it(doctor, tmp_path):
    chain, _ = made(tmp_path)
    _, other = certificate(tmp_path, "other")
    checks, status = doctor(chain, other)
    assert [check["status"] for check in checks] == ["failed"]
    assert str(chain) in checks[0]["detail"] and str(other) in checks[0]["detail"]
    assert status == 1
