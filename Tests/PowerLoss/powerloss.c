// A disk that can lose its power and that can fail, between a program and its files.
//
// Preloaded (LD_PRELOAD), it stands around the libc calls that change files below POWERLOSS_ROOT or make them
// durable. Each call is carried out and then appended, in the order in which they took place, to the file
// POWERLOSS_LOG, from which disk.py makes what would be on disk had the power gone. The log survives a SIGKILL:
// it is written by write(2), and a killed process loses nothing of that. What is not written down here was a
// power cut a moment earlier, and nobody has been told that it was done.
//
// Syncs are not passed on: they take POWERLOSS_SYNC_MS milliseconds, as a disk would, and are noted. A sync
// makes durable what was done before it began, not what others did while it ran.
//
// Faults are read from the file POWERLOSS_CONTROL, which is mapped, so that a test can switch them at run time.
//
// Several processes may be at work, as those of PostgreSQL: what they do is in one order, which a lock in the mapped
// file keeps. A process that is killed while it has the lock does not keep it.
//
// Not seen: writes through shared mappings, stdio and calls that bypass libc. Mappings and stdio files are noted
// as such, and disk.py then refuses to make an image; for the rest it compares the log with the real files. Files
// with a name in POWERLOSS_PASS (parts of names, colons between) are nobody's concern after a power cut: they are
// passed by, and gone after it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// MARK: what disk.py reads and writes

enum operation {
  OP_OPEN = 1,  // path; offset: 1 created, 2 emptied; other openings are not noted
  OP_WRITE,     // data
  OP_TRUNCATE,  // offset: the new size
  OP_SYNC,      // of a file or folder, inode 0: of all; offset: how long the log was when it began
  OP_MKDIR,     // path
  OP_RENAME,    // path NUL path
  OP_LINK,      // path NUL path
  OP_UNLINK,    // path; also of folders
  OP_UNSEEN,    // path: changed in a way that we can't follow
};

struct record {
  uint32_t operation;
  uint32_t length;  // of what follows
  uint64_t inode;
  uint64_t offset;
};

enum call { CALL_WRITE = 1, CALL_SYNC = 2, CALL_OPEN = 4, CALL_CHANGE = 8 };

enum { RULES = 8, FILES = 65536 };

// What a rule may ask for beside an errno: a sync that says yes and does nothing, a write that ends half-way.
enum { SWALLOW = -1, SHORTEN = -2 };

struct rule {
  _Atomic int32_t calls;  // 0: not in use
  _Atomic int32_t error;  // errno, SWALLOW or SHORTEN
  _Atomic int32_t left;   // how often still; -1: until switched off
  _Atomic int32_t hits;
  char suffix[48];        // of the path; empty: every file; behind an asterisk: any part of it
};

// What is mapped.
static struct shared {
  struct rule rules[RULES];
  _Atomic int32_t owner;  // process that is at work; 0: none
} *shared;
static const char *passed;
static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1;
static struct timespec sync_time;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

// Open files below the root, by descriptor: the inode, 0 for others.
static struct {
  _Atomic uint64_t inode;
  _Atomic int flags;
  char *path;
} files[FILES];

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

// From here to `end_order` nobody else changes a file or writes to the log.
static void begin_order(void) {
  pthread_mutex_lock(&order);
  for (int tries = 1; ; tries++) {
    int32_t owner = 0, mine = (int32_t)getpid();
    if (atomic_compare_exchange_weak(&shared->owner, &owner, mine)) return;
    if (tries % 1000 == 0 && owner > 0 && kill(owner, 0) != 0 && errno == ESRCH &&
        atomic_compare_exchange_strong(&shared->owner, &owner, mine)) return;
    if (tries % 20 == 0) nanosleep(&(struct timespec){0, 50000}, NULL);
    else sched_yield();
  }
}

static void end_order(void) {
  atomic_store(&shared->owner, 0);
  pthread_mutex_unlock(&order);
}

static void fail(const char *what) {
  dprintf(STDERR_FILENO, "powerloss: %s: %s\n", what, strerror(errno));
  abort();
}

__attribute__((constructor)) static void prepare(void) {
  const char *folder = getenv("POWERLOSS_ROOT"), *log = getenv("POWERLOSS_LOG");
  const char *control = getenv("POWERLOSS_CONTROL"), *delay = getenv("POWERLOSS_SYNC_MS");
  if (!folder || !log || !control) return;
  long milliseconds = delay ? atol(delay) : 0;
  sync_time = (struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000};
  // A copy: PostgreSQL writes its titles over the environment.
  passed = getenv("POWERLOSS_PASS") ? strdup(getenv("POWERLOSS_PASS")) : NULL;
  int file = open(control, O_RDWR | O_CLOEXEC);
  if (file < 0) fail(control);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED) fail("mmap");
  close(file);
  log_file = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_file < 0) fail(log);
  // Out of the way of descriptors that count, such as those of a program that fills its table.
  int high = fcntl(log_file, F_DUPFD_CLOEXEC, 900);
  if (high >= 0) close(log_file), log_file = high;
  if (!realpath(folder, root)) fail(folder);
  root_length = strlen(root);
}

// MARK: paths

// The absolute path, with the folder resolved and the last part as it is; false when it is not below the root.
static bool below(int at, const char *path, char *full) {
  if (!root_length || !path || !*path) return false;
  char joined[PATH_MAX], folder[PATH_MAX];
  if (path[0] == '/' || at == AT_FDCWD) {
    if (snprintf(joined, sizeof joined, "%s", path) >= PATH_MAX) return false;
  } else {
    if (at < 0 || at >= FILES || !files[at].inode || !files[at].path) return false;
    if (snprintf(joined, sizeof joined, "%s/%s", files[at].path, path) >= PATH_MAX) return false;
  }
  size_t length = strlen(joined);
  while (length > 1 && joined[length - 1] == '/') joined[--length] = 0;
  char *slash = strrchr(joined, '/');
  const char *last = slash ? slash + 1 : joined;
  if (slash == joined) strcpy(folder, "/");
  else if (slash) *slash = 0;
  int saved = errno;
  char *resolved = slash == joined ? folder : realpath(slash ? joined : ".", folder);
  errno = saved;
  if (!resolved) return false;
  if (snprintf(full, PATH_MAX, "%s/%s", folder, last) >= PATH_MAX) return false;
  return !strncmp(full, root, root_length) && (full[root_length] == '/' || !full[root_length]);
}

// SQLite's shared memory, and what else is made anew after a power cut, so that nobody asks what became of it.
static bool passes(const char *path) {
  size_t length = strlen(path);
  if (length > 4 && !strcmp(path + length - 4, "-shm")) return true;
  const char *name = strrchr(path, '/');
  for (const char *word = passed; word && *word; word += strspn(word, ":")) {
    char part[48];
    size_t end = strcspn(word, ":");
    if (end < sizeof part) {
      memcpy(part, word, end), part[end] = 0;
      if (strstr(name ? name : path, part)) return true;
    }
    word += end;
  }
  return false;
}

// MARK: faults

static bool matches(const struct rule *rule, const char *path) {
  if (rule->suffix[0] == '*') return strstr(path, rule->suffix + 1) != NULL;
  size_t length = strlen(path), suffix = strnlen(rule->suffix, sizeof rule->suffix);
  return suffix <= length && !memcmp(path + length - suffix, rule->suffix, suffix);
}

// 0, an errno to fail with, SWALLOW or SHORTEN.
static int fault(int call, const char *path) {
  if (!shared || !path) return 0;
  for (int i = 0; i < RULES; i++) {
    struct rule *rule = &shared->rules[i];
    if (!(atomic_load(&rule->calls) & call) || !matches(rule, path)) continue;
    int32_t left = atomic_load(&rule->left);
    while (left > 0 && !atomic_compare_exchange_weak(&rule->left, &left, left - 1)) {}
    if (left == 0) continue;
    atomic_fetch_add(&rule->hits, 1);
    return atomic_load(&rule->error);
  }
  return 0;
}

static bool fails(int call, const char *path) {
  int error = fault(call, path);
  if (error > 0) errno = error;
  return error > 0;
}

// MARK: the log

static uint64_t log_length(void) {
  struct stat state;
  return fstat(log_file, &state) == 0 ? (uint64_t)state.st_size : 0;
}

static void note(enum operation operation, uint64_t inode, uint64_t offset, const struct iovec *parts, int count) {
  int saved = errno;
  struct iovec all[1 + IOV_MAX];
  struct record record = {operation, 0, inode, offset};
  all[0] = (struct iovec){&record, sizeof record};
  for (int i = 0; i < count; i++) {
    all[i + 1] = parts[i];
    record.length += (uint32_t)parts[i].iov_len;
  }
  REAL(writev);
  if (real(log_file, all, count + 1) != (ssize_t)(sizeof record + record.length)) fail("the log");
  errno = saved;
}

static void note_paths(enum operation operation, uint64_t inode, uint64_t offset, const char *one, const char *two) {
  struct iovec parts[2] = {{(void *)one, strlen(one) + (two ? 1 : 0)}, {(void *)two, two ? strlen(two) : 0}};
  note(operation, inode, offset, parts, 2);
}

static bool watched(int file) { return file >= 0 && file < FILES && files[file].inode != 0; }

static bool noted(int file) { return watched(file) && !passes(files[file].path); }

static void forget(int file) {
  if (watched(file)) files[file].inode = 0;
}

// Paths are kept for good: others may be reading them, and a test opens few files.
static void remember(int file, uint64_t inode, const char *path, int flags) {
  if (file < 0 || file >= FILES) return;
  files[file].path = strdup(path);
  files[file].flags = flags;
  files[file].inode = inode;
}

static void copy(int from, int to) {
  if (to < 0 || to >= FILES || from == to) return;
  forget(to);
  if (watched(from)) remember(to, files[from].inode, files[from].path, files[from].flags);
}

// MARK: opening and closing

static int opened(int at, const char *path, int flags, mode_t mode) {
  static int (*real)(int, const char *, int, ...);
  if (!real) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat64");
  char full[PATH_MAX];
  if (!below(at, path, full)) return real(at, path, flags, mode);
  bool writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
  if (fails(writes ? CALL_OPEN | CALL_CHANGE : CALL_OPEN, full)) return -1;
  begin_order();
  struct stat state;
  bool isNew = flags & O_CREAT && lstat(full, &state) != 0;
  int file = real(at, path, flags, mode);
  if (file >= 0 && fstat(file, &state) == 0) {
    remember(file, state.st_ino, full, flags);
    bool emptied = flags & O_TRUNC && writes && !isNew;
    if (!passes(full) && (isNew || emptied)) note_paths(OP_OPEN, state.st_ino, isNew ? 1 : 2, full, NULL);
  }
  end_order();
  return file;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); \
  }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return opened(at, path, flags, mode); }
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return opened(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return opened(at, path, flags, 0); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int file) {
  REAL(close);
  forget(file);
  return real(file);
}

int dup(int file) { REAL(dup); int made = real(file); copy(file, made); return made; }
int dup2(int file, int to) { REAL(dup2); int made = real(file, to); copy(file, made); return made; }
int dup3(int file, int to, int flags) { REAL(dup3); int made = real(file, to, flags); copy(file, made); return made; }

static int control(int file, int command, void *argument) {
  static int (*real)(int, int, ...);
  if (!real) real = (int (*)(int, int, ...))dlsym(RTLD_NEXT, "fcntl64");
  int result = real(file, command, argument);
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) copy(file, result);
  return result;
}

#define ARGUMENT(last) va_list list; va_start(list, last); void *argument = va_arg(list, void *); va_end(list);
int fcntl(int file, int command, ...) { ARGUMENT(command) return control(file, command, argument); }
int fcntl64(int file, int command, ...) { ARGUMENT(command) return control(file, command, argument); }

static void *stream(const char *name, const char *path, const char *mode) {
  void *(*real)(const char *, const char *) = (void *(*)(const char *, const char *))dlsym(RTLD_NEXT, name);
  char full[PATH_MAX];
  if (strpbrk(mode, "wa+") && below(AT_FDCWD, path, full) && !passes(full)) note_paths(OP_UNSEEN, 0, 0, full, NULL);
  return real(path, mode);
}

FILE *fopen(const char *path, const char *mode) { return stream("fopen", path, mode); }
FILE *fopen64(const char *path, const char *mode) { return stream("fopen64", path, mode); }

static void *mapped(const char *name, void *address, size_t length, int protection, int flags, int file, off_t at) {
  static void *(*real)(void *, size_t, int, int, int, off_t);
  if (!real) real = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, name);
  if (noted(file) && flags & MAP_SHARED && protection & PROT_WRITE)
    note_paths(OP_UNSEEN, files[file].inode, 0, files[file].path, NULL);
  return real(address, length, protection, flags, file, at);
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t at) {
  return mapped("mmap", address, length, protection, flags, file, at);
}
void *mmap64(void *address, size_t length, int protection, int flags, int file, off_t at) {
  return mapped("mmap", address, length, protection, flags, file, at);
}

// MARK: writing

static ssize_t written(int file, const struct iovec *parts, int count, off_t at, bool atPosition) {
  REAL(writev);
  static ssize_t (*realAt)(int, const struct iovec *, int, off_t);
  if (!realAt) realAt = (ssize_t (*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "pwritev64");
  if (!watched(file)) return atPosition ? realAt(file, parts, count, at) : real(file, parts, count);
  struct iovec half = {parts[0].iov_base, parts[0].iov_len / 2};
  int error = fault(CALL_WRITE, files[file].path);
  if (error == SHORTEN && half.iov_len > 0) parts = &half, count = 1;
  if (error > 0) return errno = error, -1;
  begin_order();
  ssize_t done = atPosition ? realAt(file, parts, count, at) : real(file, parts, count);
  if (done > 0 && noted(file)) {
    struct stat state;
    off_t start = atPosition ? at : lseek(file, 0, SEEK_CUR) - done;
    // Linux appends whatever `at` says.
    if (files[file].flags & O_APPEND && fstat(file, &state) == 0) start = state.st_size - done;
    struct iovec kept[IOV_MAX];
    size_t left = (size_t)done;
    int used = 0;
    for (; used < count && used < IOV_MAX && left > 0; used++) {
      kept[used] = parts[used];
      if (kept[used].iov_len > left) kept[used].iov_len = left;
      left -= kept[used].iov_len;
    }
    note(OP_WRITE, files[file].inode, (uint64_t)start, kept, used);
    if (files[file].flags & (O_SYNC | O_DSYNC)) note(OP_SYNC, files[file].inode, log_length(), NULL, 0);
  }
  end_order();
  return done;
}

ssize_t write(int file, const void *data, size_t length) {
  REAL(write);
  if (!watched(file)) return real(file, data, length);
  return written(file, &(struct iovec){(void *)data, length}, 1, 0, false);
}

static ssize_t writtenAt(int file, const void *data, size_t length, off_t at) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
  if (!watched(file)) return real(file, data, length, at);
  return written(file, &(struct iovec){(void *)data, length}, 1, at, true);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t at) { return writtenAt(file, data, length, at); }
ssize_t pwrite64(int file, const void *data, size_t length, off_t at) { return writtenAt(file, data, length, at); }
ssize_t writev(int file, const struct iovec *parts, int count) { return written(file, parts, count, 0, false); }
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  return written(file, parts, count, at, true);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t at) {
  return written(file, parts, count, at, true);
}

static ssize_t writtenWith(int file, const struct iovec *parts, int count, off_t at, int flags) {
  static ssize_t (*real)(int, const struct iovec *, int, off_t, int);
  if (!real) real = (ssize_t (*)(int, const struct iovec *, int, off_t, int))dlsym(RTLD_NEXT, "pwritev64v2");
  if (!watched(file)) return real(file, parts, count, at, flags);
  if (flags != 0) note_paths(OP_UNSEEN, files[file].inode, 0, files[file].path, NULL);
  return written(file, parts, count, at, at != -1);
}

ssize_t pwritev2(int file, const struct iovec *parts, int count, off_t at, int flags) {
  return writtenWith(file, parts, count, at, flags);
}
ssize_t pwritev64v2(int file, const struct iovec *parts, int count, off_t at, int flags) {
  return writtenWith(file, parts, count, at, flags);
}

static int resized(int file, off_t size) {
  static int (*real)(int, off_t);
  if (!real) real = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate64");
  if (!watched(file)) return real(file, size);
  if (fails(CALL_WRITE, files[file].path)) return -1;
  begin_order();
  int result = real(file, size);
  if (result == 0 && noted(file)) note(OP_TRUNCATE, files[file].inode, (uint64_t)size, NULL, 0);
  end_order();
  return result;
}

static int cut(const char *path, off_t size) {
  int file = opened(AT_FDCWD, path, O_WRONLY, 0);
  if (file < 0) return -1;
  int result = resized(file, size);
  int saved = errno;
  close(file);
  errno = saved;
  return result;
}

int truncate(const char *path, off_t size) { return cut(path, size); }
int truncate64(const char *path, off_t size) { return cut(path, size); }
int ftruncate(int file, off_t size) { return resized(file, size); }
int ftruncate64(int file, off_t size) { return resized(file, size); }

// Room is only promised, so all that can be seen of it is the size.
static int reserved(int file, int mode, off_t at, off_t length) {
  static int (*real)(int, int, off_t, off_t);
  if (!real) real = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate64");
  if (!watched(file)) return real(file, mode, at, length);
  if (fails(CALL_WRITE, files[file].path)) return -1;
  struct stat state;
  if (mode != 0) note_paths(OP_UNSEEN, files[file].inode, 0, files[file].path, NULL);
  if (fstat(file, &state) == 0 && state.st_size < at + length) return resized(file, at + length);
  return 0;
}

int fallocate(int file, int mode, off_t at, off_t length) { return reserved(file, mode, at, length); }
int fallocate64(int file, int mode, off_t at, off_t length) { return reserved(file, mode, at, length); }
int posix_fallocate(int file, off_t at, off_t length) { return reserved(file, 0, at, length) == 0 ? 0 : errno; }
int posix_fallocate64(int file, off_t at, off_t length) { return reserved(file, 0, at, length) == 0 ? 0 : errno; }

// MARK: making durable

static int synced(int file) {
  int error = fault(CALL_SYNC, files[file].path);
  if (error > 0) return errno = error, -1;
  begin_order();
  uint64_t begin = log_length();
  end_order();
  nanosleep(&sync_time, NULL);
  if (error == SWALLOW || !noted(file)) return 0;
  begin_order();
  note(OP_SYNC, files[file].inode, begin, NULL, 0);
  end_order();
  return 0;
}

int fsync(int file) { REAL(fsync); return watched(file) ? synced(file) : real(file); }
int fdatasync(int file) { REAL(fdatasync); return watched(file) ? synced(file) : real(file); }

// Everything, whatever file is named.
int syncfs(int file) {
  REAL(syncfs);
  if (!watched(file)) return real(file);
  if (fails(CALL_SYNC, files[file].path)) return -1;
  begin_order();
  uint64_t begin = log_length();
  end_order();
  nanosleep(&sync_time, NULL);
  begin_order();
  note(OP_SYNC, 0, begin, NULL, 0);
  end_order();
  return 0;
}
// sync_file_range and msync promise nothing that outlives a power cut: they are left as they are.

// MARK: names

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  char full[PATH_MAX];
  if (!below(AT_FDCWD, path, full)) return real(path, mode);
  struct stat state;
  if (lstat(full, &state) != 0 && fails(CALL_CHANGE, full)) return -1;
  begin_order();
  int result = real(path, mode);
  if (result == 0 && lstat(full, &state) == 0) note_paths(OP_MKDIR, state.st_ino, 0, full, NULL);
  end_order();
  return result;
}

static int moved(const char *name, int fromAt, const char *from, int toAt, const char *to, unsigned flags) {
  int (*real)(int, const char *, int, const char *, unsigned) =
    (int (*)(int, const char *, int, const char *, unsigned))dlsym(RTLD_NEXT, name);
  char one[PATH_MAX], two[PATH_MAX];
  bool isOurs = below(fromAt, from, one), reaches = below(toAt, to, two);
  if (!isOurs && !reaches) return real(fromAt, from, toAt, to, flags);
  if (fails(CALL_CHANGE, isOurs ? one : two)) return -1;
  begin_order();
  int result = real(fromAt, from, toAt, to, flags);
  if (result == 0 && !(isOurs && reaches && passes(one) && passes(two))) {
    bool isFollowed = isOurs && reaches && (flags == 0 || !strcmp(name, "linkat"));
    if (isFollowed) note_paths(!strcmp(name, "linkat") ? OP_LINK : OP_RENAME, 0, 0, one, two);
    else note_paths(OP_UNSEEN, 0, 0, isOurs ? one : two, NULL);
  }
  end_order();
  return result;
}

int rename(const char *from, const char *to) { return moved("renameat2", AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return moved("renameat2", a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
  return moved("renameat2", a, from, b, to, flags);
}
int link(const char *from, const char *to) { return moved("linkat", AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) {
  return moved("linkat", a, from, b, to, (unsigned)flags);
}

static int removed(int at, const char *path, int flags) {
  REAL(unlinkat);
  char full[PATH_MAX];
  if (!below(at, path, full)) return real(at, path, flags);
  struct stat state;
  if (lstat(full, &state) == 0 && fails(CALL_CHANGE, full)) return -1;
  begin_order();
  int result = real(at, path, flags);
  if (result == 0 && !passes(full)) note_paths(OP_UNLINK, 0, 0, full, NULL);
  end_order();
  return result;
}

int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return removed(at, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = removed(AT_FDCWD, path, 0);
  return result != 0 && errno == EISDIR ? removed(AT_FDCWD, path, AT_REMOVEDIR) : result;
}

// A program that asks beforehand whether it may write is told the same.
int access(const char *path, int mode) {
  REAL(access);
  char full[PATH_MAX];
  if (mode & W_OK && below(AT_FDCWD, path, full) && fails(CALL_CHANGE, full)) return -1;
  return real(path, mode);
}
