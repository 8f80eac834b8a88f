"""Varied and nasty messages that must pass through unharmed.

`messages()` gives `[(name, bytes)]`, the same on every run. Every message has CRLF line ends, no NUL, no
lone CR or LF, no line over 998 octets, a From field that can be read (ann@example.com unless its name
begins with `smtputf8`), and so is one that a submission server should take.

    python3 corpus.py DIRECTORY

writes each as NAME.eml, and as NAME.parts what Python's own parser sees in it: for each part a line of
depth, media type and length, and then the decoded content of that length.
"""

import base64
import email
import email.policy
import pathlib
import quopri
import random
import sys

CRLF = b"\r\n"

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


def plain_texts():
    yield "plain", message("Plain", ["Content-Type: text/plain; charset=us-ascii"], prose(1, 4))
    yield "plain-10k", message("Plain 10 KB", ["Content-Type: text/plain; charset=us-ascii"], prose(2, 33))
    yield "no-mime-headers", message("No MIME", [], prose(3, 1), mime=False)
    yield "empty-body", message("Empty body", [], b"")
    yield "only-headers", head("Only headers")
    yield "one-empty-line", message("One empty line", [], CRLF)
    yield "no-line-end-at-end", message("No line end", [], b"last line without an end")
    yield "dots", message("Dots", [], lines(".", "..", ".a", "", ".", "a.", "...", ".\t", " ."))
    yield "dot-first", message("Dot first", [], lines(".", "rest"))
    yield "smtp-words-in-body", message(
        "Commands", [], lines("QUIT", "MAIL FROM:<x@example.com>", "DATA", ". ", "RSET", "From here on", "From: x@y")
    )
    yield "line-998", message("Longest lines", [], lines("a" * 998, ".", "b" * 998, "." * 998))
    yield "line-998-html", message(
        "Long HTML",
        ["Content-Type: text/html; charset=us-ascii"],
        lines("<p>" + "x" * 900, '<a href="https://example.com/">' + "y" * 960 + "</a>", "</p>"),
    )
    yield "trailing-whitespace", message("Trailing", [], lines("space ", "tab\t", "both \t ", " ", "\t", "", " \t "))
    yield "many-empty-lines", message("Empty lines at the end", [], lines("text") + CRLF * 40)
    yield "tabs", message("Tabs", [], lines("\ta\tb", "\t\t", "c\t"))
    yield "format-flowed", message(
        "Flowed",
        ["Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes"],
        lines("> quoted ", "> on", "flowed ", "text", "-- ", "signature"),
    )
    yield "control-characters", message("Controls", [], lines("bell \x07 escape \x1b[31m formfeed \x0c del \x7f"))
    yield "percent-and-braces", message("Braces {{ not.a.template }}", [], lines("{{ contact.name }} %s %n {% if %}"))


def charsets():
    yield "8bit-utf8", message(
        "UTF-8",
        ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"],
        lines("Grüße, 日本語, العربية, emoji 😀, combining e\u0301"),
    )
    for charset in ["iso-8859-1", "iso-8859-15", "windows-1252"]:
        text = "Grüße à la carte" + (" 5 €" if charset != "iso-8859-1" else "")
        yield f"8bit-{charset}", message(
            charset,
            [f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit"],
            lines(text.encode(charset)),
        )
    for charset, text in [("koi8-r", "Привет, мир"), ("shift_jis", "こんにちは表示ソ"), ("gb18030", "你好，世界"), ("big5", "許功蓋")]:
        yield f"8bit-{charset.replace('_', '-')}", message(
            charset,
            [f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit"],
            lines(text.encode(charset)),
        )
    yield "iso-2022-jp", message(
        "=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=",
        ["Content-Type: text/plain; charset=iso-2022-jp", "Content-Transfer-Encoding: 7bit"],
        lines("日本語".encode("iso-2022-jp")),
    )
    yield "8bit-unlabelled", message("No label", [], lines("Grüße", "é".encode("latin-1")))
    yield "8bit-labelled-7bit", message(
        "Wrong label", ["Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 7bit"], lines("Grüße")
    )
    yield "8bit-invalid-utf8", message(
        "Broken", ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"], lines(b"a\xff\xfe\xc3b")
    )
    yield "8bit-all-bytes", message(
        "All bytes",
        ["Content-Type: text/plain; charset=x-unknown", "Content-Transfer-Encoding: 8bit"],
        lines(bytes(b for b in range(1, 256) if b not in (10, 13))),
    )
    yield "utf16-base64-html", message(
        "UTF-16",
        ["Content-Type: text/html; charset=utf-16", "Content-Transfer-Encoding: base64"],
        wrapped_base64(HTML.encode("utf-16")),
    )
    yield "charset-quoted-odd-case", message(
        "Quoted",
        ['content-TYPE: TEXT/PLAIN; CHARSET="UTF-8"', "CONTENT-transfer-ENCODING: 8BIT"],
        lines("Grüße"),
    )
    yield "transfer-encoding-unknown", message(
        "Unknown", ["Content-Type: text/html", "Content-Transfer-Encoding: x-uuencode"], lines("begin 644 x", "`", "end")
    )
    yield "encoding-with-comment", message(
        "Comment",
        ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: (as usual) quoted-printable (ok)"],
        lines("Gr=C3=BC=C3=9Fe"),
    )


def html_texts():
    yield "html-7bit", message("HTML", ["Content-Type: text/html; charset=us-ascii"], HTML.encode())
    yield "html-8bit", message(
        "HTML 8bit",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit"],
        HTML.replace("Hello", "Grüße").encode(),
    )
    yield "html-qp-soft-breaks-in-urls", message(
        "QP",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
        quoted_printable(f'<p>ü <a href="{LONG_URL}">long</a> <a\r\nhref="{LONG_URL}">again</a></p>\r\n'.encode()),
    )
    yield "html-qp-everything-escaped", message(
        "QP all",
        ["Content-Type: text/html; charset=us-ascii", "Content-Transfer-Encoding: quoted-printable"],
        CRLF.join(
            b"".join(b"=%02X" % byte for byte in HTML.encode()[i : i + 25]) + b"=" for i in range(0, len(HTML), 25)
        )
        + CRLF,
    )
    yield "html-qp-lower-case-hex", message(
        "QP lower",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
        lines('<a href=3d"https://example.com/=c3=bc">=c3=bc</a>', "=20=", "end"),
    )
    yield "qp-broken-escapes", message(
        "QP broken",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
        lines('<a href="https://example.com/?a=b&c=zz">x</a> = =Z =4 ==', "trailing = \t", "end="),
    )
    yield "html-base64", message(
        "Base64",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"],
        wrapped_base64(HTML.replace("Hello", "Grüße").encode()),
    )
    yield "html-base64-one-line", message(
        "Base64 one line",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"],
        base64.b64encode(HTML.encode()) + CRLF,
    )
    yield "base64-with-garbage", message(
        "Base64 garbage",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"],
        CRLF + b"  " + wrapped_base64(b"<p>one</p>\r\n") + b"!!" + CRLF + wrapped_base64(b"<p>two</p>\r\n") + CRLF,
    )
    yield "html-no-body-tag", message("Fragment", ["Content-Type: text/html"], lines("<b>bold</b> <a href=//x.example>y</a>"))
    yield "html-nasty", message(
        "Nasty HTML",
        ["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 8bit"],
        lines(
            "<!--[if mso]><a href=\"https://outlook.example/\">x</a><![endif]-->",
            "<a href='https://a.example/?x=\"1\"&y=&lt;2&gt;' title='>'>a</a>",
            "<a href = https://b.example/unquoted target=_blank>b</a><a>no href</a><a href>empty</a>",
            "<a\thref\r\n=\r\n\"https://c.example/\">split</a><area href=\"https://d.example/\">",
            "<a href=\"https://e.example/\" href=\"https://f.example/\">twice</a>",
            "<script>var s = '<a href=\"https://script.example/\">';</script><style>a{}</style>",
            "<table><a href=\"https://table.example/\">misplaced</a><tr><td>x</table></body></html>after the end",
            "<a href=\" https://g.example/ \">spaces</a><a href=\"https://bücher.example/ü\">idn</a>",
            "<a href=\"javascript:alert(1)\">js</a><a href=\"#top\">anchor</a><a href=\"tel:+1\">tel</a>",
            "<a href=\"https://h.example/\" data-brevdue-track=\"off\">not tracked</a>",
        ),
    )
    yield "html-empty", message("Empty HTML", ["Content-Type: text/html; charset=utf-8"], b"")


def multiparts():
    both = [text_part("Hello there.\r\n"), text_part(HTML, "html")]
    yield "alternative", message("Both", ['Content-Type: multipart/alternative; boundary="b1"'], multipart("b1", both))
    yield "alternative-qp-base64", message(
        "Both encoded",
        ['Content-Type: multipart/alternative; boundary="=_b2"'],
        multipart(
            "=_b2",
            [
                text_part("Grüße\r\n", charset="utf-8", encoding="quoted-printable"),
                text_part(HTML, "html", charset="utf-8", encoding="base64"),
            ],
        ),
    )
    yield "related-inline-images", message(
        "Inline",
        ['Content-Type: multipart/related; type="multipart/alternative"; boundary=rel'],
        multipart(
            "rel",
            [
                part(['Content-Type: multipart/alternative; boundary="alt"'], multipart("alt", both)),
                part(
                    [
                        "Content-Type: image/png; name=logo.png",
                        "Content-ID: <logo@example.com>",
                        "Content-Disposition: inline; filename=logo.png",
                        "Content-Transfer-Encoding: base64",
                    ],
                    wrapped_base64(noise(5, 900)).rstrip(CRLF),
                ),
            ],
        ),
    )
    yield "mixed-attachments", message(
        "Attachments",
        ["Content-Type: multipart/mixed;\r\n\tboundary=\"----=_NextPart_000_0001\""],
        multipart(
            "----=_NextPart_000_0001",
            [
                text_part("See the files.\r\n"),
                part(
                    ["Content-Type: application/pdf", "Content-Disposition: attachment; filename*=utf-8''%E2%82%AC%20rates.pdf"]
                    + ["Content-Transfer-Encoding: base64"],
                    wrapped_base64(noise(6, 5000)),
                ),
                part(
                    ["Content-Type: text/html; name=page.html", 'Content-Disposition: attachment; filename="page.html"'],
                    HTML.encode(),
                ),
                part(
                    ["Content-Type: application/octet-stream", "Content-Disposition: attachment;", " filename*0=\"long-\";"]
                    + [" filename*1=\"name.bin\""],
                    b"raw 7bit",
                ),
            ],
        ),
    )
    yield "attachment-5mb", message(
        "Big",
        ["Content-Type: multipart/mixed; boundary=big"],
        multipart(
            "big",
            [
                text_part(HTML, "html"),
                part(
                    ["Content-Type: application/zip; name=big.zip", "Content-Transfer-Encoding: base64"]
                    + ["Content-Disposition: attachment; filename=big.zip"],
                    wrapped_base64(noise(7, 5 * 1024 * 1024)),
                ),
            ],
        ),
    )
    nested = text_part(HTML, "html")
    for level in range(8):
        nested = part([f'Content-Type: multipart/mixed; boundary="level{level}"'], multipart(f"level{level}", [nested]))
    yield "nested-8-deep", head("Nested 8") + nested
    for level in range(8, 40):
        nested = part([f'Content-Type: multipart/mixed; boundary="level{level}"'], multipart(f"level{level}", [nested]))
    yield "nested-40-deep", head("Nested 40") + nested
    yield "parts-100", message(
        "100 parts",
        ["Content-Type: multipart/mixed; boundary=hundred"],
        multipart("hundred", [text_part(f"part {n}\r\n" * 3) for n in range(100)]),
    )
    yield "parts-1200", message(
        "1,200 parts",
        ["Content-Type: multipart/mixed; boundary=many"],
        multipart("many", [part([], b"x") for _ in range(1200)]),
    )
    yield "amp", message(
        "AMP",
        ['Content-Type: multipart/alternative; boundary="amp"'],
        multipart(
            "amp",
            [
                both[0],
                text_part('<!doctype html>\r\n<html amp4email><body><a href="https://example.com/">x</a></body></html>', "x-amp-html"),
                both[1],
            ],
        ),
    )
    calendar = lines("BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:1@example.com", "END:VEVENT", "END:VCALENDAR")
    yield "calendar", message(
        "Invitation",
        ["Content-Type: multipart/mixed; boundary=cal"],
        multipart(
            "cal",
            [
                part(
                    ["Content-Type: multipart/alternative; boundary=cal2"],
                    multipart(
                        "cal2",
                        both + [part(["Content-Type: text/calendar; charset=utf-8; method=REQUEST; component=VEVENT"], calendar)],
                    ),
                ),
                part(["Content-Type: application/ics; name=invite.ics", "Content-Transfer-Encoding: base64"], wrapped_base64(calendar)),
            ],
        ),
    )


def boundaries():
    simple = [text_part("one\r\n"), text_part("two\r\n")]
    yield "boundary-prefixes", message(
        "Prefixes",
        ["Content-Type: multipart/mixed; boundary=abc"],
        multipart(
            "abc",
            [
                part(
                    ["Content-Type: multipart/alternative; boundary=abcdef"],
                    multipart("abcdef", [text_part("--abcd is no boundary\r\n--abcdefg\r\n"), text_part(HTML, "html")]),
                ),
                text_part("--ab\r\n-- abc\r\n --abc\r\n--abc x\r\n"),
            ],
        ),
    )
    yield "boundary-same-inside", message(
        "Same boundary",
        ["Content-Type: multipart/mixed; boundary=same"],
        multipart("same", [part(["Content-Type: multipart/mixed; boundary=same"], multipart("same", simple)), simple[0]]),
    )
    yield "preamble-epilogue", message(
        "Preamble",
        ["Content-Type: multipart/mixed; boundary=pre"],
        multipart("pre", simple, preamble=lines("This is MIME.", "--pr", ""), epilogue=lines("", "epilogue", "--pre", "late")),
    )
    yield "boundary-padding", message(
        "Padding",
        ["Content-Type: multipart/mixed; boundary=pad"],
        multipart("pad", simple).replace(b"--pad\r\n", b"--pad \t \r\n").replace(b"--pad--", b"--pad-- "),
    )
    yield "boundary-with-trailing-space", message(
        "Trailing space", ['Content-Type: multipart/mixed; boundary="sp "'], multipart("sp ", simple)
    )
    yield "boundary-odd-characters", message(
        "Odd boundary", ["Content-Type: multipart/mixed; boundary=\"'()+_,-./:=? x\""], multipart("'()+_,-./:=? x", simple)
    )
    yield "boundary-unquoted-equals", message(
        "Unquoted", ["Content-Type: multipart/mixed; boundary=----=_Part_1_2.3"], multipart("----=_Part_1_2.3", simple)
    )
    yield "boundary-70", message("70", [f"Content-Type: multipart/mixed; boundary={'x' * 70}"], multipart("x" * 70, simple))
    yield "boundary-missing", message("No boundary", ["Content-Type: multipart/mixed"], multipart("none", simple))
    yield "boundary-empty", message("Empty", ['Content-Type: multipart/mixed; boundary=""'], multipart("", simple))
    yield "boundary-never-there", message("Never", ["Content-Type: multipart/mixed; boundary=absent"], multipart("other", simple))
    yield "no-final-boundary", message(
        "Cut", ["Content-Type: multipart/mixed; boundary=cut"], multipart("cut", simple, close=False)
    )
    yield "no-final-boundary-inside", message(
        "Cut inside",
        ["Content-Type: multipart/mixed; boundary=out"],
        multipart("out", [part(["Content-Type: multipart/mixed; boundary=in"], multipart("in", simple, close=False)), simple[0]]),
    )
    yield "empty-parts", message(
        "Empty parts",
        ["Content-Type: multipart/mixed; boundary=empty"],
        multipart("empty", [part([], b""), part(["Content-Type: text/html"], b""), part([], CRLF)]),
    )
    yield "no-parts", message("No parts", ["Content-Type: multipart/mixed; boundary=np"], lines("--np--"))
    yield "header-boundary-cuts", message(
        "Cut header",
        ["Content-Type: multipart/mixed; boundary=ch"],
        lines("--ch", "Content-Type: text/html", "--ch", "--ch", "", "text", "--ch--"),
    )
    yield "boundary-in-base64-part", message(
        "Dashes",
        ["Content-Type: multipart/mixed; boundary=d"],
        multipart("d", [part(["Content-Type: text/plain"], lines("-----", "--", "--d-", "---d", "- --d"))]),
    )
    yield "multipart-in-base64-label", message(
        "Label",
        ["Content-Type: multipart/alternative; boundary=lab", "Content-Transfer-Encoding: quoted-printable"],
        multipart("lab", [text_part("one\r\n"), text_part(HTML, "html")]),
    )


def enclosed():
    inner = message("Inner", ["Content-Type: text/html; charset=us-ascii"], HTML.encode(), sender="Eve <eve@evil.example>")
    yield "rfc822-html", message(
        "Forwarded",
        ["Content-Type: multipart/mixed; boundary=fwd"],
        multipart("fwd", [text_part("See below.\r\n"), part(["Content-Type: message/rfc822"], inner)]),
    )
    yield "rfc822-multipart", message(
        "Forwarded multipart",
        ["Content-Type: multipart/mixed; boundary=fwd"],
        multipart(
            "fwd",
            [
                part(
                    ["Content-Type: message/rfc822"],
                    message(
                        "Inner", ["Content-Type: multipart/alternative; boundary=inner"],
                        multipart("inner", [text_part("a\r\n"), text_part(HTML, "html")]),
                    ),
                ),
                text_part(HTML, "html"),
            ],
        ),
    )
    yield "rfc822-alone", message("Only a message", ["Content-Type: message/rfc822"], inner)
    yield "rfc822-in-base64", message(
        "Encoded message", ["Content-Type: message/rfc822", "Content-Transfer-Encoding: base64"], wrapped_base64(inner)
    )
    yield "rfc822-delivery-status", message(
        "Returned mail",
        ["Content-Type: multipart/report; report-type=delivery-status; boundary=dsn", "Auto-Submitted: auto-replied"],
        multipart(
            "dsn",
            [
                text_part("Could not be delivered.\r\n"),
                part(
                    ["Content-Type: message/delivery-status"],
                    lines("Reporting-MTA: dns; mx.example.net", "", "Final-Recipient: rfc822; x@example.net", "Action: failed"),
                ),
                part(["Content-Type: text/rfc822-headers"], head("Original")),
            ],
        ),
    )
    yield "digest", message(
        "Digest",
        ["Content-Type: multipart/digest; boundary=dig"],
        multipart("dig", [part([], inner), part(["Content-Type: text/plain"], b"not a message"), part([], inner)]),
    )
    yield "message-partial", message(
        "Fragment", ['Content-Type: message/partial; id="x@example.com"; number=1; total=2'], inner
    )
    yield "external-body", message(
        "External", ['Content-Type: message/external-body; access-type=URL; URL="https://example.com/"'],
        lines("Content-Type: text/html", "Content-ID: <x@example.com>", "", "ghost"),
    )


def protected():
    signed_html = text_part(HTML, "html")
    signature = wrapped_base64(noise(8, 1200)).rstrip(CRLF)
    yield "smime-signed", message(
        "S/MIME signed",
        ["Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=sig"],
        multipart(
            "sig",
            [
                signed_html,
                part(
                    ["Content-Type: application/pkcs7-signature; name=smime.p7s", "Content-Transfer-Encoding: base64"]
                    + ["Content-Disposition: attachment; filename=smime.p7s"],
                    signature,
                ),
            ],
        ),
    )
    yield "smime-opaque", message(
        "S/MIME opaque",
        ["Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"]
        + ["Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=smime.p7m"],
        wrapped_base64(noise(9, 3000)),
    )
    armour = lines("-----BEGIN PGP SIGNATURE-----", "", *[base64.b64encode(noise(n, 48)) for n in range(5)], "=abcd")
    armour += lines("-----END PGP SIGNATURE-----")
    yield "pgp-mime-signed", message(
        "PGP signed",
        ['Content-Type: multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"; boundary="pgp"'],
        multipart(
            "pgp",
            [
                part(["Content-Type: multipart/alternative; boundary=in"], multipart("in", [text_part("a\r\n"), signed_html])),
                part(["Content-Type: application/pgp-signature; name=signature.asc"], armour),
            ],
        ),
    )
    yield "pgp-mime-encrypted", message(
        "PGP encrypted",
        ['Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=enc'],
        multipart(
            "enc",
            [
                part(["Content-Type: application/pgp-encrypted"], b"Version: 1\r\n"),
                part(["Content-Type: application/octet-stream"], armour.replace(b"SIGNATURE", b"MESSAGE")),
            ],
        ),
    )
    yield "pgp-inline", message("PGP inline", [], lines("Hello", "") + armour.replace(b"SIGNATURE", b"MESSAGE"))
    yield "pgp-inline-html", message(
        "PGP in HTML",
        ["Content-Type: text/html"],
        lines("<pre>") + armour.replace(b"SIGNATURE", b"MESSAGE") + lines('</pre><a href="https://example.com/">x</a>'),
    )
    yield "signed-inside-mixed", message(
        "Signed with footer",
        ["Content-Type: multipart/mixed; boundary=list"],
        multipart(
            "list",
            [
                part(
                    ["Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s"],
                    multipart("s", [signed_html, part(["Content-Type: application/pgp-signature"], armour)]),
                ),
                text_part("<p>List footer</p>\r\n", "html"),
            ],
        ),
    )


def headers():
    body = lines("text")
    yield "encoded-words", message(
        "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?B?4pi6?= and\r\n =?iso-8859-1?Q?caf=E9?=",
        [],
        body,
        sender="=?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <ann@example.com>",
    )
    yield "folded-everywhere", head("folded\r\n subject\r\n\tover lines").replace(b"Date: ", b"Date:\r\n ").replace(
        b"Message-ID: ", b"Message-ID:\r\n\t"
    ) + CRLF + body
    yield "from-folded", message("From folded", [], body, sender="\r\n \"Ann\r\n Example\"\r\n <ann@example.com>")
    yield "from-comments", message("Comments", [], body, sender="(a (b) \\) c) Ann (d) <ann@example.com> (e)")
    yield "from-quoted", message("Quoted", [], body, sender='"Example, Ann (\\"A\\") <x@y>" <ann@example.com>')
    yield "from-obsolete", message("Obsolete", [], body, sender="Ann E. Example <ann @ example . com>")
    yield "header-odd-case", (
        b"FROM: ann@example.com\r\nto:bob@example.net\r\nSUBJECT:no space\r\ndAtE:Mon, 23 Nov 2026 11:30:00 +0000\r\n"
        b"MESSAGE-id:<odd@example.com>\r\n\r\ntext\r\n"
    )
    yield "header-space-before-colon", (
        b"From : ann@example.com\r\nTo\t: bob@example.net\r\nSubject : x\r\nDate : Mon, 23 Nov 2026 11:30:00 +0000\r\n\r\ntext\r\n"
    )
    yield "header-no-date-no-id", b"From: ann@example.com\r\nTo: bob@example.net\r\nSubject: bare\r\n\r\ntext\r\n"
    yield "header-only-from", b"From: ann@example.com\r\n\r\ntext\r\n"
    yield "header-many-received", b"".join(
        b"Received: from h%d.example (h%d.example [192.0.2.%d])\r\n\tby h%d.example with ESMTP id %d;\r\n\tMon, 23 Nov 2026 11:00:00 +0000\r\n"
        % (n, n, n, n + 1, n)
        for n in range(30)
    ) + message("Received", [], body)
    references = "\r\n ".join(f"<{n:04d}.{'x' * 40}@mail.example.com>" for n in range(200))
    yield "header-long-references", message("Thread", [f"References: {references}"], body)
    yield "header-line-998", message("Long", ["X-Long: " + "a" * 990, "X-Folded: " + "b" * 900 + "\r\n " + "c" * 990], body)
    yield "header-500-fields", message("Many", [f"X-Field-{n}: value {n}" for n in range(500)], body)
    yield "header-empty-values", message("", ["X-Empty:", "X-Space: ", "Keywords:", "Comments: \t"], body)
    yield "header-8bit-latin1", message("Latin", [], body).replace(b"Bob Example", "Bób".encode("latin-1"))
    yield "header-malformed-line", message("Malformed", ["this is no field", "X-Next: 1"], body)
    yield "header-blank-continuation", message("Blank", ["X-Blank: a\r\n \r\n b"], body)
    yield "header-trailing-space", message("Trailing space   ", ["X-Trail: a \t ", "X-Tabs:\ta\tb\t"], body)
    yield "bcc", message("Bcc", ["Bcc: secret@example.net,\r\n other@example.net", "bcc: third@example.net"], body)
    yield "groups", message("Groups", ["Cc: Team: a@example.net, B <b@example.net>;, undisclosed-recipients:;"], body)
    yield "many-recipients", message("Many", ["Cc: " + ",\r\n ".join(f"u{n}@example.net" for n in range(500))], body)
    yield "resent", b"Resent-From: carl@example.org\r\nResent-To: dora@example.org\r\nResent-Date: Mon, 23 Nov 2026 11:31:00 +0000\r\n" + message(
        "Resent", [], body
    )
    yield "list-headers", message(
        "List",
        ["List-Id: News <news.example.com>", "List-Unsubscribe: <mailto:u@example.com>,\r\n <https://example.com/u?x=1>"]
        + ["List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Precedence: bulk"],
        body,
    )
    yield "signed-by-client", b"DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; c=relaxed/simple;\r\n h=from:to; bh=AAAA=;\r\n b=BBBB\r\n CCCC=\r\n" + message(
        "Signed", [], body
    )
    yield "content-type-with-comments", message(
        "Comments", ["Content-Type: (a) text (b) / (c) html (d) ; (e) charset (f) = (g) utf-8 (h)"], HTML.encode()
    )
    yield "content-type-broken", message("Broken type", ["Content-Type: html"], HTML.encode())
    yield "content-type-twice", message("Twice", ["Content-Type: text/plain", "Content-Type: text/html"], HTML.encode())
    yield "uuencoded-inline", message("uu", [], lines("begin 644 a.txt", "#0V%T", "`", "end"))
    yield "smtputf8-header", message("Grüße 日本", [], body, sender="Jürgen <jürgen@example.com>")
    yield "smtputf8-address", message(
        "UTF-8 address", ["Cc: 用户@例子.example, \"ü\" <a@bücher.example>"], body, sender="jürgen@bücher.example"
    )


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
