#include "fovea/vision/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/io/atomic_file.h"

namespace fovea::vision {

PartFile::PartFile(const std::filesystem::path& target) : target_(target), path_(target) {
  path_ += ".part";
  std::error_code error;
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  if (error) fail("making the directory", error.value());
  while (!open_and_lock()) {
  }
}

// False when the file was renamed by the process that had it locked: then there is a new one to
// open.
bool PartFile::open_and_lock() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("open", errno);
  int error = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 ? errno : 0;
  struct stat opened {
  }, named{};
  if (error == 0 && ::fstat(descriptor_, &opened) != 0) error = errno;
  const bool same = error == 0 && ::stat(path_.c_str(), &named) == 0 &&
                    opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
  if (error == 0 && same) {
    size_ = static_cast<std::uint64_t>(opened.st_size);
    return true;
  }
  ::close(descriptor_);
  descriptor_ = -1;
  check<IoError>(error != EWOULDBLOCK, "download: ", path_.native(),
                 " expected no other writer, got one: another download is under way");
  if (error != 0) fail("lock", error);
  return false;
}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  if (size_ == 0) ::unlink(path_.c_str());
  ::close(descriptor_);
}

void PartFile::fail(const char* step, int error) const {
  throw IoError(str("download: ", path_.native(), " expected to be written, got \"",
                    std::generic_category().message(error), "\" (", step, ")"));
}

void PartFile::clear() {
  if (::ftruncate(descriptor_, 0) != 0) fail("truncate", errno);
  size_ = 0;
}

void PartFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", errno);
    size_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void PartFile::publish() {
  io::publish_file(path_, target_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace fovea::vision
