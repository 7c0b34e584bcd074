#include "fovea/io/tensors/safetensors.h"

#include <algorithm>
#include <set>

#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/tensors/safetensors_header.h"

namespace fovea::io {

namespace {

// The header of a file that holds `tensors`, and the tensors in its order.
struct Plan {
  std::vector<const std::pair<std::string, Tensor>*> order;
  std::string text;
};

Plan plan(const StateDict& tensors, const Metadata& metadata) {
  std::set<std::string_view> names;
  Plan plan;
  for (const auto& named : tensors) {
    check<ArgumentError>(named.second.defined(), "save_safetensors: tensor \"", named.first,
                         "\" expected to be defined, got none");
    check<ArgumentError>(named.first != "__metadata__",
                         "save_safetensors: names expected not to be \"__metadata__\", got it");
    check<ArgumentError>(names.insert(named.first).second, "save_safetensors: name \"", named.first,
                         "\" expected once, got it twice");
    plan.order.push_back(&named);
  }
  std::sort(plan.order.begin(), plan.order.end(), [](const auto* a, const auto* b) {
    const int rank_a = safetensors_rank(a->second.dtype());
    const int rank_b = safetensors_rank(b->second.dtype());
    return rank_a != rank_b ? rank_a > rank_b : a->first < b->first;
  });
  SafetensorsHeader header{.entries = {}, .metadata = metadata};
  std::uint64_t offset = 0;
  for (const auto* named : plan.order) {
    const Tensor& tensor = named->second;
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(tensor.numel()) * size_of(tensor.dtype());
    header.entries.push_back(
        {named->first, tensor.dtype(), tensor.sizes(), offset, offset + bytes});
    offset += bytes;
  }
  plan.text = safetensors_header_text(header);
  return plan;
}

// Hands the file's bytes to `write`, piece by piece.
template <class Write>
void write_planned(const Plan& file, const Write& write) {
  const std::uint64_t length = file.text.size();
  write(std::as_bytes(std::span(&length, 1)));
  write(std::as_bytes(std::span(file.text)));
  for (const auto* named : file.order) write(std::span<const std::byte>(to_bytes(named->second)));
}

}  // namespace

const Tensor& SafeTensors::at(const std::string& name) const {
  const Tensor* tensor = find(tensors, name);
  check<ArgumentError>(tensor != nullptr, "safetensors: name expected one of the file's ",
                       tensors.size(), " tensors, got \"", name, "\"");
  return *tensor;
}

FileArrays safetensors_arrays(const FileBytes& file) {
  const std::uint64_t file_bytes = file.bytes.size();
  check<ParseError>(file_bytes >= 8, "safetensors: file expected at least 8 bytes, got ",
                    file_bytes, " (", file.name, ", byte ", file_bytes, ")");
  const std::uint64_t length =
      check_safetensors_length(load_little<std::uint64_t>(file.bytes), file_bytes, file.name);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()) + 8, length);
  SafetensorsHeader header = parse_safetensors_header(text, file_bytes - 8 - length, file.name);

  FileArrays result{.metadata = std::move(header.metadata)};
  result.arrays.reserve(header.entries.size());
  for (SafetensorsEntry& entry : header.entries) {
    const std::uint64_t first = 8 + length + entry.begin;
    ArrayBytes array{.dtype = entry.dtype,
                     .sizes = entry.shape,
                     .strides = contiguous_strides(entry.shape),
                     .bytes = file.bytes.subspan(first, entry.end - entry.begin),
                     .format = "safetensors",
                     .where = file.name,
                     .first_byte = first};
    result.arrays.push_back({std::move(entry.name), std::move(array)});
  }
  return result;
}

SafeTensors load_safetensors(const std::filesystem::path& path) {
  const MappedFile mapping(path);
  const FileBytes file{.bytes = mapping.bytes(), .name = path.string(), .mapping = &mapping};
  FileArrays content = safetensors_arrays(file);
  return {.tensors = read_arrays(content, file), .metadata = std::move(content.metadata)};
}

SafeTensors parse_safetensors(std::span<const std::byte> content, const std::string& name) {
  const FileBytes file{.bytes = content, .name = name};
  FileArrays arrays = safetensors_arrays(file);
  return {.tensors = read_arrays(arrays, file), .metadata = std::move(arrays.metadata)};
}

void save_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                      const Metadata& metadata) {
  // The header is made, and so every argument checked, before the file is opened.
  const Plan file = plan(tensors, metadata);
  AtomicFile out(path);
  write_planned(file, [&](std::span<const std::byte> piece) { out.write(piece); });
  out.commit();
}

std::vector<std::byte> encode_safetensors(const StateDict& tensors, const Metadata& metadata) {
  std::vector<std::byte> content;
  write_planned(plan(tensors, metadata), [&](std::span<const std::byte> piece) {
    content.insert(content.end(), piece.begin(), piece.end());
  });
  return content;
}

}  // namespace fovea::io
