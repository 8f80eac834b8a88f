import HTTPTypes
import Hummingbird
import MailModel
import Signing
import Storage

/// Scopes that our routes ask for; names are HubSpot's.
enum Scope {
  static let transactional = ["transactional-email"]
  static let content = ["content", "marketing.email.read", "marketing.email.write", "transactional-email"]
}

extension WebServices {
  /// The account whose access token the request carries.
  ///
  /// - Parameter scopes: any one of them suffices. A token without any scope may do everything.
  func authorize(_ request: Request, _ scopes: [String]) async throws -> AccessToken {
    guard let secret = Self.bearer(request), let token = try await accessToken(MessageDigest.sha256(secret))
    else { throw APIError.unauthenticated }
    guard token.scopes.isEmpty || token.scopes.contains(where: scopes.contains) else {
      throw APIError.missingScopes(scopes)
    }
    return token
  }

  /// The token of `Authorization: Bearer TOKEN` (RFC 6750); the scheme's case does not matter.
  private static func bearer(_ request: Request) -> String? {
    guard let value = request.headers[.authorization] else { return nil }
    let words = value.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }
}
