// `fovea run` on .npz files: several arrays in and out, by name.

#include "fovea/graph/onnx.h"
#include "fovea/io/tensors/npy.h"
#include "fovea/io/tensors/npz.h"
#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

const char* const kGolden = FOVEA_SOURCE_DIR "/tests/golden/files/";

/// A folder with model.onnx: from `a` [n, 3], `b` [3, 2] and `places` [k, i64] it makes "product",
/// a b, and "picked", the rows of a in those places.
class RunArrays : public testing::Test {
 protected:
  RunArrays() {
    graph::save_onnx(
        folder_ / "model.onnx",
        {.inputs = {{.name = "b", .sizes = {3, 2}},
                    {.name = "a", .sizes = {graph::kFree, 3}},
                    {.name = "places", .dtype = i64, .sizes = {graph::kFree}}},
         .outputs = {{.name = "picked", .sizes = {graph::kFree, 3}},
                     {.name = "product", .sizes = {graph::kFree, 2}}},
         .nodes = {
             {.name = "mm", .op = "MatMul", .inputs = {"a", "b"}, .outputs = {"product"}},
             {.name = "rows", .op = "Gather", .inputs = {"a", "places"}, .outputs = {"picked"}}}});
  }
  ProcessResult run(const std::string& input, const std::string& output = "out.npz") const {
    return fovea({"run", "model.onnx", "--input", input, "--output", output},
                 {.directory = folder_.path()});
  }
  /// run on these arrays.
  ProcessResult run(const NamedTensors& arrays, io::ZipMethod method) const {
    io::save_npz(folder_ / "in.npz", arrays, method);
    return run("in.npz");
  }

  NamedTensors good_ = {{"a", tensor({{1, 2, 3}, {4, 5, 6}})},
                        {"places", tensor({1, 1, 0, -2}).to(i64)},
                        {"b", tensor({{1, 0}, {0, 10}, {-1, 100}})}};
  TempDir folder_;
};

TEST_F(RunArrays, GiveArraysOfTheOutputsNames) {
  for (const io::ZipMethod method : {io::ZipMethod::kStored, io::ZipMethod::kDeflated}) {
    const ProcessResult result = run(good_, method);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out + result.err, "");
    const NamedTensors outputs = io::load_npz(folder_ / "out.npz");
    ASSERT_EQ(outputs.size(), 2U);
    EXPECT_EQ(outputs[0].first, "picked");
    EXPECT_TRUE(equal(outputs[0].second, tensor({{4, 5, 6}, {4, 5, 6}, {1, 2, 3}, {1, 2, 3}})));
    EXPECT_EQ(outputs[1].first, "product");
    EXPECT_TRUE(equal(outputs[1].second, tensor({{-2, 320}, {-2, 650}})));
    std::filesystem::remove(folder_ / "out.npz");
  }
}

TEST_F(RunArrays, AreConvertedAlikeInFloatingPointAlone) {
  good_[0].second = good_[0].second.to(f64);
  good_[2].second = good_[2].second.to(f16);
  const ProcessResult result = run(good_, io::ZipMethod::kStored);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err,
            "fovea run: input \"b\" is converted from f16 to f32\n"
            "fovea run: input \"a\" is converted from f64 to f32\n");
  EXPECT_TRUE(equal(io::load_npz(folder_ / "out.npz")[1].second, tensor({{-2, 320}, {-2, 650}})));
  for (auto& [name, array] : good_) array = array.to(f32);
  expect_failure(run(good_, io::ZipMethod::kStored), 3,
                 "fovea run: ", "run: input \"places\" expected i64, got f32 (in.npz)");
}

TEST_F(RunArrays, AreRefusedWhenTheyAreNotTheModels) {
  const auto expect = [&](const NamedTensors& arrays, const std::string& part) {
    expect_failure(run(arrays, io::ZipMethod::kStored), 3, "fovea run: ", part);
  };
  const auto &a = good_[0], &places = good_[1], &b = good_[2];
  expect({a, places}, "run: array \"b\" expected, as the model has that input, got none (in.npz)");
  expect({a, places, {"B", b.second}}, "array \"b\" expected");
  expect({a, places, b, {"more", b.second}},
         "run: arrays expected 3, as the model has inputs, got 4 (in.npz)");
  expect({a, places, {"b", b.second.t()}},
         "run: input \"b\" expected shape [3, 2], got [2, 3] (in.npz)");
  expect({a, {"places", tensor({0, 2}).to(i64)}, b}, "Gather \"rows\" (opset 17, model.onnx)");
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"in.npz", "model.onnx"}));
}

TEST_F(RunArrays, AreNoObjects) {
  expect_failure(run(std::string(kGolden) + "objects.npz"), 3,
                 "fovea run: ", "objects are pickles, which Fovea never executes");
  expect_failure(run("none.npz"), 4, "fovea run: ", "none.npz");
}

TEST_F(RunArrays, NeedAFileThatHoldsThemAll) {
  io::write_npy(folder_ / "a.npy", good_[0].second);
  io::save_npz(folder_ / "in.npz", good_);
  expect_failure(run("a.npy"), 2,
                 "fovea run: ", "--input expected a .npz file with 3 arrays, got a .npy file");
  expect_failure(run("in.npz", "out.npy"), 2,
                 "fovea run: ", "--output expected a .npz file for 2 outputs, got \"out.npy\"");
  expect_failure(run("in.npz", "./in.npz"), 2,
                 "fovea run: ", "--output expected another file than --input, got the same");
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"a.npy", "in.npz", "model.onnx"}));
}

TEST_F(RunArrays, ReplaceDefaultsWhereTheyAreGiven) {
  graph::Graph graph = graph::load_onnx(folder_ / "model.onnx");
  graph.defaults = {graph.inputs[0]};
  graph.initializers["b"] = tensor({{1, 1}, {1, 1}, {1, 1}});
  graph.inputs.erase(graph.inputs.begin());
  graph::save_onnx(folder_ / "model.onnx", graph);
  const auto product = [&](const NamedTensors& arrays) {
    const ProcessResult result = run(arrays, io::ZipMethod::kStored);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return io::load_npz(folder_ / "out.npz")[1].second;
  };
  EXPECT_TRUE(equal(product({good_[0], good_[1]}), tensor({{6, 6}, {15, 15}})));
  EXPECT_TRUE(equal(product(good_), tensor({{-2, 320}, {-2, 650}})));
  expect_failure(run({good_[0], good_[1], {"b", ones({2, 2})}}, io::ZipMethod::kStored), 3,
                 "fovea run: ", "run: input \"b\" expected shape [3, 2], got [2, 2] (in.npz)");
}

TEST_F(RunArrays, OfAModelThatGivesAValueTwiceAreRefused) {
  std::string text = get_file(folder_ / "model.onnx");
  // "picked" [N, 3] becomes "product", of as many letters and one more.
  graph::Graph graph = graph::load_onnx(folder_ / "model.onnx");
  for (graph::Node& node : graph.nodes)
    for (std::string& output : node.outputs)
      if (output == "picked") output = "another";
  graph.outputs[0].name = "another";
  graph::save_onnx(folder_ / "model.onnx", graph);
  text = get_file(folder_ / "model.onnx");
  const std::size_t at = text.rfind("another");  // outputs stand behind the nodes
  ASSERT_NE(at, std::string::npos);
  put_file(folder_ / "model.onnx", text.replace(at, 7, "product"));
  expect_failure(run(good_, io::ZipMethod::kStored), 3,
                 "fovea run: ", "graph: output \"product\" expected once, got twice (model.onnx)");
}

TEST_F(RunArrays, ConvolveByTheMethodThatIsNamed) {
  manual_seed(1);
  graph::save_onnx(
      folder_ / "model.onnx",
      {.inputs = {{.name = "x", .sizes = {1, 64, 32, 32}}},
       .outputs = {{.name = "y", .has_sizes = false}},
       .nodes = {{.name = "conv", .op = "Conv", .inputs = {"x", "w"}, .outputs = {"y"}}},
       .initializers = {{"w", randn({64, 64, 3, 3}, {.device = cpu})}}});
  io::write_npy(folder_ / "x.npy", randn({1, 64, 32, 32}, {.device = cpu}));
  for (const std::string conv : {"auto", "direct"}) {
    const ProcessResult result =
        fovea({"run", "model.onnx", "--input", "x.npy", "--output", conv + ".npy", "--conv", conv},
              {.directory = folder_.path()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const Tensor fast = io::read_npy(folder_ / "auto.npy"),
               direct = io::read_npy(folder_ / "direct.npy");
  EXPECT_TRUE(allclose(fast, direct, 1e-3, 1e-3));
  EXPECT_FALSE(equal(fast, direct)) << "Winograd's method rounds otherwise";
}

}  // namespace
}  // namespace fovea::test
