#include "fovea/io/archive/tar.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "fovea/core/error.h"
#include "tests/support/close.h"
#include "tests/support/gzip_file.h"
#include "tests/support/tar_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::as_text;
using test::gzipped;
using test::message_of;
using test::octal;
using test::tar_file;
using test::tar_header;
using test::tar_padded;

using Files = std::vector<std::pair<std::string, std::string>>;

const std::filesystem::path kFiles = std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/golden/files";

Files files_of(std::string_view archive) {
  TarReader reader({.bytes = as_bytes(archive), .name = "a.tar"});
  Files files;
  while (const auto entry = reader.next()) {
    EXPECT_EQ(archive.substr(entry->byte, entry->content.size()), as_text(entry->content));
    files.emplace_back(entry->name, as_text(entry->content));
  }
  EXPECT_FALSE(reader.next().has_value());
  return files;
}

std::string pax(const std::string& records) { return tar_file("PaxHeaders/x", records, 'x'); }
const std::string kEnd = test::tar_end();

std::string defect(const std::string& archive) {
  return message_of<ParseError>([&] { files_of(archive); });
}

// tests/golden/array_files.py wrote them with Python's tarfile.
TEST(Tar, ReadsEveryFormat) {
  const std::string deep = std::string(120, 'd') + "/" + std::string(90, 'n') + ".txt";
  const Files expected = {
      {"000.cls", "7"}, {"000.png", std::string(600, 'x')}, {"empty", ""}, {deep, "deep"}};
  for (const char* name : {"ustar.tar", "pax.tar", "gnu.tar"})
    EXPECT_EQ(files_of(test::get_file(kFiles / name)), expected) << name;
}

TEST(Tar, TakesWhatOtherToolsWrite) {
  const Files one = {{"a", "hello"}};
  EXPECT_EQ(files_of(tar_file("a", "hello") + kEnd), one);
  EXPECT_EQ(files_of(tar_file("a", "hello")), one) << "no blocks at the end";
  EXPECT_EQ(files_of(tar_file("a", "hello").substr(0, 517)), one) << "no zeros after the last file";
  EXPECT_EQ(files_of(tar_file("a", "hello", '\0') + kEnd + "rubbish"), one) << "the oldest form";
  EXPECT_EQ(files_of(""), Files());
  const std::string binary = std::string("\x80", 1) + std::string(10, '\0') + "\x05";
  EXPECT_EQ(files_of(tar_header("a", '0', binary) + tar_padded("hello")), one);
  EXPECT_EQ(files_of(tar_header("a", '0', "    5 ") + tar_padded("hello")), one);
}

TEST(Tar, PassesOverWhatIsNoFile) {
  EXPECT_EQ(files_of(tar_header("d/", '5', octal(0, 12)) + tar_header("link", '2', octal(7, 12)) +
                     tar_file("globals", "11 a=b\n", 'g') + tar_file("a", "x") + kEnd),
            (Files{{"a", "x"}}));
  EXPECT_EQ(files_of(pax("10 path=b\n") + tar_header("d/", '5', octal(0, 12)) + tar_file("a", "x")),
            (Files{{"a", "x"}}))
      << "an extension belongs to the next file alone";
}

TEST(Tar, NamesDefects) {
  const std::string good = tar_file("a", "hello");
  EXPECT_EQ(defect(good.substr(0, 100)), "tar: header expected 512 bytes, got 100 (a.tar, byte 0)");
  EXPECT_EQ(defect(good.substr(0, 514)), "tar: content expected 5 bytes, got 2 (a.tar, byte 512)");
  std::string bad = good;
  bad[0] = 'b';
  EXPECT_EQ(defect(bad), "tar: checksum of header expected 1590, got 1589 (a.tar, byte 148)");
  bad.replace(148, 8, "checksum");
  EXPECT_EQ(defect(bad),
            "tar: checksum of header expected 1590, got \"checksum\" (a.tar, byte 148)");
  EXPECT_EQ(defect(tar_header("a", '0', "12x4")),
            "tar: size expected an octal number, got \"12x4\" (a.tar, byte 124)");
  EXPECT_EQ(
      defect(tar_header("a", '0', std::string("\x80", 1) + std::string(11, '\xff'))),
      "tar: size expected an octal number, got \"\\x80\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff"
      "\\xff\\xff\\xff\" (a.tar, byte 124)");
  const std::string huge = std::string("\x80", 1) + std::string(3, '\0') + std::string(8, '\xff');
  EXPECT_EQ(defect(tar_header("a", '0', huge)),
            "tar: content expected 18446744073709551615 bytes, got 0 (a.tar, byte 512)");
  EXPECT_EQ(defect(tar_file("a", "x", 'S')),
            "tar: file expected without holes, got GNU's sparse form (a.tar, byte 156)");
}

TEST(Tar, NamesDefectsOfExtensions) {
  EXPECT_EQ(defect(pax("10 path=b\n")),
            "tar: file expected after its extended header, got the end (a.tar, byte 1024)");
  EXPECT_EQ(
      defect(pax("99 path=b\n")),
      "tar: pax record expected \"LENGTH KEY=VALUE\" and a line's end, got \"99 path=b\\x0a\" "
      "(a.tar, byte 512)");
  EXPECT_EQ(defect(pax("7 path\n")),
            "tar: pax record expected KEY=VALUE, got \"path\" (a.tar, byte 512)");
  EXPECT_EQ(defect(pax("10 path=b\n10 size=x\n")),
            "tar: pax size expected a whole number, got \"x\" (a.tar, byte 522)");
  EXPECT_EQ(defect(pax("22 GNU.sparse.major=1\n")),
            "tar: file expected without holes, got GNU's sparse form (a.tar, byte 512)");
  EXPECT_EQ(defect(tar_header("long", 'L', octal(1 << 21, 12))),
            "tar: extended header expected at most 1048576 bytes, got 2097152 (a.tar, byte 124)");
}

// The files of a packed archive.
Files unpacked_files(const std::string& packed) {
  GzipReader gzip(as_bytes(packed), "a.tar.gz");
  TarReader reader(gzip);
  Files files;
  while (const auto entry = reader.next()) files.emplace_back(entry->name, as_text(entry->content));
  EXPECT_FALSE(reader.next().has_value());
  return files;
}
std::string packed_defect(const std::string& packed) {
  return message_of<ParseError>([&] { unpacked_files(packed); });
}

TEST(PackedTar, RefusesAFileThatIsTooLongBeforeItIsUnpacked) {
  const std::string packed = gzipped(tar_file("a", std::string(600, 'x')) + test::tar_end());
  GzipReader gzip(as_bytes(packed), "a.tar.gz");
  TarReader reader(gzip, 599);
  EXPECT_EQ(message_of<ParseError>([&] { reader.next(); }),
            "tar: content expected at most 599 bytes, got 600 (a.tar.gz unpacked, byte 512)");
}

TEST(PackedTar, IsReadAsThePlainOne) {
  for (const char* name : {"ustar.tar", "pax.tar", "gnu.tar"}) {
    const std::string archive = test::get_file(kFiles / name);
    EXPECT_EQ(unpacked_files(gzipped(archive)), files_of(archive)) << name;
  }
  // Content that comes in several pieces, and members of gzip that end anywhere.
  std::string large;
  for (std::size_t i = 0; i < (5 << 20) / 2; ++i) large += static_cast<char>(i * 2654435761u >> 13);
  const std::string archive = tar_file("a", "x") + tar_file("large", large) + kEnd;
  const Files expected = {{"a", "x"}, {"large", large}};
  EXPECT_EQ(unpacked_files(gzipped(archive)), expected);
  EXPECT_EQ(unpacked_files(gzipped(archive.substr(0, 700)) + gzipped(archive.substr(700))),
            expected);
  EXPECT_EQ(unpacked_files(gzipped("")), Files());
  EXPECT_EQ(unpacked_files(gzipped(tar_file("a", "hello").substr(0, 517))),
            (Files{{"a", "hello"}}));
}

TEST(PackedTar, NamesDefectsByTheirPlaceInTheUnpackedArchive) {
  const std::string good = tar_file("a", "hello");
  EXPECT_EQ(packed_defect(gzipped(good.substr(0, 100))),
            "tar: header expected 512 bytes, got 100 (a.tar.gz unpacked, byte 0)");
  EXPECT_EQ(packed_defect(gzipped(good.substr(0, 514))),
            "tar: content expected 5 bytes, got 2 (a.tar.gz unpacked, byte 512)");
  const std::string huge = std::string("\x80", 1) + std::string(3, '\0') + std::string(8, '\xff');
  EXPECT_EQ(packed_defect(gzipped(tar_header("a", '0', huge))),
            "tar: content expected at most 4294967296 bytes, got 18446744073709551615 (a.tar.gz "
            "unpacked, byte 512)");
}

TEST(PackedTar, IsCheckedToItsLastByte) {
  std::string packed = gzipped(tar_file("a", "hello") + kEnd + std::string(3 << 20, 'x'));
  packed[packed.size() - 8] ^= 1;
  EXPECT_EQ(
      packed_defect(packed),
      str("gzip: data expected to be undamaged, got \"incorrect data check\" (a.tar.gz, byte ",
          packed.size() - 4, ")"));
}

}  // namespace
}  // namespace fovea::io
