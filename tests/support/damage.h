// Files damaged at random, for tests that whatever reads them survives.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <random>
#include <span>
#include <string>

#include "fovea/core/error.h"
#include "tests/support/temp_dir.h"
#include "tests/test_seed.h"

namespace fovea::test {

/// Reads a file from memory, whose name in messages is to be "hostile".
using Reader = std::function<void(std::span<const std::byte>)>;

/// Changes, removes or repeats a few bytes; half of the damage falls on the first 200, the headers.
inline std::string damaged(std::string content, std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t i = 0; i <= below(4) && !content.empty(); ++i) {
    const std::size_t at =
        below(random() % 2 == 0 ? content.size() : std::min<std::size_t>(200, content.size()));
    switch (random() % 5) {
      case 0:
        content[at] = static_cast<char>(random());
        break;
      case 1:
        content[at] = static_cast<char>(content[at] ^ (1 << random() % 8));
        break;
      case 2:
        content.erase(at, 1 + below(8));
        break;
      case 3:
        content.insert(at, content.substr(below(content.size()), 1 + below(8)));
        break;
      default:
        content.resize(at);
    }
  }
  return content;
}

/// Reads `good`, and then damaged copies of it: each is to be read, or to be refused by a
/// ParseError of one line that names the file. More than a quarter is to be refused.
inline void survive(const std::string& good, const Reader& read, int rounds) {
  std::mt19937_64 random(seed());
  ASSERT_NO_THROW(read(as_bytes(good)));
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string content = damaged(good, random);
    try {
      read(as_bytes(content));
    } catch (const ParseError& error) {
      ++refused;
      const std::string message = error.what();
      EXPECT_NE(message.find("hostile"), std::string::npos) << i << ": " << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << i << ": " << message;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "round " << i << ": " << error.what();
    }
  }
  EXPECT_GT(refused, rounds / 4);
}

}  // namespace fovea::test
