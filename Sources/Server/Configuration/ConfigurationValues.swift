import Intake
import Transport

extension TrustedClient {
  /// From `NETWORK=TOKEN-ID`.
  init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let network = AddressRange(trimmed(String(parts[0]))) else { return nil }
    let token = trimmed(String(parts[1]))
    guard !token.isEmpty else { return nil }
    self.init(network: network, token: token)
  }
}

/// Digits only: `Int` alone would take `+25`.
func decimal(_ text: String) -> Int? {
  guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
  return Int(text)
}

/// Without blanks and tabs at either end.
func trimmed(_ text: String) -> String {
  let isBlank = { (character: Character) in character == " " || character == "\t" }
  let start = text.drop(while: isBlank)
  guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
  return String(start[...last])
}
