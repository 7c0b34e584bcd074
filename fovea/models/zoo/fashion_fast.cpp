#include "fovea/models/zoo/fashion_fast.h"

#include "fovea/core/error.h"
#include "fovea/models/entry.h"

namespace fovea::models {

std::int64_t FashionFast::min_image_size(std::int64_t stages) {
  std::int64_t side = 1;
  for (std::int64_t i = 1; i < stages; ++i) side = 2 * side + 2;
  return 2 * side;
}

FashionFast::FashionFast(const FashionFastOptions& o) {
  check<ArgumentError>(o.stages >= 1 && o.stages <= kMaxStages,
                       "FashionFast: stages expected in [1, ", kMaxStages, "], got ", o.stages);
  check<ArgumentError>(o.image_size >= min_image_size(o.stages),
                       "FashionFast: image_size expected at least ", min_image_size(o.stages),
                       ", got ", o.image_size, " (stages ", o.stages, ")");
  std::int64_t channels = o.in_channels, side = o.image_size;
  for (std::int64_t stage = 0; stage < o.stages; ++stage) {
    const std::int64_t filters = o.filters << stage, padding = stage == 0 ? 1 : 0;
    features.push_back(nn::Conv2d(
        {.in_channels = channels, .out_channels = filters, .kernel_size = 3, .padding = padding}));
    features.push_back(nn::BatchNorm2d(filters));
    features.push_back(nn::ReLU());
    features.push_back(nn::MaxPool2d({.kernel_size = 2}));
    channels = filters;
    side = (side + 2 * padding - 2) / 2;
  }
  classifier = nn::Sequential(nn::Linear(channels * side * side, o.hidden), nn::ReLU(),
                              nn::Dropout(o.dropout), nn::Linear(o.hidden, o.num_classes));
  register_module("features", features);
  register_module("classifier", classifier);
}

Tensor FashionFast::forward(const Tensor& x) { return classifier(features(x).flatten(1)); }

std::vector<ModelEntry> fashion_fast_entries() {
  std::vector<ModelOption> options = image_options("10", "1", "28", "0.25");
  options.push_back({"stages", "2", "convolutions, each with a pooling"});
  options.push_back({"filters", "32", "of the first convolution; doubled from stage to stage"});
  options.push_back({"hidden", "256", "values between the linear layers"});
  return {model_entry<FashionFast>(
      {"fashion-fast", "convolutions with batch norm, two linear layers: for short trainings",
       std::move(options)},
      [](const OptionReader& read) {
        const std::int64_t stages = read.integer("stages", 1, FashionFast::kMaxStages);
        auto made =
            read_image_options<FashionFastOptions>(read, FashionFast::min_image_size(stages));
        made.stages = stages;
        made.filters = read.integer("filters", 1, 1024);
        made.hidden = read.integer("hidden", 1, 65536);
        return made;
      })};
}

}  // namespace fovea::models
