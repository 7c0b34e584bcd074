// Models that are wrong in one place: each is an error that says it was the file, or runs. They are
// made of ONNX's conformance tests, by changing one attribute, input or output at a time.

#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <limits>
#include <new>
#include <type_traits>

#include "fovea/graph/onnx/conformance_data.h"
#include "fovea/graph/session.h"
#include "fovea/tensor/ops.h"

namespace fovea::graph {
namespace {

constexpr std::int64_t kIntegers[] = {-1,
                                      0,
                                      5,
                                      std::int64_t{1} << 40,
                                      std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min()};
constexpr double kReals[] = {-1, 0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()};

/// A model and what it runs on.
struct Case {
  Graph graph;
  Tensors inputs;
};

/// Calls `use` with the case, which may be changed, and what was done to it.
using Use = std::function<void(Case, const std::string&)>;

/// Values that an attribute might have instead of `value`, others of its kind first.
std::vector<Attribute> instead_of(const Attribute& value) {
  std::vector<Attribute> others;
  std::visit(
      [&]<class T>(const T& v) {
        if constexpr (std::is_same_v<T, std::int64_t>) {
          others.assign(std::begin(kIntegers), std::end(kIntegers));
        } else if constexpr (std::is_same_v<T, double>) {
          others.assign(std::begin(kReals), std::end(kReals));
        } else if constexpr (std::is_same_v<T, std::string>) {
          others = {std::string(), std::string("other")};
        } else if constexpr (std::is_same_v<T, Tensor>) {
          others = {zeros({}), zeros({0}), v.to(i64), zeros({1, 2, 3})};
        } else {
          T longer = v;
          longer.emplace_back();
          others = {T(), longer};
        }
        if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          for (std::size_t i = 0; i < v.size(); ++i) {
            for (const std::int64_t number : kIntegers) {
              T changed = v;
              changed[i] = number;
              others.emplace_back(changed);
            }
          }
        }
      },
      value);
  others.emplace_back(std::string("another kind"));
  others.emplace_back(std::int64_t{1});
  return others;
}

void change_attributes(const Case& good, const Use& use) {
  for (std::size_t n = 0; n < good.graph.nodes.size(); ++n) {
    for (const auto& [name, value] : good.graph.nodes[n].attributes) {
      Case without = good;
      without.graph.nodes[n].attributes.erase(name);
      use(without, name + " left out");
      int count = 0;
      for (const Attribute& other : instead_of(value)) {
        Case changed = good;
        changed.graph.nodes[n].attributes[name] = other;
        use(changed, str(name, " changed, way ", count++));
      }
    }
  }
}

void change_operands(const Case& good, const Use& use) {
  for (std::size_t n = 0; n < good.graph.nodes.size(); ++n) {
    const Node& node = good.graph.nodes[n];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      Case changed = good;
      changed.graph.nodes[n].inputs[i].clear();
      use(changed, str("input ", i, " left out"));
      changed.graph.nodes[n].inputs.resize(i);
      use(changed, str("inputs after ", i, " taken away"));
    }
    Case more = good;
    more.graph.nodes[n].inputs.push_back(node.inputs.empty() ? "" : node.inputs[0]);
    use(more, "an input more");
    more = good;
    more.graph.nodes[n].outputs.insert(more.graph.nodes[n].outputs.end(), {"o1", "o2", "o3", "o4"});
    use(more, "four outputs more");
    more = good;
    more.graph.nodes[n].outputs[0].clear();
    more.graph.outputs.erase(more.graph.outputs.begin());
    use(more, "the first output left out");
  }
}

/// The case with another value for input `i`, which its graph does not say anything against.
Case with_value(const Case& good, std::size_t i, const Tensor& value) {
  Case changed = good;
  changed.inputs[i] = value;
  changed.graph.inputs[i].dtype = value.dtype();
  changed.graph.inputs[i].has_sizes = false;
  return changed;
}

void change_values(const Case& good, const Use& use) {
  for (std::size_t i = 0; i < good.inputs.size(); ++i) {
    const Tensor& value = good.inputs[i];
    const Tensor others[] = {zeros({}, {.dtype = value.dtype()}),
                             zeros({0}, {.dtype = value.dtype()}),
                             zeros({1, 1, 1, 1, 1, 1}, {.dtype = value.dtype()}),
                             zeros(value.sizes(), {.dtype = boolean}),
                             zeros(value.sizes(), {.dtype = f64}),
                             zeros(value.sizes(), {.dtype = i64})};
    int count = 0;
    for (const Tensor& other : others)
      use(with_value(good, i, other), str("value ", i, " changed, way ", count++));
    if (value.dtype() != i64) continue;
    for (const std::int64_t number : kIntegers) {
      const std::vector<std::int64_t> numbers(static_cast<std::size_t>(value.numel()), number);
      use(with_value(good, i, from_data(numbers, value.sizes())),
          str("value ", i, " all ", number));
    }
  }
}

/// The case whose inputs are constants of the graph, from `first` on.
Case with_constants(Case given, std::size_t first) {
  for (std::size_t i = given.inputs.size(); i-- > first;) {
    given.graph.initializers[given.graph.inputs[i].name] = given.inputs[i];
    given.graph.inputs.pop_back();
    given.inputs.pop_back();
  }
  return given;
}

/// Empty when the model runs or its error is the file's, else what was thrown.
std::string judge(const Case& given) {
  const auto of_file = [&](const Error& error) {
    const std::string text = error.what();
    return text.find(given.graph.file) != std::string::npos ? ""
                                                            : "an error without a file: " + text;
  };
  try {
    const Session session(given.graph, {.threads = 1});
    session.run(given.inputs);
    return "";
  } catch (const ParseError& error) {
    // What breaks a graph's invariants is found when a file is read.
    return std::string_view(error.what()).starts_with("graph: ") ? "" : of_file(error);
  } catch (const ShapeError& error) {
    return of_file(error);
  } catch (const DTypeError& error) {
    return of_file(error);
  } catch (const IndexError& error) {
    return of_file(error);
  } catch (const std::bad_alloc&) {
    return "";
  } catch (const std::exception& error) {
    return str("another kind of error: ", error.what());
  }
}

TEST(BrokenModels, AreErrorsOfTheFile) {
  int cases = 0, bad = 0;
  for (const std::filesystem::path& folder : test::conformance_folders()) {
    Case good;
    try {
      good.graph = load_onnx(folder / "model.onnx");
    } catch (const ParseError&) {
      continue;  // not for us
    }
    good.inputs = test::conformance_values(folder / "test_data_set_0", "input", good.graph.inputs);
    good.graph.file = "m.onnx";
    if (!judge(good).empty()) continue;  // not for us either
    const Use use = [&](const Case& broken, const std::string& what) {
      for (const std::size_t first : {broken.inputs.size(), std::size_t{1}, std::size_t{0}}) {
        if (first > broken.inputs.size()) continue;
        ++cases;
        const std::string problem = judge(with_constants(broken, first));
        if (problem.empty()) continue;
        ++bad;
        ADD_FAILURE() << folder.filename().string() << ", " << what << ", constants from " << first
                      << ": " << problem;
      }
    };
    change_attributes(good, use);
    change_operands(good, use);
    change_values(good, use);
  }
  std::cout << cases << " broken models, " << bad << " misunderstood\n";
  EXPECT_GT(cases, 10000);
}

}  // namespace
}  // namespace fovea::graph
