#include "fovea/explain/model/filters.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/model/heat.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "fovea/vision/weight_pictures.h"

namespace fovea::explain {

namespace {

bool is_flat_convolution(const LayerRun& layer) {
  return layer.op == "Conv" && layer.inputs.at(1).dim() == 4;
}

const LayerRun& find_convolution(const ModelRun& run, const std::string& name) {
  if (!name.empty()) {
    const LayerRun& layer = find_layer(run, name);
    check_in_both<ArgumentError>(is_flat_convolution(layer), [&] {
      return Text(
          str("explain: layer expected to be a two-dimensional convolution, got ", name, " (type ",
              layer.type, ")"),
          str("explain: 2차원 합성곱 층이어야 하는데 ", name, "입니다 (종류 ", layer.type, ")"));
    });
    return layer;
  }
  const auto first = std::ranges::find_if(run.layers, is_flat_convolution);
  check_in_both<ArgumentError>(first != run.layers.end(), [] {
    return Text("explain: model expected to have a two-dimensional convolution, got none",
                "explain: 모델에 2차원 합성곱이 있어야 하는데 없습니다");
  });
  return *first;
}

/// Of each filter the slice whose weights are strongest.
std::vector<std::int64_t> strongest_slices(const Tensor& weight) {
  std::vector<std::int64_t> slices;
  slices.reserve(static_cast<std::size_t>(weight.size(0)));
  const Tensor energy = square(weight).sum({2, 3});
  const Tensor strongest = energy.argmax(1);
  for (std::int64_t k = 0; k < weight.size(0); ++k)
    slices.push_back(strongest.select(0, k).item<std::int64_t>());
  return slices;
}

}  // namespace

Walk walk_filters(const ModelRun& run, const FilterOptions& options) {
  const NoGrad no_grad;
  check_in_both<ArgumentError>(options.most >= 1, [&] {
    return Text(str("explain: pictures expected at least 1, got ", options.most),
                str("explain: 그림은 1개 이상이어야 하는데 ", options.most, "입니다"));
  });
  const LayerRun& layer = find_convolution(run, options.layer);
  const Tensor weight = layer.inputs[1].detach().contiguous();
  const std::int64_t channels = weight.size(1);
  Sheet sheet{.title = {layer.name + ": " + std::to_string(weight.size(0)) + " filters",
                        layer.name + ": 필터 " + std::to_string(weight.size(0)) + "개"},
              .pictures = {}};
  const auto add = [&](const Text& caption, const Tensor& filter) {
    const io::Image picture = vision::weight_pictures(filter.to(f32)).at(0);
    sheet.pictures.push_back({caption, enlarged(picture, 48)});
  };
  const auto slice = [&](std::int64_t k, std::int64_t i) {
    return weight.narrow(0, k, 1).narrow(1, i, 1);
  };
  if (options.filter) {
    const std::int64_t k = *options.filter;
    check_in_both<IndexError>(k >= 0 && k < weight.size(0), [&] {
      return Text(str("explain: filter expected in 0 to ", weight.size(0) - 1, ", got ", k,
                      " (layer ", layer.name, ")"),
                  str("explain: 필터 번호는 0에서 ", weight.size(0) - 1, "까지여야 하는데 ", k,
                      "입니다 (층 ", layer.name, ")"));
    });
    for (std::int64_t i = 0; i < std::min(channels, options.most); ++i)
      add(Text("channel " + std::to_string(i), "채널 " + std::to_string(i)), slice(k, i));
  } else if (channels == 1 || channels == 3) {
    for (std::int64_t k = 0; k < std::min(weight.size(0), options.most); ++k)
      add(std::to_string(k), weight.narrow(0, k, 1));
  } else {
    const std::vector<std::int64_t> slices = strongest_slices(weight);
    for (std::int64_t k = 0; k < std::min(weight.size(0), options.most); ++k) {
      const std::int64_t i = slices[static_cast<std::size_t>(k)];
      add(Text(std::to_string(k) + ", channel " + std::to_string(i),
               std::to_string(k) + ", 채널 " + std::to_string(i)),
          slice(k, i));
    }
  }
  Walk walk{.title = {"Filters of " + layer.name, layer.name + "의 필터"}};
  walk.blocks.emplace_back(Note{
      channels == 3 && !options.filter
          ? Text("Red, green and blue as they are weighed; grey is 0. The largest weight of each "
                 "filter is its strongest colour.",
                 "빨강, 초록, 파랑의 가중치를 그 색으로 보입니다. 회색이 0이며, 필터마다 가장 큰 "
                 "가중치가 가장 진한 색입니다.")
          : Text(
                "White is 0, orange above it, blue below. The largest weight of each picture is "
                "its "
                "strongest colour.",
                "흰색이 0, 주황이 그 위, 파랑이 그 아래입니다. 그림마다 가장 큰 가중치가 가장 진한 "
                "색입니다.")});
  walk.blocks.emplace_back(std::move(sheet));
  walk.document = Fields{{"layer", layer.name}, {"type", layer.type}, {"weights", weight}};
  return walk;
}

}  // namespace fovea::explain
