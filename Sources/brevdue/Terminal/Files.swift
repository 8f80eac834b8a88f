import HubL

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Files that a command was given.
enum Files {
  static func bytes(_ path: String) throws -> [UInt8] {
    do {
      return try [UInt8](Data(contentsOf: URL(filePath: path)))
    } catch {
      throw Failure(
        "The file \(path) cannot be read.", next: "Does it exist, and may this user read it?")
    }
  }

  /// The file as text; it must be UTF-8.
  static func text(_ path: String) throws -> String {
    let bytes = try bytes(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure("The file \(path) is not UTF-8.", next: "Save it as UTF-8 and try again.")
    }
    return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// Writes the file, in place of what was there.
  static func write(_ bytes: [UInt8], to path: String) throws {
    do {
      try Data(bytes).write(to: URL(filePath: path))
    } catch {
      throw Failure(
        "The file \(path) cannot be written.", next: "Does its folder exist, and may this user write there?")
    }
  }

  /// The members of the JSON object in the file.
  static func object(_ path: String) throws -> [String: Value] {
    let content = try bytes(path)
    guard case .map(let members)? = try? Value(json: content) else {
      throw Failure(
        "The file \(path) is not a JSON object.", next: #"It should look like {"custom": {"order": "17"}}."#)
    }
    return members.dictionary
  }

  /// The text of a small file of our own, nil when there is none.
  static func ownText(_ path: String) -> String? {
    (try? Data(contentsOf: URL(filePath: path))).flatMap { String(validating: [UInt8]($0), as: UTF8.self) }
  }
}
