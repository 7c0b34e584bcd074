// Protobuf's wire format, as far as writing a message takes: fields one after the other, each a key
// (its number and how its value is laid out) and the value.
//
// Source   protobuf.dev, "Encoding".
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace fovea::io {

/// Builds one message. Another message is a field of text: `add(1, inner.text())`.
class ProtobufWriter {
 public:
  /// An integer (int32, int64, bool, enum). Negative ones take ten bytes, as protobuf has it.
  ProtobufWriter& add_integer(int field, std::int64_t value) {
    key(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  /// A double.
  ProtobufWriter& add_double(int field, double value) {
    key(field, 1);
    little(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  /// A float.
  ProtobufWriter& add_float(int field, float value) {
    key(field, 5);
    little(std::bit_cast<std::uint32_t>(value));
    return *this;
  }
  /// Text, bytes, or a message.
  ProtobufWriter& add(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  /// A packed list of doubles.
  ProtobufWriter& add_doubles(int field, std::span<const double> values) {
    key(field, 2);
    varint(values.size_bytes());
    for (const double value : values) little(std::bit_cast<std::uint64_t>(value));
    return *this;
  }

  const std::string& text() const { return text_; }  ///< the message so far

 private:
  void key(int field, unsigned layout) { varint(static_cast<unsigned>(field) << 3 | layout); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  template <class T>
  void little(T value) {
    static_assert(std::endian::native == std::endian::little);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text_.append(bytes, sizeof value);
  }

  std::string text_;
};

}  // namespace fovea::io
