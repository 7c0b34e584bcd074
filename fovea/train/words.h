// Settings that take one of a few words: each has one table of its words and what they mean, which
// is read to check a setting, to act on it, and to offer it (help, completion). Library internal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::train {

/// A word and what it means.
template <class T>
struct Word {
  const char* word;  ///< as people write it
  T meaning;         ///< for the program
};

/// The words of a table, in its order.
template <class Table>
std::vector<std::string> words_of(const Table& table) {
  std::vector<std::string> words;
  for (const auto& row : table) words.emplace_back(row.word);
  return words;
}

/// What `text` has between its separators; of an empty text one empty piece.
std::vector<std::string> split(std::string_view text, char separator);

/// `"a", "b", "c"`.
std::string quoted_list(std::span<const std::string> words);

/// What `given`, the value of setting `key`, means. Throws ArgumentError, listing the words.
template <class Table>
const auto& meaning_of(const char* key, const Table& table, std::string_view given) {
  for (const auto& row : table)
    if (given == row.word) return row.meaning;
  const std::vector<std::string> words = words_of(table);
  throw ArgumentError(str("config: ", key, " expected ", quoted_list(words), ", got \"", given,
                          "\"", did_you_mean(given, words)));
}

}  // namespace fovea::train
