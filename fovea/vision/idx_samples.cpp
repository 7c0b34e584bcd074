#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/io/tensors/idx.h"
#include "fovea/vision/samples.h"

namespace fovea::vision {

namespace {

// An IDX file that was read, and what messages call it.
struct Array {
  Tensor values;
  std::string name;
};

Tensor check_images(const DataSetInfo& info, const Array& file) {
  const Tensor& images = file.values;
  const auto [channels, height, width] = info.image;
  const bool ok = images.dtype() == u8 && images.dim() == 3 && images.size(0) > 0 &&
                  images.size(1) == height && images.size(2) == width;
  const char* hint = images.dim() == 1 ? ", labels where images belong" : "";
  check<ParseError>(ok, info.name, ": images expected u8 [n, ", height, ", ", width, "], got ",
                    images.dtype(), " ", images.sizes(), hint, " (", file.name, ", byte 2)");
  return images.view({-1, channels, height, width});
}

Tensor check_labels(const DataSetInfo& info, const Array& file, std::int64_t count) {
  const Tensor& labels = file.values;
  const char* hint = labels.dim() == 3 ? ", images where labels belong" : "";
  check<ParseError>(labels.dtype() == u8 && labels.dim() == 1, info.name,
                    ": labels expected u8 [n], got ", labels.dtype(), " ", labels.sizes(), hint,
                    " (", file.name, ", byte 2)");
  check<ParseError>(labels.size(0) == count, info.name, ": labels expected ", count,
                    ", one an image, got ", labels.size(0), " (", file.name, ", byte 4)");
  const std::vector<std::uint8_t> values = labels.to_vector<std::uint8_t>();
  const std::size_t classes = info.classes.size();
  const auto bad = std::find_if(values.begin(), values.end(),
                                [&](std::uint8_t label) { return label >= classes; });
  if (bad != values.end()) {
    // 8 bytes of header come before the labels.
    throw ParseError(str(info.name, ": label expected 0 to ", classes - 1, ", got ",
                         static_cast<int>(*bad), " (", file.name, ", byte ",
                         8 + (bad - values.begin()), ")"));
  }
  return labels.to(i64);
}

}  // namespace

Samples read_idx_samples(const DataSetInfo& info, DataFiles& files) {
  Array arrays[2];
  files.read([&](std::size_t file, std::span<const std::byte> content, const std::string& name) {
    arrays[file] = {io::parse_idx(content, name), name};
  });
  const Tensor images = check_images(info, arrays[0]);
  return {images, check_labels(info, arrays[1], images.size(0))};
}

}  // namespace fovea::vision
