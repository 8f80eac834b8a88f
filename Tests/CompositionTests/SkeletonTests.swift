import Testing

@testable import Composition

/// Links are found in a skeleton of the HTML; they must be those of the whole HTML, whatever it is.
@Suite struct SkeletonTests {
  /// Pieces that lead the parser into all its states, and runs that a skeleton cuts.
  static let pieces: [String] = [
    "<a href='http://a.example/'>", "<a href=\"http://b.example/?q=1&amp;r=2\">", "<a href=http://c.example>",
    "</a>",
    "<a class=x href = 'http://d.example/' >", "<A HREF=HTTPS://E.EXAMPLE/>",
    "<area href='http://f.example/'>",
    "<div data-brevdue-track=off>", "<p data-brevdue-track = \"off\" >", "<td data-brevdue-track='on'>",
    "</div>", "</p>",
    "<table>", "<tr>", "<td>", "</table>", "<b>", "</b>", "<select>", "</select>", "<svg>", "</svg>",
    "<math>",
    "<style>", "</style>", "<script>", "</script>", "<textarea>", "</textarea>", "<title>", "</title>",
    "<!--", "-->",
    "<![CDATA[", "]]>", "<!doctype html>", "<html>", "<head>", "</head>", "<body>", "</body>", "</html>",
    "<template>",
    "<br/>", "<img alt=\"", "<img alt='", "\"", "'", "=", ">", "<", "&", "&lt", "/", "-", "\r\n", " ", "\t",
    "\0", "\u{FC}",
    "<", "</", "<a ", "href=", " href='", "<plaintext>", "<noscript>", "</br>", "<form>", "<button>", "--!>",
    "<!-->",
    "lorem ipsum dolor sit amet consectetur adipiscing elit", String(repeating: "x", count: 70),
    String(repeating: " ", count: 60), String(repeating: "- ", count: 30),
    " nowrap bgcolor class data-brevdue-track off ",
    "http://g.example/" + String(repeating: "y", count: 60) + "/z",
    "<a href=\"http://h.example/\(String(repeating: "p", count: 80))&copy;\">",
    "<a href=http://i.example/\(String(repeating: "q", count: 80))>",
    "<a style=\"font-family:Arial,Helvetica,sans-serif;color:#123456\" href='http://j.example/'>",
    "<a href='  http://k.example/  \(String(repeating: " ", count: 40))'>",
  ]

  @Test func sameAsWhole() {
    var state: UInt64 = 3
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for round in 0..<4_000 {
      let html = (0..<(1 + next(24))).map { _ in Self.pieces[next(Self.pieces.count)] }.joined()
      let same = Array(html.utf8).withUnsafeBufferPointer { bytes in
        LinkFinder.places(in: bytes, by: HTMLSkeleton(bytes))
          == LinkFinder.places(in: bytes, by: HTMLSkeleton(whole: bytes))
      }
      if !same {
        Issue.record("round \(round): \(html.debugDescription)")
        return
      }
    }
  }
}
