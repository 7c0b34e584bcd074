#include "fovea/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/io/read_file.h"

namespace fovea::io {

MappedFile::MappedFile(const std::filesystem::path& path, const CheckHead& check_head) {
  const InputFile file(path);
  if (!file.is_regular() || file.size() == 0) {
    content_ = file.read_all(kMaxFileBytes, check_head);
    bytes_ = content_;
    return;
  }
  // Private: what another process writes into the file meanwhile may or may not be seen, but
  // nothing here can change the file.
  void* memory =
      ::mmap(nullptr, file.size(), PROT_READ, MAP_PRIVATE, file.descriptor(), /*offset=*/0);
  check<IoError>(memory != MAP_FAILED, "read_file: ", path.native(),
                 " expected to be mapped, got \"", std::generic_category().message(errno), "\"");
  (void)::madvise(memory, file.size(), MADV_SEQUENTIAL);
  bytes_ = {static_cast<const std::byte*>(memory), static_cast<std::size_t>(file.size())};
}

MappedFile::~MappedFile() {
  if (content_.empty() && !bytes_.empty())
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::release(std::span<const std::byte> part) const {
  if (!content_.empty() || part.empty()) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(part.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + part.size()) / page * page;
  if (first >= last) return;
  const auto offset = static_cast<std::ptrdiff_t>(first - begin);
  (void)::madvise(const_cast<std::byte*>(part.data() + offset), last - first, MADV_DONTNEED);
}

}  // namespace fovea::io
