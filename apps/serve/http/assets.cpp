#include "apps/serve/http/assets.h"

#include <cstddef>
#include <span>
#include <vector>

#include "fovea/io/archive/gzip.h"

namespace fovea::serve {

std::string unpacked(const Asset& asset) {
  constexpr std::uint64_t kMost = 64 << 20;  // a page of ours is far from it
  const std::vector<std::byte> bytes =
      io::gunzip(std::as_bytes(std::span(asset.packed)), "page", kMost);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace fovea::serve
