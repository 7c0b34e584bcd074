#include "fovea/vision/pictures.h"

#include <algorithm>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/vision/for_each.h"

namespace fovea::vision {

Tensor read_pictures(const PictureSource& source, std::span<const std::int64_t> samples,
                     const data::SampleKeys& keys, const PictureOptions& options) {
  const auto channels = options.channels == 1 ? io::Channels::kGrey : io::Channels::kRgb;
  Tensors images(samples.size());
  for_each_index(static_cast<std::int64_t>(samples.size()), [&](std::int64_t i) {
    const NoGrad no_grad;
    const auto at = static_cast<std::size_t>(i);
    images[at] = source.read(samples[at], channels);
    if (!options.image_transform) return;
    const data::SampleKeys own{keys.seed, keys.epoch, keys.indices.subspan(at, 1)};
    images[at] = options.image_transform(images[at].unsqueeze(0), own)[0];
  });
  for (std::size_t i = 1; i < images.size(); ++i) {
    if (images[i].sizes() == images[0].sizes()) continue;
    // Not by check, which asks for the name of every picture.
    throw ShapeError(str(options.operation, ": picture expected ", images[0].sizes(),
                         ", as the first of its batch, got ", images[i].sizes(),
                         "; pictures of several sizes need an image_transform (--image-size) (",
                         source.name(samples[i]), ")"));
  }
  return stack(images, 0);
}

std::int64_t find_channels(const PictureSource& source, std::int64_t size) {
  constexpr std::int64_t kLooks = 64;
  const std::int64_t looks = std::min(kLooks, size);
  std::vector<std::int64_t> channels(static_cast<std::size_t>(looks));
  for_each_index(looks, [&](std::int64_t i) {
    channels[static_cast<std::size_t>(i)] =
        source.read(i * size / looks, io::Channels::kAsStored).size(0);
  });
  return *std::max_element(channels.begin(), channels.end());
}

}  // namespace fovea::vision
