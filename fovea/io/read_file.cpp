#include "fovea/io/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/core/language.h"

namespace fovea::io {

namespace {

constexpr std::size_t kLargestRead = std::size_t{1} << 30;
constexpr std::size_t kPipeChunk = std::size_t{1} << 16;

std::string korean_reason(int error, const std::string& english) {
  switch (error) {
    case ENOENT:
      return "그런 파일이 없습니다";
    case EISDIR:
      return "폴더입니다";
    case EACCES:
      return "읽을 권한이 없습니다";
    default:
      return english;
  }
}

}  // namespace

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail(errno);
  struct stat info {};
  const int error = ::fstat(descriptor_, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? EISDIR : 0;
  if (error != 0) {
    ::close(descriptor_);
    fail(error);
  }
  regular_ = S_ISREG(info.st_mode);
  device_ = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
  size_ = regular_ ? static_cast<std::uint64_t>(info.st_size) : 0;
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::fail(int error) const {
  const std::string reason = std::generic_category().message(error);
  throw InBoth<IoError>(
      {str("read_file: ", path_.native(), " expected to be readable, got \"", reason, "\""),
       str("read_file: ", path_.native(), " 파일을 읽을 수 없습니다 (",
           korean_reason(error, reason), ")")});
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t count = ::pread(descriptor_, into.data(), std::min(into.size(), kLargestRead),
                                  static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    check<IoError>(count != 0, "read_file: ", path_.native(), " expected ", into.size(),
                   " bytes more, got its end (byte ", offset, ")");
    offset += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
}

std::vector<std::byte> InputFile::read_all(std::uint64_t max_bytes,
                                           const CheckHead& check_head) const {
  if (!regular_) max_bytes = std::min(max_bytes, device_ ? kMaxDeviceBytes : kMaxPipeBytes);
  const auto check_size = [&](std::uint64_t bytes) {
    check<IoError>(bytes <= max_bytes, "read_file: ", path_.native(), " expected at most ",
                   max_bytes, " bytes, got ", regular_ ? str(bytes) : std::string("more"));
  };
  check_size(size_);
  if (regular_ && size_ > 0) {
    std::vector<std::byte> content(std::min<std::uint64_t>(size_, kHeadBytes));
    read_at(0, content);
    if (check_head) (void)check_head(content);
    const std::size_t head = content.size();
    content.resize(size_);
    read_at(head, std::span(content).subspan(head));
    return content;
  }
  // A pipe, or one of the kernel's files that claim to be empty: read until it ends.
  std::vector<std::byte> content;
  std::uint64_t next_look = check_head ? kHeadBytes : kAnyLength;
  for (std::size_t used = 0;;) {
    content.resize(used + kPipeChunk);
    const ssize_t count = ::read(descriptor_, content.data() + used, kPipeChunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    used += static_cast<std::size_t>(count);
    content.resize(used);
    while (next_look <= used || (count == 0 && next_look != kAnyLength)) {
      const std::size_t seen = std::min<std::uint64_t>(used, next_look);
      const std::uint64_t length = check_head(std::span(content).first(seen));
      if (length <= seen) max_bytes = std::min(max_bytes, length);
      next_look = length <= seen || count == 0 ? kAnyLength : length;
    }
    check_size(used);
    if (count == 0) return content;
  }
}

std::vector<std::byte> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return InputFile(path).read_all(max_bytes);
}

std::string read_text(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const std::vector<std::byte> content = read_file(path, max_bytes);
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

}  // namespace fovea::io
