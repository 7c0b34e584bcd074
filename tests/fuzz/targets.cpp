#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/graph/onnx.h"
#include "fovea/io/archive/tar.h"
#include "fovea/io/archive/zip.h"
#include "fovea/io/pictures/image.h"
#include "fovea/io/tensors/idx.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/io/tensors/pth.h"
#include "fovea/io/tensors/safetensors.h"
#include "fovea/vision/coco_annotations.h"
#include "fovea/vision/shard_index.h"
#include "tests/fuzz/repair.h"

namespace fovea::fuzz {

namespace {

using Bytes = std::span<const std::byte>;

// Stands for the file in messages.
constexpr const char* kFile = "hostile";
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{64} << 20;

void read_zip(Bytes content) {
  const io::ZipArchive zip({.bytes = content, .name = kFile});
  for (const io::ZipEntry& entry : zip.entries()) {
    std::vector<std::vector<std::byte>> unpacked;
    (void)zip.open(entry, unpacked, kMaxUnpacked);
  }
}

void read_tar(Bytes content) {
  io::TarReader tar({.bytes = content, .name = kFile});
  while (tar.next()) {
  }
}

void read_shard(Bytes content) {
  (void)vision::index_shard({.bytes = content, .name = kFile}, "label");
}

constexpr std::array kTargets = {
    Target{"coco", [](Bytes content) { (void)vision::parse_coco(content, kFile); }},
    Target{"idx", [](Bytes content) { (void)io::parse_idx(content, kFile); }},
    Target{"image", [](Bytes content) { (void)io::decode_image(content, kFile); }},
    Target{"npy", [](Bytes content) { (void)io::parse_npy(content, kFile); }},
    Target{"npz", [](Bytes content) { (void)io::parse_npz(content, kFile); }, repair_zip},
    Target{"onnx", [](Bytes content) { (void)graph::parse_onnx(content, kFile); }},
    Target{"pth", [](Bytes content) { (void)io::parse_pth(content, kFile); }, repair_zip},
    Target{"safetensors", [](Bytes content) { (void)io::parse_safetensors(content, kFile); }},
    Target{"shard", read_shard, repair_tar},
    Target{"tar", read_tar, repair_tar},
    Target{"zip", read_zip, repair_zip},
};

[[noreturn]] void fail(const Target& target, const std::string& what) {
  std::fprintf(stderr,
               "fuzz: %s expected a ParseError of one line that names the file, got \"%s\"\n",
               std::string(target.name).c_str(), what.c_str());
  std::abort();
}

}  // namespace

std::span<const Target> targets() { return kTargets; }

const Target* find_target(std::string_view name) {
  const auto found = std::find_if(kTargets.begin(), kTargets.end(),
                                  [&](const Target& target) { return target.name == name; });
  return found == kTargets.end() ? nullptr : &*found;
}

void run(const Target& target, Bytes content) {
  try {
    target.read(content);
  } catch (const ParseError& error) {
    const std::string message = error.what();
    if (message.find('\n') != std::string::npos || message.find(kFile) == std::string::npos)
      fail(target, message);
  } catch (const std::exception& error) {
    fail(target, error.what());
  }
}

}  // namespace fovea::fuzz
