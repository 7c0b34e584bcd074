// The chapter in sections, each figure as the words that make its walk.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "apps/serve/api/chapter_text.h"
#include "apps/serve/api/explaining.h"
#include "apps/serve/api/markdown.h"
#include "apps/serve/api/query_reader.h"
#include "fovea/explain/render/page_text.h"

namespace fovea::serve {

namespace {

using explain::list_of_all;
using explain::page_string;
using explain::PageObject;
using explain::quoted;

/// What follows `fovea explain`, without where a picture of it goes and in which language; nothing
/// for another command.
std::vector<std::string> args_of_line(const std::string& line) {
  const std::vector<std::string> words = words_of_line(line);
  std::vector<std::string> args;
  if (words.size() < 2 || words[0] != "fovea" || words[1] != "explain") return args;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "--output" || words[i] == "--lang") {
      ++i;
      continue;
    }
    args.push_back(words[i]);
  }
  return args;
}

/// "5-4" of "Figure 5-4: step 1"; nothing where a heading has no such number.
std::optional<std::string> figure_number(const std::string& heading) {
  const std::size_t colon = heading.find(':');
  if (colon == std::string::npos) return {};
  const std::size_t blank = heading.rfind(' ', colon);
  if (blank == std::string::npos) return {};
  std::string number = heading.substr(blank + 1, colon - blank - 1);
  const bool ok = number.find('-') != std::string::npos &&
                  number.find_first_not_of("0123456789-") == std::string::npos;
  return ok ? std::optional(std::move(number)) : std::nullopt;
}

/// Goes through the blocks of the chapter.
class TourReader {
 public:
  std::string sections(std::string_view chapter) {
    for (const MarkdownBlock& block : markdown_blocks(chapter)) add(block);
    return list_of_all(sections_, [](const std::string& json) { return json; });
  }

 private:
  void add(const MarkdownBlock& block) {
    const bool is_output = block.kind == MarkdownBlock::Kind::kCode && block.language == "text";
    if (block.kind == MarkdownBlock::Kind::kHeading) {
      number_ = figure_number(block.lines.at(0));
      sections_.push_back(PageObject()
                              .json("kind", quoted("heading"))
                              .number("level", block.level)
                              .text("text", block.lines.at(0))
                              .finish());
    } else if (block.kind == MarkdownBlock::Kind::kImage) {
      caption_ = block.lines.at(0);
    } else if (block.kind == MarkdownBlock::Kind::kCode && block.language == "sh") {
      for (const std::string& line : block.lines) add_command(line);
    } else if (!(is_output && is_live_)) {
      // The other language's page is one click away.
      const bool only_link = block.kind == MarkdownBlock::Kind::kParagraph &&
                             block.lines.size() == 1 && block.lines[0].starts_with('[') &&
                             block.lines[0].ends_with(".md)");
      if (!only_link) {
        sections_.push_back(
            PageObject().json("kind", quoted("text")).text("html", html_of_block(block)).finish());
      }
    }
    is_live_ = block.kind == MarkdownBlock::Kind::kCode && block.language == "sh";
  }

  void add_command(const std::string& line) {
    const std::vector<std::string> args = args_of_line(line);
    const std::string list = list_of_all(args, page_string);
    if (caption_ && number_ && !args.empty()) {
      sections_.push_back(PageObject()
                              .json("kind", quoted("figure"))
                              .text("number", *number_)
                              .json("args", list)
                              .text("caption", *caption_)
                              .finish());
    } else {
      sections_.push_back(PageObject()
                              .json("kind", quoted("command"))
                              .text("line", line)
                              .json("args", list)
                              .finish());
    }
    caption_.reset();
  }

  std::vector<std::string> sections_;
  std::optional<std::string> number_, caption_;  // of a figure whose command is still to come
  bool is_live_ = false;                         // what comes next is what a command printed
};

}  // namespace

Response tour_response(const Request& request) {
  const std::string language = QueryReader(request).text_or("lang", "en");
  if (language != "en" && language != "ko") throw BadRequest("/api/tour: lang expected en or ko");
  const std::string_view chapter =
      chapter_text(language == "ko" ? Language::kKorean : Language::kEnglish);
  return {.body = PageObject().json("sections", TourReader().sections(chapter)).finish()};
}

}  // namespace fovea::serve
