// ParseCursor: how far a parser has come in a text, for messages that name the byte. nlohmann's
// JSON parser, which takes any pair of iterators, does not tell.
#pragma once

#include <cstddef>
#include <iterator>

namespace fovea::io {

/// A place in a text. All copies of it write the furthest place that any has come to.
class ParseCursor {
 public:
  using iterator_category = std::input_iterator_tag;  ///< as iterators have
  using value_type = char;                            ///< likewise
  using difference_type = std::ptrdiff_t;             ///< likewise
  using pointer = const char*;                        ///< likewise
  using reference = const char&;                      ///< likewise

  /// At `at`. `furthest`, which must outlive this, becomes the place after the last character
  /// passed.
  ParseCursor(const char* at, const char*& furthest) : at_(at), furthest_(&furthest) {}

  reference operator*() const { return *at_; }  ///< the character
  ParseCursor& operator++() {                   ///< passes it
    *furthest_ = ++at_;
    return *this;
  }
  ParseCursor operator++(int) {  ///< likewise
    ParseCursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const ParseCursor& other) const { return at_ == other.at_; }  ///< the same place

 private:
  const char* at_;
  const char** furthest_;
};

}  // namespace fovea::io
