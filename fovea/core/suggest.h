// "Did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "fovea/core/language.h"

namespace fovea {

/// The fewest insertions, deletions, changes and swaps of neighbours that turn `a` into `b`.
/// Units    bytes; case does not count.
/// Source   optimal string alignment distance (Damerau 1964).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`, the first of equals; empty when none is near enough to be a
/// slip (more than a third of the longer word's letters differ, or more than three).
std::string closest_word(std::string_view word, std::span<const std::string> candidates);

/// `; did you mean "x"?` in both languages, likewise.
Text meant_word(std::string_view word, std::span<const std::string> candidates);

/// `; did you mean "x"?` for the end of an error message, or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// "a, b, c", for error messages that list what is known.
std::string join_words(std::span<const std::string> words, std::string_view separator = ", ");

}  // namespace fovea
