#include "fovea/io/tensors/safetensors.h"
#include "fovea/io/tensors/safetensors_header.h"

#include <gtest/gtest.h>

#include <vector>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::as_text;
using test::message_of;
using test::put_file;
using test::TempDir;

// The file with this header and this data.
std::string file_of(std::string_view header, std::string_view data) {
  std::string content;
  for (int i = 0; i < 8; ++i) content += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return content + std::string(header) + std::string(data);
}
SafeTensors parse(std::string_view content) {
  return parse_safetensors(as_bytes(content), "m.safetensors");
}
SafeTensors parse(std::string_view header, std::string_view data) {
  return parse(file_of(header, data));
}
std::string defect(std::string_view header, std::string_view data) {
  return message_of<ParseError>([&] { parse(header, data); });
}
// `entries` as a header's only text, with eight bytes of data.
std::string entry_defect(std::string_view entry) {
  return defect("{\"a\":" + std::string(entry) + "}", "01234567");
}

TEST(SafeTensors, ReadsTensorsAndMetadata) {
  const SafeTensors file = parse(
      R"({"b":{"dtype":"I32","shape":[2],"data_offsets":[4,12]},"__metadata__":{"k":"v","l":""},)"
      R"("a":{"shape":[],"data_offsets":[0,4],"dtype":"F32"},)"
      R"("none":{"dtype":"F64","shape":[3,0],"data_offsets":[4,4]}}  )",
      std::string("\0\0\x20\x40\1\0\0\0\2\0\0\0", 12));
  ASSERT_EQ(file.tensors.size(), 3u);
  EXPECT_EQ(file.tensors[0].first, "b");  // the header's order
  EXPECT_EQ(file.at("b").to_vector<int>(), (std::vector<int>{1, 2}));
  EXPECT_EQ(file.at("a").item(), 2.5);
  EXPECT_EQ(file.at("none").sizes(), (Shape{3, 0}));
  EXPECT_EQ(file.metadata, (Metadata{{"k", "v"}, {"l", ""}}));
  EXPECT_EQ(message_of<ArgumentError>([&] { (void)file.at("c"); }),
            "safetensors: name expected one of the file's 3 tensors, got \"c\"");
  EXPECT_TRUE(parse("{}", "").tensors.empty());
}

TEST(SafeTensors, IgnoresWhatItsReferenceIgnores) {
  const SafeTensors file =
      parse(R"({"a":{"x":{"y":[1,{"x":2}],"x":null},"dtype":"U8","shape":[1],"z":true,)"
            R"("data_offsets":[0,1],"last":-1.5e3}})",
            "7");
  EXPECT_EQ(file.at("a").item<int>(), '7');
}

// The bytes of safetensors 0.8.0 (Python package) for these tensors.
TEST(SafeTensors, WritesTheBytesOfThePythonPackage) {
  const auto values = [](DType dtype) { return tensor({1, 0, 1}).to(dtype); };
  StateDict tensors;
  // Given in the order of the enumeration, which is not the file's.
  for (const DType dtype : {f32, f64, i64, u8, boolean, f16, i8, i16, u16, i32, u32, u64})
    tensors.emplace_back("z_" + std::string(name_of(dtype)), values(dtype));
  tensors.emplace_back("scalar", scalar(2.5));
  tensors.emplace_back("empty", zeros({0, 3}));
  tensors.emplace_back("quo\"te\\\n\t\xc3\xa9\x7f\x01/", values(i64));
  const std::string header = R"({"z_u64":{"dtype":"U64","shape":[3],"data_offsets":[0,24]},)"
                             R"("quo\"te\\\n\t)"
                             "\xc3\xa9\x7f"
                             R"(\u0001/":{"dtype":"I64","shape":[3],"data_offsets":[24,48]},)"
                             R"("z_i64":{"dtype":"I64","shape":[3],"data_offsets":[48,72]},)"
                             R"("z_f64":{"dtype":"F64","shape":[3],"data_offsets":[72,96]},)"
                             R"("empty":{"dtype":"F32","shape":[0,3],"data_offsets":[96,96]},)"
                             R"("scalar":{"dtype":"F32","shape":[],"data_offsets":[96,100]},)"
                             R"("z_f32":{"dtype":"F32","shape":[3],"data_offsets":[100,112]},)"
                             R"("z_u32":{"dtype":"U32","shape":[3],"data_offsets":[112,124]},)"
                             R"("z_i32":{"dtype":"I32","shape":[3],"data_offsets":[124,136]},)"
                             R"("z_f16":{"dtype":"F16","shape":[3],"data_offsets":[136,142]},)"
                             R"("z_u16":{"dtype":"U16","shape":[3],"data_offsets":[142,148]},)"
                             R"("z_i16":{"dtype":"I16","shape":[3],"data_offsets":[148,154]},)"
                             R"("z_i8":{"dtype":"I8","shape":[3],"data_offsets":[154,157]},)"
                             R"("z_u8":{"dtype":"U8","shape":[3],"data_offsets":[157,160]},)"
                             R"("z_bool":{"dtype":"BOOL","shape":[3],"data_offsets":[160,163]}})";
  const std::string content = as_text(encode_safetensors(tensors));
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  EXPECT_EQ(content.substr(8, padded), header + std::string(padded - header.size(), ' '));
  EXPECT_EQ(content.size(), 8 + padded + 163);
  const SafeTensors back = parse(content);
  for (const auto& [name, tensor] : tensors)
    EXPECT_EQ(to_bytes(back.at(name)), to_bytes(tensor)) << name;
}

TEST(SafeTensors, WritesMetadataSorted) {
  const std::string content =
      as_text(encode_safetensors({{"a", tensor({1})}}, {{"z", "\"1\""}, {"b", "2"}}));
  EXPECT_EQ(content.substr(8, 96),
            R"({"__metadata__":{"b":"2","z":"\"1\""},"a":{"dtype":"F32","shape":[1],)"
            R"("data_offsets":[0,4]}}     )");
  EXPECT_EQ(as_text(encode_safetensors({})), file_of("{}      ", ""));
}

TEST(SafeTensors, RewritesFilesOfThePythonPackageToTheSameBytes) {
  for (const char* name : {"fashion_cnn", "fashion_dnn"}) {
    const auto path = std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/golden" /
                      (std::string(name) + ".safetensors");
    const SafeTensors file = load_safetensors(path);
    EXPECT_FALSE(file.tensors.empty());
    const TempDir dir;
    save_safetensors(dir / "copy", file.tensors, file.metadata);
    EXPECT_TRUE(test::get_file(dir / "copy") == test::get_file(path)) << name;
  }
}

TEST(SafeTensors, WritesViewsInLogicalOrder) {
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
  const SafeTensors file = parse(as_text(encode_safetensors({{"x", x.t()}})));
  EXPECT_EQ(file.at("x").to_vector(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(SafeTensors, RefusesToWriteWhatItCouldNotRead) {
  const TempDir dir;
  const auto refused = [&](const StateDict& tensors, const Metadata& metadata = {}) {
    std::string message =
        message_of<ArgumentError>([&] { save_safetensors(dir / "m", tensors, metadata); });
    EXPECT_TRUE(dir.names().empty());
    return message;
  };
  const Tensor x = tensor({1});
  EXPECT_EQ(refused({{"a", x}, {"a", x}}),
            "save_safetensors: name \"a\" expected once, got it twice");
  EXPECT_EQ(refused({{"__metadata__", x}}),
            "save_safetensors: names expected not to be \"__metadata__\", got it");
  EXPECT_EQ(refused({{"a", Tensor()}}),
            "save_safetensors: tensor \"a\" expected to be defined, got none");
  EXPECT_EQ(refused({{"\xff", x}}),
            "save_safetensors: names and metadata expected UTF-8, got \"\\ufffd\"");
  EXPECT_EQ(refused({{"a", x}}, {{"k", "\xc3"}}),
            "save_safetensors: names and metadata expected UTF-8, got \"\\ufffd\"");
}

TEST(SafeTensors, HeadersThatNobodyWouldReadAreNotWritten) {
  const Metadata metadata = {{"text", std::string(kMaxSafetensorsHeader, 'x')}};
  EXPECT_EQ(message_of<ArgumentError>([&] { save_safetensors("unwritten", {}, metadata); }),
            "save_safetensors: header expected at most 100000000 bytes, got 100000032");
  EXPECT_FALSE(std::filesystem::exists("unwritten"));
}

TEST(SafeTensorsDefect, Frame) {
  const auto whole = [](std::string_view content) {
    return message_of<ParseError>([&] { parse(content); });
  };
  EXPECT_EQ(whole(""),
            "safetensors: file expected at least 8 bytes, got 0 (m.safetensors, byte 0)");
  EXPECT_EQ(whole("1234567"),
            "safetensors: file expected at least 8 bytes, got 7 (m.safetensors, byte 7)");
  EXPECT_EQ(whole(std::string("\x10\0\0\0\0\0\0\0{}", 10)),
            "safetensors: header length expected <= 2, the rest of the file, got 16 "
            "(m.safetensors, byte 0)");
  EXPECT_EQ(whole("\xff\xff\xff\xff\xff\xff\xff\xff{}"),
            "safetensors: header length expected <= 100000000, got 18446744073709551615 "
            "(m.safetensors, byte 0)");
  EXPECT_EQ(whole(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)),
            "safetensors: header length expected <= 100000000, got 100000001 (m.safetensors, byte "
            "0)");
  EXPECT_EQ(defect("", ""),
            "safetensors: header expected to begin with '{', got nothing (m.safetensors, header "
            "byte 0)");
  EXPECT_EQ(defect(" {}", ""),
            "safetensors: header expected to begin with '{', got another byte (m.safetensors, "
            "header byte 0)");
  EXPECT_EQ(defect("[1]", ""),
            "safetensors: header expected to begin with '{', got another byte (m.safetensors, "
            "header byte 0)");
}

TEST(SafeTensorsDefect, Json) {
  const auto no_json = [](int byte) {
    return str(
        "safetensors: header expected JSON in UTF-8, got something else (m.safetensors, "
        "header byte ",
        byte, ")");
  };
  EXPECT_EQ(defect("{", ""), no_json(1));
  EXPECT_EQ(defect("{\"a\"", ""), no_json(4));
  EXPECT_EQ(defect("{a:1}", ""), no_json(1));
  EXPECT_EQ(defect("{\"\xff\":1}", ""), no_json(2));      // no UTF-8
  EXPECT_EQ(defect("{\"\xc0\x80\":1}", ""), no_json(2));  // overlong
  EXPECT_EQ(defect("{\"a\":{},}", ""),
            "safetensors: entry \"a\" expected dtype, got none "
            "(m.safetensors, header byte 6)");
  EXPECT_EQ(defect("{} x", ""),
            "safetensors: header expected nothing after its object, got 2 bytes (m.safetensors, "
            "header byte 1)");
  EXPECT_EQ(defect("{}\n", ""),
            "safetensors: header expected nothing after its object, got 1 bytes (m.safetensors, "
            "header byte 1)");
  EXPECT_EQ(defect(std::string("{}\0hidden", 9), ""),
            "safetensors: header expected nothing after its object, got 7 bytes (m.safetensors, "
            "header byte 1)");
}

TEST(SafeTensorsDefect, DuplicateKeys) {
  const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_EQ(defect("{" + a + "," + a + "}", "x"),
            "safetensors: key \"a\" expected once, got it again (m.safetensors, header byte 55)");
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","dtype":"U8","shape":[8],"data_offsets":[0,8]})"),
            "safetensors: key \"dtype\" expected once, got it again (m.safetensors, header byte "
            "25)");
  EXPECT_EQ(defect(R"({"__metadata__":{"k":"1","k":"2"}})", ""),
            "safetensors: key \"k\" expected once, got it again (m.safetensors, header byte 27)");
  EXPECT_EQ(defect(R"({"__metadata__":{},"__metadata__":{}})", ""),
            "safetensors: key \"__metadata__\" expected once, got it again (m.safetensors, header "
            "byte 32)");
}

TEST(SafeTensorsDefect, Entries) {
  const auto at = [](int byte) { return str(" (m.safetensors, header byte ", byte, ")"); };
  EXPECT_EQ(entry_defect("1"), "safetensors: entry \"a\" expected an object, got a number" + at(6));
  EXPECT_EQ(entry_defect("null"), "safetensors: entry \"a\" expected an object, got null" + at(8));
  EXPECT_EQ(entry_defect("[]"),
            "safetensors: entry \"a\" expected an object, got an array" + at(5));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[8]})"),
            "safetensors: entry \"a\" expected data_offsets, got none" + at(30));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","data_offsets":[0,8]})"),
            "safetensors: entry \"a\" expected shape, got none" + at(39));
  EXPECT_EQ(
      entry_defect(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})"),
      "safetensors: dtype of \"a\" expected BOOL, U8, I8, I16, U16, F16, BF16, I32, U32, F32, "
      "F64, I64, U64, got \"F8_E4M3\"" +
          at(22));
  EXPECT_EQ(entry_defect(R"({"dtype":8,"shape":[8],"data_offsets":[0,8]})"),
            "safetensors: dtype of \"a\" expected a string, got a number" + at(15));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":8,"data_offsets":[0,8]})"),
            "safetensors: shape of \"a\" expected an array, got a number" + at(28));
  EXPECT_EQ(
      entry_defect(R"({"dtype":"U8","shape":[-8],"data_offsets":[0,8]})"),
      "safetensors: shape of \"a\" expected whole numbers from 0, got a negative number" + at(30));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[8.0],"data_offsets":[0,8]})"),
            "safetensors: shape of \"a\" expected whole numbers from 0, got 8.0" + at(31));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[[8]],"data_offsets":[0,8]})"),
            "safetensors: shape of \"a\" expected whole numbers from 0, got an array" + at(28));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[8],"data_offsets":[0]})"),
            "safetensors: data_offsets of \"a\" expected 2 numbers, got 1" + at(48));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[8],"data_offsets":[0,8,8]})"),
            "safetensors: data_offsets of \"a\" expected 2 numbers, got more" + at(52));
  EXPECT_EQ(defect(R"({"__metadata__":{"k":1}})", ""),
            "safetensors: __metadata__ value of \"k\" expected a string, got a number "
            "(m.safetensors, header byte 22)");
  EXPECT_EQ(defect(R"({"__metadata__":"text"})", ""),
            "safetensors: entry \"__metadata__\" expected an object, got a string (m.safetensors, "
            "header byte 21)");
}

TEST(SafeTensorsDefect, SizesAndOffsets) {
  const auto at = [](int byte) { return str(" (m.safetensors, header byte ", byte, ")"); };
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[9],"data_offsets":[0,9]})"),
            "safetensors: data_offsets of \"a\" expected end <= 8, got 9" + at(51));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[0],"data_offsets":[8,0]})"),
            "safetensors: data_offsets of \"a\" expected begin <= end, got [8, 0]" + at(51));
  EXPECT_EQ(entry_defect(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
            "safetensors: data_offsets of \"a\" expected 12 bytes for F32 [3], got 8" + at(52));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[8],"data_offsets":[0,18446744073709551616]})"),
            "safetensors: data_offsets of \"a\" expected whole numbers from 0, got "
            "18446744073709551616" +
                at(69));
  EXPECT_EQ(
      entry_defect(R"({"dtype":"U8","shape":[8],"data_offsets":[0,18446744073709551615]})"),
      "safetensors: data_offsets of \"a\" expected end <= 8, got 18446744073709551615" + at(70));
  EXPECT_EQ(
      entry_defect(R"({"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,8]})"),
      "safetensors: shape of \"a\" expected sizes below 2^63, got 9223372036854775808" + at(47));
  // 2^61 elements of 8 bytes are 2^64, which wraps round to 0.
  EXPECT_EQ(entry_defect(R"({"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]})"),
            "safetensors: shape of \"a\" expected at most 2^62 elements, got "
            "[2305843009213693952]" +
                at(70));
  // No elements, but strides that no number holds.
  EXPECT_EQ(
      entry_defect(R"({"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})"),
      "safetensors: shape of \"a\" expected at most 2^62 elements, got "
      "[0, 4294967296, 4294967296]" +
          at(73));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,8]})"),
            "safetensors: shape of \"a\" expected at most 8 sizes, got more" + at(45));
}

TEST(SafeTensorsDefect, HolesOverlapsAndWhatIsLeftOver) {
  const auto two = [](const char* a, const char* b) {
    return defect(str(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)", a,
                      R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)", b, "}}"),
                  "0123");
  };
  EXPECT_EQ(two("[0,2]", "[2,4]"), "nothing was thrown");
  EXPECT_EQ(two("[2,4]", "[0,2]"), "nothing was thrown");
  EXPECT_EQ(two("[0,2]", "[1,3]"),
            "safetensors: data_offsets of \"b\" expected begin = 2, got 1, an overlap "
            "(m.safetensors, header byte 103)");
  EXPECT_EQ(two("[0,2]", "[0,2]"),
            "safetensors: data_offsets of \"b\" expected begin = 2, got 0, an overlap "
            "(m.safetensors, header byte 103)");
  EXPECT_TRUE(
      two("[2,4]", "[2,4]")
          .starts_with("safetensors: data_offsets of \"a\" expected begin = 0, got 2, a hole"));
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[7],"data_offsets":[1,8]})"),
            "safetensors: data_offsets of \"a\" expected begin = 0, got 1, a hole (m.safetensors, "
            "header byte 51)");
  EXPECT_EQ(entry_defect(R"({"dtype":"U8","shape":[7],"data_offsets":[0,7]})"),
            "safetensors: data expected 7 bytes, got 8 (m.safetensors, data byte 7)");
  EXPECT_EQ(defect("{}", "x"),
            "safetensors: data expected 0 bytes, got 1 (m.safetensors, data "
            "byte 0)");
}

TEST(SafeTensorsDefect, BoolsThatAreNone) {
  EXPECT_EQ(entry_defect(R"({"dtype":"BOOL","shape":[8],"data_offsets":[0,8]})"),
            "safetensors: bool expected 0 or 1, got 48 (m.safetensors, byte 63)");
}

TEST(SafeTensorsDefect, HostileNamesStayOnOneShortLine) {
  const std::string message = defect("{\"a\\n" + std::string(100000, 'x') + "\":1}", "");
  EXPECT_LT(message.size(), 300u);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(SafeTensorsDefect, DeepNestingIsNoBurden) {
  const std::string nested = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  EXPECT_EQ(
      parse("{\"a\":{\"x\":" + nested + R"(,"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "7")
          .tensors.size(),
      1u);
}

TEST(SafeTensors, LoadsAFileThatEndsEarlyNowhere) {
  const TempDir dir;
  const std::string content =
      as_text(encode_safetensors({{"a", arange(5)}, {"b", tensor({1, 2})}}, {{"k", "v"}}));
  for (std::size_t length = 0; length < content.size(); ++length) {
    put_file(dir / "m", content.substr(0, length));
    EXPECT_TRUE(
        message_of<ParseError>([&] { load_safetensors(dir / "m"); }).starts_with("safetensors: "))
        << length;
  }
}

}  // namespace
}  // namespace fovea::io
