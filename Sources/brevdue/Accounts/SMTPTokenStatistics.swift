import ArgumentParser
import MailModel
import Storage

extension SMTPTokens {
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the log-ins, without their passwords.")

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let (tokens, totals) = try await Installation.with(try location.configuration()) { installation in
        let account = try await installation.account(account).id
        return try await installation.store.read { connection in
          let tokens = try connection.smtpTokens(account: account)
          return (tokens, try connection.totals(campaigns: tokens.map(\.campaign)))
        }
      }
      if output.json { return Terminal.print(.array(tokens.map { .object(SMTPTokens.json($0)) })) }
      guard !tokens.isEmpty else {
        return Terminal.note("No SMTP tokens. Make one: brevdue smtp-token create --campaign NAME")
      }
      var table = Table(["USER", "SENT", "DELIVERED", "CREATED", "CAMPAIGN"])
      for token in tokens {
        let counts = totals[token.campaign] ?? CampaignTotals()
        table.add(
          token.id, "\(counts.sent)", "\(counts.delivered)", token.createdAt.local, token.campaignName)
      }
      Terminal.print(table.text(width: Terminal.width))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a log-in and what came of its mail.",
      discussion: """
        Totals are kept up with every event; opens and clicks of scanners and privacy proxies are not counted. \
        Delivery and bounce rates are percent of sent, open and click rates percent of delivered.

          brevdue smtp-token show USER --by day --last 7
        """)

    @Argument(help: "User name of the token.")
    var id: String

    @OptionGroup var intervals: IntervalOptions

    @OptionGroup var account: AccountOptions
    @OptionGroup var location: LocationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let (token, totals, counted) = try await Installation.with(try location.configuration()) {
        installation in
        let (account, id, intervals) = (try await installation.account(account).id, id, intervals)
        return try await installation.store.read { connection in
          guard let token = try connection.smtpToken(id), token.account == account else {
            throw SMTPTokens.missing(id)
          }
          return (
            token, try connection.totals(campaign: token.campaign),
            try intervals.counted(token.campaign, connection)
          )
        }
      }
      if output.json {
        var added = [
          JSON.Member(name: "expiresAt", value: .orNull(token.expiresAt?.iso8601)),
          JSON.Member(name: "totals", value: totals.json),
          JSON.Member(name: "rates", value: totals.ratesJSON),
        ]
        if let counted { added.append(JSON.Member(name: "intervals", value: counted.json)) }
        return Terminal.print(.object(SMTPTokens.json(token) + added))
      }
      show(token, totals)
      if let counted { Terminal.print("\n" + counted.table) }
    }

    private func show(_ token: SMTPToken, _ totals: CampaignTotals) {
      var table = Table()
      table.add("user", token.id)
      table.add("campaign", "\(token.campaignName) (\(token.campaign))")
      table.add("created", token.createdAt.local + (token.createdBy.map { " by \($0)" } ?? ""))
      table.add("expires", token.expiresAt?.local ?? "never")
      table.add("makes contacts", token.createContact ? "yes" : "no")
      Terminal.print(table.text())
      Terminal.print("")
      Terminal.print(totals.table)
    }
  }
}

extension CampaignTotals {
  var json: JSON {
    .object([
      "sent": .int(sent), "delivered": .int(delivered), "deferred": .int(deferred), "bounced": .int(bounced),
      "dropped": .int(dropped), "opened": .int(opened), "openedUnique": .int(openedUnique),
      "clicked": .int(clicked), "clickedUnique": .int(clickedUnique),
    ])
  }

  var ratesJSON: JSON {
    .object([
      "delivered": .double(deliveredRate), "bounced": .double(bounceRate), "opened": .double(openRate),
      "clicked": .double(clickRate), "clickThrough": .double(clickThroughRate),
    ])
  }

  /// For people: a line a thing counted, with its rate.
  var table: String {
    var table = Table(["", "TOTAL", "MESSAGES", "RATE"])
    table.add("sent", "\(sent)", "", "")
    table.add("delivered", "\(delivered)", "", "\(deliveredRate) % of sent")
    table.add("deferred", "\(deferred)", "", "")
    table.add("bounced", "\(bounced)", "", "\(bounceRate) % of sent")
    table.add("dropped", "\(dropped)", "", "")
    table.add("opened", "\(opened)", "\(openedUnique)", "\(openRate) % of delivered")
    table.add("clicked", "\(clicked)", "\(clickedUnique)", "\(clickRate) % of delivered")
    return table.text()
  }
}
