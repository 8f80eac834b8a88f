/// An e-mail to begin with: a document that looks right as it is, and values to look at it with.
public struct Starter: Sendable {
  /// For the command line and addresses: `order-shipped`.
  public let name: String
  /// For people.
  public let title: String
  /// When to use it, in a sentence.
  public let summary: String
  public let document: EmailDocument
  /// What a send of it could look like: `contact`, `custom`, `site_settings` and so on.
  public let sample: JSONValue

  init(_ name: String, _ title: String, _ summary: String, _ document: EmailDocument, custom: JSONValue) {
    self.name = name
    self.title = title
    self.summary = summary
    self.document = document
    sample = [
      "contact": ["firstname": "Ada", "lastname": "Okafor", "email": "ada@example.com"],
      "custom": custom,
      "site_settings": [
        "company_name": "Northwind Supply", "company_street_address_1": "12 Harbour Street",
        "company_city": "Bristol", "company_zip": "BS1 4RB", "company_country": "United Kingdom",
      ],
      "unsubscribe_link": "https://example.com/preferences",
      "unsubscribe_link_all": "https://example.com/unsubscribe",
      "view_as_page_url": "https://example.com/view",
    ]
  }

  /// All of them, in the order in which an editor shows them.
  public static let all: [Starter] = [
    receipt, invoice, orderShipped, orderDelivered, welcome, passwordReset, signInCode, securityAlert,
    changeOfTerms, paymentFailed, subscriptionRenewed, letter,
  ]

  /// The one of a name.
  public static func named(_ name: String) -> Starter? { all.first { $0.name == name } }
}
