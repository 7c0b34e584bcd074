#include "fovea/vision/coco.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/for_each.h"
#include "fovea/vision/pictures.h"

namespace fovea::vision {

namespace {

DetectionTarget target_of(const CocoAnnotations& annotations, std::size_t index) {
  std::vector<float> corners, areas;
  std::vector<std::int64_t> labels;
  std::vector<std::uint8_t> crowds;
  for (const CocoBox& box : annotations.boxes_of(index)) {
    corners.insert(corners.end(), {box.x1, box.y1, box.x2, box.y2});
    areas.push_back(box.area);
    labels.push_back(box.label);
    crowds.push_back(box.is_crowd ? 1 : 0);
  }
  const auto count = static_cast<std::int64_t>(labels.size());
  return {.image_id = annotations.images[index].id,
          .boxes = from_data(corners, {count, 4}),
          .labels = from_data(labels, {count}),
          .area = from_data(areas, {count}),
          .iscrowd = from_data(crowds, {count}).to(boolean)};
}

/// The boxes of several images as rows x1, y1, x2, y2, label, without crowd regions.
class TargetRows {
 public:
  void add_image() { images_.emplace_back(); }
  void add_box(float x1, float y1, float x2, float y2, std::int64_t label) {
    images_.back().insert(images_.back().end(), {x1, y1, x2, y2, static_cast<float>(label)});
  }
  /// [k, m, 5], padded.
  Tensor to_tensor() const {
    std::size_t most = 0;
    for (const auto& rows : images_) most = std::max(most, rows.size());
    std::vector<float> values;
    values.reserve(most * images_.size());
    for (const auto& rows : images_) {
      values.insert(values.end(), rows.begin(), rows.end());
      for (std::size_t left = most - rows.size(); left > 0; left -= kRow)
        values.insert(values.end(), {0, 0, 0, 0, static_cast<float>(kNoObject)});
    }
    return from_data(values, {static_cast<std::int64_t>(images_.size()),
                              static_cast<std::int64_t>(most / kRow), kRow});
  }

 private:
  static constexpr std::size_t kRow = 5;
  std::vector<std::vector<float>> images_;
};

io::Image read_checked(const std::filesystem::path& path, data::ImageSize size) {
  io::Image image = io::read_image(path, io::Channels::kRgb);
  check<ParseError>(image.size(1) == size.height && image.size(2) == size.width,
                    "coco: image expected ", size.height, "x", size.width,
                    " as its annotation says, got ", image.size(1), "x", image.size(2), " (",
                    path.string(), ")");
  return image;
}

}  // namespace

data::Batch collate_detections(std::span<const DetectionSample> samples) {
  check<ArgumentError>(!samples.empty(), "collate_detections: samples expected at least 1, got 0");
  std::int64_t height = 0, width = 0;
  for (const DetectionSample& sample : samples) {
    height = std::max(height, sample.image.size(1));
    width = std::max(width, sample.image.size(2));
  }
  const auto count = static_cast<std::int64_t>(samples.size());
  const Tensor images = zeros({count, 3, height, width}, {.dtype = u8});
  TargetRows rows;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& [image, target] = samples[i];
    images[static_cast<std::int64_t>(i)]
        .narrow(1, 0, image.size(1))
        .narrow(2, 0, image.size(2))
        .copy_(image);
    rows.add_image();
    const std::vector<float> corners = target.boxes.to_vector();
    const std::vector<std::int64_t> labels = target.labels.to_vector<std::int64_t>();
    const std::vector<int> crowds = target.iscrowd.to_vector<int>();
    for (std::size_t box = 0; box < labels.size(); ++box) {
      const float* at = corners.data() + 4 * box;
      if (crowds[box] == 0) rows.add_box(at[0], at[1], at[2], at[3], labels[box]);
    }
  }
  return {images, rows.to_tensor()};
}

CocoDetection::CocoDetection(CocoOptions options) : options_(std::move(options)) {
  const data::ImageSize size = options_.size;
  check<ArgumentError>(size == data::ImageSize() || (size.height >= 1 && size.width >= 1),
                       "CocoDetection: size expected at least 1x1, or 0x0 for images as they are, "
                       "got ",
                       size.height, "x", size.width);
  annotations_ = read_coco(options_.annotations);
}

DetectionSample CocoDetection::operator[](std::int64_t index) const {
  data::check_indices({&index, 1}, size(), "CocoDetection");
  const auto i = static_cast<std::size_t>(index);
  const CocoImage& image = annotations_.images[i];
  return {read_checked(options_.images / image.file_name, image.size), target_of(annotations_, i)};
}

data::Batch CocoDetection::get_batch(std::span<const std::int64_t> indices) const {
  data::check_indices(indices, size(), "CocoDetection");
  if (options_.size == data::ImageSize()) {
    std::vector<DetectionSample> samples(indices.size());
    for_each_index(static_cast<std::int64_t>(samples.size()), [&](std::int64_t i) {
      samples[static_cast<std::size_t>(i)] = (*this)[indices[static_cast<std::size_t>(i)]];
    });
    return collate_detections(samples);
  }
  return {read_pictures(source(), indices, {.seed = 0, .epoch = 0, .indices = indices},
                        {.image_transform = data::Resize(options_.size), .operation = "coco"}),
          stretched_boxes(indices)};
}

PictureSource CocoDetection::source() const {
  const auto image = [this](std::int64_t i) -> const CocoImage& {
    return annotations_.images[static_cast<std::size_t>(i)];
  };
  return {.read =
              [this, image](std::int64_t i, io::Channels) {
                return read_checked(options_.images / image(i).file_name, image(i).size);
              },
          .name = [image](std::int64_t i) { return image(i).file_name; }};
}

/// Boxes of images that have been stretched to the options' size.
Tensor CocoDetection::stretched_boxes(std::span<const std::int64_t> indices) const {
  const auto ratio = [](std::int64_t to, std::int64_t from) {
    return static_cast<float>(to) / static_cast<float>(from);
  };
  TargetRows rows;
  for (const std::int64_t index : indices) {
    const auto i = static_cast<std::size_t>(index);
    const data::ImageSize image = annotations_.images[i].size;
    const float x = ratio(options_.size.width, image.width);
    const float y = ratio(options_.size.height, image.height);
    rows.add_image();
    for (const CocoBox& box : annotations_.boxes_of(i)) {
      if (!box.is_crowd) rows.add_box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y, box.label);
    }
  }
  return rows.to_tensor();
}

}  // namespace fovea::vision
