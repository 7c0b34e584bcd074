#include "fovea/io/tensors/npz.h"

#include <memory>
#include <string_view>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/archive/zip.h"
#include "fovea/io/archive/zip_writer.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/bytes.h"
#include "fovea/io/read_file.h"
#include "fovea/io/tensors/file_arrays.h"
#include "fovea/io/tensors/npy_header.h"

namespace fovea::io {

namespace {

constexpr std::string_view kSuffix = ".npy";
// NumPy reads no header of more than 10,000 bytes unless it is told to trust the file.
constexpr std::size_t kMostHeaderBytes = std::size_t{1} << 17;

// Hands the archive's bytes to `write`. The names and dtypes were checked.
void write_npz(const NamedTensors& tensors, ZipMethod method, const ZipWriter::Write& write) {
  ZipWriter zip(write);
  for (const auto& [name, tensor] : tensors) {
    const std::string head = npy_head(tensor);
    const std::vector<std::byte> elements = to_bytes(tensor);
    zip.add(name + std::string(kSuffix), {std::as_bytes(std::span(head)), elements}, method);
  }
  zip.finish();
}

void check_tensors(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    check<ArgumentError>(!name.empty(), "save_npz: names expected not to be empty, got one");
    check<ArgumentError>(tensor.defined(), "save_npz: tensor \"", name,
                         "\" expected to be defined, got none");
    (void)npy_head(tensor);
  }
}

/// An array that is deflated: its header is looked at now, its elements when they are read.
ArrayBytes packed_array(const std::shared_ptr<const ZipArchive>& zip, const ZipEntry& entry,
                        const std::string& where) {
  ArrayBytes array = npy_array(zip->head(entry, kMostHeaderBytes), entry.size, where);
  array.unpack = [zip, &entry] { return zip->unpack(entry, kMaxFileBytes); };
  array.skipped = array.first_byte;
  return array;
}

}  // namespace

FileArrays npz_arrays(const FileBytes& file) {
  const auto zip = std::make_shared<const ZipArchive>(file);
  FileArrays result;
  for (const ZipEntry& entry : zip->entries()) {
    check<ParseError>(entry.name.ends_with(kSuffix), "npz: entry expected an array, ",
                      "a name that ends in .npy, got \"", printable(entry.name), "\" (", file.name,
                      ", byte ", entry.header_byte, ")");
    const std::string where = str(file.name, ": ", printable(entry.name));
    result.arrays.push_back(
        {entry.name.substr(0, entry.name.size() - kSuffix.size()),
         entry.method == ZipMethod::kStored
             ? npy_array(zip->open(entry, result.unpacked, kMaxFileBytes), where)
             : packed_array(zip, entry, where)});
  }
  return result;
}

NamedTensors load_npz(const std::filesystem::path& path) {
  const MappedFile mapping(path);
  const FileBytes file{.bytes = mapping.bytes(), .name = path.string(), .mapping = &mapping};
  return read_arrays(npz_arrays(file), file);
}

NamedTensors parse_npz(std::span<const std::byte> content, const std::string& name) {
  const FileBytes file{.bytes = content, .name = name};
  return read_arrays(npz_arrays(file), file);
}

void save_npz(const std::filesystem::path& path, const NamedTensors& tensors, ZipMethod method) {
  check_tensors(tensors);
  AtomicFile out(path);
  write_npz(tensors, method, [&](std::span<const std::byte> piece) { out.write(piece); });
  out.commit();
}

std::vector<std::byte> encode_npz(const NamedTensors& tensors, ZipMethod method) {
  check_tensors(tensors);
  std::vector<std::byte> content;
  write_npz(tensors, method, [&](std::span<const std::byte> piece) {
    content.insert(content.end(), piece.begin(), piece.end());
  });
  return content;
}

}  // namespace fovea::io
