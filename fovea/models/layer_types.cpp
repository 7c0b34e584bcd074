#include "fovea/models/layer_types.h"

#include <functional>
#include <utility>

#include "fovea/core/suggest.h"
#include "fovea/models/layer_reader.h"
#include "fovea/nn/nn.h"

namespace fovea::models {

namespace {

using ModulePtr = std::shared_ptr<nn::Module>;

// Layers with spatial dimensions see images.
LayerReader& image(LayerReader& read) {
  read.expect_dims(3, "it takes channels, height and width");
  return read;
}

std::int64_t channels(LayerReader& read, const char* name) {
  return read.inferred(name, read.input()[0]);
}

ModulePtr make_conv(LayerReader& read) {
  const std::int64_t in = channels(image(read), "in_channels");
  return std::make_shared<nn::Conv2d>(
      nn::ConvLayerOptions{.in_channels = in,
                           .out_channels = read.outputs("out_channels"),
                           .kernel_size = read.per_dim("kernel_size"),
                           .stride = read.per_dim("stride", 1),
                           .padding = read.padding(),
                           .dilation = read.per_dim("dilation", 1),
                           .groups = read.integer("groups", 1),
                           .bias = read.flag("bias", true)});
}

ModulePtr make_linear(LayerReader& read) {
  std::int64_t flat = 1;
  for (const std::int64_t size : read.input()) flat *= size;
  read.expect_dims(1, str("a Flatten layer before it gives ", Shape{flat}));
  const std::int64_t in = read.inferred("in_features", flat);
  return std::make_shared<nn::Linear>(in, read.outputs("out_features"),
                                      nn::LinearOptions{.bias = read.flag("bias", true)});
}

template <class Norm>
ModulePtr make_norm(LayerReader& read) {
  return std::make_shared<Norm>(
      channels(read, "num_features"),
      nn::BatchNormLayerOptions{.eps = read.number("eps", 1e-5),
                                .momentum = read.number("momentum", 0.1),
                                .affine = read.flag("affine", true),
                                .track_running_stats = read.flag("track_running_stats", true)});
}

ModulePtr make_response_norm(LayerReader& read) {
  return std::make_shared<nn::LocalResponseNorm>(
      LocalResponseNormOptions{.size = read.integer("size"),
                               .alpha = read.number("alpha", 1e-4),
                               .beta = read.number("beta", 0.75),
                               .k = read.number("k", 1)});
}

template <class Pool>
ModulePtr make_extreme_pool(LayerReader& read) {
  image(read);
  return std::make_shared<Pool>(MaxPoolOptions{.kernel_size = read.per_dim("kernel_size"),
                                               .stride = read.per_dim("stride", PerDim()),
                                               .padding = read.per_dim("padding", 0),
                                               .dilation = read.per_dim("dilation", 1),
                                               .ceil_mode = read.flag("ceil_mode", false)});
}

ModulePtr make_average_pool(LayerReader& read) {
  image(read);
  return std::make_shared<nn::AvgPool2d>(
      AvgPoolOptions{.kernel_size = read.per_dim("kernel_size"),
                     .stride = read.per_dim("stride", PerDim()),
                     .padding = read.per_dim("padding", 0),
                     .ceil_mode = read.flag("ceil_mode", false),
                     .count_include_pad = read.flag("count_include_pad", true),
                     .divisor_override = read.integer("divisor_override", 0)});
}

template <class Pool>
ModulePtr make_adaptive_pool(LayerReader& read) {
  return std::make_shared<Pool>(image(read).per_dim("output_size"));
}

template <class Pool>
ModulePtr make_global_pool(LayerReader& read) {
  image(read);
  return std::make_shared<Pool>();
}

template <class Layer>
ModulePtr make_plain(LayerReader& /*read*/) {
  return std::make_shared<Layer>();
}

template <class Layer>
ModulePtr make_dropout(LayerReader& read) {
  return std::make_shared<Layer>(read.number("p", 0.5));
}

// Dimensions count the batch, as everywhere.
template <class Layer>
ModulePtr make_along_dim(LayerReader& read) {
  return std::make_shared<Layer>(static_cast<int>(read.integer("dim")));
}

ModulePtr make_flatten(LayerReader& read) {
  return std::make_shared<nn::Flatten>(static_cast<int>(read.integer("start_dim", 1)),
                                       static_cast<int>(read.integer("end_dim", -1)));
}

ModulePtr make_leaky_relu(LayerReader& read) {
  return std::make_shared<nn::LeakyReLU>(read.number("negative_slope", 0.01));
}

ModulePtr make_hardtanh(LayerReader& read) {
  const double low = read.number("min_val", -1);
  return std::make_shared<nn::Hardtanh>(low, read.number("max_val", 1));
}

struct LayerType {
  const char* name;
  ModulePtr (*make)(LayerReader&);
};

constexpr LayerType kTypes[] = {
    {"Conv2d", make_conv},
    {"Linear", make_linear},
    {"BatchNorm1d", make_norm<nn::BatchNorm1d>},
    {"BatchNorm2d", make_norm<nn::BatchNorm2d>},
    {"LocalResponseNorm", make_response_norm},
// clang-format off
#define FOVEA_LAYER(Class, ...) {#Class, make_plain<nn::Class>},
#define FOVEA_OMIT(...)
    FOVEA_FUNCTIONS(FOVEA_OMIT, FOVEA_LAYER, FOVEA_OMIT)
#undef FOVEA_OMIT
#undef FOVEA_LAYER
    // clang-format on
    {"ReLU6", make_plain<nn::ReLU6>},
    {"LeakyReLU", make_leaky_relu},
    {"Hardtanh", make_hardtanh},
    {"GELU", make_plain<nn::GELU>},
    {"Softmax", make_along_dim<nn::Softmax>},
    {"LogSoftmax", make_along_dim<nn::LogSoftmax>},
    {"MaxPool2d", make_extreme_pool<nn::MaxPool2d>},
    {"MinPool2d", make_extreme_pool<nn::MinPool2d>},
    {"AvgPool2d", make_average_pool},
    {"AdaptiveAvgPool2d", make_adaptive_pool<nn::AdaptiveAvgPool2d>},
    {"AdaptiveMaxPool2d", make_adaptive_pool<nn::AdaptiveMaxPool2d>},
    {"GlobalAvgPool", make_global_pool<nn::GlobalAvgPool>},
    {"GlobalMaxPool", make_global_pool<nn::GlobalMaxPool>},
    {"Flatten", make_flatten},
    {"Dropout", make_dropout<nn::Dropout>},
    {"Dropout2d", make_dropout<nn::Dropout2d>},
    {"Identity", make_plain<nn::Identity>},
};

const LayerType& type_of(const LayerTable& table) {
  std::vector<std::string> names;
  for (const LayerType& type : kTypes) {
    if (table.type == type.name) return type;
    names.emplace_back(type.name);
  }
  throw ParseError(str(table.where, " type expected one of ", join_words(names), ", got \"",
                       table.type, "\" (", table.line, ")", did_you_mean(table.type, names)));
}

}  // namespace

ModulePtr make_layer(const LayerTable& table, const Shape& input, std::int64_t num_classes) {
  const LayerType& type = type_of(table);
  LayerReader read(table, input, num_classes);
  ModulePtr layer;
  try {
    layer = type.make(read);
  } catch (const ArgumentError& error) {  // the layer's own check of its options
    throw ParseError(str(table.where, " expected arguments that it takes, got others: ",
                         error.what(), " (", table.line, ")"));
  }
  read.finish();
  return layer;
}

}  // namespace fovea::models
