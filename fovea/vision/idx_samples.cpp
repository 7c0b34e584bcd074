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

// Whether what a file holds is images of the data set.
void check_images(const DataSetInfo& info, DType dtype, const Shape& sizes,
                  const std::string& name) {
  const auto [channels, height, width] = info.image;
  const bool ok =
      dtype == u8 && sizes.ndim() == 3 && sizes[0] > 0 && sizes[1] == height && sizes[2] == width;
  const char* hint = sizes.ndim() == 1 ? ", labels where images belong" : "";
  check<ParseError>(ok, info.name, ": images expected u8 [n, ", height, ", ", width, "], got ",
                    dtype, " ", sizes, hint, " (", name, ", byte 2)");
}

// Whether what a file holds is labels of `count` images.
void check_labels(const DataSetInfo& info, DType dtype, const Shape& sizes, std::int64_t count,
                  const std::string& name) {
  const char* hint = sizes.ndim() == 3 ? ", images where labels belong" : "";
  check<ParseError>(dtype == u8 && sizes.ndim() == 1, info.name, ": labels expected u8 [n], got ",
                    dtype, " ", sizes, hint, " (", name, ", byte 2)");
  check<ParseError>(sizes[0] == count, info.name, ": labels expected ", count,
                    ", one an image, got ", sizes[0], " (", name, ", byte 4)");
}

Tensor take_labels(const DataSetInfo& info, const Array& file, std::int64_t count) {
  const Tensor& labels = file.values;
  check_labels(info, labels.dtype(), labels.sizes(), count, file.name);
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
  files.read(
      [&](std::size_t file, std::span<const std::byte> content, const std::string& name) {
        arrays[file] = {io::parse_idx(content, name), name};
      },
      // What is packed says how long it is, and is not unpacked when it is something else.
      [&](std::size_t file, std::span<const std::byte> head, const std::string& name) {
        const io::IdxHeader header = io::parse_idx_header(head, name);
        if (file == 0) {
          check_images(info, header.dtype, header.sizes, name);
        } else {  // read after the images
          const Tensor& images = arrays[0].values;
          check_images(info, images.dtype(), images.sizes(), arrays[0].name);
          check_labels(info, header.dtype, header.sizes, images.size(0), name);
        }
        return header.file_bytes;
      });
  const auto [channels, height, width] = info.image;
  const Tensor& images = arrays[0].values;
  check_images(info, images.dtype(), images.sizes(), arrays[0].name);
  return {images.view({-1, channels, height, width}), take_labels(info, arrays[1], images.size(0))};
}

}  // namespace fovea::vision
