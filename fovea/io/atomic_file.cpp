#include "fovea/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/retried.h"

namespace fovea::io {

namespace {

// Some kernels refuse single writes of 2 GiB and more.
constexpr std::size_t kLargestWrite = std::size_t{1} << 30;

std::string error_text(int error) { return std::generic_category().message(error); }

// A name that no other writer uses, in this process or another. It does not hold the final name,
// which may be as long as the file system allows.
constexpr std::string_view kTemporaryBegin = ".fovea-", kTemporaryEnd = ".tmp";

std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  return target.parent_path() / str(kTemporaryBegin, ::getpid(), "-", counter++, kTemporaryEnd);
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

// Follows links, so that the target is replaced and not the link; a dangling link's target is made.
std::filesystem::path resolve(const std::filesystem::path& path) {
  std::filesystem::path target = path;
  std::error_code error;
  // As many steps as Linux follows.
  for (int step = 0; step < 40 && std::filesystem::is_symlink(target, error); ++step) {
    const std::filesystem::path next = std::filesystem::read_symlink(target, error);
    if (error) break;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

// The rename is on disk only when its directory is. Returns the error, or 0.
int sync_directory(const std::filesystem::path& directory) {
  const int descriptor =
      retried([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return errno;
  // Some network file systems cannot sync directories and say EINVAL.
  const bool synced = retried([&] { return ::fsync(descriptor); }) == 0;
  const int error = !synced && errno != EINVAL ? errno : 0;
  ::close(descriptor);
  return error;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  target_ = resolve(path_);
  struct stat existing {};
  const bool exists = ::stat(target_.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) fail("open", EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) {
    descriptor_ = retried([&] { return ::open(target_.c_str(), O_WRONLY | O_CLOEXEC); });
    if (descriptor_ < 0) fail("open", errno);
    return;
  }
  const std::filesystem::path temporary = temporary_beside(target_);
  descriptor_ = retried(
      [&] { return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); });
  if (descriptor_ < 0) fail("open", errno);
  temporary_ = temporary;
  // Not fatal: on file systems without permissions there is nothing to keep.
  if (exists) (void)::fchmod(descriptor_, existing.st_mode & 07777);
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  check<StateError>(descriptor_ >= 0, "write_file: ", path_.native(),
                    " expected to be open, got a file that was committed or failed");
  while (!bytes.empty()) {
    const ssize_t count = retried(
        [&] { return ::write(descriptor_, bytes.data(), std::min(bytes.size(), kLargestWrite)); });
    if (count < 0) fail("write", errno);
    written_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::commit() {
  check<StateError>(descriptor_ >= 0, "write_file: ", path_.native(),
                    " expected to be open, got a file that was committed or failed");
  const bool direct = temporary_.empty();
  // Pipes and terminals cannot be synced and have nothing to sync.
  const bool synced = retried([&] { return ::fsync(descriptor_); }) == 0;
  if (!synced && !(direct && (errno == EINVAL || errno == EROFS))) fail("sync", errno);
  if (close_once(std::exchange(descriptor_, -1)) != 0) fail("close", errno);
  if (direct) return;
  if (retried([&] { return ::rename(temporary_.c_str(), target_.c_str()); }) != 0)
    fail("rename", errno);
  temporary_.clear();
  const int error = sync_directory(directory_of(target_));
  if (error != 0) fail("sync of the directory", error);
}

void AtomicFile::fail(const char* step, int error) {
  discard();
  throw IoError(str("write_file: ", path_.native(), " expected to be written, got \"",
                    error_text(error), "\" (", step, " after ", written_, " bytes)"));
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

void remove_temporaries(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> left;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(kTemporaryBegin) && name.ends_with(kTemporaryEnd))
      left.push_back(entry->path());
  }
  for (const std::filesystem::path& path : left) std::filesystem::remove(path, error);
}

void publish_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto fail = [&](const char* step, int error) {
    throw IoError(str("write_file: ", to.native(), " expected to be written, got \"",
                      error_text(error), "\" (", step, " of ", from.native(), ")"));
  };
  const int descriptor = retried([&] { return ::open(from.c_str(), O_RDONLY | O_CLOEXEC); });
  if (descriptor < 0) fail("open", errno);
  const int sync_error = retried([&] { return ::fsync(descriptor); }) != 0 ? errno : 0;
  ::close(descriptor);
  if (sync_error != 0) fail("sync", sync_error);
  if (retried([&] { return ::rename(from.c_str(), to.c_str()); }) != 0) fail("rename", errno);
  const int directory_error = sync_directory(directory_of(to));
  if (directory_error != 0) fail("sync of the directory", directory_error);
}

}  // namespace fovea::io
