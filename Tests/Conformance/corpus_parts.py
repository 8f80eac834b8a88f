"""What the messages of the corpus are put together from."""

import base64
import quopri
import random

CRLF = b"\r\n"


def lines(*parts):
    """Joins lines of text or bytes with CRLF and ends the last."""
    encoded = [p.encode("utf-8") if isinstance(p, str) else p for p in parts]
    return CRLF.join(encoded) + CRLF


def head(subject, *extra, sender="Ann Example <ann@example.com>", mime=True):
    fields = [
        f"From: {sender}",
        "To: Bob Example <bob@example.net>",
        f"Subject: {subject}",
        "Date: Mon, 23 Nov 2026 11:30:00 +0000",
        f"Message-ID: <{abs(hash_of(subject))}@example.com>",
    ]
    if mime:
        fields.append("MIME-Version: 1.0")
    return lines(*fields, *extra)


def hash_of(text):
    value = 0
    for byte in text.encode("utf-8"):
        value = (value * 131 + byte) % (1 << 48)
    return value


def message(subject, extra, body, **options):
    return head(subject, *extra, **options) + CRLF + body


def part(headers, body):
    return (lines(*headers) if headers else b"") + CRLF + body


def multipart(boundary, parts, preamble=b"", epilogue=b"", close=True):
    """The parts' bodies end without the line end that belongs to the boundary."""
    mark = boundary.encode()
    out = preamble
    for content in parts:
        out += b"--" + mark + CRLF + content + CRLF
    if close:
        out += b"--" + mark + b"--" + CRLF
    return out + epilogue


def text_part(text, subtype="plain", charset="us-ascii", encoding="7bit", extra=()):
    data = text if isinstance(text, bytes) else text.encode(charset)
    if encoding == "base64":
        data = wrapped_base64(data).rstrip(CRLF)
    elif encoding == "quoted-printable":
        data = quoted_printable(data)
    return part(
        [f"Content-Type: text/{subtype}; charset={charset}", f"Content-Transfer-Encoding: {encoding}", *extra], data
    )


def wrapped_base64(data):
    return base64.encodebytes(data).replace(b"\n", CRLF)


def quoted_printable(data):
    return quopri.encodestring(data.replace(CRLF, b"\n")).replace(b"\n", CRLF)


def noise(seed, count):
    return random.Random(seed).randbytes(count)


def prose(seed, paragraphs):
    words = "mail letter sender receiver queue header body part link image reply bounce domain key record".split()
    chooser = random.Random(seed)
    out = []
    for _ in range(paragraphs):
        line = []
        for _ in range(chooser.randint(20, 60)):
            line.append(chooser.choice(words))
            if len(" ".join(line)) > 65:
                out.append(" ".join(line))
                line = []
        out.append(" ".join(line) + ".")
        out.append("")
    return CRLF.join(line.encode() for line in out) + CRLF


HTML = (
    "<!DOCTYPE html>\r\n<html><head><title>News</title></head>\r\n<body style=\"margin:0\">\r\n"
    "<p>Hello <a href=\"https://example.com/?a=1&amp;b=2\">there</a>, see\r\n"
    "<A HREF='http://example.org/path'>this</A> or <a href=mailto:ann@example.com>write</a>.</p>\r\n"
    "<img src=\"cid:logo@example.com\" alt=\"\">\r\n</body></html>\r\n"
)

LONG_URL = "https://example.com/" + "path/" * 30 + "?token=" + "0123456789abcdef" * 8 + "&amp;last=1"
