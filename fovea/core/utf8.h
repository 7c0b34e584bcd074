// Text in UTF-8, and bytes that claim to be.
#pragma once

#include <cstddef>
#include <string_view>

namespace fovea {

/// The length of the UTF-8 sequence at the head of `text`, which is not empty; 0 when there is
/// none.
/// Source   RFC 3629: the shortest form alone, no surrogates, up to U+10FFFF.
std::size_t utf8_length(std::string_view text);

/// Whether all of `text` is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace fovea
