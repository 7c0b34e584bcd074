#include "fovea/core/language.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "fovea/core/error.h"

namespace fovea {
namespace {

/// Sets a variable of the environment while it lives; null takes it away.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) const {
    if (value == nullptr) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, value, 1);
    }
  }
  const char* name_;
  std::optional<std::string> before_;
};

TEST(EnvironmentLanguage, IsThatOfTheFirstLocaleThatIsSet) {
  const auto language = [](const char* all, const char* messages, const char* lang) {
    const Variable first("LC_ALL", all), second("LC_MESSAGES", messages), third("LANG", lang);
    return environment_language();
  };
  EXPECT_EQ(language(nullptr, nullptr, nullptr), Language::kEnglish);
  EXPECT_EQ(language(nullptr, nullptr, "ko_KR.UTF-8"), Language::kKorean);
  EXPECT_EQ(language("", "ko", "en_GB.UTF-8"), Language::kKorean);
  EXPECT_EQ(language("C", "ko_KR", "ko_KR"), Language::kEnglish);
}

TEST(InBoth, AreErrorsThatSayTheSameInTwoLanguages) {
  const auto fail = [](bool ok) {
    check_in_both<IndexError>(ok, [] { return Text("step: 3 expected", "단계: 3이어야 합니다"); });
  };
  EXPECT_NO_THROW(fail(true));
  try {
    fail(false);
    ADD_FAILURE() << "nothing thrown";
  } catch (const IndexError& error) {
    EXPECT_STREQ(error.what(), "step: 3 expected");
    const auto* const both = dynamic_cast<const SaidInBoth*>(&error);
    ASSERT_NE(both, nullptr);
    EXPECT_EQ(both->message().in(Language::kKorean), "단계: 3이어야 합니다");
  }
}

}  // namespace
}  // namespace fovea
