// The ONNX project's own conformance tests (Debian's libonnx-testdata), for tests.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "fovea/graph/onnx.h"
#include "fovea/io/read_file.h"

namespace fovea::test {

/// Where they lie; a folder each.
inline std::filesystem::path conformance_root() { return "/usr/share/libonnx-testdata/data/node"; }

/// The folders, sorted.
inline std::set<std::filesystem::path> conformance_folders() {
  std::set<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(conformance_root()))
    folders.insert(entry.path());
  return folders;
}

/// The tensors of a test: `kind` is "input" or "output". Its data holds bf16 as u16 with the same
/// bits, since NumPy has no bf16: what `declared` says counts.
inline Tensors conformance_values(const std::filesystem::path& set, const std::string& kind,
                                  const std::vector<graph::Value>& declared) {
  Tensors values;
  for (int i = 0;; ++i) {
    const std::filesystem::path file = set / (kind + "_" + std::to_string(i) + ".pb");
    if (!std::filesystem::exists(file)) return values;
    Tensor value = graph::parse_onnx_tensor(io::read_file(file), file.string());
    const auto place = static_cast<std::size_t>(i);
    const bool is_bf16 = place < declared.size() && declared[place].dtype == bf16;
    if (is_bf16 && value.dtype() == u16) value = from_bytes(to_bytes(value), value.sizes(), bf16);
    values.push_back(value);
  }
}

}  // namespace fovea::test
