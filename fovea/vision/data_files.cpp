#include "fovea/vision/data_files.h"

#include <algorithm>
#include <array>

#include "fovea/core/error.h"
#include "fovea/io/archive/gzip.h"
#include "fovea/io/archive/tar.h"
#include "fovea/io/mapped_file.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

// Three times the largest file of samples, CIFAR-100's, small enough to stop a gzip bomb.
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{512} << 20;
constexpr std::size_t kHead = 64;  // of a packed file, to measure it

// "cifar-10-batches-bin/test_batch.bin" is "./cifar-10-batches-bin/test_batch.bin" to some tools.
std::string_view entry_name(std::string_view name) {
  return name.starts_with("./") ? name.substr(2) : name;
}

}  // namespace

DataFiles::DataFiles(const DataSetInfo& info, Split split, const std::filesystem::path& root)
    : data_set_(info.name), locations_(find_split(info, split, root)) {
  for (const DataFile& file : info.files(split))
    checksums_.emplace_back(std::filesystem::path(file.path).filename().string(), "");
}

void DataFiles::read(const Take& take, const Measure& measure) {
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    const std::filesystem::path& path = locations_[i].path;
    if (locations_[i].entry.empty()) {
      read_file(i, take, measure);
      continue;
    }
    const auto same = [&](const FileLocation& other) { return other.path == path; };
    const auto first = std::find_if(locations_.begin(), locations_.end(), same);
    if (first - locations_.begin() == static_cast<std::ptrdiff_t>(i)) read_archive(path, take);
  }
}

void DataFiles::give(std::size_t file, std::span<const std::byte> content, const std::string& name,
                     const Take& take) {
  take(file, content, name);
  Sha256 sha;
  sha.update(content);
  checksums_[file].second = sha.hex();
}

void DataFiles::read_file(std::size_t file, const Take& take, const Measure& measure) {
  const std::string path = locations_[file].path.string();
  const io::MappedFile mapped(path);
  if (!io::is_gzip(mapped.bytes())) {
    give(file, mapped.bytes(), path, take);
    return;
  }
  // Positions in the unpacked data are not positions in the file: the name says which it is.
  const std::string unpacked = path + " unpacked";
  std::uint64_t most = kMaxUnpacked;
  if (measure) {
    std::array<std::byte, kHead> head;
    const std::size_t count = io::GzipReader(mapped.bytes(), path).read(head);
    most = measure(file, std::span(head).first(count), unpacked);
  }
  give(file, io::gunzip(mapped.bytes(), path, most), unpacked, take);
}

void DataFiles::read_archive(const std::filesystem::path& archive, const Take& take) {
  const io::MappedFile file(archive);
  io::GzipReader packed(file.bytes(), archive.string());
  io::TarReader reader(packed, kMaxUnpacked);
  std::vector<int> found(locations_.size());
  while (const auto entry = reader.next()) {
    for (std::size_t i = 0; i < locations_.size(); ++i) {
      if (locations_[i].path != archive || locations_[i].entry != entry_name(entry->name)) continue;
      check<ParseError>(++found[i] == 1, data_set_, ": archive expected to hold ",
                        locations_[i].entry, " once, got it twice (", archive.string(), ")");
      give(i, entry->content, str(archive.string(), ": ", locations_[i].entry), take);
    }
    file.release(file.bytes().first(packed.position()));
  }
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    check<ParseError>(locations_[i].path != archive || found[i] == 1, data_set_,
                      ": archive expected to hold ", locations_[i].entry, ", got none (",
                      archive.string(), ")");
  }
}

}  // namespace fovea::vision
