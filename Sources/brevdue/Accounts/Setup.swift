import ArgumentParser
import MailModel
import Signing
import Storage

struct Setup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make an account with its owner.",
    discussion: """
      The owner logs in with the address and a password. Without --password-stdin a password is made up and \
      printed, once.

        brevdue setup --account "My shop" --email me@example.com
        pass show brevdue | brevdue setup --account "My shop" --email me@example.com --password-stdin
      """)

  @Option(name: .long, help: ArgumentHelp("What the account is called.", valueName: "name"))
  var account: String

  @Option(name: .long, help: ArgumentHelp("The owner's address.", valueName: "address"))
  var email: String

  @Flag(name: .long, help: "Read the password from the first line of standard input.")
  var passwordStdin = false

  @OptionGroup var location: LocationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if account.allSatisfy(\.isWhitespace) { throw ValidationError("--account must not be empty.") }
    do {
      _ = try EmailAddress(email)
    } catch {
      throw ValidationError("--email \"\(email)\" is not an address: \(error).")
    }
  }

  func run() async throws {
    let configuration = try location.configuration()
    let given = passwordStdin ? try Self.readPassword() : nil
    let password = given ?? Secrets.randomText(20)
    let hash = try PasswordHash.make(Array(password.utf8))
    let (name, address, now) = (account, email.lowercased(), Instant.now())
    try await Installation.with(configuration) { installation in
      let made = try await installation.store.write { connection in
        if try connection.user(email: address) != nil {
          throw Failure(
            "There is a user \(address) already.",
            next: "Each person has one user; give another address, or go on with the account there is.")
        }
        let made = try connection.createAccount(name: name, at: now)
        _ = try connection.createUser(
          account: made.id, email: address, passwordHash: hash, role: .owner, at: now)
        return made
      }
      show(made, owner: address, password: given == nil ? password : nil)
    }
  }

  private func show(_ account: AccountRecord, owner: String, password: String?) {
    if output.json {
      Terminal.print(
        .object([
          "account": .int(account.id.value), "name": .string(account.name), "owner": .string(owner),
          "password": password.map { .string($0) },
        ]))
      return
    }
    var table = Table()
    table.add("account", "\(account.id) (\(account.name))")
    table.add("owner", owner)
    if let password { table.add("password", password + "   (shown only now)") }
    Terminal.print(table.text())
    Terminal.print("\nNext: brevdue domain add example.com")
  }

  static let passwordMinimum = 8

  private static func readPassword() throws -> String {
    guard let line = readLine(strippingNewline: true), line.utf8.count >= passwordMinimum else {
      throw Failure(
        "The password on standard input has fewer than \(passwordMinimum) characters.",
        next: "Give a longer one, or leave --password-stdin out to have one made.")
    }
    return line
  }
}
