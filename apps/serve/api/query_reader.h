// What the query of an address says, each word checked before it is used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/serve/http/router.h"
#include "fovea/core/shape.h"

namespace fovea::serve {

/// Reads the query of a request, which must live longer. Everything throws BadRequest, naming
/// address and word, for what is missing or is something else.
class QueryReader {
 public:
  explicit QueryReader(const Request& request) : request_(request) {}  ///< of this one

  bool has(const std::string& name) const;                 ///< there is one, and it is not empty
  const std::string& text(const std::string& name) const;  ///< the words
  /// The words, or `otherwise` where there are none.
  std::string text_or(const std::string& name, const std::string& otherwise) const;
  /// A whole number from `least` to `most`.
  std::int64_t whole(const std::string& name, std::int64_t least, std::int64_t most) const;
  /// The same, or nothing where there is none.
  std::optional<std::int64_t> maybe_whole(const std::string& name, std::int64_t least,
                                          std::int64_t most) const;
  /// The same, or `otherwise` where there is none.
  std::int64_t whole_or(const std::string& name, std::int64_t otherwise, std::int64_t least,
                        std::int64_t most) const;
  /// Whether it is 1; 0 or nothing is false.
  bool flag(const std::string& name) const;
  /// Up to three whole numbers with commas between them, "5,7"; empty where there are none.
  Shape place(const std::string& name) const;

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& expected) const;

  const Request& request_;
};

}  // namespace fovea::serve
