"""The corpus: messages of many parts, attached, signed and encrypted ones, and odd boundaries."""

import base64

from corpus_parts import CRLF, HTML, head, lines, message, multipart, noise, part, text_part, wrapped_base64


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
