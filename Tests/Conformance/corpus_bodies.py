"""The corpus: messages of one part, in all encodings and charsets, and odd headers."""

import base64

from corpus_parts import CRLF, HTML, LONG_URL, head, lines, message, prose, quoted_printable, wrapped_base64


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
