#include "fovea/explain/model/frame.h"

#include "fovea/core/error.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/swept.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// What is shown of a layer's input or output: the values, or their gradients.
Tensor shown_values(const Tensor& values, const FrameOptions& options, const LayerRun& layer) {
  if (options.gradients == nullptr) return values.detach();
  const Tensor gradient = options.gradients->of(values);
  check<ArgumentError>(gradient.defined(),
                       "explain: layer expected to be one that the score depends on, got ",
                       layer.name);
  return gradient;
}

void check_below(std::int64_t index, std::int64_t size, const char* what, const LayerRun& layer) {
  check<IndexError>(index >= 0 && index < size, "explain: ", what, " expected in 0 to ", size - 1,
                    ", got ", index, " (layer ", layer.name, ", output ", layer.output().sizes(),
                    ")");
}

}  // namespace

LayerFrame frame_of(const ModelRun& run, const FrameOptions& options) {
  const NoGrad no_grad;
  const LayerRun& layer = layer_to_sweep(run, options.layer);
  check_below(options.sample, layer.output().size(0), "sample", layer);
  check_below(options.channel, layer.output().size(1), "channel", layer);
  const ShownChannel shown = choose_channel(layer, options.channel);
  const auto map = [&](const Tensor& values, std::int64_t channel) {
    return shown_values(values, options, layer)
        .select(0, options.sample)
        .select(0, channel)
        .contiguous();
  };
  LayerFrame frame{.layer = layer.name,
                   .type = layer.type,
                   .input_channel = shown.channel,
                   .input = map(layer.inputs[0], shown.channel),
                   .output_channel = options.channel,
                   .output = map(layer.output(), options.channel),
                   .filter = shown.slice.defined() ? shown.slice.contiguous() : Tensor(),
                   .input_channels = layer.inputs[0].size(1),
                   .output_channels = layer.output().size(1)};
  const OperationWalk& walk = walk_of(layer);
  if (walk.windows != nullptr) {
    const graph::WindowPlaces places = walk.windows(layer);
    frame.windows = FrameWindows{.kernel = places.kernel,
                                 .stride = places.stride,
                                 .dilation = places.dilation,
                                 .padding_begin = places.begin,
                                 .padding_end = places.end};
  }
  if (walk.formula != nullptr) frame.formula = walk.formula(layer);
  return frame;
}

}  // namespace fovea::explain
