// What a model does and costs, layer by layer: found by running it once on zeros and looking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/graph/graph.h"
#include "fovea/nn/module.h"

namespace fovea::models {

/// A layer that ran, or an operation of a graph.
struct LayerCost {
  std::string name;                ///< dotted: "layer1.0"
  std::string type;                ///< "Conv2d"
  Shape output_shape;              ///< for one sample, without the batch
  std::int64_t parameters = 0;     ///< values that are trained
  std::int64_t multiply_adds = 0;  ///< of convolutions and fully connected layers; 0 for others
};

/// A model's layers and their sums.
struct ModelCost {
  std::vector<LayerCost> layers;      ///< in the order in which they ran
  std::int64_t parameters = 0;        ///< values that are trained
  std::int64_t multiply_adds = 0;     ///< for one sample
  std::int64_t bytes = 0;             ///< of parameters and buffers
  std::int64_t activation_bytes = 0;  ///< of all layers' outputs for one sample
};

/// Multiply-adds of a node whose inputs and first output have these sizes, for all samples: of
/// convolutions and products of matrices; 0 for others.
std::int64_t multiply_adds_of(const graph::Node& node, int opset, const std::vector<Shape>& inputs,
                              const Shape& output);

/// Runs `module` in evaluation mode on one sample of zeros and puts its mode back.
/// Shapes   input [channels, height, width].
/// Throws   what the model throws when it does not take such input.
ModelCost measure_cost(nn::Module& module, const Shape& input);

}  // namespace fovea::models
