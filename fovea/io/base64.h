// Bytes as text of 64 characters: RFC 4648, section 4, with padding.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::io {

/// Four characters for each three bytes.
std::string encode_base64(std::span<const std::byte> bytes);

/// The bytes that `text` stands for; nothing when it is not what encode_base64 writes.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace fovea::io
