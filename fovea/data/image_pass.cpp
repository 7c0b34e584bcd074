#include "fovea/data/image_pass.h"

#include <algorithm>

namespace fovea::data {

void append_links(const Transform& transform, std::uint64_t seed, std::vector<ChainLink>& chain) {
  if (!transform) return;
  const auto* compose = transform.as<Compose>();
  if (compose == nullptr) return chain.push_back({transform, seed});
  const SampleKeys keys{.seed = seed, .epoch = 0, .indices = {}};
  for (std::size_t i = 0; i < compose->transforms().size(); ++i) {
    append_links(compose->transforms()[i], keys.nested(i).seed, chain);
  }
}

ImagePass::ImagePass(const Shape& images)
    : sizes_(images), image_(images[2], images[3]), values_(static_cast<std::size_t>(images[1])) {}

std::optional<ImagePass> ImagePass::plan(std::span<const ChainLink> chain, const Shape& images) {
  ImagePass pass(images);
  while (pass.length_ < chain.size() && pass.add(chain[pass.length_])) ++pass.length_;
  if (!pass.divided_) return std::nullopt;
  return pass;
}

/// Returns false, changing nothing, when the pass cannot do it.
bool ImagePass::add(const ChainLink& link) {
  if (link.transform.as<ToTensor>() != nullptr) return add_division();
  if (const auto* normalize = link.transform.as<Normalize>()) return add_normalization(*normalize);
  return link.transform.window() != nullptr && add_window(link);
}

bool ImagePass::add_division() {
  if (!divided_) {                                             // ToTensor leaves f32 alone
    for (ImageValues& values : values_) values.divisor = 255;  // what came in so far is 0
  }
  return divided_ = true;
}

bool ImagePass::add_normalization(const Normalize& normalize) {
  const std::size_t count = normalize.mean().size();
  if (!divided_ || normalized_ || (count != 1 && count != values_.size())) return false;
  for (std::size_t c = 0; c < values_.size(); ++c) {
    ImageValues& values = values_[c];
    values.mean = static_cast<float>(normalize.mean()[count == 1 ? 0 : c]);
    values.std = static_cast<float>(normalize.std()[count == 1 ? 0 : c]);
    // The zeros that have come in so far are normalised like all else.
    if (cut_) values.outside = (0 - values.mean) / values.std;
    if (erased_) values.erased = (values.erased - values.mean) / values.std;
  }
  return normalized_ = true;
}

bool ImagePass::add_window(const ChainLink& link) {
  const WindowTransform& window = *link.transform.window();
  // A second cut could let zeros in where the first had let in others, and so with erasing.
  bool* once = window.change() == WindowChange::kCut     ? &cut_
               : window.change() == WindowChange::kErase ? &erased_
                                                         : nullptr;
  if (once != nullptr && *once) return false;
  const std::vector<double>& fill = window.fill();
  // As bytes, values would be rounded down and then divided with the rest.
  if (!divided_ && std::any_of(fill.begin(), fill.end(), [](double v) { return v != 0; }))
    return false;
  sizes_ = window.result(sizes_);
  if (once != nullptr) *once = true;
  if (window.change() == WindowChange::kErase) {
    for (std::size_t c = 0; c < values_.size(); ++c)
      values_[c].erased = static_cast<float>(fill[fill.size() == 1 ? 0 : c]);
  }
  windows_.push_back(link);
  return true;
}

Tensor ImagePass::operator()(const Tensor& images, std::span<const std::int64_t> rows,
                             std::uint64_t epoch, std::span<const std::int64_t> indices) const {
  std::vector<ImageWindow> windows;
  if (!windows_.empty()) windows.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size() && !windows_.empty(); ++i) {
    SampleWindow window(image_);
    for (const ChainLink& link : windows_) {
      link.transform.window()->place({link.seed, epoch, indices}, i, window);
    }
    windows.push_back(window.in_image());
  }
  return gather_images(images, rows, windows, values_, sizes_[2], sizes_[3]);
}

}  // namespace fovea::data
