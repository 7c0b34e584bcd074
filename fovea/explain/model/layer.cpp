#include "fovea/explain/model/layer.h"

#include "fovea/core/error.h"
#include "fovea/explain/model/layer_value.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

Shape value_index(const LayerRun& layer, const LayerOptions& options) {
  const Shape& sizes = layer.output().sizes();
  const auto check_below = [&](std::int64_t index, int dim, const Text& what) {
    check_in_both<IndexError>(index >= 0 && index < sizes[dim], [&] {
      return Text(str("explain: ", what.english, " expected in 0 to ", sizes[dim] - 1, ", got ",
                      index, " (layer ", layer.name, ", output ", sizes, ")"),
                  str("explain: ", what.korean, " 번호는 0에서 ", sizes[dim] - 1,
                      "까지여야 하는데 ", index, "입니다 (층 ", layer.name, ", 출력 ", sizes, ")"));
    });
  };
  check_below(options.sample, 0, {"sample", "샘플"});
  Shape index{options.sample};
  if (sizes.ndim() > 1) {
    check_below(options.channel, 1, {"channel", "채널"});
    index.push_back(options.channel);
  }
  const int places = sizes.ndim() > 2 ? sizes.ndim() - 2 : 0;
  check_place_count(layer, options.at);
  for (int i = 0; i < places; ++i) {
    const std::int64_t place = options.at.empty() ? sizes[i + 2] / 2 : options.at[i];
    check_below(place, i + 2,
                places != 2 ? Text("place", "자리")
                : i == 0    ? Text("row", "행")
                            : Text("column", "열"));
    index.push_back(place);
  }
  return index;
}

Text value_title(const Visit& visit) {
  Text title(visit.layer.name + " (" + visit.layer.type + ")");
  if (visit.index.ndim() < 2) return title;
  const std::string channel = std::to_string(visit.index[1]);
  const Shape at = visit.at();
  if (at.empty()) {
    title.english += ": value " + channel;
    title.korean += ": 값 " + channel;
    return title;
  }
  const Text place = place_text(at);
  title.english += ": channel " + channel + ", " + place.english;
  title.korean += ": 채널 " + channel + ", " + place.korean;
  return title;
}

Walk walk_layer(const ModelRun& run, const LayerOptions& options) {
  const LayerRun& layer = find_layer(run, options.layer);
  const Shape index = value_index(layer, options);
  const Visit visit{layer, index, value_at(layer.output(), index)};
  Account account = walk_of(layer).walk(visit);
  Walk walk{.title = value_title(visit)};
  walk.blocks = std::move(account.blocks);
  walk.blocks.emplace_back(Note{Text(
      "The network ran layer by layer and unfused, so that there is a value to stop at between "
      "any two layers.",
      "어느 두 층 사이에서도 값을 볼 수 있도록, 신경망을 융합하지 않고 한 층씩 "
      "실행했습니다.")});
  const Shape at = visit.at();
  // Not by ?:, of whose null GCC 12 says at -O1 that it may be uninitialized.
  Value channel, place;
  if (index.ndim() > 1) channel = index[1];
  if (!at.empty()) place = list_of(at);
  Fields fields = {{"layer", layer.name},
                   {"type", layer.type},
                   {"channel", std::move(channel)},
                   {"at", std::move(place)},
                   {"window", std::move(account.window)},
                   {"weights", std::move(account.weights)},
                   {"bias", std::move(account.bias)},
                   {"products", std::move(account.products)},
                   {"sum", std::move(account.sum)},
                   {"value", visit.value}};
  for (auto& [name, value] : account.more) fields.emplace_back(name, std::move(value));
  walk.document = std::move(fields);
  return walk;
}

}  // namespace fovea::explain
