import ArgumentParser
import Glibc

/// The program: one command for the server and one for each thing that can be done to what it keeps.
@main
struct Brevdue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A transactional e-mail platform of your own.",
    discussion: """
      The first five minutes:
        brevdue setup --account "My shop" --email me@example.com
        brevdue domain add example.com
        brevdue smtp-token create --campaign "Receipts"
        brevdue serve

      Nothing leaves the machine until delivery.mode is relay or direct: a new installation captures.

      Commands work whether the server runs or not; a running server follows within a second. Any of them \
      takes --json (one JSON value on standard output) and the configuration keys of `serve` as options, as \
      BREVDUE_… environment variables or in the file that --config names.

      Exit status: 0 done, 1 failed with a reason, 2 wrong use.
      """,
    version: "0.1.0",
    subcommands: [
      Serve.self, Setup.self, Accounts.self, Doctor.self, AccessTokens.self, SMTPTokens.self, Domains.self,
      Emails.self,
      Templates.self, Messages.self, Queue.self, Nodes.self, RetentionCommands.self, Backup.self,
      Restore.self,
      MigrateStore.self,
    ])

  /// As ArgumentParser's, but with 2 for wrong use, and with our words for our errors.
  static func main() async {
    umask(0o077)  // what we make holds keys and mail: for the owner only
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Terminal.end(with: error, of: Self.self)
    }
  }
}
