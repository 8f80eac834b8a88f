/// Which header fields a signature covers: what recipients see or act on (RFC 6376 section 5.4.1), not
/// what relays add or change (Received, Return-Path) and not Bcc.
enum SignedFields {
  private static let names: [[UInt8]] = [
    "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
    "Content-Description", "List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Post", "List-Owner", "List-Archive", "Feedback-ID", "CFBL-Address",
    "CFBL-Feedback-ID", "Auto-Submitted", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
    "Resent-Date", "Resent-Message-ID",
  ].map { Array($0.utf8) }

  /// `names` by their length, so that most fields are told apart without a comparison.
  private static let byLength: [[[UInt8]]] = {
    var table = [[[UInt8]]](repeating: [], count: 32)
    for name in names { table[name.count].append(name) }
    return table
  }()

  /// The name as it stands in `h=`; nil for a field that is not signed.
  static func name(of field: ScannedField, in message: UnsafeRawBufferPointer) -> [UInt8]? {
    var end = field.colon
    while end > field.start, isBlank(message[end - 1]) { end -= 1 }
    let count = end - field.start
    guard count < byLength.count else { return nil }
    return byLength[count].first { isEqual($0, message, field.start) }
  }

  private static func isEqual(_ name: [UInt8], _ message: UnsafeRawBufferPointer, _ start: Int) -> Bool {
    for index in name.indices where lowercased(name[index]) != lowercased(message[start + index]) {
      return false
    }
    return true
  }
}
