#include "fovea/models/classifier.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/data/transforms.h"
#include "fovea/io/pixels.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea::models {

namespace {

/// u8 pixels as an image of `channels`, 1 or 3; any other number of them is left as it is.
Tensor image_of(const Tensor& pixels, PixelOrder order, std::int64_t channels) {
  check<DTypeError>(pixels.dtype() == u8, "classifier: pixels expected u8, got ", pixels.dtype());
  const bool first = order == PixelOrder::kChannelsFirst;
  const bool ok = pixels.dim() == 3 && pixels.numel() > 0 && pixels.size(first ? 0 : 2) <= 4;
  check<ShapeError>(ok, "classifier: pixels expected ",
                    first ? "[1 to 4, height, width]" : "[height, width, 1 to 4]", ", got ",
                    pixels.sizes());
  const Tensor here = pixels.to(cpu).contiguous();
  const std::int64_t count = first ? here.size(0) : here.size(2);
  const std::int64_t height = here.size(first ? 1 : 0), width = here.size(first ? 2 : 1);
  return io::to_image({.values = here.data<std::uint8_t>(),
                       .height = height,
                       .width = width,
                       .channels = count,
                       .next_pixel = first ? 1 : count,
                       .next_channel = first ? height * width : 1},
                      channels == 1 ? io::Channels::kGrey : io::Channels::kRgb);
}

/// Checks that `images` are of the model's channels and size.
void check_images(const Tensor& images, const Shape& input) {
  const bool ok = images.dim() == 4 && images.size(1) == input[0] && images.size(2) == input[1] &&
                  images.size(3) == input[2];
  check<ShapeError>(ok, "classifier: images expected [n, ", input[0], ", ", input[1], ", ",
                    input[2], "], got ", images.sizes());
}

}  // namespace

Classifier::Classifier(LoadedModel model, ClassifierOptions options)
    : model_(std::move(model)), options_(std::move(options)) {
  if (options_.normalize) model_.card.normalize = *options_.normalize;
  check_channels(model_.card.normalize, model_.card.input[0], "classifier: normalize");
}

Classifier Classifier::load(const std::filesystem::path& weights, ClassifierOptions options) {
  return load(ModelRequest{.weights = weights}, std::move(options));
}

Classifier Classifier::load(ModelRequest request, ClassifierOptions options) {
  return Classifier(load_model(std::move(request)), std::move(options));
}

Tensor Classifier::prepare(const Tensor& pixels, PixelOrder order) const {
  const NoGrad no_grad;
  const Shape& input = card().input;
  const data::ImageSize size(input[1], input[2]);
  const Tensor image = image_of(pixels, order, input[0]).unsqueeze(0);
  Tensor fitted = picture_transform(card().fit.value_or(PictureFit::kStretch), size)(image, {});
  if (options_.invert) fitted = (255.0 - fitted.to(f32)).to(u8);
  return normalize(fitted);
}

Tensor Classifier::normalize(const Tensor& images) const {
  const NoGrad no_grad;
  check<DTypeError>(images.dtype() == u8, "classifier: images expected u8, got ", images.dtype());
  check_images(images, card().input);
  return data::Compose({data::ToTensor(), card().normalize.transform()})(images);
}

Tensor Classifier::pixels(const Tensor& images) const {
  const NoGrad no_grad;
  check_images(images, card().input);
  const Normalization& normal = card().normalize;
  Tensor levels = images;
  if (!normal.empty()) {
    const Shape by_channel{1, static_cast<std::int64_t>(normal.mean.size()), 1, 1};
    const auto row = [&](const std::vector<double>& values) {
      return from_data(std::span<const double>(values), by_channel, images.device()).to(f32);
    };
    levels = levels * row(normal.std) + row(normal.mean);
  }
  return clamp(levels * 255.0 + 0.5, 0.0, 255.0).to(u8);  // halves and more go up
}

Tensor Classifier::classify(const Tensor& images) const {
  const NoGrad no_grad;
  check_images(images, card().input);
  const Tensors parameters = model_.module->parameters();
  const Device device = parameters.empty() ? images.device() : parameters.front().device();
  const Tensor scores = (*model_.module)(images.to(device));
  Tensor probabilities = is_multi_label() ? sigmoid(scores) : softmax(scores, 1);
  // Of scores that are finite each is a number.
  check<NumericError>(std::isfinite(probabilities.sum().item<double>()),
                      "classifier: scores expected finite, got others: weights of ", card().model,
                      " are no numbers");
  return probabilities;
}

std::vector<Likely> Classifier::top(const Tensor& probabilities, std::int64_t count) const {
  check<ShapeError>(probabilities.sizes() == Shape{model_.classes},
                    "classifier: probabilities expected [", model_.classes, "], got ",
                    probabilities.sizes());
  check<ArgumentError>(count >= 1, "classifier: count expected at least 1, got ", count);
  std::vector<Likely> all;
  for (const float probability : probabilities.to_vector()) {
    const auto index = static_cast<std::int64_t>(all.size());
    all.push_back({.index = index, .name = {}, .probability = probability});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Likely& a, const Likely& b) { return a.probability > b.probability; });
  all.resize(std::min(all.size(), static_cast<std::size_t>(count)));
  for (Likely& one : all) one.name = class_name(one.index);
  return all;
}

std::vector<Likely> Classifier::labels(const Tensor& probabilities) const {
  std::vector<Likely> all = top(probabilities, model_.classes);
  std::erase_if(all, [](const Likely& one) { return one.probability < 0.5; });
  return all;
}

std::string Classifier::class_name(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  return i < card().classes.size() ? card().classes[i] : std::to_string(index);
}

}  // namespace fovea::models
