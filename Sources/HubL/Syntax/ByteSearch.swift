extension [UInt8] {
  /// Where `sign` stands next, at `start` or behind it; nil when it does not, or is empty.
  func firstRange(of sign: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first = sign.first, start >= 0, start <= count - sign.count else { return nil }
    return withUnsafeBufferPointer { bytes in
      let last = bytes.count - sign.count
      var place = start
      while place <= last {
        if bytes[place] == first, sign.indices.allSatisfy({ bytes[place + $0] == sign[$0] }) {
          return place..<(place + sign.count)
        }
        place += 1
      }
      return nil
    }
  }
}
