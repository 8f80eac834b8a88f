import Composition
import MailModel
import Storage
import Synchronization

/// An e-mail with its template parsed, or why that failed.
struct ParsedEmail: Sendable {
  var record: EmailRecord
  var template: Result<EmailTemplate, RenderError>
  var contract: EmailContract?
  /// What it takes from the account.
  var shared: AccountContent

  init(_ record: EmailRecord, _ shared: AccountContent) {
    self.record = record
    self.shared = shared
    contract = record.contract
    do {
      template = .success(
        try EmailTemplate(subject: record.subject, html: record.html, text: record.text))
    } catch {
      template = .failure(error)
    }
  }
}

/// Keeps parsed e-mails for a moment, so that a burst of sends neither reads nor parses each time.
final class EmailCache: Sendable {
  private struct Key: Hashable {
    var account: AccountID
    var email: EmailID
  }

  private struct Entry {
    var email: ParsedEmail
    var readAt: Instant
  }

  /// More e-mails than this at a time and the cache starts anew.
  private static let limit = 1000

  private let store: Store
  private let lifetimeMilliseconds: Int64
  private let entries = Mutex<[Key: Entry]>([:])

  init(store: Store, lifetimeMilliseconds: Int64) {
    self.store = store
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  /// Nil when the account has no such e-mail.
  func email(_ id: EmailID, account: AccountID, at now: Instant) async throws -> ParsedEmail? {
    let key = Key(account: account, email: id)
    let known = entries.withLock { $0[key] }
    if let known, now < known.readAt.advanced(byMilliseconds: lifetimeMilliseconds) { return known.email }
    let found = try await store.read { db in
      try db.email(id, account: account).map { ($0, try AccountContent(of: $0, db)) }
    }
    guard let (record, shared) = found else {
      entries.withLock { $0[key] = nil }
      return nil
    }
    // The content can't change within a version, so the parsed template is still right.
    var email = known?.email ?? ParsedEmail(record, shared)
    if email.record.version == record.version {
      email.record = record
      if !email.shared.isSame(as: shared) { email.shared = shared }
    } else {
      email = ParsedEmail(record, shared)
    }
    let entry = Entry(email: email, readAt: now)
    entries.withLock { entries in
      if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
      entries[key] = entry
    }
    return email
  }

  func forget(_ id: EmailID, account: AccountID) {
    entries.withLock { $0[Key(account: account, email: id)] = nil }
  }
}
