#include "fovea/graph/onnx/skeleton.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::graph {

namespace {

using google::protobuf::internal::WireFormatLite;
namespace pb = google::protobuf::io;

// Field numbers of onnx.proto.
constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5;
constexpr int kTensorRawData = 9;
// Shorter data is not worth a place of its own.
constexpr std::uint64_t kWorthCutting = 4096;

class Cutter {
 public:
  Cutter(std::span<const std::byte> content, const std::string& name)
      : content_(content), name_(name) {}

  Skeleton cut() {
    skeleton_.message = message(0, content_.size(), 0);
    return std::move(skeleton_);
  }

 private:
  // The fields that lead to raw_data, by depth: model, graph, initializer.
  static constexpr int kPath[] = {kModelGraph, kGraphInitializer, kTensorRawData};

  void require(bool ok, std::uint64_t at) const {
    check<ParseError>(ok, "onnx: field expected to end inside its message, got a longer one (",
                      name_, ", byte ", at, ")");
  }

  std::uint64_t varint(std::uint64_t& at, std::uint64_t end) const {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      require(at < end, at);
      const auto byte = static_cast<std::uint64_t>(content_[at++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    require(false, at);
    return 0;
  }

  // Where the field with this tag ends whose value begins at `at`.
  std::uint64_t end_of_value(std::uint64_t tag, std::uint64_t at, std::uint64_t end) const {
    switch (tag & 7) {
      case WireFormatLite::WIRETYPE_VARINT:
        varint(at, end);
        return at;
      case WireFormatLite::WIRETYPE_FIXED64:
        require(end - at >= 8, at);
        return at + 8;
      case WireFormatLite::WIRETYPE_FIXED32:
        require(end - at >= 4, at);
        return at + 4;
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
        const std::uint64_t length = varint(at, end);
        require(length <= end - at, at);
        return at + length;
      }
      default:
        check<ParseError>(false, "onnx: wire type expected 0, 1, 2 or 5, got ", tag & 7, " (",
                          name_, ", byte ", at, ")");
        return at;
    }
  }

  void append_field(std::string& out, std::uint64_t tag, const std::string& value) const {
    pb::StringOutputStream stream(&out);
    pb::CodedOutputStream coded(&stream);
    coded.WriteVarint64(tag);
    coded.WriteVarint64(value.size());
    coded.WriteString(value);
  }

  // The message in [at, end) at `depth` of the path, without what is cut.
  std::string message(std::uint64_t at, std::uint64_t end, std::size_t depth) {
    std::string out;
    const std::size_t initializer = skeleton_.raw.size();
    if (depth == 2) skeleton_.raw.emplace_back();
    while (at < end) {
      const std::uint64_t begin = at;
      const std::uint64_t tag = varint(at, end);
      const std::uint64_t stop = end_of_value(tag, at, end);
      const bool on_path =
          tag ==
          static_cast<std::uint64_t>(kPath[depth] << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
      std::uint64_t value = at;
      const std::uint64_t length = on_path ? varint(value, end) : 0;
      if (on_path && depth < 2) {
        append_field(out, tag, message(value, stop, depth + 1));
      } else if (on_path && length >= kWorthCutting) {
        skeleton_.raw[initializer] = content_.subspan(value, length);
      } else {
        const auto field = content_.subspan(begin, stop - begin);
        out.append(reinterpret_cast<const char*>(field.data()), field.size());
      }
      at = stop;
    }
    return out;
  }

  std::span<const std::byte> content_;
  const std::string& name_;
  Skeleton skeleton_;  // what has been cut so far
};

}  // namespace

Skeleton cut_weights(std::span<const std::byte> content, const std::string& name) {
  return Cutter(content, name).cut();
}

}  // namespace fovea::graph
