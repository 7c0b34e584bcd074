#include "apps/base/setting_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/train/config.h"

namespace fovea::cli {
namespace {

using testing::ElementsAre;

TEST(SettingFlags, AreNamedAsTheirSettings) {
  EXPECT_EQ(flag_name("batch_size"), "--batch-size");
  EXPECT_EQ(flag_text("model"), nullptr);
  Command command("go", "Go there");
  bool on = true, off = false;
  std::string optimizer = "adam";
  add_setting(command, "shuffle", on);
  add_setting(command, "exist_ok", off);
  const Option& option = add_setting(command, "optimizer", optimizer);
  EXPECT_EQ(command.options[0].name, "--no-shuffle");
  EXPECT_EQ(command.options[1].name, "--exist-ok");
  EXPECT_EQ(option.name, "--optimizer");
  EXPECT_EQ(option.default_text, "adam");
  EXPECT_THAT(option.words, ElementsAre("adam", "adamw", "sgd"));
  for (const Option& one : command.options) one.set("sgd");
  EXPECT_FALSE(on);
  EXPECT_TRUE(off);
  EXPECT_EQ(optimizer, "sgd");
}

// A setting that takes one of a few words offers just those: they stand in one place.
TEST(SettingFlags, OfferTheWordsOfTheirSettings) {
  train::TrainConfig config;
  train::visit_settings(config, [](const std::string& key, const auto&) {
    Option option;
    offer_words(key, option);
    const std::vector<std::string> words = train::setting_words(key);
    if (words.empty()) return;
    EXPECT_EQ(option.words, words) << key;
  });
  for (const char* key : {"optimizer", "schedule", "anneal", "precision", "conv", "device"})
    EXPECT_FALSE(train::setting_words(key).empty()) << key;
  EXPECT_TRUE(train::setting_words("lr").empty());
}

TEST(SettingFlags, GiveTheirNamesToMessagesAboutThem) {
  const std::string message = "config: image_size expected in [0, 4096], got 9999";
  EXPECT_EQ(named_by_flag(message, {"image_size", "lr"}),
            "--image-size expected in [0, 4096], got 9999");
  EXPECT_EQ(named_by_flag(message, {"lr"}), message) << "it came from a file";
  EXPECT_EQ(named_by_flag("lenet5: image_size", {"image_size"}), "lenet5: image_size");
  EXPECT_EQ(named_by_flag("config: lr", {"lr"}), "--lr");
}

}  // namespace
}  // namespace fovea::cli
