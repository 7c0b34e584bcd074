#include "fovea/graph/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"

namespace fovea::graph {
namespace {

using test::message_of;
using Ints = std::vector<std::int64_t>;

/// A convolution, max pooling and flattening of "x", whose sizes are free.
Graph small_network() {
  return {.inputs = {{.name = "x", .has_sizes = false}},
          .outputs = {{.name = "rows", .has_sizes = false}},
          .nodes = {{.name = "conv1",
                     .op = "Conv",
                     .inputs = {"x", "weight"},
                     .outputs = {"map"},
                     .attributes = {{"pads", Ints{1, 1, 1, 1}}}},
                    {.name = "pool1",
                     .op = "MaxPool",
                     .inputs = {"map"},
                     .outputs = {"small"},
                     .attributes = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}}},
                    {.name = "", .op = "Flatten", .inputs = {"small"}, .outputs = {"rows"}}},
          .initializers = {{"weight", ones({1, 2, 3, 3})}}};
}

TEST(Program, GradientsFlowThroughAGraph) {
  Graph graph = small_network();
  const Tensor weight = randn({1, 2, 3, 3}, {.dtype = f64, .requires_grad = true});
  graph.inputs[0].dtype = f64;
  graph.initializers["weight"] = weight;
  const Program program(graph);
  const auto f = [&](const Tensors& in) { return program.run({in[0]})[0]; };
  const Tensor x = randn({2, 2, 4, 6}, {.dtype = f64, .requires_grad = true});
  EXPECT_TRUE(check_gradients(f, {x, weight}).ok);
}

TEST(Program, ErrorsOfTensorOperationsNameTheNode) {
  const Program program(small_network());
  EXPECT_EQ(program.run({ones({3, 2, 4, 4})})[0].sizes(), (Shape{3, 4}));
  EXPECT_EQ(message_of<ShapeError>([&] {
              program.run({ones({3, 3, 4, 4})});
            }),
            "Conv \"conv1\" (opset 17): conv2d: input expected 2 channels, got 3 (input "
            "[3, 3, 4, 4], weight [1, 2, 3, 3], groups 1)");
  EXPECT_EQ(message_of<ShapeError>([&] {
              program.run({ones({3, 2, 1, 4})});
            }),
            "MaxPool \"pool1\" (opset 17): input expected to hold a window, got [3, 1, 1, 4] "
            "(kernel_shape [2, 2])");
}

}  // namespace
}  // namespace fovea::graph
