// Convolutions in one, two and three dimensions.

#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/channels.h"
#include "fovea/explain/model/operations/sizes_text.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

graph::WindowPlaces conv_places(const LayerRun& layer) {
  const Tensor &x = layer.inputs.at(0), &weight = layer.inputs.at(1);
  const graph::Node node = layer.node();
  const graph::NodeReader reader(node, layer.opset);
  return graph::Windows(reader).places(graph::Inputs(layer.inputs, layer.name), x.sizes(),
                                       Shape(std::span(weight.sizes()).subspan(2)));
}

/// The filter of an output channel, [channels, kernel...], and the input's first channel for it.
std::pair<Tensor, std::int64_t> filter_of(const LayerRun& layer, std::int64_t channel) {
  const Tensor& weight = layer.inputs.at(1);
  const std::int64_t groups = layer.inputs[0].size(1) / weight.size(1);
  return {weight.detach().select(0, channel), channel / (weight.size(0) / groups) * weight.size(1)};
}

std::vector<ChannelPart> read_channels(const Visit& visit, const WindowAt& window) {
  const auto [filter, first] = filter_of(visit.layer, visit.index[1]);
  std::vector<ChannelPart> parts;
  for (std::int64_t i = 0; i < filter.size(0); ++i)
    parts.push_back(make_part(
        first + i, read_window(visit.layer.inputs[0], visit.sample(), first + i, 1, window).values,
        filter.select(0, i).to_vector<double>()));
  return parts;
}

Account walk_conv_layer(const Visit& visit) {
  const WindowAt window = window_at(conv_places(visit.layer), visit.at());
  return account_of_channels(
      visit, read_channels(visit, window), window,
      {"Each value under the window times the filter's value at the same place, all added up over "
       "all input channels, and the bias.",
       "창 아래의 값마다 같은 자리의 필터 값을 곱하고, 모든 입력 채널에 걸쳐 더한 뒤 편향을 "
       "더합니다."});
}

std::optional<std::string> conv_formula(const LayerRun& layer) {
  return window_formula(conv_places(layer), layer.inputs[0].sizes(), layer.output().sizes(),
                        PaddingShown::kAlways);
}

/// A weight meets the input at each output place; a bias meets 1.
std::vector<GradientTerm> conv_terms(const LayerRun& layer, std::size_t input, const Shape& index,
                                     const Tensor& upstream) {
  const graph::WindowPlaces places = conv_places(layer);
  const Tensor& x = layer.inputs[0];
  const std::int64_t channel = index[0];
  const std::int64_t from = input == 1 ? filter_of(layer, channel).second + index[1] : 0;
  const Tensor gradients = upstream.select(1, channel).contiguous();
  const std::vector<double> dy = gradients.to_vector<double>();
  const std::vector<double> values =
      input == 1 ? x.detach().select(1, from).to_vector<double>() : std::vector<double>();
  std::vector<GradientTerm> terms;
  std::size_t k = 0;
  for_each_index(gradients.sizes(), [&](const Shape& at) {
    GradientTerm term{.at = at, .activation = 1, .upstream = dy[k++]};
    term.at.insert(1, channel);
    std::int64_t place = at[0];
    for (int i = 0; input == 1 && i < places.kernel.ndim(); ++i) {
      const std::int64_t cell =
          at[i + 1] * places.stride[i] - places.begin[i] + index[i + 2] * places.dilation[i];
      if (cell < 0 || cell >= x.size(i + 2)) return;  // the border's 0
      place = place * x.size(i + 2) + cell;
    }
    if (input == 1) term.activation = values[static_cast<std::size_t>(place)];
    terms.push_back(term);
  });
  return terms;
}

/// An input value meets a weight of each filter at each output place whose window holds it.
std::vector<GradientTerm> conv_input_terms(const LayerRun& layer, const Shape& index,
                                           const Tensor& upstream) {
  const graph::WindowPlaces places = conv_places(layer);
  const Tensor& weight = layer.inputs.at(1);
  const std::int64_t groups = layer.inputs[0].size(1) / weight.size(1);
  const std::int64_t filters = weight.size(0) / groups;  // of a group
  const std::int64_t first = index[1] / weight.size(1) * filters;
  const int dims = places.kernel.ndim();
  // The outputs that see it, a block, and of them those whose windows' elements hit it.
  Tensor part = upstream.detach().select(0, index[0]).narrow(0, first, filters);
  Shape from;
  for (int i = 0; i < dims; ++i) {
    const OutputRange range = outputs_that_see(places, i, index[i + 2], upstream.size(i + 2));
    part = part.narrow(i + 1, range.first, range.count);
    from.push_back(range.first);
  }
  if (part.numel() == 0) return {};
  const std::vector<double> gradients = part.contiguous().to_vector<double>();
  const Tensor slices =
      weight.detach().narrow(0, first, filters).select(1, index[1] % weight.size(1)).contiguous();
  const std::vector<double> weights = slices.to_vector<double>();
  std::vector<GradientTerm> terms;
  std::size_t k = 0;
  for_each_index(part.sizes(), [&](const Shape& at) {
    GradientTerm term{.at = {index[0], first + at[0]}, .upstream = gradients[k++]};
    std::int64_t place = at[0];
    for (int i = 0; i < dims; ++i) {
      const std::int64_t output = from[i] + at[i + 1];
      const std::int64_t way = index[i + 2] + places.begin[i] - output * places.stride[i];
      if (way % places.dilation[i] != 0) return;  // between two elements of the window
      place = place * places.kernel[i] + way / places.dilation[i];
      term.at.push_back(output);
    }
    term.activation = weights[static_cast<std::size_t>(place)];
    terms.push_back(term);
  });
  return terms;
}

constexpr OperationWalk kConvolutionWalks[] = {
    {.name = "Conv",
     .walk = walk_conv_layer,
     .reach = Reach::kWindow,
     .windows = conv_places,
     .formula = conv_formula,
     .terms = conv_terms,
     .input_terms = conv_input_terms},
};

}  // namespace

std::span<const OperationWalk> convolution_walks() { return kConvolutionWalks; }

}  // namespace fovea::explain
