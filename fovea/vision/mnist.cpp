#include "fovea/vision/mnist.h"

#include <algorithm>
#include <memory>

#include "fovea/core/error.h"
#include "fovea/io/gzip.h"
#include "fovea/io/idx.h"
#include "fovea/io/read_file.h"
#include "fovea/vision/sha256.h"

namespace fovea::vision {

namespace {

Tensor read_images(const DataSetInfo& info, const std::filesystem::path& path) {
  const Tensor images = io::read_idx(path);
  const auto [channels, height, width] = info.image;
  const bool ok = images.dtype() == u8 && images.dim() == 3 && images.size(0) > 0 &&
                  images.size(1) == height && images.size(2) == width;
  const char* hint = images.dim() == 1 ? ", labels where images belong" : "";
  check<ParseError>(ok, info.name, ": images expected u8 [n, ", height, ", ", width, "], got ",
                    images.dtype(), " ", images.sizes(), hint, " (", path.native(), ", byte 2)");
  return images.view({-1, channels, height, width});
}

Tensor read_labels(const DataSetInfo& info, const std::filesystem::path& path, std::int64_t count) {
  const Tensor labels = io::read_idx(path);
  const char* hint = labels.dim() == 3 ? ", images where labels belong" : "";
  check<ParseError>(labels.dtype() == u8 && labels.dim() == 1, info.name,
                    ": labels expected u8 [n], got ", labels.dtype(), " ", labels.sizes(), hint,
                    " (", path.native(), ", byte 2)");
  check<ParseError>(labels.size(0) == count, info.name, ": labels expected ", count,
                    ", one an image, got ", labels.size(0), " (", path.native(), ", byte 4)");
  const std::vector<std::uint8_t> values = labels.to_vector<std::uint8_t>();
  const std::size_t classes = info.classes.size();
  const auto bad = std::find_if(values.begin(), values.end(),
                                [&](std::uint8_t label) { return label >= classes; });
  if (bad != values.end()) {
    // 8 bytes of header come before the labels.
    throw ParseError(str(info.name, ": label expected 0 to ", classes - 1, ", got ",
                         static_cast<int>(*bad), " (", path.native(), ", byte ",
                         8 + (bad - values.begin()), " of the unpacked data)"));
  }
  return labels.to(i64);
}

std::string content_sha256(const std::filesystem::path& path) {
  const std::vector<std::byte> content = io::read_file(path);
  Sha256 sha;
  if (io::is_gzip(content))
    sha.update(io::gunzip(content, path.string(), io::kMaxFileBytes));
  else
    sha.update(content);
  return sha.hex();
}

}  // namespace

struct IdxDataset::Loaded {
  SplitFiles files;
  Tensor images, labels;
};

IdxDataset::Loaded IdxDataset::load(const DataSetInfo& info, const DataSetOptions& options) {
  if (options.download) download_data_set(info, options.root);
  SplitFiles files = find_split(info, options.train ? Split::kTrain : Split::kTest, options.root);
  const Tensor images = read_images(info, files.images);
  return {files, images, read_labels(info, files.labels, images.size(0))};
}

IdxDataset::IdxDataset(const DataSetInfo& info, const DataSetOptions& options)
    : IdxDataset(load(info, options), info, options) {}

IdxDataset::IdxDataset(Loaded loaded, const DataSetInfo& info, const DataSetOptions& options)
    : TensorDataset(loaded.images, loaded.labels, info.classes, options.transform),
      files_(std::move(loaded.files)) {}

std::vector<std::pair<std::string, std::string>> IdxDataset::checksums() const {
  std::vector<std::pair<std::string, std::string>> sums;
  for (const std::filesystem::path& path : {files_.images, files_.labels})
    sums.emplace_back(path.filename().string(), content_sha256(path));
  return sums;
}

std::shared_ptr<data::Dataset> make_data_set(const std::string& name,
                                             const DataSetOptions& options) {
  return std::make_shared<IdxDataset>(data_set(name), options);
}

}  // namespace fovea::vision
