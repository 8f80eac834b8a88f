import Glibc

/// How many files and connections the process may have open.
enum OpenFiles {
  /// Takes all that the system lets us have: the usual 1024 is soon too few, and nobody but us is bothered.
  static func raiseLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
    else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Why no file can be opened, and what to do; nil when one can.
  static var complaint: String? {
    let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
    if descriptor >= 0 { close(descriptor) }
    guard descriptor < 0, errno == EMFILE || errno == ENFILE else { return nil }
    return "no file descriptors are left; raise the limit of open files (LimitNOFILE, ulimit -n)"
  }
}
