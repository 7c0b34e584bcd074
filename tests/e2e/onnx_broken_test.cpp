// ONNX files with one operation that cannot be, and arrays that do not go with a model: whichever
// command meets them, it is bad input, and the message names the file and the operation.

#include <limits>

#include "fovea/graph/onnx.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// An operation from `x`, images [n, 1, 28, 28], to `h`, and what it needs besides.
struct Operation {
  std::string op;
  Attributes attributes = {};
  std::map<std::string, Tensor> constants = {};  // inputs after x, in order
  int outputs = 1;
};

/// A network of ten classes that begins with the operation, which is called "first".
graph::Graph network(const Operation& operation) {
  graph::Node first{.name = "first",
                    .op = operation.op,
                    .inputs = {"x"},
                    .outputs = {"h"},
                    .attributes = operation.attributes};
  for (int i = 1; i < operation.outputs; ++i) first.outputs.push_back(str("h", i));
  graph::Graph graph{
      .inputs = {{.name = "x", .sizes = {graph::kFree, 1, 28, 28}}},
      .outputs = {{.name = "y", .sizes = {graph::kFree, 10}}},
      .nodes = {first,
                {.name = "flat", .op = "Flatten", .inputs = {"h"}, .outputs = {"f"}},
                {.name = "fc", .op = "MatMul", .inputs = {"f", "w"}, .outputs = {"y"}}},
      .initializers = {{"w", ones({784, 10}, {.device = cpu})}}};
  for (const auto& [name, tensor] : operation.constants) {
    graph.nodes[0].inputs.push_back(name);
    graph.initializers[name] = tensor;
  }
  return graph;
}

Tensor numbers(std::initializer_list<double> values) { return tensor(values).to(i64); }

std::vector<Operation> broken_operations() {
  const Tensor kernel = ones({2, 1, 3, 3}), one = ones({1});
  using Ints = std::vector<std::int64_t>;
  return {
      {"LeakyRelu", {{"alpha", kNan}}},
      {"LeakyRelu", {{"alpha", std::string("much")}}},
      {"LRN", {{"size", std::int64_t{0}}}},
      {"Conv", {{"group", std::int64_t{3}}}, {{"k", kernel}}},
      {"Conv", {{"strides", Ints{0, 1}}}, {{"k", kernel}}},
      {"Conv", {{"pads", Ints{0, 0, -1, 0}}}, {{"k", kernel}}},
      {"Conv", {}, {{"k", ones({2, 3, 3, 3})}}},
      {"Conv", {}},
      {"MaxPool", {{"kernel_shape", Ints{99, 99}}}},
      {"MaxPool", {{"kernel_shape", Ints{2}}}},
      {"BatchNormalization", {{"epsilon", -1.0}}, {{"a", one}, {"b", one}, {"c", one}, {"d", one}}},
      {"BatchNormalization", {}, {{"a", one}, {"b", ones({0})}, {"c", one}, {"d", one}}},
      {"Softmax", {{"axis", std::int64_t{7}}}},
      {"Concat", {{"axis", std::int64_t{9}}}},
      {"Reshape", {}, {{"k", numbers({0, 5, -1})}}},
      {"Gather", {{"axis", std::int64_t{1}}}, {{"k", numbers({0, 8})}}},
      {"Cast", {{"to", std::int64_t{99}}}},
      {"Relu", {}, {}, 2},
  };
}

/// `fovea WORDS...` in `folder`, with the tiny data.
ProcessResult call(const TempDir& folder, const std::vector<std::string>& words) {
  return fovea(words, {.directory = folder.path(), .environment = {{"FOVEA_DATA", tiny_root()}}});
}

TEST(BrokenOnnx, IsBadInputForEveryCommand) {
  const TempDir folder;
  io::write_npy(folder / "x.npy", zeros({2, 1, 28, 28}, {.device = cpu}));
  const std::vector<std::vector<std::string>> commands = {
      {"run", "m.onnx", "--input", "x.npy", "--output", "y.npy"},
      {"eval", "--weights", "m.onnx"},
      {"predict", "--weights", "m.onnx", "--index", "0"},
      {"train", "--weights", "m.onnx", "--epochs", "1"},
      {"export", "--weights", "m.onnx", "--output", "out.onnx"},
      {"summary", "m.onnx"}};
  for (const Operation& operation : broken_operations()) {
    graph::save_onnx(folder / "m.onnx", network(operation));
    for (const std::vector<std::string>& words : commands) {
      SCOPED_TRACE(words[0] + " " + operation.op);
      const ProcessResult result = call(folder, words);
      expect_failure(result, 3, "fovea " + words[0] + ": ", operation.op + " \"first\" (opset 17");
      EXPECT_THAT(result.err, testing::HasSubstr("m.onnx"));
    }
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"m.onnx", "x.npy"}));
}

// A network is tried out before its weights are read; its own numbers are there by then.
TEST(BrokenOnnx, ANumberMayBeWhatIsWrong) {
  const TempDir folder;
  const Tensor yes = ones({}, {.dtype = boolean, .device = cpu});
  graph::save_onnx(folder / "m.onnx",
                   network({"Dropout", {}, {{"a", scalar(2, {.device = cpu})}, {"b", yes}}}));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"eval", "--weights", "m.onnx"},
        {"train", "--weights", "m.onnx", "--quiet"}}) {
    expect_failure(call(folder, words), 3, "fovea " + words[0] + ": ",
                   "Dropout \"first\" (opset 17, m.onnx): ratio expected in [0, 1), got 2");
  }
}

// Where the weights' names are no names of a state dict, one being the folder of another.
TEST(BrokenOnnx, WeightsThatCannotBeNamedAreBadInput) {
  const TempDir folder;
  graph::Graph graph = network({"Add", {}, {{"w.1", ones({1})}}});
  graph::save_onnx(folder / "m.onnx", graph);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"eval", "--weights", "m.onnx"}, {"train", "--weights", "m.onnx"}})
    expect_failure(call(folder, words), 3, "fovea " + words[0] + ": ", "m.onnx");
}

TEST(BrokenOnnx, ArraysThatDoNotFitAreBadInput) {
  const TempDir folder;
  graph::save_onnx(folder / "m.onnx", network({"Relu"}));
  const auto run = [&](const Tensor& input) {
    io::write_npy(folder / "x.npy", input);
    return call(folder, {"run", "m.onnx", "--input", "x.npy", "--output", "y.npy"});
  };
  expect_failure(run(zeros({2, 1, 28, 27}, {.device = cpu})), 3, "fovea run: ",
                 "run: input \"x\" expected shape [N, 1, 28, 28], got [2, 1, 28, 27] (x.npy)");
  expect_failure(run(zeros({2, 28, 28}, {.device = cpu})), 3, "fovea run: ", "(x.npy)");
  expect_failure(run(zeros({2, 1, 28, 28}, {.dtype = i64, .device = cpu})), 3,
                 "fovea run: ", "run: input \"x\" expected f32, got i64 (x.npy)");
  EXPECT_EQ(run(zeros({0, 1, 28, 28}, {.device = cpu})).exit_code, 0) << "no images are images";
  EXPECT_EQ(run(zeros({3, 1, 28, 28}, {.dtype = f64, .device = cpu})).exit_code, 0);
}

}  // namespace
}  // namespace fovea::test
