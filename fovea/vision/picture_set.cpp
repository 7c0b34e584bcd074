#include "fovea/vision/picture_set.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/for_each.h"

namespace fovea::vision {

namespace {

/// What was found out about one picture.
struct Look {
  std::optional<std::string> problem;
  std::int64_t channels = 0;
  data::ImageSize size;
};

Look look_at(const PictureSource& source, std::int64_t sample) {
  Look look;
  try {
    const io::Image image = source.read(sample, io::Channels::kAsStored);
    look.channels = image.size(0);
    look.size = {image.size(1), image.size(2)};
  } catch (const ParseError& error) {
    look.problem = error.what();
  }
  return look;
}

/// Adds a picture that can be decoded.
void add(const Look& look, std::int64_t sample, std::int64_t label, ImageCheck& check) {
  const bool first = check.readable.empty();
  check.readable.push_back(sample);
  ++check.per_class[static_cast<std::size_t>(label)];
  if (look.channels == 1) ++check.grey;
  const auto [height, width] = look.size;
  check.least = first ? look.size
                      : data::ImageSize(std::min(check.least.height, height),
                                        std::min(check.least.width, width));
  check.most = {std::max(check.most.height, height), std::max(check.most.width, width)};
}

}  // namespace

PictureSet::PictureSet(PictureSetOptions options, const char* operation)
    : options_(std::move(options)), operation_(operation) {
  const std::int64_t channels = options_.channels;
  check<ArgumentError>(channels == 0 || channels == 1 || channels == 3, operation_,
                       ": channels expected 0, 1 or 3, got ", channels);
}

void PictureSet::look_at_pictures(std::vector<std::string> classes) {
  options_.classes = std::move(classes);
  if (options_.skip_corrupt) leave_out_corrupt();
  if (options_.channels == 0) options_.channels = find_channels(source(), size());
}

void PictureSet::leave_out_corrupt() {
  const ImageCheck checked = check_images(options_.progress);
  if (options_.on_corrupt) {
    for (const CorruptImage& corrupt : checked.corrupt) options_.on_corrupt(corrupt);
  }
  if (checked.corrupt.empty()) return;
  check<ParseError>(!checked.readable.empty(), operation_,
                    ": pictures that can be decoded expected at least 1, got 0 of ", size(),
                    " (the first is ", checked.corrupt.front().name, ")");
  keep(checked.readable);
}

PictureSource PictureSet::source() const {
  return {.read = [this](std::int64_t i, io::Channels channels) { return read(i, channels); },
          .name = [this](std::int64_t i) { return name_of(i); }};
}

data::Batch PictureSet::get_batch(std::span<const std::int64_t> indices) const {
  return draw_batch(indices, {.seed = 0, .epoch = 0, .indices = indices});
}

data::Batch PictureSet::draw_batch(std::span<const std::int64_t> indices,
                                   const data::SampleKeys& keys) const {
  data::check_indices(indices, size(), operation_);
  std::vector<std::int64_t> labels;
  for (const std::int64_t index : indices) labels.push_back(label_of(index));
  return {read_pictures(source(), indices, keys,
                        {.channels = options_.channels,
                         .image_transform = options_.image_transform,
                         .operation = operation_}),
          from_data(labels, {static_cast<std::int64_t>(labels.size())})};
}

ImageCheck PictureSet::check_images(const ImageProgress& progress) const {
  constexpr std::int64_t kBlock = 256;  // pictures between two calls of progress
  const PictureSource pictures = source();
  const std::int64_t total = size();
  ImageCheck result;
  result.per_class.resize(classes().size());
  for (std::int64_t begin = 0; begin < total; begin += kBlock) {
    const std::int64_t count = std::min(kBlock, total - begin);
    std::array<Look, kBlock> looks;
    for_each_index(count, [&](std::int64_t i) {
      looks[static_cast<std::size_t>(i)] = look_at(pictures, begin + i);
    });
    for (std::int64_t i = 0; i < count; ++i) {
      const Look& look = looks[static_cast<std::size_t>(i)];
      if (look.problem) {
        result.corrupt.push_back({name_of(begin + i), *look.problem});
      } else {
        add(look, begin + i, label_of(begin + i), result);
      }
    }
    if (progress) progress(begin + count, total);
  }
  return result;
}

std::shared_ptr<const PictureSet> PictureSet::with_image_transform(
    data::Transform transform) const {
  std::shared_ptr<PictureSet> other = copy();
  other->options_.image_transform = std::move(transform);
  return other;
}

}  // namespace fovea::vision
