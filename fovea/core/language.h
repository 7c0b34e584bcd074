// The languages that people read here, English and Korean, and texts in both of them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace fovea {

/// A language.
enum class Language : std::uint8_t {
  kEnglish,  ///< English
  kKorean,   ///< Korean
};

/// That of the environment: Korean where the first that is set of LC_ALL, LC_MESSAGES and LANG
/// begins with "ko", else English.
Language environment_language();

/// A text in both languages.
struct Text {
  std::string english;  ///< in English
  std::string korean;   ///< in Korean

  Text() = default;
  // NOLINTBEGIN(google-explicit-constructor): texts are given as strings
  /// A text that is the same in both: a name, a formula, or one that has not been translated.
  Text(std::string both) : english(both), korean(std::move(both)) {}
  Text(const char* both) : Text(std::string(both)) {}  ///< the same
  // NOLINTEND(google-explicit-constructor)
  /// A text in each.
  Text(std::string in_english, std::string in_korean)
      : english(std::move(in_english)), korean(std::move(in_korean)) {}

  /// In one of them.
  const std::string& in(Language language) const {
    return language == Language::kKorean ? korean : english;
  }
  bool empty() const { return english.empty(); }  ///< says nothing
};

/// What an error says in both languages, where somebody has said it so; what() is English.
class SaidInBoth {
 public:
  explicit SaidInBoth(Text message) : message_(std::move(message)) {}  ///< says `message`
  virtual ~SaidInBoth() = default;
  const Text& message() const { return message_; }  ///< the line

 private:
  Text message_;
};

/// The error E, said in both languages.
template <class E>
class InBoth final : public E, public SaidInBoth {
 public:
  /// Says `message`.
  explicit InBoth(const Text& message) : E(message.english), SaidInBoth(message) {}
};

/// Throws E, saying what `message()` returns in both languages, unless `ok`.
template <class E, class F>
void check_in_both(bool ok, const F& message) {
  if (!ok) [[unlikely]]
    throw InBoth<E>(message());
}

}  // namespace fovea
