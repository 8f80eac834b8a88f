import MailModel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Who sends, as the footer of e-mails says it: HubSpot's `site_settings`.
public enum SiteSetting: String, Sendable, CaseIterable {
  case name = "company_name"
  case street = "company_street_address_1"
  case street2 = "company_street_address_2"
  case city = "company_city"
  case state = "company_state"
  case zip = "company_zip"
  case country = "company_country"
  case office = "office_location_name"
}

extension Connection {
  /// What is stored; without a company's name, the account's own.
  public func siteSettings(account: AccountID) throws -> [SiteSetting: String] {
    var settings: [SiteSetting: String] = [:]
    if let stored = try setting(Self.key(account)) {
      for (name, value) in try JSONDecoder().decode([String: String].self, from: Data(stored)) {
        if let setting = SiteSetting(rawValue: name) { settings[setting] = value }
      }
    }
    if settings[.name] == nil { settings[.name] = try self.account(account)?.name }
    return settings
  }

  /// Changes those that are named; an empty text takes one away.
  public func setSiteSettings(account: AccountID, _ changes: [SiteSetting: String]) throws {
    var settings = try siteSettings(account: account)
    for (setting, value) in changes { settings[setting] = value.isEmpty ? nil : value }
    var json = JSONWriter()
    for setting in SiteSetting.allCases {
      if let value = settings[setting] { json.add(name: setting.rawValue, value) }
    }
    guard case .utf8(let bytes) = json.finish() else {
      return try setSetting(Self.key(account), Array("{}".utf8))
    }
    try setSetting(Self.key(account), bytes)
  }

  private static func key(_ account: AccountID) -> String { "site_settings.\(account)" }
}
