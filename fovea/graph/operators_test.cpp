#include "fovea/graph/operators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/run_node.h"

namespace fovea::graph {
namespace {

using test::message_of;
using test::node_error;
using Ints = std::vector<std::int64_t>;

TEST(Operators, AreFoundByTheirNames) {
  const std::vector<std::string_view> names = operator_names();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size()) << "a name twice";
  for (const std::string_view name : names) {
    ASSERT_NE(find_operator("", name), nullptr) << name;
    EXPECT_EQ(find_operator("", name)->name, name);
    EXPECT_EQ(find_operator("ai.onnx", name), find_operator("", name));
    EXPECT_EQ(find_operator("com.microsoft", name), nullptr) << name;
  }
  EXPECT_EQ(find_operator("", "ConvBlock"), nullptr);
  EXPECT_NE(find_operator("fovea", "ConvBlock"), nullptr);
}

TEST(Operators, ErrorsOfEveryNode) {
  const Tensor x = zeros({2});
  EXPECT_EQ(node_error("NonZero", 13, {}, {x}),
            "NonZero \"n\" (opset 13): operator expected to be one that Fovea has, got NonZero");
  EXPECT_EQ(node_error("Relu", 13, {}, {x}, 2),
            "Relu \"n\" (opset 13): outputs expected at most 1, got 2");
  const auto concat = [&](const Attribute& axis) {
    return node_error("Concat", 13, {{"axis", axis}}, {x});
  };
  EXPECT_EQ(concat(std::int64_t{0}), "");
  EXPECT_EQ(concat(0.0),
            "Concat \"n\" (opset 13): attribute \"axis\" expected an int, got another kind");
  EXPECT_EQ(node_error("Elu", 13, {{"alpha", std::int64_t{1}}}, {x}),
            "Elu \"n\" (opset 13): attribute \"alpha\" expected a float, got another kind");
}

TEST(FusedOperators, ErrorsNameTheNode) {
  const auto error = [](const std::string& op, Attributes attributes) {
    Node node =
        test::make_node(op, std::move(attributes), {zeros({1, 1, 3, 3}), zeros({1, 1, 1, 1})});
    node.domain = "fovea";
    return message_of<ParseError>([&] { bind_node(node, 17); });
  };
  EXPECT_EQ(error("ConvAddClamp", {{"pads", Ints{1}}}),
            "fovea.ConvAddClamp \"n\" (opset 17): attribute \"pads\" expected 4 ints, got 1");
  EXPECT_EQ(error("ConvBlock", {{"window", Ints{2, 2, 2}}}),
            "fovea.ConvBlock \"n\" (opset 17): attribute \"window\" expected 2 ints, got 3");
}

}  // namespace
}  // namespace fovea::graph
