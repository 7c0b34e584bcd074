// What is no ONNX file that can be read: told by file and byte, and nothing else happens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fovea/graph/onnx.h"
#include "fovea/graph/onnx/schema.h"
#include "fovea/io/atomic_file.h"
#include "tests/support/close.h"
#include "tests/support/onnx_model.h"
#include "tests/support/temp_dir.h"

namespace fovea::graph {
namespace {

using test::bytes_of;
using test::error_of;
using test::message_of;
using test::small_model;
using test::weight_of;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace fovea::graph
