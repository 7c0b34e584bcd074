#include "fovea/io/tensors/idx.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/archive/gzip.h"
#include "tests/support/close.h"
#include "tests/support/gzip_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::gzipped;
using test::idx;
using test::message_of;
using test::put_file;
using test::TempDir;

Tensor parse(std::string_view content) { return parse_idx(as_bytes(content), "a.idx"); }
std::string defect(std::string_view content) {
  return message_of<ParseError>([&] { parse(content); });
}

TEST(Idx, ReadsEveryElementType) {
  EXPECT_EQ(parse(idx(0x08, {2, 3}, "\1\2\3\4\5\xff")).to_vector<int>(),
            (std::vector<int>{1, 2, 3, 4, 5, 255}));
  EXPECT_EQ(parse(idx(0x08, {2, 3}, "abcdef")).sizes(), (Shape{2, 3}));
  EXPECT_EQ(parse(idx(0x09, {2}, "\x01\xff")).to_vector<int>(), (std::vector<int>{1, -1}));
  EXPECT_EQ(parse(idx(0x0b, {2}, std::string("\x01\x02\xff\xfe", 4))).to_vector<int>(),
            (std::vector<int>{258, -2}));
  EXPECT_EQ(parse(idx(0x0c, {1}, std::string("\x01\x02\x03\x04", 4))).to_vector<std::int64_t>(),
            (std::vector<std::int64_t>{0x01020304}));
  EXPECT_EQ(parse(idx(0x0d, {1}, std::string("\x3f\xc0\x00\x00", 4))).to_vector<double>(),
            (std::vector<double>{1.5}));
  EXPECT_EQ(parse(idx(0x0e, {1}, std::string("\xbf\xf8\0\0\0\0\0\0", 8))).to_vector<double>(),
            (std::vector<double>{-1.5}));
  EXPECT_EQ(parse(idx(0x0e, {1}, std::string(8, '\0'))).dtype(), f64);
}

TEST(Idx, ReadsEmptyArrays) {
  EXPECT_EQ(parse(idx(0x08, {0, 28, 28}, "")).sizes(), (Shape{0, 28, 28}));
}

TEST(Idx, IsPackedOrNotByContent) {
  const TempDir dir;
  const std::string plain = idx(0x08, {3}, "\1\2\3");
  put_file(dir / "plain.gz", plain);  // a name that lies
  put_file(dir / "packed", gzipped(plain));
  EXPECT_EQ(read_idx(dir / "plain.gz").to_vector<int>(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(read_idx(dir / "packed").to_vector<int>(), (std::vector<int>{1, 2, 3}));
}

TEST(Idx, NamesDefectsOfTheHeader) {
  EXPECT_EQ(defect(""), "idx: header expected at least 4 bytes, got 0 (a.idx, byte 0)");
  EXPECT_EQ(defect(std::string("\0\0\x08", 3)),
            "idx: header expected at least 4 bytes, got 3 (a.idx, byte 3)");
  EXPECT_EQ(defect("\x89PNG...."),
            "idx: first bytes expected 00 00, got 89 50, so this is no IDX file (a.idx, byte 0)");
  EXPECT_EQ(defect(idx(0x0a, {1}, "x")),
            "idx: element type expected 08, 09, 0b, 0c, 0d or 0e, got 0a (a.idx, byte 2)");
  EXPECT_EQ(defect(idx(0x08, {}, "x")),
            "idx: number of dimensions expected 1 to 8, got 0 (a.idx, byte 3)");
  EXPECT_EQ(defect(idx(0x08, {1, 1, 1, 1, 1, 1, 1, 1, 1}, "x")),
            "idx: number of dimensions expected 1 to 8, got 9 (a.idx, byte 3)");
  EXPECT_EQ(defect(idx(0x08, {1, 2}, "").substr(0, 9)),
            "idx: header expected 12 bytes, got 9 (a.idx, byte 9)");
}

TEST(Idx, NamesDataThatDoesNotFitTheSizes) {
  EXPECT_EQ(defect(idx(0x08, {2, 3}, "abcde")),
            "idx: data expected 6 bytes for sizes [2, 3], got 5 (a.idx, byte 17)");
  EXPECT_EQ(defect(idx(0x08, {2, 3}, "abcdefg")),
            "idx: data expected 6 bytes for sizes [2, 3], got 7 (a.idx, byte 18)");
  EXPECT_EQ(defect(idx(0x0d, {2}, "abcd")),
            "idx: data expected 8 bytes for sizes [2], got 4 (a.idx, byte 12)");
  EXPECT_EQ(defect(idx(0x08, {0xffffffff}, "x")),
            "idx: data expected 4294967295 bytes for sizes [4294967295], got 1 (a.idx, byte 9)");
  EXPECT_EQ(defect(idx(0x0e, {0x80000000, 0x80000000, 0x80000000}, "")),
            "idx: data expected more than 2^62 bytes for sizes [2147483648, 2147483648, "
            "2147483648], got 0 (a.idx, byte 16)");
  // More elements than a tensor can have, even though the last size makes them none.
  EXPECT_EQ(defect(idx(0x0e, {0xffffffff, 0xffffffff, 0}, "")),
            "idx: data expected more than 2^62 bytes for sizes [4294967295, 4294967295, 0], got 0 "
            "(a.idx, byte 16)");
  EXPECT_EQ(defect(idx(0x0e, {0, 0xffffffff, 0xffffffff}, "")),
            "idx: data expected more than 2^62 bytes for sizes [0, 4294967295, 4294967295], got 0 "
            "(a.idx, byte 16)");
  // 2^31 * 2^31 * 4 wraps round to 0 in 64 bits: the empty data must not pass for it.
  EXPECT_EQ(defect(idx(0x08, {0x80000000, 0x80000000, 4}, "")),
            "idx: data expected more than 2^62 bytes for sizes [2147483648, 2147483648, 4], got 0 "
            "(a.idx, byte 16)");
}

// No more is unpacked than the header asks for.
TEST(Idx, UnpacksWhatTheHeaderSays) {
  EXPECT_EQ(defect(gzipped(idx(0x08, {4}, std::string(5000, 'x')))),
            "gzip: unpacked data expected at most 12 bytes, got more (a.idx, byte " +
                str(gzipped(idx(0x08, {4}, std::string(5000, 'x'))).size()) + ")");
  EXPECT_EQ(defect(gzipped("\1no IDX file at all")),
            "idx: first bytes expected 00 00, got 01 6e, so this is no IDX file (a.idx unpacked, "
            "byte 0)");
  const IdxHeader header = parse_idx_header(as_bytes(idx(0x0d, {3, 5}, "")), "a.idx");
  EXPECT_EQ(header.dtype, f32);
  EXPECT_EQ(header.sizes, (Shape{3, 5}));
  EXPECT_EQ(header.file_bytes, 12u + 3 * 5 * 4);
}

TEST(Idx, NamesDefectsInsideGzip) {
  EXPECT_EQ(defect(gzipped(idx(0x08, {4}, "abc"))),
            "idx: data expected 4 bytes for sizes [4], got 3 (a.idx unpacked, byte 11)");
}

TEST(Idx, NamesAMissingFile) {
  EXPECT_EQ(message_of<IoError>([] { read_idx("/no/such.idx"); }),
            "read_file: /no/such.idx expected to be readable, got \"No such file or directory\"");
}

std::string unpack(std::string_view content, std::uint64_t max_bytes = 1 << 20) {
  return test::as_text(gunzip(as_bytes(content), "a.gz", max_bytes));
}
std::string gzip_defect(std::string_view content, std::uint64_t max_bytes = 1 << 20) {
  return message_of<ParseError>([&] { unpack(content, max_bytes); });
}

TEST(Gunzip, UnpacksOneOrSeveralMembers) {
  EXPECT_EQ(unpack(gzipped("")), "");
  EXPECT_EQ(unpack(gzipped("abc")), "abc");
  EXPECT_EQ(unpack(gzipped("abc") + gzipped("") + gzipped("def")), "abcdef");
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(unpack(gzipped(large), large.size()), large);
}

TEST(Gunzip, NamesAnEarlyEndWhereverItIs) {
  const std::string packed = gzipped("some text that is packed");
  for (std::size_t length = 2; length < packed.size(); ++length) {
    const std::string message = gzip_defect(std::string_view(packed).substr(0, length));
    EXPECT_TRUE(message.starts_with("gzip: data expected to go on, got the end of the file after "))
        << message;
    EXPECT_TRUE(message.ends_with(str(" unpacked bytes (a.gz, byte ", length, ")"))) << message;
  }
}

TEST(Gunzip, NamesDamage) {
  std::string packed = gzipped("some text that is packed");
  std::string bad_checksum = packed;
  bad_checksum[packed.size() - 8] ^= 1;
  EXPECT_EQ(gzip_defect(bad_checksum),
            str("gzip: data expected to be undamaged, got \"incorrect data check\" (a.gz, byte ",
                packed.size() - 4, ")"));
  std::string bad_length = packed;
  bad_length[packed.size() - 4] ^= 1;
  EXPECT_EQ(gzip_defect(bad_length),
            str("gzip: data expected to be undamaged, got \"incorrect length check\" (a.gz, byte ",
                packed.size(), ")"));
  std::string bad_method = packed;
  bad_method[2] = 7;
  EXPECT_EQ(gzip_defect(bad_method),
            "gzip: data expected to be undamaged, got \"unknown compression method\" (a.gz, byte "
            "4)");
}

TEST(Gunzip, NamesWhatFollows) {
  EXPECT_EQ(
      gzip_defect(gzipped("abc") + "tail"),
      str("gzip: data expected to end, got 4 more bytes (a.gz, byte ", gzipped("abc").size(), ")"));
}

TEST(Gunzip, StopsABomb) {
  const std::string bomb = gzipped(std::string(1 << 22, '\0'));
  ASSERT_LT(bomb.size(), 10000u);
  EXPECT_TRUE(gzip_defect(bomb).starts_with(
      "gzip: unpacked data expected at most 1048576 bytes, got more (a.gz, byte "));
}

}  // namespace
}  // namespace fovea::io
