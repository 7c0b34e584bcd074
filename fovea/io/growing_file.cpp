#include "fovea/io/growing_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/retried.h"

namespace fovea::io {

GrowingFile::GrowingFile(std::filesystem::path path) : GrowingFile(std::move(path), 0) {}

GrowingFile::GrowingFile(std::filesystem::path path, std::uint64_t length)
    : path_(std::move(path)) {
  const int opened = retried(
      [&] { return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666); });
  if (opened < 0) fail("open", errno);
  struct stat status {};
  int error = ::fstat(opened, &status) == 0 ? 0 : errno;
  if (error == 0 && S_ISREG(status.st_mode)) {
    size_ = std::min<std::uint64_t>(length, static_cast<std::uint64_t>(status.st_size));
    const auto kept = static_cast<off_t>(size_);
    if (retried([&] { return ::ftruncate(opened, kept); }) != 0) error = errno;
  }
  if (error != 0) {
    ::close(opened);
    fail("open", error);
  }
  descriptor_ = opened;
}

GrowingFile::~GrowingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void GrowingFile::append(std::string_view piece) {
  std::string_view rest = piece;
  while (!rest.empty()) {
    const ssize_t count = retried([&] { return ::write(descriptor_, rest.data(), rest.size()); });
    if (count < 0) {
      const int error = errno;
      // What there is of the piece goes; where even that fails the next piece stands behind it.
      (void)!::ftruncate(descriptor_, static_cast<off_t>(size_));
      fail("write", error);
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  size_ += piece.size();
}

void GrowingFile::sync() {
  // What is no file has nothing to sync.
  if (retried([&] { return ::fsync(descriptor_); }) != 0 && errno != EINVAL && errno != EROFS)
    fail("sync", errno);
}

void GrowingFile::fail(const char* step, int error) const {
  throw IoError(str("write_file: ", path_.native(), " expected to grow, got \"",
                    std::generic_category().message(error), "\" (", step, " after ", size_,
                    " bytes)"));
}

}  // namespace fovea::io
