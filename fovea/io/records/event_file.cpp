#include "fovea/io/records/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "fovea/core/error.h"
#include "fovea/io/records/protobuf_writer.h"

namespace fovea::io {

namespace {

// Numbers of fields: event.proto and summary.proto.
namespace event {
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace session_log {
constexpr int kStatus = 1;
constexpr std::int64_t kStart = 1;
}  // namespace session_log
namespace summary {
constexpr int kValue = 1;
}
namespace value {
constexpr int kTag = 1, kSimpleValue = 2, kImage = 4, kHistogram = 5;
}
namespace picture {
constexpr int kHeight = 1, kWidth = 2, kColorspace = 3, kEncoded = 4;
}
namespace histogram_proto {
constexpr int kMin = 1, kMax = 2, kNum = 3, kSum = 4, kSumSquares = 5, kLimits = 6, kCounts = 7;
}

constexpr const char* kVersion = "brain.Event:2";
// CRC-32C's polynomial with its bits reversed, and what records add to hide a checksum.
constexpr std::uint32_t kPolynomial = 0x82f63b78;
constexpr std::uint32_t kMask = 0xa282ead8;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ kPolynomial : crc >> 1;
    table[i] = crc;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

// events.out.tfevents.TIME.HOST.PROCESS.NUMBER: unique where several write into one directory, and
// in the order of time among the names there.
std::string file_name() {
  static std::atomic<unsigned> number{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), "%010lld", static_cast<long long>(seconds));
  return str("events.out.tfevents.", time.data(), ".", host.data(), ".", ::getpid(), ".", number++);
}

double wall_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

ProtobufWriter event_at(std::int64_t step) {
  ProtobufWriter event;
  event.add_double(event::kWallTime, wall_time());
  if (step != 0) event.add_integer(event::kStep, step);
  return event;
}

ProtobufWriter value_of(std::string_view tag) {
  ProtobufWriter value;
  value.add(value::kTag, tag);
  return value;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::byte byte : bytes)
    crc = crc >> 8 ^ kCrcTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return ~crc;
}

std::uint32_t masked_crc32c(std::span<const std::byte> bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + kMask;
}

EventFile::EventFile(const std::filesystem::path& directory, std::int64_t first_step)
    : file_(directory / file_name()) {
  add_event(event_at(0).add(event::kFileVersion, kVersion).text());
  if (first_step <= 0) return;
  ProtobufWriter log;
  log.add_integer(session_log::kStatus, session_log::kStart);
  add_event(event_at(first_step).add(event::kSessionLog, log.text()).text());
}

void EventFile::add_scalar(std::string_view tag, std::int64_t step, double value) {
  add_summary(step, value_of(tag).add_float(value::kSimpleValue, static_cast<float>(value)).text());
}

void EventFile::add_image(std::string_view tag, std::int64_t step, const Image& image) {
  const std::vector<std::byte> png = encode_png(image);
  ProtobufWriter picture;
  picture.add_integer(picture::kHeight, image.size(1))
      .add_integer(picture::kWidth, image.size(2))
      .add_integer(picture::kColorspace, image.size(0))
      .add(picture::kEncoded, {reinterpret_cast<const char*>(png.data()), png.size()});
  add_summary(step, value_of(tag).add(value::kImage, picture.text()).text());
}

void EventFile::add_histogram(std::string_view tag, std::int64_t step, const Histogram& histogram) {
  ProtobufWriter proto;
  proto.add_double(histogram_proto::kMin, histogram.min)
      .add_double(histogram_proto::kMax, histogram.max)
      .add_double(histogram_proto::kNum, histogram.count)
      .add_double(histogram_proto::kSum, histogram.sum)
      .add_double(histogram_proto::kSumSquares, histogram.sum_squares)
      .add_doubles(histogram_proto::kLimits, histogram.limits)
      .add_doubles(histogram_proto::kCounts, histogram.counts);
  add_summary(step, value_of(tag).add(value::kHistogram, proto.text()).text());
}

void EventFile::add_summary(std::int64_t step, const std::string& value) {
  ProtobufWriter summary;
  summary.add(summary::kValue, value);
  add_event(event_at(step).add(event::kSummary, summary.text()).text());
}

void EventFile::add_event(const std::string& event) {
  std::string record;
  const auto add = [&](const auto& number) {
    record.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  const std::uint64_t length = event.size();
  add(length);
  add(masked_crc32c(std::as_bytes(std::span(&length, 1))));
  record += event;
  add(masked_crc32c(std::as_bytes(std::span(event))));
  file_.append(record);
}

}  // namespace fovea::io
