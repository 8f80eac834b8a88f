extension Outline {
  /// Of an e-mail whose HTML its author wrote.
  init(_ email: SourceEmail, _ html: String) {
    use(email.settings.subject.tokens, .subject)
    use(email.settings.preheader.tokens, .preheader)
    add(Source(html: HTMLSource(html), block: nil))
  }

  /// Takes in HTML of the author's.
  mutating func add(_ source: Source) {
    let html = source.html
    let guards = Self.guards(html)
    for tag in html.tags {
      let words = tag.code.split(separator: " ")
      if words.first == "for", let name = words.dropFirst().first { localNames.insert(String(name)) }
      if words.first == "set", let name = words.dropFirst().first {
        localNames.insert(String(name.prefix { $0 != "=" }))
      }
    }
    for output in html.outputs {
      guard let token = output.token else { continue }
      use([token], source.place(output.line), guards: guards)
      if token.path.description.hasPrefix("unsubscribe_") { hasUnsubscribe = true }
      if token.path.description == "site_settings.company_street_address_1" { hasAddress = true }
    }
    for index in html.elements.indices { add(index, source) }
    sources.append(source)
  }

  /// Values that some tag asks for: whoever does so has thought of their absence.
  private static func guards(_ html: HTMLSource) -> Set<String> {
    var names = Set<String>()
    for tag in html.tags where tag.code.hasPrefix("if ") || tag.code.hasPrefix("elif ") {
      for word in tag.code.split(whereSeparator: { " ()=!<>|".contains($0) }) { names.insert(String(word)) }
    }
    return names
  }

  private mutating func add(_ index: Int, _ source: Source) {
    let element = source.html.elements[index]
    let place = source.place(element.line)
    if !["style", "script", "title"].contains(element.tag) { count(element.text) }
    switch element.tag {
    case "h1", "h2", "h3", "h4", "h5", "h6":
      let level = Int(element.tag.dropFirst()) ?? 1
      headings.append((level, place, source.html.text(in: index)))
    case "a", "area":
      guard let href = element.attributes["href"] else { return }
      let words = source.html.text(in: index)
      links.append(
        Link(
          place: place, text: source.html.pieces(words).shown,
          destination: Destination(source.html.pieces(href)), isImage: source.html.holdsOnlyImages(index)))
    case "img": add(image: element, index, source)
    default: break
    }
  }

  private mutating func add(image element: HTMLSource.Element, _ index: Int, _ source: Source) {
    let url = Destination(source.html.pieces(element.attributes["src"] ?? ""))
    images.append(
      Image(
        place: source.place(element.line), source: url, key: url.fixed, alt: element.attributes["alt"],
        isLinked: element.isInLink, width: element.attributes["width"].flatMap { Int($0) },
        height: element.attributes["height"].flatMap { Int($0) }))
  }
}

extension HTMLSource {
  /// More elements in one are not looked at: elements within each other would be gone through again for each.
  private static let insideLimit = 100

  /// Elements in another, in order, that one first.
  func inside(_ index: Int) -> Range<Int> {
    var end = index + 1
    let limit = min(elements.count, index + Self.insideLimit)
    while end < limit, let parent = elements[end].parent, parent >= index { end += 1 }
    return index..<end
  }

  /// All that is read in an element, alternative texts too.
  func text(in index: Int) -> String {
    inside(index).map { place in
      elements[place].tag == "img" ? elements[place].attributes["alt"] ?? "" : elements[place].text
    }.joined(separator: " ").trimmed
  }

  func holdsOnlyImages(_ index: Int) -> Bool {
    let range = inside(index)
    return range.contains { elements[$0].tag == "img" }
      && range.allSatisfy { elements[$0].text.trimmed.isEmpty }
  }

}
