// The ONNX project's own conformance tests (Debian's libonnx-testdata): every one whose operators
// Fovea has, and that conformance_excluded.txt does not name with a reason. Tolerances are those of
// ONNX's own runner.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "fovea/graph/dtypes.h"
#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/conformance_data.h"
#include "fovea/graph/onnx/schema.h"
#include "fovea/graph/operators.h"
#include "fovea/graph/program.h"
#include "fovea/io/read_file.h"
#include "fovea/tensor/ops.h"

namespace fovea::graph {
namespace {

namespace fs = std::filesystem;

// What onnx.backend.test.runner allows.
constexpr double kRelative = 1e-3, kAbsolute = 1e-7;
// So many tests of Debian 12's data have passed; more when operators come.
constexpr int kPassed = 592;

/// Names of tests that are left out, with the reason.
std::map<std::string, std::string> excluded() {
  std::ifstream file(FOVEA_SOURCE_DIR "/fovea/graph/onnx/conformance_excluded.txt");
  std::map<std::string, std::string> reasons;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t end = line.find(' ');
    reasons[line.substr(0, end)] = end == std::string::npos ? "" : line.substr(end + 1);
  }
  return reasons;
}

onnx::ModelProto model_of(const fs::path& folder) {
  const std::string bytes = io::read_text(folder / "model.onnx");
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  return model;
}

/// True when Fovea has every operator of the model.
bool promised(const onnx::ModelProto& model) {
  return std::ranges::all_of(model.graph().node(), [](const onnx::NodeProto& node) {
    return node.domain().empty() && std::ranges::binary_search(operator_names(), node.op_type());
  });
}

/// Empty when `actual` is `expected` as far as ONNX's runner asks, else what differs.
std::string difference(const Tensor& actual, const Tensor& expected) {
  if (actual.dtype() != expected.dtype())
    return str("dtype ", actual.dtype(), ", expected ", expected.dtype());
  if (actual.sizes() != expected.sizes())
    return str("shape ", actual.sizes(), ", expected ", expected.sizes());
  const auto got = actual.to_vector<double>(), want = expected.to_vector<double>();
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(want[i])) continue;
    if (got[i] == want[i]) continue;
    if (!(std::abs(got[i] - want[i]) <= kAbsolute + kRelative * std::abs(want[i])))
      return str("element ", i, " is ", got[i], ", expected ", want[i]);
  }
  return "";
}

/// Empty when the test in `folder` passes, else what is wrong.
std::string run_test(const fs::path& folder) {
  try {
    const Graph graph = load_onnx(folder / "model.onnx");
    const Program program(graph);
    int sets = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (!entry.is_directory()) continue;
      const Tensors outputs =
          program.run(test::conformance_values(entry.path(), "input", graph.inputs));
      const Tensors expected = test::conformance_values(entry.path(), "output", graph.outputs);
      if (outputs.size() != expected.size())
        return str(outputs.size(), " outputs, expected ", expected.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (const std::string text = difference(outputs[i], expected[i]); !text.empty())
          return str("output ", i, ": ", text);
      }
      ++sets;
    }
    return sets > 0 ? "" : "no data";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST(OnnxConformance, EveryTestOfTheOperatorsThatFoveaHas) {
  ASSERT_TRUE(fs::exists(test::conformance_root())) << "install libonnx-testdata: ./dev setup test";
  const auto reasons = excluded();
  // For people who write one operator: a part of the names.
  const char* only = std::getenv("FOVEA_ONNX_TEST");
  int passed = 0, failed = 0, left_out = 0, others = 0;
  const std::set<fs::path> folders = test::conformance_folders();
  for (const fs::path& folder : folders) {
    const std::string name = folder.filename().string();
    if (only != nullptr && name.find(only) == std::string::npos) continue;
    if (!promised(model_of(folder))) {
      ++others;
    } else if (reasons.contains(name)) {
      ++left_out;
    } else if (const std::string problem = run_test(folder); problem.empty()) {
      ++passed;
    } else {
      ++failed;
      ADD_FAILURE() << name << ": " << problem;
    }
  }
  std::cout << "ONNX conformance tests: " << passed << " passed, " << failed << " failed, "
            << left_out << " left out with a reason (conformance_excluded.txt), " << others
            << " of other operators\n";
  for (const auto& [name, reason] : reasons) {
    EXPECT_FALSE(reason.empty()) << name << " is left out without a reason";
    EXPECT_TRUE(folders.contains(test::conformance_root() / name)) << name << " is no test";
  }
  // An operator that is lost takes its tests with it. Newer data has more of them.
  EXPECT_TRUE(passed >= kPassed || only != nullptr) << passed << " of " << kPassed;
}

/// Looks at the dtypes of every node's first result in the test in `folder`: adds the operators of
/// which known_dtypes had said it to `said`. Empty, or what was said wrongly.
std::string compare_dtypes(const fs::path& folder, std::set<std::string>& said) {
  const Graph graph = load_onnx(folder / "model.onnx");
  const std::map<std::string, DType> known = known_dtypes(graph);
  const Program program(graph);
  std::string wrong;
  const auto look = [&](std::size_t at, const Tensors& results) {
    const Node& node = graph.nodes[at];
    if (node.outputs.empty() || node.outputs[0].empty()) return;
    const auto found = known.find(node.outputs[0]);
    if (found == known.end()) return;
    said.insert(node.op);
    const DType real = results[0].dtype();
    if (real != found->second) wrong = str(node.op, " gives ", real, ", said ", found->second);
  };
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory())
      program.run_observed(test::conformance_values(entry.path(), "input", graph.inputs), look);
  }
  return wrong;
}

// What their rows say.
TEST(OnnxConformance, ResultsHaveTheDTypesThatOperatorsAreSaidToGive) {
  const auto reasons = excluded();
  std::set<std::string> run, said;
  for (const fs::path& folder : test::conformance_folders()) {
    const onnx::ModelProto model = model_of(folder);
    if (!promised(model) || reasons.contains(folder.filename().string())) continue;
    for (const onnx::NodeProto& node : model.graph().node()) run.insert(node.op_type());
    EXPECT_EQ(compare_dtypes(folder, said), "") << folder.filename();
  }
  EXPECT_EQ(said, run);
}

}  // namespace
}  // namespace fovea::graph
