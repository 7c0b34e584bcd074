// The network from input to answer, and what stands still in it: nodes, maps, frames of layers.

#include <algorithm>
#include <utility>

#include "apps/serve/api/asked.h"
#include "fovea/explain/model/frame.h"
#include "fovea/explain/model/map_sheet.h"
#include "fovea/explain/model/operations/swept.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::serve {

namespace {

using explain::list_of_all;
using explain::page_number;
using explain::page_numbers;
using explain::page_picture;
using explain::page_string;
using explain::PageObject;
using explain::quoted;

constexpr std::int64_t kTopClasses = 10;
constexpr std::int64_t kMostMaps = 256;  // of a sheet

Shape sizes_without_batch(Shape sizes) {
  if (!sizes.empty()) sizes.erase(0);
  return sizes;
}

std::string json_of_node(const explain::LayerRun& layer) {
  const Tensor& output = layer.output();
  return PageObject()
      .text("name", layer.name)
      .text("type", layer.type)
      .json("inputs", list_of_all(layer.sources, page_string))
      .json("output", json_of_sizes(sizes_without_batch(output.sizes())))
      .json("milliseconds", page_number(static_cast<float>(layer.milliseconds)))
      .number("multiply_adds", explain::multiply_adds_of(layer))
      .number("parameters", layer.parameters)
      .number("maps", output.dim() == 4 ? output.size(1) : 0)
      .flag("sweeps", explain::can_sweep(layer))
      .flag("walks", output.dim() <= 5)
      .finish();
}

/// The values of a layer, or their gradients.
Tensor values_of(const ServedRun& run, const explain::LayerRun& layer, bool gradients) {
  if (!gradients) return layer.output().detach();
  const Tensor gradient = run.gradients.of(layer.output());
  if (!gradient.defined())
    throw BadRequest(
        str("/api/maps: layer expected to be one that the score depends on, got ", layer.name));
  return gradient;
}

/// [channels, rows, columns] of a sample's values of one to three spatial dimensions.
Tensor maps_of(const Tensor& values) {
  if (values.dim() == 2) return values.unsqueeze(1);
  return values.dim() == 4 ? values.contiguous().flatten(1, 2) : values;
}

std::string json_of_map(std::int64_t channel, const Tensor& map) {
  return PageObject()
      .number("channel", channel)
      .number("rows", map.size(0))
      .number("columns", map.size(1))
      .json("values", page_numbers(map))
      .finish();
}

std::string json_of_windows(const std::optional<explain::FrameWindows>& windows) {
  if (!windows) return "null";
  return PageObject()
      .json("kernel", json_of_sizes(windows->kernel))
      .json("stride", json_of_sizes(windows->stride))
      .json("dilation", json_of_sizes(windows->dilation))
      .json("padding_begin", json_of_sizes(windows->padding_begin))
      .json("padding_end", json_of_sizes(windows->padding_end))
      .finish();
}

}  // namespace

Response network_response(Explaining& explaining, const Request& request) {
  const Asked asked(explaining, QueryReader(request));
  const std::shared_ptr<const ServedRun> served = asked.run();
  const explain::ModelRun& run = served->run;
  std::int64_t multiply_adds = 0;
  for (const explain::LayerRun& layer : run.layers)
    multiply_adds += explain::multiply_adds_of(layer);
  const std::string& label = asked.image().label;
  const std::string answer =
      PageObject()
          .json("top", json_of_likeliest(asked.model().classifier(), run.output, kTopClasses))
          .json("label", label.empty() ? "null" : page_string(label))
          .finish();
  const std::string about =
      PageObject().number("index", served->answer.index).text("name", served->answer.name).finish();
  return {.body = PageObject()
                      .json("answer", answer)
                      .json("milliseconds", page_number(static_cast<float>(run.milliseconds())))
                      .number("multiply_adds", multiply_adds)
                      .json("input", json_of_sizes(sizes_without_batch(run.input.sizes())))
                      .json("nodes", list_of_all(run.layers, json_of_node))
                      .json("class", about)
                      .finish()};
}

Response maps_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const Asked asked(explaining, query);
  const std::shared_ptr<const ServedRun> served = asked.run();
  const NoGrad no_grad;
  const explain::LayerRun& layer = explain::find_layer(served->run, query.text("layer"));
  const Tensor values = values_of(*served, layer, asked.gradients()).select(0, 0);
  PageObject object;
  object.text("layer", layer.name).text("type", layer.type);
  if (values.dim() < 2) {
    const std::vector<std::string>& classes = asked.model().classifier().card().classes;
    const bool named =
        &layer == &served->run.layers.back() && std::ssize(classes) == values.numel();
    object.json("values", page_numbers(values))
        .json("names", named ? list_of_all(classes, page_string) : "null");
    return {.body = object.finish()};
  }
  const Tensor maps = maps_of(values);
  using Look = explain::MapSheetOptions::Look;
  const explain::MapSheet sheet =
      explain::map_sheet(maps, {.look = asked.gradients() ? Look::kSigns : Look::kGreys,
                                .from = query.whole_or("from", 0, 0, maps.size(0) - 1),
                                .count = query.whole_or("count", 64, 1, kMostMaps)});
  object.number("columns", sheet.columns)
      .number("rows", sheet.rows)
      .number("width", sheet.width)
      .number("height", sheet.height)
      .number("count", sheet.count)
      .number("maps", maps.size(0))
      .number("map_rows", maps.size(1))
      .number("map_columns", maps.size(2))
      .json("png", page_picture(sheet.image));
  return {.body = object.finish()};
}

Response frame_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const Asked asked(explaining, query);
  const std::shared_ptr<const ServedRun> served = asked.run();
  const explain::LayerFrame frame = explain::frame_of(
      served->run, {.layer = query.text("layer"),
                    .channel = query.whole("channel", 0, kMostPlaces),
                    .gradients = asked.gradients() ? &served->gradients : nullptr});
  std::string filter = "null";
  if (frame.filter.defined()) {
    filter = PageObject()
                 .number("rows", frame.filter.size(0))
                 .number("columns", frame.filter.size(1))
                 .json("values", page_numbers(frame.filter))
                 .finish();
  }
  return {.body = PageObject()
                      .text("layer", frame.layer)
                      .text("type", frame.type)
                      .json("input", json_of_map(frame.input_channel, frame.input))
                      .json("output", json_of_map(frame.output_channel, frame.output))
                      .json("windows", json_of_windows(frame.windows))
                      .json("filter", filter)
                      .number("input_channels", frame.input_channels)
                      .number("output_channels", frame.output_channels)
                      .json("formula", frame.formula ? page_string(*frame.formula) : "null")
                      .finish()};
}

}  // namespace fovea::serve
