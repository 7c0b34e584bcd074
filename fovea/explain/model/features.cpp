#include "fovea/explain/model/features.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/heat.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

bool gives_maps(const LayerRun& layer) { return layer.output().dim() == 4; }

const LayerRun& find_maps(const ModelRun& run, const std::string& name) {
  if (!name.empty()) {
    const LayerRun& layer = find_layer(run, name);
    check_in_both<ArgumentError>(gives_maps(layer), [&] {
      const Shape& sizes = layer.output().sizes();
      return Text(
          str("explain: layer expected to give maps [n, c, h, w], got ", sizes, " (layer ", name,
              ")"),
          str("explain: 맵 [n, c, h, w]를 내는 층이어야 하는데 ", sizes, "입니다 (층 ", name, ")"));
    });
    return layer;
  }
  const auto first = std::ranges::find_if(run.layers, gives_maps);
  check_in_both<ArgumentError>(first != run.layers.end(), [] {
    return Text("explain: model expected to have a layer that gives maps, got none",
                "explain: 모델에 맵을 내는 층이 있어야 하는데 없습니다");
  });
  return *first;
}

}  // namespace

Walk walk_features(const ModelRun& run, const FeatureOptions& options) {
  const NoGrad no_grad;
  check_in_both<ArgumentError>(options.most >= 1, [&] {
    return Text(str("explain: pictures expected at least 1, got ", options.most),
                str("explain: 그림은 1개 이상이어야 하는데 ", options.most, "입니다"));
  });
  const LayerRun& layer = find_maps(run, options.layer);
  const Tensor& output = layer.output();
  check<IndexError>(options.sample >= 0 && options.sample < output.size(0),
                    "explain: sample expected in 0 to ", output.size(0) - 1, ", got ",
                    options.sample, " (layer ", layer.name, ", output ", output.sizes(), ")");
  const Tensor maps = output.detach().select(0, options.sample).contiguous();
  Sheet sheet{.title = {layer.name + ": " + std::to_string(maps.size(0)) + " feature maps",
                        layer.name + ": 특성 맵 " + std::to_string(maps.size(0)) + "개"},
              .pictures = {}};
  for (std::int64_t i = 0; i < std::min(maps.size(0), options.most); ++i) {
    const Tensor map = maps.narrow(0, i, 1);
    const std::string range =
        number_text(map.min().item(), 3) + " .. " + number_text(map.max().item(), 3);
    sheet.pictures.push_back({std::to_string(i) + ": " + range, enlarged(grey_picture(map), 48)});
  }
  Walk walk{.title = {"Feature maps of " + layer.name + " (" + layer.type + ")",
                      layer.name + " (" + layer.type + ")의 특성 맵"}};
  walk.blocks.emplace_back(Note{Text("Each map from black, its least value, to white, its largest.",
                                     "맵마다 가장 작은 값이 검은색, 가장 큰 값이 흰색입니다.")});
  walk.blocks.emplace_back(std::move(sheet));
  walk.document = Fields{{"layer", layer.name}, {"type", layer.type}, {"maps", maps}};
  return walk;
}

}  // namespace fovea::explain
