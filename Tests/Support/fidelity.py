"""Says whether what came out is what went in, but for what Brevdue may change."""

import email
import email.policy
import re

ADDED = {"dkim-signature", "received", "message-id", "date", "x-brevdue-id"}


def split_added(sent, original):
    """The headers put on top of `original`, if what was sent is just that; None otherwise."""
    if not sent.endswith(original):
        return None
    return sent[:len(sent) - len(original)]


def field_names(block):
    return [match.group(1).decode().lower() for match in re.finditer(rb"^([!-9;-~]+)[ \t]*:", block, re.M)]


def without_bcc(original):
    """Bcc names people whom the others must not see; the field is taken out."""
    head, empty, body = original.partition(b"\r\n\r\n")
    return re.sub(rb"^bcc[ \t]*:.*\r\n(?:[ \t].*\r\n)*", b"", head + b"\r\n", flags=re.M | re.I)[:-2] + empty + body


def check_untouched(sent, original):
    """Every byte of the original is there; on top are only fields that may be added."""
    original = without_bcc(original)
    added = split_added(sent, original)
    assert added is not None, difference(sent, original)
    assert set(field_names(added)) <= ADDED, added


def check_tracked(sent, original, public_url):
    """Like `check_untouched`, but text/html parts may have other links and a pixel; nothing else."""
    original = without_bcc(original)
    if split_added(sent, original) is not None:
        return
    ours, theirs = parse(sent), parse(original)
    mine, yours = list(ours.walk()), list(theirs.walk())
    assert len(mine) == len(yours), f"{len(yours)} parts became {len(mine)}"
    changed = 0
    for index, (new, old) in enumerate(zip(mine, yours)):
        check_headers(new, old, is_top=index == 0)
        if old.is_multipart():
            assert (new.preamble, new.epilogue) == (old.preamble, old.epilogue)
            continue
        if new.get_payload() == old.get_payload():
            continue
        assert old.get_content_type() == "text/html", f"a {old.get_content_type()} part was changed"
        assert old.get_content_disposition() != "attachment"
        check_html(new.get_payload(decode=True), old.get_payload(decode=True), public_url)
        changed += 1
    assert changed, difference(sent, original)


def check_tracked_as_bytes(sent, original, public_url):
    """For mail that Python's parser reads otherwise than we do, whose HTML is not encoded."""
    first = original.partition(b"\r\n")[0] + b"\r\n"
    at = sent.find(b"\r\n" + first) + 2
    assert at > 1 and set(field_names(sent[:at])) <= ADDED
    check_html(sent[at:], original, public_url)


def parse(content):
    return email.message_from_bytes(content, policy=email.policy.compat32)


def check_headers(new, old, is_top):
    """The same fields in the same order and spelling; a part that was encoded anew may say so."""
    def fields(part, without):
        return [(name, value) for name, value in part.raw_items() if name.lower() not in without]
    skipped = {"content-transfer-encoding"}
    mine, yours = fields(new, skipped), fields(old, skipped)
    if is_top:
        extra = len(mine) - len(yours)
        assert extra >= 0
        assert {name.lower() for name, _ in mine[:extra]} <= ADDED
        mine = mine[extra:]
    assert mine == yours


def check_html(new, old, public_url):
    """Taking the pixel out and putting any link in place of ours gives the old HTML back, byte for byte."""
    base = re.escape(public_url.encode())
    pixel = re.search(rb"<img\b[^>]*" + base + rb"/t/o/[^>]*>", new)
    assert pixel, "there is no pixel"
    before, behind = new[:pixel.start()], new[pixel.end():]
    # A pixel behind the last line has a line end of its own.
    candidates = [before + behind] + ([before] if behind == b"\r\n" else [])
    # Where a line would become too long, line ends stand around the attribute's value, where HTML allows them.
    candidates += [re.sub(rb"\r\n(\"" + base + rb"/t/c/[A-Za-z0-9_=-]+\")\r\n", rb"\1", html) for html in candidates]
    found = any(re.fullmatch(pattern_of(candidate, base), old, re.S) for candidate in candidates)
    assert found, difference(candidates[-1], old)


def pattern_of(html, base):
    """A link of ours stands for any web address, whose signs may be entities, which may have blanks around it, and
    which may have stood without quotes."""
    pieces = re.split(rb"\"?" + base + rb"/t/c/[A-Za-z0-9_=-]+\"?", html)
    return rb"\"?[ \t\r\n]*[hH][tT][tT][pP][sS]?:.*?\"?".join(re.escape(piece) for piece in pieces)


def difference(new, old):
    at = next((index for index, (a, b) in enumerate(zip(new[::-1], old[::-1])) if a != b), min(len(new), len(old)))
    return (f"they differ {at} bytes before the end:\nsent     …{new[len(new) - at - 60:len(new) - at + 40]!r}\n"
            f"original …{old[len(old) - at - 60:len(old) - at + 40]!r}")


def tracking_urls(content, public_url):
    """All our links in the decoded HTML parts: (pixel or None, [clicks])."""
    html = b"".join(
        part.get_payload(decode=True) for part in parse(content).walk() if part.get_content_type() == "text/html")
    base = re.escape(public_url.encode())
    pixel = re.search(base + rb"/t/o/[A-Za-z0-9_=-]+\.gif", html)
    clicks = re.findall(base + rb"/t/c/[A-Za-z0-9_=-]+", html)
    return pixel and pixel.group(0).decode(), [click.decode() for click in clicks]
