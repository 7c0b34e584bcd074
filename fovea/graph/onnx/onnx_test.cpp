#include "fovea/graph/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fovea/graph/onnx/schema.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/io/atomic_file.h"
#include "fovea/io/tensors/tensor_file.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/onnx_model.h"
#include "tests/support/temp_dir.h"

namespace fovea::graph {
namespace {

using test::bytes_of;
using test::error_of;
using test::small_model;
using test::weight_of;
using ::testing::HasSubstr;

TEST(Onnx, ReadsAModel) {
  const Graph graph = parse_onnx(bytes_of(small_model()), "m.onnx");
  EXPECT_EQ(graph.opset, 13);
  EXPECT_EQ(graph.name, "small");
  EXPECT_EQ(sizes_to_string(graph.inputs.at(0)), "[N, 2]");
  const Tensor y = Program(graph).run({tensor({{1, 2}, {3, 4}})})[0];
  EXPECT_TRUE(equal(y, tensor({{11, 22}, {13, 24}})));
}

TEST(Onnx, InitializersAmongTheInputsAreNoInputs) {
  onnx::ModelProto model = small_model();
  auto& value = *model.mutable_graph()->add_input();
  value = model.graph().input(0);
  value.set_name("w");
  EXPECT_EQ(parse_onnx(bytes_of(model), "m.onnx").inputs.size(), 1u);
}

TEST(Onnx, TheDomainOfItsOwnOperatorsHasTwoNames) {
  onnx::ModelProto model = small_model();
  model.mutable_opset_import(0)->set_domain("ai.onnx");
  model.mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
  const Graph graph = parse_onnx(bytes_of(model), "m.onnx");
  EXPECT_EQ(graph.opset, 13);
  EXPECT_EQ(graph.nodes.at(0).domain, "");
}

TEST(Onnx, NegativeSizesAreFree) {
  onnx::ModelProto model = small_model();
  auto& type = *model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  type.mutable_shape()->mutable_dim(0)->set_dim_value(-7);
  EXPECT_EQ(parse_onnx(bytes_of(model), "m.onnx").inputs.at(0).sizes.at(0), kFree);
}

TEST(Onnx, WhatIsKnownOfValuesThatAreNoTensorsIsPassedOver) {
  onnx::ModelProto model = small_model();
  auto& sequence = *model.mutable_graph()->add_value_info();
  sequence.set_name("s");
  sequence.mutable_type()->mutable_sequence_type();
  auto& text = *model.mutable_graph()->add_value_info();
  text.set_name("t");
  text.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::STRING);
  EXPECT_TRUE(parse_onnx(bytes_of(model), "m.onnx").values.empty());
}

TEST(Onnx, LargeRawDataIsTakenFromTheContentItself) {
  onnx::ModelProto model = small_model();
  const std::vector<float> values(20'000, 1.5f);
  auto& large = *model.mutable_graph()->add_initializer();
  large.set_name("large");
  large.set_data_type(onnx::TensorProto::FLOAT);
  large.add_dims(20'000);
  large.set_raw_data(values.data(), values.size() * sizeof(float));
  const Graph graph = parse_onnx(bytes_of(model), "m.onnx");
  EXPECT_EQ(graph.initializers.at("large").to_vector<float>(), values);
  EXPECT_EQ(graph.initializers.at("w").to_vector<float>(), (std::vector<float>{10, 20}));
}

TEST(Onnx, EveryTypeInRawAndTypedFields) {
  const auto check = [](int type, auto fill) {
    onnx::TensorProto typed;
    typed.set_data_type(type);
    typed.add_dims(2);
    fill(typed);
    const Tensor a = parse_onnx_tensor(bytes_of(typed), "t.pb");
    onnx::TensorProto raw;
    raw.set_data_type(type);
    raw.add_dims(2);
    const std::vector<std::byte> bytes = to_bytes(a);
    raw.set_raw_data(bytes.data(), bytes.size());
    const Tensor b = parse_onnx_tensor(bytes_of(raw), "t.pb");
    EXPECT_EQ(to_bytes(b), bytes);
    return a.to_vector<double>();
  };
  const auto ints = [](std::int32_t a, std::int32_t b) {
    return [a, b](onnx::TensorProto& t) {
      t.add_int32_data(a);
      t.add_int32_data(b);
    };
  };
  using P = onnx::TensorProto;
  const std::vector<double> small = {1, -2};
  EXPECT_EQ(check(P::INT8, ints(1, -2)), small);
  EXPECT_EQ(check(P::INT16, ints(1, -2)), small);
  EXPECT_EQ(check(P::INT32, ints(1, -2)), small);
  EXPECT_EQ(check(P::UINT8, ints(1, 200)), (std::vector<double>{1, 200}));
  EXPECT_EQ(check(P::UINT16, ints(1, 60000)), (std::vector<double>{1, 60000}));
  EXPECT_EQ(check(P::BOOL, ints(0, 1)), (std::vector<double>{0, 1}));
  EXPECT_EQ(check(P::FLOAT16, ints(0x3c00, 0xc000)), small);  // the bits of 1 and -2
  EXPECT_EQ(check(P::BFLOAT16, ints(0x3f80, 0xc000)), small);
  EXPECT_EQ(check(P::INT64, [](P& t) { t.add_int64_data(1), t.add_int64_data(-2); }), small);
  EXPECT_EQ(check(P::DOUBLE, [](P& t) { t.add_double_data(1), t.add_double_data(-2); }), small);
  EXPECT_EQ(check(P::FLOAT, [](P& t) { t.add_float_data(1), t.add_float_data(-2); }), small);
  EXPECT_EQ(check(P::UINT32, [](P& t) { t.add_uint64_data(1), t.add_uint64_data(4e9); }),
            (std::vector<double>{1, 4e9}));
  EXPECT_EQ(check(P::UINT64, [](P& t) { t.add_uint64_data(1), t.add_uint64_data(1ull << 40); }),
            (std::vector<double>{1, 1099511627776.0}));
}

TEST(Onnx, ExternalDataLiesInTheModelsFolder) {
  const test::TempDir dir;
  const std::vector<float> values = {1, 2, 3, 4};
  io::write_file(dir.path() / "weights.bin", std::as_bytes(std::span(values)));
  onnx::ModelProto model = small_model();
  weight_of(model).clear_float_data();
  weight_of(model).set_data_location(onnx::TensorProto::EXTERNAL);
  const auto set = [&](const std::string& key, const std::string& value) {
    auto& entry = *weight_of(model).add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  };
  set("location", "weights.bin");
  set("offset", "8");
  set("length", "8");
  io::write_file(dir.path() / "m.onnx", bytes_of(model));
  const Graph graph = load_onnx(dir.path() / "m.onnx");
  EXPECT_EQ(graph.initializers.at("w").to_vector<float>(), (std::vector<float>{3, 4}));
}

TEST(Onnx, WhatIsWrittenIsReadBack) {
  manual_seed(3);
  nn::Sequential network(
      nn::Conv2d({.in_channels = 1, .out_channels = 4, .kernel_size = 3, .padding = 1}),
      nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d({.kernel_size = 2}), nn::Flatten(),
      nn::Linear(36, 3));
  Graph graph = trace(network, {2, 1, 6, 6});
  graph.metadata["fovea.model"] = "test";
  const Graph read = parse_onnx(encode_onnx(graph), "m.onnx");
  EXPECT_EQ(read.metadata, graph.metadata);
  EXPECT_EQ(sizes_to_string(read.inputs[0]), "[N, 1, 6, 6]");
  EXPECT_EQ(sizes_to_string(read.values.at("0")), "[N, 4, 6, 6]");
  const NoGrad no_grad;
  network.eval();
  const Tensor x = randn({5, 1, 6, 6});
  EXPECT_TRUE(allclose(Program(read).run({x})[0], network(x), 1e-5, 1e-6));
  EXPECT_EQ(encode_onnx(graph), encode_onnx(graph));  // the same bytes each time
}

TEST(Onnx, FusedGraphsAreNotWritten) {
  nn::Sequential network(nn::Linear(2, 2), nn::ReLU());
  Graph graph = trace(network, {2, 2});
  optimize(graph);
  try {
    encode_onnx(graph);
    ADD_FAILURE();
  } catch (const ArgumentError& error) {
    EXPECT_STREQ(error.what(),
                 "onnx: nodes expected to have ONNX's operators, got fovea.LinearRelu \"0\" "
                 "(export before fusing)");
  }
}

TEST(Onnx, WhatNobodyReadsMayBeOfAnyType) {
  const auto with = [](const std::string& user) {
    return [user](onnx::ModelProto& model) {
      auto& graph = *model.mutable_graph();
      auto& labels = *graph.add_initializer();
      labels.set_name("labels");
      labels.set_data_type(onnx::TensorProto::STRING);
      labels.add_dims(1);
      labels.add_string_data("cat");
      auto& odd = *graph.add_initializer();  // of a number that the schema does not have yet
      odd.set_name("scale");
      odd.set_data_type(99);
      auto& away = *graph.add_initializer();  // in a file that is not there
      away.set_name("away");
      away.set_data_type(onnx::TensorProto::FLOAT);
      away.add_dims(1);
      away.set_data_location(onnx::TensorProto::EXTERNAL);
      auto& sparse = *graph.add_sparse_initializer();
      sparse.mutable_values()->set_name("sparse");
      sparse.mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
      auto& constant = *graph.add_node();
      constant.set_op_type("Constant");
      constant.add_output("words");
      auto& attribute = *constant.add_attribute();
      attribute.set_name("value");
      attribute.set_type(onnx::AttributeProto::TENSOR);
      *attribute.mutable_t() = labels;
      if (!user.empty()) graph.mutable_node(0)->set_input(1, user);
    };
  };
  EXPECT_EQ(error_of(with("")), "no error");
  onnx::ModelProto model = small_model();
  with("")(model);
  const std::vector<std::byte> bytes = bytes_of(model);
  const io::FileArrays arrays = onnx_arrays({bytes, "m.onnx"});
  ASSERT_EQ(arrays.arrays.size(), 1U);
  EXPECT_EQ(arrays.arrays[0].name, "w");
  EXPECT_EQ(error_of(with("labels")),
            "onnx: tensor \"labels\" expected a type that Fovea has, got STRING (m.onnx)");
  EXPECT_EQ(error_of(with("sparse")),
            "onnx: initializers expected to be dense, got sparse ones (m.onnx)");
  EXPECT_THAT(error_of(with("words")), HasSubstr("expected a type that Fovea has, got STRING"));
}

TEST(Onnx, NodesOutOfOrderAreSorted) {
  onnx::ModelProto model = small_model();
  auto& graph = *model.mutable_graph();
  graph.mutable_node(0)->set_output(0, "t");
  const auto add = [&](const char* op, const char* from, const char* to) {
    auto& node = *graph.add_node();
    node.set_op_type(op);
    node.add_input(from);
    node.add_output(to);
  };
  add("Relu", "u", "y");
  add("Neg", "t", "u");
  const Graph sorted = parse_onnx(bytes_of(model), "m.onnx");
  std::vector<std::string> ops;
  for (const Node& node : sorted.nodes) ops.push_back(node.op);
  EXPECT_THAT(ops, ::testing::ElementsAre("Add", "Neg", "Relu"));
  EXPECT_THAT(Program(sorted).run({tensor({{-20, -20}})})[0].to_vector(),
              ::testing::ElementsAre(10, 0));
  graph.mutable_node(2)->set_input(0, "y");  // a ring
  const std::string error = test::message_of<ParseError>([&] { parse_onnx(bytes_of(model), "m"); });
  EXPECT_THAT(error, HasSubstr("expected to be computed before it is used, got nothing"));
}

// A hub's cache: model and data are links, by name, into one folder of contents.
TEST(Onnx, ExternalDataMayLieBesideWhatALinkLeadsTo) {
  const test::TempDir dir;
  const std::vector<float> values = {3, 4};
  for (const char* name : {"blobs", "names/1", "away"})
    std::filesystem::create_directories(dir.path() / name);
  io::write_file(dir.path() / "blobs" / "bb", std::as_bytes(std::span(values)));
  io::write_file(dir.path() / "away" / "cc", std::as_bytes(std::span(values)));
  onnx::ModelProto model = small_model();
  weight_of(model).clear_float_data();
  weight_of(model).set_data_location(onnx::TensorProto::EXTERNAL);
  auto& entry = *weight_of(model).add_external_data();
  entry.set_key("location");
  entry.set_value("m.onnx_data");
  io::write_file(dir.path() / "blobs" / "aa", bytes_of(model));
  const auto link = [&](const char* to, const char* name) {
    std::filesystem::remove(dir.path() / name);
    std::filesystem::create_symlink(to, dir.path() / name);
  };
  const std::filesystem::path path = dir.path() / "names/1/m.onnx";
  link("../../blobs/aa", "names/1/m.onnx");
  link("../../blobs/bb", "names/1/m.onnx_data");
  EXPECT_EQ(load_onnx(path).initializers.at("w").to_vector<float>(), values);
  EXPECT_EQ(io::TensorFile(path, onnx_arrays).read_all().size(), 1U);
  link("../../away/cc", "names/1/m.onnx_data");  // neither here nor there
  EXPECT_EQ(
      test::message_of<ParseError>([&] { load_onnx(path); }),
      "onnx: tensor \"w\" expected external data inside the model's folder, got a link out of "
      "it: \"m.onnx_data\" (" +
          path.string() + ")");
  // A link to the model alone: the data lies beside the model itself, under the name that it gives.
  std::filesystem::remove(dir.path() / "names/1/m.onnx_data");
  link("bb", "blobs/m.onnx_data");
  EXPECT_EQ(load_onnx(path).initializers.at("w").to_vector<float>(), values);
}

TEST(Onnx, AnInitializerThatIsAnInputIsItsDefault) {
  onnx::ModelProto model = small_model();
  auto& value = *model.mutable_graph()->add_input();
  value = model.graph().input(0);
  value.set_name("w");
  value.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()->DeleteSubrange(0, 1);
  Graph graph = parse_onnx(bytes_of(model), "m.onnx");
  ASSERT_EQ(graph.defaults.size(), 1U);
  const Tensor x = tensor({{1, 2}});
  EXPECT_TRUE(equal(Program(graph).run({x})[0], tensor({{11, 22}})));
  // It is written, and read again, as what it is.
  graph = parse_onnx(encode_onnx(graph), "again.onnx");
  give_input(graph, "w", tensor({5, 6}));
  EXPECT_TRUE(equal(Program(graph).run({x})[0], tensor({{6, 8}})));
  EXPECT_EQ(test::message_of<ArgumentError>([&] { give_input(graph, "x", x); }),
            "graph: input with a default expected, got \"x\"");
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              give_input(graph, "w", tensor({1, 2, 3}));
            }),
            "graph: input \"w\" expected shape [2], got [3]");
  EXPECT_EQ(
      test::message_of<DTypeError>([&] { give_input(graph, "w", ones({2}, {.dtype = i64})); }),
      "graph: input \"w\" expected f32, got i64");
}

TEST(Onnx, WeightsInTheFileAreNamedByWhatTheyAre) {
  onnx::ModelProto model = small_model();
  auto& graph = *model.mutable_graph();
  auto& constant = *graph.add_node();
  constant.set_op_type("Constant");
  constant.add_output("c");
  auto& attribute = *constant.add_attribute();
  attribute.set_name("value");
  attribute.set_type(onnx::AttributeProto::TENSOR);
  *attribute.mutable_t() = weight_of(model);
  graph.mutable_node(0)->set_output(0, "s");
  auto& sum = *graph.add_node();
  sum.set_op_type("Add");
  sum.add_input("s");
  sum.add_input("c");
  sum.add_output("y");
  const test::TempDir dir;
  io::write_file(dir.path() / "m.onnx", bytes_of(model));
  const Graph network = load_onnx(dir.path() / "m.onnx", OnnxWeights::kInFile);
  std::vector<std::string> names;
  for (const Value& input : network.inputs) names.push_back(input.name);
  EXPECT_THAT(names, ::testing::ElementsAre("x", "w", "c"));
  EXPECT_EQ(network.nodes.size(), 2U);
  const auto arrays = io::TensorFile(dir.path() / "m.onnx", onnx_arrays).read_all();
  ASSERT_EQ(arrays.size(), 2U);
  EXPECT_EQ(arrays[1].first, "c");
  EXPECT_THAT(arrays[1].second.to_vector(), ::testing::ElementsAre(10, 20));
}

// The weight is a view of one number, so that the test needs no 2 GiB.
TEST(Onnx, ModelsOf2GiBAreNotWritten) {
  Graph graph = parse_onnx(bytes_of(small_model()), "m.onnx");
  graph.initializers["w"] = zeros({1}).expand({std::int64_t{1} << 29});
  EXPECT_EQ(test::message_of<ArgumentError>([&] { encode_onnx(graph); }),
            "onnx: model expected below 2 GiB, protobuf's limit, got 2147483648 bytes");
}

}  // namespace
}  // namespace fovea::graph
