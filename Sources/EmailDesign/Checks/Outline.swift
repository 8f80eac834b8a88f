/// What the checks look at, of documents and HTML alike.
struct Outline {
  struct Link {
    var place: Place
    /// What is to be read; of images their alternative text.
    var text: String
    var destination: Destination
    /// All that is in it is an image.
    var isImage = false
  }

  struct Image {
    var place: Place
    /// Nil for an image of the account's.
    var source: Destination?
    /// Its id in the account, or its address.
    var key: String?
    /// nil when there is none at all; empty for decorative ones.
    var alt: String?
    var isLinked: Bool
    /// Shown, in pixels.
    var width: Int?
    var height: Int?
  }

  struct Use {
    var place: Place
    var token: Token
    /// It is asked for before that it is there.
    var isGuarded = false
  }

  struct Source {
    var html: HTMLSource
    /// The block it stands in; nil when it is the e-mail itself.
    var block: String?

    func place(_ line: Int) -> Place { block.map { .blockLine($0, line) } ?? .line(line) }
  }

  var links: [Link] = []
  var images: [Image] = []
  var headings: [(level: Int, place: Place, text: String)] = []
  var uses: [Use] = []
  /// HTML that the author wrote.
  var sources: [Source] = []
  /// Letters and digits that are read, as far as they were counted.
  var letters = 0
  /// Names that loops give to their elements.
  var localNames: Set<String> = []
  /// Footers with the postal address, or its values in HTML.
  var hasAddress = false
  var hasUnsubscribe = false

  /// Counts up to what the checks ask for: long texts need not be gone through.
  mutating func count(_ text: String) {
    for scalar in text.unicodeScalars {
      guard letters < ImageChecks.letterLimit else { return }
      if scalar.properties.isAlphabetic || scalar.value &- 0x30 < 10 { letters += 1 }
    }
  }

  /// Words with values in them, which are read.
  mutating func read(_ pieces: [Inline], _ place: Place, guards: Set<String> = []) {
    count(pieces.shown)
    use(pieces.tokens, place, guards: guards)
  }

  mutating func use(_ tokens: [Token], _ place: Place, guards: Set<String> = []) {
    for token in tokens {
      uses.append(Use(place: place, token: token, isGuarded: guards.contains(token.path.description)))
    }
  }
}

extension Condition {
  /// The values that are there when it holds.
  var guarded: Set<String> {
    switch test {
    case .set: [path.description]
    case .equals(.text(let text)) where !text.isEmpty: [path.description]
    case .empty, .equals, .differs: []
    }
  }
}
