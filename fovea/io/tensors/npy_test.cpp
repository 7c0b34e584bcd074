#include "fovea/io/tensors/npy.h"

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
using test::TempDir;

// A file of version `major` with this dict.
std::string npy(std::string_view dict, std::string_view data, int major = 1) {
  std::string header(dict);
  header += '\n';
  std::string content = "\x93NUMPY";
  content += {static_cast<char>(major), '\0', static_cast<char>(header.size() & 0xff),
              static_cast<char>(header.size() >> 8)};
  if (major > 1) content += {'\0', '\0'};
  return content + header + std::string(data);
}
Tensor parse(std::string_view content) { return parse_npy(as_bytes(content), "a.npy"); }
std::string defect(std::string_view content) {
  return message_of<ParseError>([&] { parse(content); });
}

// numpy.save of NumPy 1.24.
TEST(Npy, WritesTheBytesOfNumPy) {
  const std::string header = "\x93NUMPY\x01" + std::string("\0v\0", 3) +
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  EXPECT_EQ(as_text(encode_npy(tensor({{0, 1, 2}, {3, 4, 5}}))).substr(0, 128),
            header + std::string(127 - header.size(), ' ') + "\n");
  EXPECT_EQ(as_text(encode_npy(tensor({{0, 1, 2}, {3, 4, 5}}))).size(), 128u + 24u);
  const auto text_of = [](const Shape& shape, DType dtype) {
    const std::string text = as_text(encode_npy(zeros(shape, {.dtype = dtype})));
    EXPECT_EQ(text.find('\n'), 127u);
    return text.substr(10, text.find('}') - 9);
  };
  EXPECT_EQ(text_of({}, f64), "{'descr': '<f8', 'fortran_order': False, 'shape': (), }");
  EXPECT_EQ(text_of({12345}, u8), "{'descr': '|u1', 'fortran_order': False, 'shape': (12345,), }");
  EXPECT_EQ(text_of({0}, boolean), "{'descr': '|b1', 'fortran_order': False, 'shape': (0,), }");
  EXPECT_EQ(text_of({1, 2, 3, 4, 5}, i16),
            "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2, 3, 4, 5), }");
}

TEST(Npy, KeepsEveryDTypeAndShape) {
  const TempDir dir;
  for (const DType dtype : kAllDTypes) {
    if (dtype == bf16) continue;
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{0, 4}, Shape{2, 3, 2}}) {
      const Tensor x = arange(0, static_cast<double>(shape.numel())).view(shape).to(dtype);
      write_npy(dir / "x.npy", x);
      const Tensor y = read_npy(dir / "x.npy");
      EXPECT_EQ(y.dtype(), dtype);
      EXPECT_EQ(y.sizes(), shape);
      EXPECT_EQ(to_bytes(y), to_bytes(x)) << name_of(dtype);
    }
  }
  EXPECT_EQ(message_of<DTypeError>([] { encode_npy(zeros({2}, {.dtype = bf16})); }),
            "write_npy: dtype expected one that NumPy has, got bf16 (tensor [2])");
}

TEST(Npy, WritesViewsInLogicalOrder) {
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(parse(as_text(encode_npy(x.t()))).to_vector(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(Npy, ReadsFortranOrder) {
  const std::string data("\1\0\2\0\3\0\4\0\5\0\6\0", 12);
  const Tensor x = parse(npy("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", data));
  EXPECT_EQ(x.sizes(), (Shape{2, 3}));
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_EQ(x.to_vector<int>(), (std::vector<int>{1, 3, 5, 2, 4, 6}));
}

TEST(Npy, ReadsBigEndianNumbersAndOtherVersions) {
  const std::string dict = "{'shape': (2,), 'fortran_order': False, 'descr': '>u2'}";
  for (const int major : {1, 2, 3})
    EXPECT_EQ(parse(npy(dict, std::string("\x01\x02\x03\x04", 4), major)).to_vector<int>(),
              (std::vector<int>{0x102, 0x304}));
  EXPECT_EQ(parse(npy("{\"descr\":\"=i4\",'fortran_order':False,'shape':(1L,)}",
                      std::string("\7\0\0\0", 4)))
                .to_vector<int>(),
            (std::vector<int>{7}));
}

TEST(Npy, NamesDefectsOfTheFrame) {
  const std::string good = npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", "ab");
  ASSERT_EQ(parse(good).numel(), 2);
  EXPECT_EQ(defect(""), "npy: header expected 10 bytes, got 0 (a.npy, byte 0)");
  EXPECT_EQ(defect("PK\3\4....."),
            "npy: first bytes expected 93 4e 55 4d 50 59, got 50 4b 03 04 2e 2e, so this is no "
            ".npy file (a.npy, byte 0)");
  EXPECT_EQ(defect(good.substr(0, 5)), "npy: header expected 10 bytes, got 5 (a.npy, byte 5)");
  EXPECT_EQ(defect(good.substr(0, 30)), "npy: header expected 68 bytes, got 30 (a.npy, byte 30)");
  std::string version = good;
  version[6] = 4;
  EXPECT_EQ(defect(version), "npy: version expected 1.0, 2.0 or 3.0, got 4.0 (a.npy, byte 6)");
  EXPECT_EQ(defect(good.substr(0, 69)),
            "npy: data expected 2 bytes for shape [2], got 1 (a.npy, byte 69)");
  EXPECT_EQ(defect(good + "c"), "npy: data expected 2 bytes for shape [2], got 3 (a.npy, byte 70)");
}

std::string header_defect(std::string_view dict) { return defect(npy(dict, "ab")); }

TEST(Npy, NamesDefectsOfTheHeader) {
  EXPECT_EQ(header_defect("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
            "npy: descr expected numbers, got \"|O\": objects are pickles, which Fovea never "
            "executes (a.npy, byte 20)");
  EXPECT_EQ(header_defect("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }"),
            "npy: descr expected f2, f4, f8, i1 to i8, u1 to u8 or b1, got \"<c8\" (a.npy, byte "
            "20)");
  EXPECT_EQ(header_defect("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
            "npy: header expected a plain element type and no record, got \"('x', '<f4')\" (a.npy, "
            "byte 21)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'shape': (2,), }"),
            "npy: header expected the keys descr, fortran_order, shape, got its end (a.npy, byte "
            "43)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False}"),
            "npy: header expected each key once, got \"'|u1', 'fort\" (a.npy, byte 36)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'order': 1}"),
            "npy: header expected no key but descr, fortran_order and shape, not order, got \"1}\" "
            "(a.npy, byte 36)");
  EXPECT_EQ(header_defect("['descr']"),
            "npy: header expected a dict, got \"['descr']\" (a.npy, byte 10)");
  EXPECT_EQ(header_defect("{'descr' '|u1'}"),
            "npy: header expected \":\" after a key, got \"'|u1'}\" (a.npy, byte 19)");
  EXPECT_EQ(header_defect("{'descr': '|u1}"),
            "npy: header expected a closing quote, got \"'|u1}\" (a.npy, byte 20)");
  EXPECT_EQ(
      header_defect("{'des\\x63r': '|u1'}"),
      "npy: header expected a string without escapes, got \"'des\\x63r': \" (a.npy, byte 11)");
  EXPECT_EQ(header_defect("{'shape': [2]}"),
            "npy: header expected a tuple of sizes, got \"[2]}\" (a.npy, byte 20)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': 0, 'shape': (2,), }"),
            "npy: header expected True or False, got \"0, 'shape': \" (a.npy, byte 44)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': False, 'shape': (2), }"),
            "npy: header expected \",\" after the only size, got \"), }\" (a.npy, byte 62)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': False, 'shape': (-2,), }"),
            "npy: header expected a size from 0 to 2^63 - 1, got \"-2,), }\" (a.npy, byte 61)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), } x"),
            "npy: header expected nothing after the dict but spaces, got \"x\" (a.npy, byte 68)");
}

TEST(Npy, QuotesHostileTextOnOneLine) {
  EXPECT_EQ(header_defect(std::string("{'\n\0\xff': 1}", 10)),
            "npy: header expected no key but descr, fortran_order and shape, not \\x0a\\x00\\xff, "
            "got \"1}\" (a.npy, byte 18)");
}

TEST(Npy, NamesSizesThatOverflow) {
  EXPECT_EQ(header_defect("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, "
                          "4294967296), }"),
            "npy: data expected more than 2^62 bytes for shape [4294967296, 4294967296], got 2 "
            "(a.npy, byte 90)");
  // No elements, but strides that no number holds.
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4294967296, "
                          "4294967296), }"),
            "npy: data expected more than 2^62 bytes for shape [0, 4294967296, 4294967296], got 2 "
            "(a.npy, byte 93)");
  EXPECT_EQ(header_defect("{'descr': '<f8', 'fortran_order': False, 'shape': "
                          "(9223372036854775808,), }"),
            "npy: header expected a size from 0 to 2^63 - 1, got \"922337203685\" (a.npy, byte "
            "61)");
  EXPECT_EQ(header_defect("{'descr': '|u1', 'fortran_order': False, 'shape': "
                          "(1,1,1,1,1,1,1,1,1), }"),
            "npy: header expected at most 8 sizes, got \"1), }\" (a.npy, byte 77)");
}

TEST(Npy, NamesBoolsThatAreNone) {
  EXPECT_EQ(defect(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }",
                       std::string("\0\2", 2))),
            "npy: bool expected 0 or 1, got 2 (a.npy, byte 69)");
}

}  // namespace
}  // namespace fovea::io
