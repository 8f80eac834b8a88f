import MailModel

/// How long the data of each account is kept.
public struct RetentionPolicy: Sendable, Hashable {
  /// For accounts without ages of their own.
  public var ages: RetentionAges
  /// Those that have some, with what is in force for them.
  public var accounts: [AccountID: RetentionAges]

  public init(_ ages: RetentionAges, overrides: [AccountID: RetentionOverride] = [:]) {
    self.ages = ages
    self.accounts = overrides.mapValues { ages.with($0) }
  }

  /// - Parameter account: nil for what belongs to nobody that is known.
  public func ages(of account: AccountID?) -> RetentionAges {
    account.flatMap { accounts[$0] } ?? ages
  }

  /// All ages of that kind that are in force for somebody, the shortest first.
  func distinct(_ kind: RetainedKind) -> [Duration] {
    Set(accounts.values.map { $0[kind] } + [ages[kind]]).sorted()
  }
}

extension Connection {
  /// Those that accounts have of their own.
  public func retentionOverrides() throws -> [AccountID: RetentionOverride] {
    let found = try rows("SELECT account_id, bodies, events, messages FROM retention") { row in
      func age(_ column: Int32) -> Duration? { row.optionalInt(column).map { .seconds($0) } }
      return (row.id(0) as AccountID, RetentionOverride(bodies: age(1), events: age(2), messages: age(3)))
    }
    return Dictionary(found, uniquingKeysWith: { $1 })
  }

  /// - Parameter own: with nothing in it, the account follows the configuration again.
  public func setRetention(_ own: RetentionOverride, account: AccountID) throws {
    func seconds(_ age: Duration?) -> SQLValue { .of(age?.components.seconds) }
    if own == RetentionOverride() {
      return try execute("DELETE FROM retention WHERE account_id = $1", .of(account))
    }
    try execute(
      """
      INSERT INTO retention (account_id, bodies, events, messages) VALUES ($1, $2, $3, $4)
      ON CONFLICT (account_id) DO UPDATE SET bodies = excluded.bodies, events = excluded.events,
        messages = excluded.messages
      """, .of(account), seconds(own.bodies), seconds(own.events), seconds(own.messages))
  }
}
