#include "fovea/io/records/event_file.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "fovea/core/error.h"
#include "fovea/io/bytes.h"
#include "fovea/io/records/protobuf_writer.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::io {
namespace {

using test::as_bytes;
using test::message_of;
using test::TempDir;

// RFC 3720, appendix B.4, and the check value of the CRC catalogues.
TEST(Crc32c, HasTheKnownValues) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\0'))), 0x8a9136aaU);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xff'))), 0x62a8ab43U);
  EXPECT_EQ(crc32c({}), 0U);
  EXPECT_EQ(masked_crc32c({}), 0xa282ead8U);
}

TEST(ProtobufWriter, WritesTheWireFormat) {
  // The first three from protobuf.dev, "Encoding".
  EXPECT_EQ(ProtobufWriter().add_integer(1, 150).text(), "\x08\x96\x01");
  EXPECT_EQ(ProtobufWriter().add(2, "testing").text(), "\x12\x07testing");
  EXPECT_EQ(ProtobufWriter().add_integer(1, -2).text(),
            "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(ProtobufWriter().add_integer(16, 0).text(), std::string("\x80\x01\0", 3));
  EXPECT_EQ(ProtobufWriter().add_float(2, 1).text(), std::string("\x15\0\0\x80\x3f", 5));
  EXPECT_EQ(ProtobufWriter().add_double(1, 1).text(), std::string("\x09\0\0\0\0\0\0\xf0\x3f", 9));
  const double values[] = {1, 0};
  EXPECT_EQ(ProtobufWriter().add_doubles(6, values).text(),
            std::string("\x32\x10\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\0", 18));
}

// The events of a file; an error of the test when a record is not whole or a checksum is wrong.
std::vector<std::string> events_of(const std::filesystem::path& path) {
  const std::string content = test::get_file(path);
  std::span<const std::byte> rest = as_bytes(content);
  std::vector<std::string> events;
  while (!rest.empty()) {
    if (rest.size() < 16) throw std::runtime_error("a record's head is cut off");
    const auto length = load_little<std::uint64_t>(rest);
    EXPECT_EQ(load_little<std::uint32_t>(rest.subspan(8)), masked_crc32c(rest.first(8)));
    if (rest.size() - 16 < length) throw std::runtime_error("a record is cut off");
    const auto event = rest.subspan(12, length);
    EXPECT_EQ(load_little<std::uint32_t>(rest.subspan(12 + length)), masked_crc32c(event));
    events.push_back(test::as_text(event));
    rest = rest.subspan(16 + length);
  }
  return events;
}

// An event without its wall time, which is its first field.
std::string timeless(const std::string& event) {
  EXPECT_EQ(event[0], '\x09');
  return event.substr(9);
}

TEST(EventFile, BeginsWithItsVersionAndGrowsByRecords) {
  const TempDir dir;
  EventFile file(dir.path());
  EXPECT_TRUE(file.path().filename().string().starts_with("events.out.tfevents."));
  EXPECT_EQ(timeless(events_of(file.path()).at(0)),
            "\x1a\x0d"
            "brain.Event:2");
  file.add_scalar("loss", 300, 0.5);
  const std::vector<std::string> events = events_of(file.path());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(timeless(events[1]), std::string("\x10\xac\x02"
                                             "\x2a\x0d"
                                             "\x0a\x0b"
                                             "\x0a\x04loss"
                                             "\x15\0\0\0\x3f",
                                             18));
  const EventFile other(dir.path());
  EXPECT_GT(other.path().filename(), file.path().filename());
}

TEST(EventFile, SaysWhereATrainingGoesOn) {
  const TempDir dir;
  const EventFile file(dir.path(), 5);
  EXPECT_EQ(timeless(events_of(file.path()).at(1)),
            "\x10\x05"
            "\x3a\x02"
            "\x08\x01");
}

TEST(EventFile, HoldsPicturesAndHistograms) {
  const TempDir dir;
  EventFile file(dir.path());
  const Image image = full({3, 2, 4}, 7, {.dtype = u8});
  file.add_image("a", 1, image);
  file.add_histogram("b", 1, histogram_of(tensor({1, 2})));
  const std::vector<std::string> events = events_of(file.path());
  ASSERT_EQ(events.size(), 3U);
  EXPECT_NE(events[1].find(test::as_text(encode_png(image))), std::string::npos);
  EXPECT_NE(events[1].find("\x08\x02\x10\x04\x18\x03\x22"), std::string::npos);
  EXPECT_NE(events[2].find('\x2a'), std::string::npos);
}

TEST(EventFile, NamesAFileThatCannotBeWritten) {
  const std::string message = message_of<IoError>([] { EventFile("/no/such/folder"); });
  EXPECT_TRUE(message.starts_with("write_file: /no/such/folder/events.out.tfevents.")) << message;
}

TEST(Histogram, CountsByHand) {
  const Histogram h = histogram_of(tensor({0, 1, 2, 3, 4, 4}), 4);
  EXPECT_EQ(h.min, 0);
  EXPECT_EQ(h.max, 4);
  EXPECT_EQ(h.count, 6);
  EXPECT_EQ(h.sum, 14);
  EXPECT_EQ(h.sum_squares, 46);
  EXPECT_EQ(h.limits, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(h.counts, (std::vector<double>{1, 1, 1, 3}));
}

TEST(Histogram, TakesAnyValues) {
  const Histogram alike = histogram_of(full({5}, 2));
  EXPECT_EQ(alike.limits, (std::vector<double>{2}));
  EXPECT_EQ(alike.counts, (std::vector<double>{5}));
  EXPECT_EQ(histogram_of(zeros({0})).count, 0);
  EXPECT_EQ(histogram_of(zeros({0})).min, 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(histogram_of(tensor({nan, infinity, 1})).count, 1);
  const double largest = std::numeric_limits<double>::max();
  const Histogram wide = histogram_of(tensor({-largest, largest}, {.dtype = f64}), 2);
  EXPECT_EQ(wide.counts, (std::vector<double>{1, 1}));
  EXPECT_EQ(wide.limits, (std::vector<double>{0, largest}));
  const Tensor many = arange(200'000).to(f32);
  const Histogram counted = histogram_of(many);
  double total = 0;
  for (const double count : counted.counts) total += count;
  EXPECT_EQ(total, 200'000);
  EXPECT_EQ(counted.counts.size(), 64U);
  EXPECT_EQ(message_of<ArgumentError>([&] { histogram_of(many, 0); }),
            "histogram: buckets expected at least 1, got 0");
}

}  // namespace
}  // namespace fovea::io
