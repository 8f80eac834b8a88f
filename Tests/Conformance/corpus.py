"""Varied and nasty messages that must pass through unharmed.

`messages()` gives `[(name, bytes)]`, the same on every run. Every message has CRLF line ends, no NUL, no
lone CR or LF, no line over 998 octets, a From field that can be read (ann@example.com unless its name
begins with `smtputf8`), and so is one that a submission server should take.

    python3 corpus.py DIRECTORY

writes each as NAME.eml, and as NAME.parts what Python's own parser sees in it: for each part a line of
depth, media type and length, and then the decoded content of that length.
"""

import email
import email.policy
import pathlib
import sys

from corpus_bodies import charsets, headers, html_texts, plain_texts
from corpus_parts import CRLF
from corpus_trees import boundaries, enclosed, multiparts, protected

# Messages that Python's parser reads otherwise than most mail programs do, or not in reasonable time.
PYTHON_DIFFERS = {
    "transfer-encoding-unknown",
    "header-malformed-line",
    "header-blank-continuation",
    "multipart-in-base64-label",
    "rfc822-in-base64",
    "rfc822-delivery-status",
    "digest",
    "parts-1200",
    "nested-40-deep",
    "boundary-with-trailing-space",
    "content-type-with-comments",
    "header-8bit-latin1",
    "encoding-with-comment",
    "qp-broken-escapes",
    "base64-with-garbage",
    "message-partial",
    "external-body",
    "header-boundary-cuts",
    "content-type-broken",
    "uuencoded-inline",
    "content-type-twice",
    "boundary-same-inside",
    "boundary-empty",
    "no-final-boundary",
    "no-parts",
    "header-space-before-colon",
}


def messages():
    """All messages, in a fixed order."""
    groups = [plain_texts, charsets, html_texts, multiparts, boundaries, enclosed, protected, headers]
    return [item for group in groups for item in group()]


def parts_seen_by_python(data):
    """What Python's parser finds, in the form described above."""
    out = []

    def visit(entity, depth):
        payload = entity.get_payload()
        children = payload if isinstance(payload, list) else []
        content = b"" if children else entity.get_payload(decode=True) or b""
        out.append(b"%d %s %d\n" % (depth, entity.get_content_type().encode(), len(content)) + content)
        for child in children:
            visit(child, depth + 1)

    visit(email.message_from_bytes(data, policy=email.policy.compat32), 0)
    return b"".join(out)


def check(name, data):
    """The promises of this module."""
    without = data.replace(CRLF, b"")
    assert b"\r" not in without and b"\n" not in without, name
    assert b"\0" not in data, name
    assert all(len(line) <= 998 for line in data.split(CRLF)), name


def main(directory):
    target = pathlib.Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    for name, data in messages():
        check(name, data)
        (target / f"{name}.eml").write_bytes(data)
        if name not in PYTHON_DIFFERS:
            (target / f"{name}.parts").write_bytes(parts_seen_by_python(data))


if __name__ == "__main__":
    main(sys.argv[1])
