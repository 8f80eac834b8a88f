extension [UInt8] {
  /// Where `sign` stands next, at `start` or behind it; nil when it does not, or is empty. In time in proportion to
  /// both, whatever they are.
  func firstRange(of sign: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first = sign.first, start >= 0, start <= count - sign.count else { return nil }
    // Looking again at the bytes behind each start is no loss while they are few.
    if sign.count > 16 { return longRange(of: sign, from: start) }
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

  /// After Knuth, Morris and Pratt: no byte is looked at from the start again.
  private func longRange(of sign: [UInt8], from start: Int) -> Range<Int>? {
    // For each place in the sign how much of its start ends there.
    var borders = [Int](repeating: 0, count: sign.count)
    var length = 0
    for place in 1..<sign.count {
      while length > 0, sign[place] != sign[length] { length = borders[length - 1] }
      if sign[place] == sign[length] { length += 1 }
      borders[place] = length
    }
    length = 0
    for place in start..<count {
      while length > 0, self[place] != sign[length] { length = borders[length - 1] }
      if self[place] == sign[length] { length += 1 }
      if length == sign.count { return (place + 1 - length)..<(place + 1) }
    }
    return nil
  }
}
