#include "fovea/io/archive/zip.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/io/archive/deflate.h"
#include "fovea/io/archive/zip_writer.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::as_text;
using test::message_of;

struct File {
  std::string name, content;
  ZipMethod method = ZipMethod::kStored;
};

std::string zip_of(const std::vector<File>& files,
                   std::uint64_t largest_plain = ZipWriter::kLargestPlain) {
  std::string archive;
  ZipWriter zip([&](std::span<const std::byte> bytes) { archive += as_text(bytes); },
                largest_plain);
  for (const File& file : files) {
    const std::size_t half = file.content.size() / 2;
    zip.add(file.name,
            {as_bytes(std::string_view(file.content).substr(0, half)),
             as_bytes(std::string_view(file.content).substr(half))},
            file.method);
  }
  zip.finish();
  return archive;
}

std::vector<File> files_of(std::string_view archive, std::uint64_t max_bytes = 1 << 20) {
  const ZipArchive zip({.bytes = as_bytes(archive), .name = "a.zip"});
  std::vector<File> files;
  for (const ZipEntry& entry : zip.entries()) {
    std::vector<std::vector<std::byte>> unpacked;
    files.push_back({entry.name, as_text(zip.open(entry, unpacked, max_bytes)), entry.method});
    EXPECT_EQ(unpacked.empty(), entry.method == ZipMethod::kStored);
  }
  return files;
}

std::string defect(std::string_view archive, std::uint64_t max_bytes = 1 << 20) {
  return message_of<ParseError>([&] { files_of(archive, max_bytes); });
}

// `archive` with the little-endian bytes of `value` at `at`.
template <class T>
std::string with(std::string archive, std::size_t at, T value) {
  return archive.replace(at, sizeof(T), reinterpret_cast<const char*>(&value), sizeof(T));
}

// Two entries: "a" at byte 0 ("first", stored), "b" at 36 ("second", stored); the directory begins
// at 73 with the header of "a", that of "b" is at 120, the end record at 167.
const std::string kTwo = zip_of({{"a", "first"}, {"b", "second"}});
constexpr std::size_t kSecond = 36, kDirectory = 73, kSecondHeader = 120, kEnd = 167;

TEST(Zip, KeepsEntries) {
  const std::string text = "0123456789", zeros(100'000, '\0');
  const std::vector<File> files = {{"stored", text},
                                   {"empty", ""},
                                   {"deflated/zeros", zeros, ZipMethod::kDeflated},
                                   {"deflated empty", "", ZipMethod::kDeflated},
                                   {"gr\xc3\xbc\xc3\x9f", "umlauts", ZipMethod::kDeflated}};
  for (const std::uint64_t largest_plain : {ZipWriter::kLargestPlain, std::uint64_t{3}}) {
    const std::string archive = zip_of(files, largest_plain);
    EXPECT_LT(archive.size(), 2000);
    const std::vector<File> back = files_of(archive);
    ASSERT_EQ(back.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      EXPECT_EQ(back[i].name, files[i].name);
      EXPECT_EQ(back[i].content, files[i].content);
      EXPECT_EQ(back[i].method, files[i].method);
    }
  }
  EXPECT_TRUE(files_of(zip_of({})).empty());
}

TEST(Zip, FindsEntriesByName) {
  const ZipArchive zip({.bytes = as_bytes(kTwo), .name = "a.zip"});
  ASSERT_NE(zip.find("b"), nullptr);
  EXPECT_EQ(zip.find("b")->header_byte, kSecond);
  EXPECT_EQ(zip.find("c"), nullptr);
  EXPECT_TRUE(is_zip(as_bytes(kTwo)));
  EXPECT_FALSE(is_zip(as_bytes("PK\5\6")));
}

TEST(Zip, WritesManyEntriesInTheZip64Form) {
  std::vector<File> files(0x10001);
  for (std::size_t i = 0; i < files.size(); ++i) files[i].name = std::to_string(i);
  const std::vector<File> back = files_of(zip_of(files));
  ASSERT_EQ(back.size(), files.size());
  EXPECT_EQ(back.back().name, "65536");
}

TEST(Zip, TakesACommentAtTheEnd) {
  EXPECT_EQ(files_of(with<std::uint16_t>(kTwo, kEnd + 20, 4) + "PK\5\6").size(), 2U);
}

TEST(Zip, RefusesNamesGivenTwice) {
  ZipWriter zip([](std::span<const std::byte>) {});
  zip.add("a", {});
  EXPECT_EQ(message_of<ArgumentError>([&] { zip.add("a", {}); }),
            "zip: name \"a\" expected once, got it twice");
  EXPECT_EQ(message_of<ArgumentError>([&] { zip.add(std::string(65536, 'x'), {}); }),
            "zip: name expected at most 65535 bytes, got 65536");
}

TEST(Zip, NamesDefectsOfTheEnd) {
  EXPECT_EQ(defect(""), "zip: archive expected at least 22 bytes, got 0 (a.zip, byte 0)");
  EXPECT_EQ(defect(std::string(30, 'x')),
            "zip: end of central directory expected, got none, so this is no whole ZIP archive "
            "(a.zip, byte 30)");
  EXPECT_EQ(defect(kTwo.substr(0, kTwo.size() - 1)),
            "zip: end of central directory expected, got none, so this is no whole ZIP archive "
            "(a.zip, byte 188)");
  EXPECT_EQ(defect(kTwo + "x"),
            "zip: end of central directory expected, got none, so this is no whole ZIP archive "
            "(a.zip, byte 190)");
  EXPECT_EQ(defect("x" + kTwo),
            "zip: directory expected to end at byte 168, got 167 (a.zip, byte 184)");
  EXPECT_EQ(defect(with<std::uint16_t>(kTwo, kEnd + 4, 1)),
            "zip: archive expected in one part, got several (a.zip, byte 171)");
  EXPECT_EQ(defect(with<std::uint32_t>(kTwo, kEnd + 16, 0xffffffff)),
            "zip: directory expected to end at byte 167, got 4294967389 (a.zip, byte 183)");
  EXPECT_EQ(defect(with<std::uint16_t>(with<std::uint16_t>(kTwo, kEnd + 8, 3), kEnd + 10, 3)),
            "zip: entries expected at most 2 in a directory of 94 bytes, got 3 (a.zip, byte 183)");
  EXPECT_EQ(defect(with<std::uint16_t>(with<std::uint16_t>(kTwo, kEnd + 8, 1), kEnd + 10, 1)),
            "zip: directory of 1 entries expected 94 bytes, got 47 (a.zip, byte 120)");
}

TEST(Zip, NamesDefectsOfTheZip64End) {
  const std::string archive = zip_of({{"a", "first"}}, 3);
  const std::size_t end = archive.size() - 22 - 20 - 56;
  ASSERT_EQ(files_of(archive).size(), 1U);
  EXPECT_EQ(defect(with<std::uint64_t>(archive, end + 56 + 8, 7)),
            "zip: zip64 end expected to begin with its signature, got 00 00 00 00 (a.zip, byte 7)");
  EXPECT_EQ(defect(with<std::uint64_t>(archive, end + 56 + 8, ~0ULL)),
            "zip: zip64 end expected 56 bytes, got 0 (a.zip, byte 18446744073709551615)");
  EXPECT_EQ(defect(with<std::uint64_t>(archive, end + 4, 45)),
            str("zip: zip64 end expected a length of 44, got 45 (a.zip, byte ", end + 4, ")"));
  EXPECT_EQ(
      defect(with<std::uint64_t>(archive, end + 40, ~0ULL)),
      str("zip: directory expected to end below 2^64, got more (a.zip, byte ", end + 40, ")"));
  EXPECT_EQ(defect(with<std::uint64_t>(archive, end + 32, 2)),
            str("zip: archive expected in one part, got several (a.zip, byte ", end + 16, ")"));
}

TEST(Zip, NamesDefectsOfHeaders) {
  EXPECT_EQ(defect(with<char>(kTwo, kSecondHeader, 'x')),
            "zip: directory's header expected to begin with its signature, got 78 4b 01 02 (a.zip, "
            "byte 120)");
  EXPECT_EQ(defect(with<std::uint16_t>(kTwo, kDirectory + 8, 1)),
            "zip: entry \"a\" expected to be neither encrypted nor a patch, got flags 1 (a.zip, "
            "byte 81)");
  EXPECT_EQ(
      defect(with<std::uint16_t>(kTwo, kDirectory + 10, 12)),
      "zip: entry \"a\" expected to be stored (0) or deflated (8), got method 12 (a.zip, byte "
      "83)");
  EXPECT_EQ(defect(with<std::uint32_t>(kTwo, kDirectory + 24, 6)),
            "zip: size of stored entry \"a\" expected 5 bytes, got 6 (a.zip, byte 97)");
  EXPECT_EQ(defect(with<std::uint16_t>(kTwo, kSecondHeader + 28, 200)),
            "zip: entry's name expected 200 bytes, got 1 (a.zip, byte 166)");
  EXPECT_EQ(defect(with<char>(kTwo, kSecondHeader + 46, 'a')),
            "zip: name \"a\" expected once, got it again (a.zip, byte 120)");
  EXPECT_EQ(defect(with<std::uint32_t>(kTwo, kDirectory + 20, 0xffffffff)),
            "zip: zip64 field expected a number of 8 bytes, got 0 bytes (a.zip, byte 120)");
  EXPECT_EQ(defect(with<std::uint32_t>(kTwo, kDirectory + 42, 60)),
            "zip: local header expected 30 bytes, got 13 (a.zip, byte 60)");
  EXPECT_EQ(defect(with<std::uint32_t>(kTwo, kDirectory + 42, kSecond)),
            "zip: local header expected the directory's name \"a\", got \"b\" (a.zip, byte 66)");
  EXPECT_EQ(defect(with<std::uint16_t>(kTwo, 8, 8)),
            "zip: local header of \"a\" expected the directory's method, got 8 (a.zip, byte 8)");
  EXPECT_EQ(defect(with<std::uint16_t>(kTwo, kSecond + 28, 100)),
            "zip: entry's extra fields expected 100 bytes, got 6 (a.zip, byte 67)");
  // An extra field of 9 bytes in 4, behind the directory's second name.
  std::string extra = with<std::uint16_t>(kTwo, kSecondHeader + 30, 4);
  extra = with<std::uint32_t>(extra, kEnd + 12, kEnd - kDirectory + 4);
  extra.insert(kEnd, std::string("\1\0\x9\0", 4));
  EXPECT_EQ(defect(extra), "zip: extra field expected at most 0 bytes, got 9 (a.zip, byte 167)");
}

TEST(Zip, RefusesOverlaps) {
  // The first entry's data is made to hold the second's header too.
  std::string archive = with<std::uint32_t>(kTwo, kDirectory + 20, 20);
  archive = with<std::uint32_t>(archive, kDirectory + 24, 20);
  EXPECT_EQ(defect(archive),
            "zip: data of \"a\" expected to end by byte 36, got 51, an overlap (a.zip, byte 31)");
}

TEST(Zip, NamesDamagedData) {
  EXPECT_EQ(defect(with<char>(kTwo, 31, 'F')),
            "zip: checksum of \"a\" expected 2456940119, got 1404092755 (a.zip, byte 31)");
  const std::string packed = zip_of({{"a", std::string(1000, 'x'), ZipMethod::kDeflated}});
  const std::size_t directory = packed.size() - 22 - 47;
  EXPECT_EQ(defect(with<std::uint32_t>(packed, directory + 24, 999)),
            "zip: data of \"a\" expected to unpack to 999 bytes, got more data than that (a.zip, "
            "byte 31)");
  EXPECT_EQ(defect(with<std::uint32_t>(packed, directory + 24, 1001)),
            "zip: data of \"a\" expected to unpack to 1001 bytes, got less data than that (a.zip, "
            "byte 31)");
  EXPECT_EQ(defect(with<std::uint32_t>(packed, directory + 20, 5)),
            "zip: data of \"a\" expected to unpack to 1000 bytes, got its end too early (a.zip, "
            "byte 31)");
  EXPECT_EQ(defect(with<char>(packed, 31, '\xff')),
            "zip: data of \"a\" expected to unpack to 1000 bytes, got invalid block type (a.zip, "
            "byte 31)");
}

TEST(Zip, RefusesBombs) {
  const std::string packed = zip_of({{"a", std::string(100'000, '\0'), ZipMethod::kDeflated}});
  const std::size_t directory = packed.size() - 22 - 47;
  EXPECT_EQ(defect(with<std::uint32_t>(packed, directory + 24, 4'000'000'000)),
            "zip: size of entry \"a\" expected at most 1032 times its 114 packed bytes, got "
            "4000000000 (a.zip, byte 169)");
  EXPECT_EQ(defect(packed, 99'999),
            "zip: size of \"a\" expected at most 99999 bytes, got 100000 (a.zip, byte 31)");
}

TEST(Deflate, FillsExactly) {
  const std::string text = "aaaaaaaaaaaaaaaaaaaabcd";
  const std::vector<std::byte> packed =
      deflate_pieces({as_bytes("aaaaaaaaaaaaaaaaaaaa"), as_bytes("bcd")});
  std::string into(text.size(), '\0');
  EXPECT_EQ(inflate_exactly(packed, std::as_writable_bytes(std::span(into))), "");
  EXPECT_EQ(into, text);
  std::vector<std::byte> longer = packed;
  longer.push_back(std::byte{0});
  EXPECT_EQ(inflate_exactly(longer, std::as_writable_bytes(std::span(into))),
            "more bytes after the end of the data");
}

}  // namespace
}  // namespace fovea::io
