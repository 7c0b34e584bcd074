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
#include "tests/support/temp_dir.h"

namespace fovea::graph {
namespace {

using test::message_of;
using ::testing::HasSubstr;

std::vector<std::byte> bytes_of(const google::protobuf::MessageLite& message) {
  const std::string text = message.SerializeAsString();
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// y = x + w, x [N, 2] f32, w an initializer.
onnx::ModelProto small_model(int opset = 13) {
  onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(opset);
  auto& graph = *model.mutable_graph();
  graph.set_name("small");
  auto& node = *graph.add_node();
  node.set_op_type("Add");
  node.set_name("sum");
  node.add_input("x");
  node.add_input("w");
  node.add_output("y");
  auto& weight = *graph.add_initializer();
  weight.set_name("w");
  weight.set_data_type(onnx::TensorProto::FLOAT);
  weight.add_dims(2);
  weight.add_float_data(10);
  weight.add_float_data(20);
  for (auto* value : {graph.add_input(), graph.add_output()}) {
    auto& type = *value->mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    type.mutable_shape()->add_dim()->set_dim_value(2);
  }
  graph.mutable_input(0)->set_name("x");
  graph.mutable_output(0)->set_name("y");
  return model;
}

// What parse_onnx says about the model after `change`.
template <class F>
std::string error_of(const F& change, const std::filesystem::path& folder = {}) {
  onnx::ModelProto model = small_model();
  change(model);
  try {
    parse_onnx(bytes_of(model), "m.onnx", folder);
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no error";
}

onnx::TensorProto& weight_of(onnx::ModelProto& model) {
  return *model.mutable_graph()->mutable_initializer(0);
}

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

TEST(Onnx, ExternalDataElsewhereIsRefused) {
  const test::TempDir dir;
  std::filesystem::create_directory(dir.path() / "model");
  io::write_file(dir.path() / "secret.bin", std::string(8, 'x'));
  std::filesystem::create_symlink(dir.path() / "secret.bin", dir.path() / "model" / "link.bin");
  const auto text = [&](const std::string& location, const std::string& offset = "0",
                        const std::string& length = "8") {
    return error_of(
        [&](onnx::ModelProto& model) {
          weight_of(model).clear_float_data();
          weight_of(model).set_data_location(onnx::TensorProto::EXTERNAL);
          for (const auto& [key, value] :
               {std::pair("location", location), {"offset", offset}, {"length", length}}) {
            auto& entry = *weight_of(model).add_external_data();
            entry.set_key(key);
            entry.set_value(value);
          }
        },
        dir.path() / "model");
  };
  const auto outside = [](const std::string& location) {
    return "onnx: tensor \"w\" expected external data inside the model's folder, got \"" +
           location + "\" (m.onnx)";
  };
  EXPECT_EQ(text("../secret.bin"), outside("../secret.bin"));
  EXPECT_EQ(text("a/../../secret.bin"), outside("a/../../secret.bin"));
  const std::string absolute = (dir.path() / "secret.bin").string();
  EXPECT_EQ(text(absolute), outside(absolute));
  EXPECT_EQ(text(""), outside(""));
  EXPECT_EQ(
      text("link.bin"),
      "onnx: tensor \"w\" expected external data inside the model's folder, got a link out of "
      "it: \"link.bin\" (m.onnx)");
  io::write_file(dir.path() / "model" / "short.bin", std::string(8, 'x'));
  EXPECT_EQ(text("short.bin", "4"),
            "onnx: tensor \"w\" expected bytes 4 to 4 + 8 of \"short.bin\", which has 8 (m.onnx)");
  EXPECT_EQ(text("short.bin", "-4"),
            "onnx: tensor \"w\" expected the offset of its external data to be a number, got "
            "\"-4\" (m.onnx)");
  EXPECT_EQ(text("short.bin", "0", "9"),
            "onnx: tensor \"w\" expected 8 bytes of external data, got 9 (m.onnx)");
}

TEST(Onnx, Errors) {
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              m.mutable_graph()->mutable_node(0)->set_op_type("NonZero");
            }),
            "onnx: operator of node \"sum\" expected one that Fovea has, got NonZero, opset 13 "
            "(missing: NonZero; nodes: 1) (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { m.mutable_opset_import(0)->set_version(22); }),
            "onnx: opset expected 6 to 21, got 22 (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { m.clear_opset_import(); }),
            "onnx: opset_import expected a version of ai.onnx, got none (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { m.clear_graph(); }),
            "onnx: model expected to have a graph, got none (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).add_float_data(3); }),
            "onnx: tensor \"w\" expected 2 values, got 3 (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).set_raw_data("12345"); }),
            "onnx: tensor \"w\" expected 8 bytes of data, got 5 (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).set_dims(0, -2); }),
            "onnx: tensor \"w\" expected sizes of at least 0, got -2 (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              for (int i = 0; i < 3; ++i) weight_of(m).add_dims(std::int64_t{1} << 40);
            }),
            "onnx: tensor \"w\" expected at most 2^50 elements, got more (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              for (int i = 0; i < 9; ++i) weight_of(m).add_dims(1);
            }),
            "onnx: tensor \"w\" expected at most 8 dimensions, got 10 (m.onnx)");
  EXPECT_EQ(
      error_of([](onnx::ModelProto& m) { weight_of(m).set_data_type(onnx::TensorProto::STRING); }),
      "onnx: tensor \"w\" expected a type that Fovea has, got STRING (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).set_name("x"); }),
            "graph: input \"w\" expected to be computed before it is used, got nothing (Add "
            "\"sum\") (m.onnx)");
  EXPECT_EQ(
      error_of([](onnx::ModelProto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }),
      "graph: output \"z\" expected to be computed, got nothing (m.onnx)");
  EXPECT_EQ(
      error_of([](onnx::ModelProto& m) { *m.mutable_graph()->add_node() = m.graph().node(0); }),
      "graph: value \"y\" expected one source, got another (Add \"sum\") (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              m.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type();
            }),
            "onnx: value \"x\" expected to be a tensor, got a sequence, map, optional or sparse "
            "one (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              auto& attribute = *m.mutable_graph()->mutable_node(0)->add_attribute();
              attribute.set_name("body");
              attribute.set_type(onnx::AttributeProto::GRAPH);
            }),
            "onnx: Add \"sum\": attribute \"body\" expected a number, a string or a tensor, got "
            "GRAPH (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              weight_of(m).set_data_type(onnx::TensorProto::BOOL);
              weight_of(m).set_raw_data(std::string("\x01\x02", 2));
            }),
            "onnx: tensor \"w\" expected bools to be 0 or 1, got 2 (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).mutable_segment()->set_begin(0); }),
            "onnx: tensor \"w\" expected to be whole, got a segment (m.onnx)");
}

TEST(Onnx, ErrorsOfInitializers) {
  EXPECT_EQ(error_of([](onnx::ModelProto& m) { weight_of(m).clear_name(); }),
            "onnx: initializer 0 expected a name, got none (m.onnx)");
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              *m.mutable_graph()->add_initializer() = m.graph().initializer(0);
            }),
            "onnx: initializer \"w\" expected once, got twice (m.onnx)");
}

TEST(Onnx, ErrorsOfNodes) {
  EXPECT_EQ(error_of([](onnx::ModelProto& m) {
              auto& attribute = *m.mutable_graph()->mutable_node(0)->add_attribute();
              attribute.set_name("axis");
              attribute.set_ref_attr_name("outer_axis");
            }),
            "onnx: Add \"sum\": attribute \"axis\" expected a value, got a reference to one of a "
            "function (m.onnx)");
  EXPECT_EQ(
      error_of([](onnx::ModelProto& m) { m.mutable_graph()->mutable_node(0)->clear_output(); }),
      "onnx: Add \"sum\": outputs expected at least 1, got 0 (m.onnx)");
}

// What parse_onnx says about these bytes.
std::string error_of_bytes(const std::string& content) {
  return message_of<ParseError>([&] { parse_onnx(std::as_bytes(std::span(content)), "m.onnx"); });
}

TEST(Onnx, ErrorsOfBytes) {
  EXPECT_EQ(error_of_bytes({0x3a, 0x7f, 0}),  // the graph, of 127 bytes
            "onnx: field expected to end inside its message, got a longer one (m.onnx, byte 2)");
  EXPECT_EQ(error_of_bytes({0x3b}),  // a group
            "onnx: wire type expected 0, 1, 2 or 5, got 3 (m.onnx, byte 1)");
  EXPECT_EQ(error_of_bytes({0, 0}),  // a field of number 0
            "onnx: content expected to be a ModelProto, got something else (m.onnx)");
  const std::string group = "\x3b";
  EXPECT_EQ(
      message_of<ParseError>([&] { parse_onnx_tensor(std::as_bytes(std::span(group)), "t.pb"); }),
      "onnx: content expected to be a TensorProto, got something else (t.pb)");
}

// Protobuf reads 32 bits of a tag, so to it 2^32 + 0x3a is the graph as well.
TEST(Onnx, InitializersOfAGraphUnderAnotherTagAreRefused) {
  const std::string graph = small_model().graph().SerializeAsString();
  std::string content = {'\xba', '\x80', '\x80', '\x80', '\x10', static_cast<char>(graph.size())};
  EXPECT_EQ(error_of_bytes(content + graph), "onnx: initializers expected 0, got 1 (m.onnx)");
}

TEST(Onnx, FilesOf2GiBAreRefusedUnread) {
  const test::TempDir dir;
  const std::filesystem::path path = dir.path() / "m.onnx";
  io::write_file(path, std::string());
  std::filesystem::resize_file(path, std::uintmax_t{1} << 31);  // all of it a hole
  EXPECT_EQ(message_of<ParseError>([&] { load_onnx(path); }),
            "onnx: file expected to be smaller than 2 GiB, protobuf's limit, got 2147483648 bytes "
            "(larger models keep their weights in external files) (" +
                path.string() + ")");
}

TEST(Onnx, DamagedContentIsAnErrorAndNothingElse) {
  const std::vector<std::byte> good = bytes_of(small_model());
  int refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int change : {1, 0x80, 0xff}) {
      std::vector<std::byte> bad = good;
      bad[i] ^= static_cast<std::byte>(change);
      try {
        parse_onnx(bad, "m.onnx");
      } catch (const Error&) {
        ++refused;
      }
    }
    try {
      parse_onnx(std::span(good).first(i), "m.onnx");
      ADD_FAILURE() << "cut at " << i;
    } catch (const ParseError&) {
    }
  }
  EXPECT_GT(refused, 100);
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

TEST(Onnx, AnOutputIsNamedOnce) {
  EXPECT_EQ(error_of([](onnx::ModelProto& model) {
              *model.mutable_graph()->add_output() = model.graph().output(0);
            }),
            "graph: output \"y\" expected once, got twice (m.onnx)");
}

// As ONNX's checker: what the operator does not have is a mistake, unless its name begins with two
// underscores.
TEST(Onnx, AnUnknownAttributeIsRefused) {
  const auto with = [](const char* op, const char* name) {
    return [op, name](onnx::ModelProto& model) {
      auto& node = *model.mutable_graph()->mutable_node(0);
      node.set_op_type(op);
      auto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(1);
    };
  };
  EXPECT_EQ(
      error_of(with("Add", "axis_of_evil")),
      "Add \"sum\" (opset 13): attribute \"axis_of_evil\" expected to be one that the operator "
      "has, got an unknown one (m.onnx)");
  EXPECT_EQ(error_of(with("Add", "__private")), "no error");
  EXPECT_EQ(error_of(with("Gemm", "transB")), "no error");
  EXPECT_THAT(error_of(with("Gemm", "trans_b")), HasSubstr("\"trans_b\""));
  EXPECT_THAT(error_of(with("Add", "axis")), HasSubstr("\"axis\""));  // which opset 6 had
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
