#include <gmock/gmock.h>

#include <set>

#include "apps/explain/explain.h"
#include "apps/serve/api/chapter_text.h"
#include "apps/serve/api/explaining.h"
#include "fovea/io/read_file.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using io::Json;
using test::asking;
using test::json_of;

Json sections_in(const char* language) {
  return json_of(tour_response(asking("/api/tour", {{"lang", language}})))["sections"];
}

std::vector<std::string> args_in(const Json& section) {
  return section["args"].get<std::vector<std::string>>();
}

TEST(Tour, TheChapterIsTheOneOfTheTree) {
  EXPECT_EQ(chapter_text(Language::kEnglish),
            io::read_text(std::string(FOVEA_SOURCE_DIR) + "/docs/chapter.md"));
  EXPECT_EQ(chapter_text(Language::kKorean),
            io::read_text(std::string(FOVEA_SOURCE_DIR) + "/docs/chapter.ko.md"));
}

// Every figure is alive: its words make a walk.
TEST(Tour, HasAllFigures) {
  for (const char* const language : {"en", "ko"}) {
    std::set<std::string> figures;
    int commands = 0, texts = 0, headings = 0;
    for (const Json& section : sections_in(language)) {
      const std::string kind = section["kind"];
      if (kind == "figure") {
        figures.insert(section["number"].get<std::string>());
        EXPECT_NE(section["caption"], "");
        EXPECT_FALSE(cli::explain_walk(args_in(section), cli::FilesAllowed::kNo).blocks.empty())
            << section;
      } else if (kind == "command") {
        ++commands;
        if (!section["args"].empty()) {
          EXPECT_NO_THROW(cli::explain_walk(args_in(section), cli::FilesAllowed::kNo)) << section;
        }
      } else if (kind == "heading") {
        ++headings;
        EXPECT_GE(section["level"], 1);
      } else {
        ++texts;
        EXPECT_EQ(kind, "text");
        EXPECT_TRUE(section["html"].get<std::string>().starts_with("<")) << section;
      }
    }
    EXPECT_EQ(figures.size(), 27u) << "and 5-24, a grid of images, is a command";
    EXPECT_TRUE(figures.contains("5-4"));
    EXPECT_EQ(commands, 4) << language;
    EXPECT_GT(texts, 25) << language;
    EXPECT_GT(headings, 30) << language;
  }
}

TEST(Tour, WhatACommandPrintsIsLeftToIt) {
  for (const Json& section : sections_in("en")) {
    if (section["kind"] != "text") continue;
    EXPECT_EQ(section["html"].get<std::string>().find("Step 1: row 0, column 0"),
              std::string::npos);
    EXPECT_EQ(section["html"].get<std::string>().find("chapter.ko.md"), std::string::npos);
  }
}

TEST(Tour, SaysWhatIsWrong) {
  EXPECT_THAT(
      [] {
        tour_response(asking("/api/tour", {{"lang", "de"}}));
      },
      testing::ThrowsMessage<BadRequest>("/api/tour: lang expected en or ko"));
}

}  // namespace
}  // namespace fovea::serve
