#include "fovea/nn/random_network.h"

#include <algorithm>
#include <array>

#include "fovea/core/error.h"
#include "fovea/core/rng.h"
#include "fovea/nn/activation.h"
#include "fovea/nn/batch_norm.h"
#include "fovea/nn/conv.h"
#include "fovea/nn/dropout.h"
#include "fovea/nn/flatten.h"
#include "fovea/nn/linear.h"
#include "fovea/nn/pooling.h"

namespace fovea::nn {

namespace {

constexpr std::int64_t kClasses = 10;
// Batch norm of one image needs more than one pixel.
constexpr std::int64_t kLeastSide = 2;
constexpr std::int64_t kMostFlat = 4096;

/// Draws a network layer by layer and keeps the sizes of what the last one gives.
class Drawer {
 public:
  Drawer(std::uint64_t seed, const RandomNetworkLimits& limits)
      : generator_(seed), limits_(limits), budget_(limits.max_multiply_adds) {
    channels_ = among<4>({1, 3, 3, 4});
    height_ = between(8, limits.max_side);
    width_ = one_in(4) ? between(8, limits.max_side) : height_;
    network_ = {.input = {channels_, height_, width_},
                .classes = kClasses,
                .model = std::make_shared<Sequential>()};
  }

  RandomNetwork draw() {
    const std::int64_t blocks =
        between(std::min<std::int64_t>(2, limits_.max_blocks), limits_.max_blocks);
    for (std::int64_t block = 0; block < blocks && convolution(blocks - block); ++block) tail();
    head();
    return network_;
  }

 private:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(generator_.below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool one_in(std::int64_t n) { return between(1, n) == 1; }
  template <std::size_t N>
  std::int64_t among(const std::array<std::int64_t, N>& values) {
    return values[static_cast<std::size_t>(between(0, N - 1))];
  }
  template <MovedModule M>
  void add(M&& layer) {
    network_.model->push_back(std::forward<M>(layer));
  }
  std::int64_t least_side() const { return std::min(height_, width_); }

  /// Groups of a convolution: mostly one, or every channel alone, or a divisor between.
  std::int64_t groups() {
    const std::int64_t kind = between(0, 5);
    if (kind == 0) return channels_;
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 2; d < channels_; ++d)
      if (channels_ % d == 0) divisors.push_back(d);
    if (kind > 1 || divisors.empty()) return 1;
    return divisors[static_cast<std::size_t>(
        between(0, static_cast<std::int64_t>(divisors.size()) - 1))];
  }

  /// Channels of a convolution's output, at most `most`; half of them multiples of 16.
  std::int64_t outputs(std::int64_t groups, std::int64_t most) {
    if (groups == channels_ && groups > 1) {
      return 2 * channels_ <= most && one_in(3) ? 2 * channels_ : channels_;
    }
    const std::int64_t drawn = between(1, most / groups) * groups;
    const std::int64_t step = 16 * groups;
    return one_in(2) && drawn >= step ? drawn / step * step : drawn;
  }

  /// Adds a convolution that takes its share of what may be spent on so many more; returns false
  /// when there is not enough for one.
  bool convolution(std::int64_t shares) {
    const std::int64_t kernel = among<5>({1, 3, 3, 3, 5});
    const bool padded = least_side() < kernel + kLeastSide || !one_in(5);
    const std::int64_t padding = padded ? kernel / 2 : 0;
    const std::int64_t stride = least_side() >= 8 && one_in(5) ? 2 : 1;
    const auto out = [&](std::int64_t side) { return (side + 2 * padding - kernel) / stride + 1; };
    const std::int64_t height = out(height_), width = out(width_), groups = this->groups();
    const std::int64_t cost = height * width * kernel * kernel * (channels_ / groups);
    const std::int64_t most = std::min(limits_.max_channels, budget_ / shares / cost);
    if (most < groups) return false;
    const std::int64_t count = outputs(groups, most);
    add(Conv2d({.in_channels = channels_,
                .out_channels = count,
                .kernel_size = kernel,
                .stride = stride,
                .padding = padding,
                .groups = groups,
                .bias = !one_in(3)}));
    budget_ -= cost * count;
    channels_ = count;
    height_ = height;
    width_ = width;
    return true;
  }

  /// What follows a convolution: each of batch norm, relu and pooling may be absent.
  void tail() {
    std::array<std::int64_t, 3> order = {0, 1, 2};
    if (one_in(3)) {
      for (std::size_t i = 2; i > 0; --i)
        std::swap(order[i], order[static_cast<std::size_t>(between(0, static_cast<int>(i)))]);
    }
    for (const std::int64_t layer : order) {
      if (layer == 0 && !one_in(4)) add(BatchNorm2d(channels_));
      if (layer == 1 && !one_in(6)) add(ReLU());
      if (layer == 2 && one_in(2) && least_side() >= 2 * kLeastSide) pool();
    }
  }

  void pool() {
    switch (between(0, 5)) {
      case 0:  // windows that overlap
        add(MaxPool2d({.kernel_size = 3, .stride = 2, .padding = 1}));
        height_ = (height_ + 1) / 2;
        width_ = (width_ + 1) / 2;
        return;
      case 1:
        add(AvgPool2d({.kernel_size = 2}));
        break;
      default:
        add(MaxPool2d({.kernel_size = 2}));
    }
    height_ /= 2;
    width_ /= 2;
  }

  void head() {
    if (channels_ * height_ * width_ > kMostFlat || one_in(3)) {
      add(AdaptiveAvgPool2d(1));
      height_ = width_ = 1;
    }
    add(Flatten());
    std::int64_t features = channels_ * height_ * width_;
    if (one_in(2)) {
      const std::int64_t hidden = between(16, 256);
      add(Linear(features, hidden));
      if (!one_in(4)) add(ReLU());
      if (one_in(2)) add(Dropout(0.25));
      features = hidden;
    }
    add(Linear(features, kClasses));
  }

  Generator generator_;
  RandomNetworkLimits limits_;
  std::int64_t budget_;
  std::int64_t channels_ = 0, height_ = 0, width_ = 0;
  RandomNetwork network_;
};

void check_limits(const RandomNetworkLimits& limits) {
  const auto at_least = [](const char* name, std::int64_t value, std::int64_t least) {
    check<ArgumentError>(value >= least, "random_network: ", name, " expected at least ", least,
                         ", got ", value);
  };
  at_least("max_side", limits.max_side, 8);
  at_least("max_channels", limits.max_channels, 4);
  at_least("max_blocks", limits.max_blocks, 1);
  // A 5x5 filter over the largest image of the most channels that the input can have.
  at_least("max_multiply_adds", limits.max_multiply_adds,
           limits.max_blocks * 4 * 25 * limits.max_side * limits.max_side);
}

}  // namespace

RandomNetwork random_network(std::uint64_t seed, const RandomNetworkLimits& limits) {
  check_limits(limits);
  return Drawer(seed, limits).draw();
}

std::vector<std::string> layer_texts(const Sequential& model) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < model.size(); ++i) texts.push_back(model[i].to_string());
  return texts;
}

}  // namespace fovea::nn
