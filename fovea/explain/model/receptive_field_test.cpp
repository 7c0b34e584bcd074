#include "fovea/explain/model/receptive_field.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/walk_reader.h"
#include "tests/test_seed.h"

namespace fovea::explain {
namespace {

using test::get;
using test::list;
using test::message_of;
using test::places;

/// Rows and columns of pixels, from the first to behind the last.
struct Hull {
  Shape begin{INT64_MAX, INT64_MAX}, end{-1, -1};
  bool operator==(const Hull&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Hull& hull) {
    return out << hull.begin << " to " << hull.end;
  }
  void add(std::int64_t row, std::int64_t column) {
    begin = {std::min(begin[0], row), std::min(begin[1], column)};
    end = {std::max(end[0], row + 1), std::max(end[1], column + 1)};
  }
};

/// A noisy image that rises towards a corner, so that poolings of what positive weights make of it
/// choose what lies on that side.
Tensor rising_image(const Shape& sizes, int corner) {
  const auto ramp = [](std::int64_t count, bool falling) {
    const Tensor line = arange(0, static_cast<double>(count), 1, {.dtype = f32});
    return falling ? static_cast<double>(count - 1) - line : line;
  };
  const Tensor rows = ramp(sizes[2], corner % 2 != 0).view({sizes[2], 1});
  const Tensor columns = ramp(sizes[3], corner / 2 != 0).view({1, sizes[3]});
  return rand(sizes) * 0.1 + (rows + columns);
}

/// The input's pixels whose gradient is not 0 for the middle pixel of each layer's output: of
/// images that rise towards each corner, since a max pooling passes the gradient to one pixel.
std::vector<Hull> brute_force(nn::Module& module, const Shape& input,
                              const std::vector<std::size_t>& layers) {
  std::vector<Hull> hulls(layers.size());
  for (int corner = 0; corner < 4; ++corner) {
    Tensor x = rising_image(input, corner);
    x.set_requires_grad();
    const ModelRun run = evaluate_model(module, x);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Tensor& output = run.layers[layers[i]].output();
      const Tensor middle =
          output.select(0, 0).select(1, output.size(2) / 2).select(1, output.size(3) / 2);
      const Tensor seen = abs(grad(middle.sum(), {x}, {}, true)[0]).sum({0, 1});
      const std::vector<float> values = seen.to_vector();
      for (std::int64_t k = 0; k < seen.numel(); ++k) {
        if (values[static_cast<std::size_t>(k)] != 0)
          hulls[i].add(k / seen.size(1), k % seen.size(1));
      }
    }
  }
  return hulls;
}

/// Positive weights, so that no relu stops a gradient.
void make_positive(nn::Module& module) {
  const NoGrad no_grad;
  for (auto& [name, parameter] : module.named_parameters()) {
    Tensor tensor = parameter;
    tensor.copy_(abs(tensor) + 0.01);
  }
}

void check_fields(nn::Module& module, const Shape& input, int every) {
  make_positive(module);
  const ModelRun run = evaluate_model(module, rand(input));
  const std::vector<ReceptiveField> fields = receptive_fields(run);
  ASSERT_EQ(fields.size(), run.layers.size());
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < fields.size(); i += static_cast<std::size_t>(every)) {
    if (!fields[i].whole) layers.push_back(i);
  }
  EXPECT_GE(layers.size(), 4u);
  const std::vector<Hull> seen = brute_force(module, input, layers);
  for (std::size_t n = 0; n < layers.size(); ++n) {
    const LayerRun& layer = run.layers[layers[n]];
    const ReceptiveField& field = fields[layers[n]];
    SCOPED_TRACE(str(layer.name, " ", layer.type, " field ", field.size, " stride ", field.stride,
                     " offset ", field.offset));
    Hull expected;
    for (int k = 0; k < 2; ++k) {
      const std::int64_t begin = field.offset[k] + layer.output().size(k + 2) / 2 * field.stride[k];
      expected.begin[k] = std::max<std::int64_t>(begin, 0);
      expected.end[k] = std::min(begin + field.size[k], input[k + 2]);
    }
    EXPECT_EQ(seen[n], expected);
  }
}

TEST(ReceptiveFields, OfFashionCnnAreWhatHasAGradient) {
  manual_seed(test::seed());
  check_fields(*models::make_model("fashion-cnn"), {1, 1, 28, 28}, 1);
}

TEST(ReceptiveFields, OfBranchesAreTheLargest) {
  manual_seed(test::seed());
  check_fields(*models::make_model("resnet18", {{"image_size", "32"}}), {1, 3, 32, 32}, 5);
  check_fields(*models::make_model("googlenet", {{"image_size", "24"}}), {1, 3, 24, 24}, 23);
}

TEST(ReceptiveFields, OfDilatedAndUnevenWindows) {
  manual_seed(test::seed());
  nn::Sequential net(nn::Conv2d({.in_channels = 1,
                                 .out_channels = 2,
                                 .kernel_size = {3, 2},
                                 .stride = {2, 1},
                                 .padding = {1, 0},
                                 .dilation = {2, 3}}),
                     nn::ReLU(), nn::AvgPool2d({.kernel_size = 3, .stride = 2}),
                     nn::Conv2d({.in_channels = 2, .out_channels = 2, .kernel_size = 2}));
  check_fields(net, {1, 1, 31, 29}, 1);
}

TEST(WalkReceptiveField, ListsAllLayersAndDrawsOne) {
  const auto net = models::make_model("fashion-cnn");
  const Tensor x = rand({1, 1, 28, 28});
  const Walk walk = walk_receptive_field(*net, x);
  const std::vector<Value>& layers = list(walk.document);
  ASSERT_EQ(layers.size(), 13u);
  EXPECT_EQ(test::text(get(layers[7], "layer")), "layer2.3");
  EXPECT_EQ(places(get(layers[7], "size")), (Shape{10, 10}));
  EXPECT_EQ(places(get(layers[7], "stride")), (Shape{4, 4}));
  EXPECT_EQ(places(get(layers[7], "offset")), (Shape{-1, -1}));
  EXPECT_TRUE(test::is_null(get(layers[9], "size")));
  const Board& board = std::get<Board>(walk.blocks.back());
  EXPECT_EQ(board.grids[0].values.sizes(), (Shape{28, 28}));
  const Cells& cells = board.stops.at(0).marks.at(0).cells;
  EXPECT_EQ((Shape{cells.row, cells.column, cells.rows, cells.columns}), (Shape{11, 11, 10, 10}));
  const Walk corner = walk_receptive_field(*net, x, {.layer = "layer1.0", .at = {0, 27}});
  const Cells& seen = std::get<Board>(corner.blocks.back()).stops.at(0).marks.at(0).cells;
  EXPECT_EQ((Shape{seen.row, seen.column, seen.rows, seen.columns}), (Shape{0, 26, 2, 2}));
}

TEST(WalkReceptiveField, ErrorsSayWhatWasExpected) {
  const auto net = models::make_model("fashion-cnn");
  const Tensor x = rand({1, 1, 28, 28});
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_receptive_field(*net, x, {.layer = "fc1"}); }),
            "explain: layer expected to see windows of the image, got fc1 (type Linear)");
  EXPECT_EQ(message_of<IndexError>([&] {
              walk_receptive_field(*net, x, {.layer = "layer2.3", .at = {0, 6}});
            }),
            "explain: place expected in 0 to 5, got 6 (layer layer2.3, output [1, 64, 6, 6])");
  const auto dnn = models::make_model("fashion-dnn");
  EXPECT_EQ(message_of<ArgumentError>([&] { walk_receptive_field(*dnn, x); }),
            "explain: layers expected to have one that sees windows of the image, got 7 others");
}

}  // namespace
}  // namespace fovea::explain
