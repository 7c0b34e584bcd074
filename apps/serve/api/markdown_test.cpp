#include "apps/serve/api/markdown.h"

#include <gmock/gmock.h>

namespace fovea::serve {
namespace {

using testing::ElementsAre;
using Kind = MarkdownBlock::Kind;

TEST(Markdown, IsCutIntoBlocks) {
  const std::vector<MarkdownBlock> blocks = markdown_blocks(
      "# Title\n\nA line\ngoes on.\n\n- one\n- two\n  goes on\n\n1. first\n\n| a | b |\n|---|---|\n"
      "| 1 | 2 |\n\n![caption](x.svg)\n\n```sh\nfovea explain conv\n```\n```text\n# no "
      "heading\n```\n\n"
      "    indented\n    code\n");
  std::vector<Kind> kinds;
  for (const MarkdownBlock& block : blocks) kinds.push_back(block.kind);
  EXPECT_THAT(kinds,
              ElementsAre(Kind::kHeading, Kind::kParagraph, Kind::kList, Kind::kList, Kind::kTable,
                          Kind::kImage, Kind::kCode, Kind::kCode, Kind::kCode));
  EXPECT_EQ(blocks[0].level, 1);
  EXPECT_THAT(blocks[0].lines, ElementsAre("Title"));
  EXPECT_THAT(blocks[5].lines, ElementsAre("caption"));
  EXPECT_EQ(blocks[6].language, "sh");
  EXPECT_THAT(blocks[7].lines, ElementsAre("# no heading"));
  EXPECT_THAT(blocks[8].lines, ElementsAre("indented", "code"));
  EXPECT_TRUE(markdown_blocks("").empty());
  EXPECT_EQ(markdown_blocks("```sh\nnever closed").at(0).lines.size(), 1u);
}

TEST(Markdown, BecomesHtml) {
  EXPECT_EQ(html_of_text("a `code` and **strong `both`** word"),
            "a <code>code</code> and <strong>strong <code>both</code></strong> word");
  EXPECT_EQ(html_of_text("[Fovea](https://fovea.dev/a?b&c) and [explain.md](explain.md)"),
            "<a href=\"https://fovea.dev/a?b&amp;c\" rel=\"noopener noreferrer\">Fovea</a> and "
            "explain.md");
  EXPECT_EQ(html_of_text("[a](b"), "[a](b");
  EXPECT_EQ(html_of_text("`open and **open"), "`open and **open");
  const auto html = [](const char* text) { return html_of_block(markdown_blocks(text).at(0)); };
  EXPECT_EQ(html("- one\n- two\n  goes on"), "<ul><li>one</li><li>two goes on</li></ul>");
  EXPECT_EQ(html("1. one\n2. two"), "<ol><li>one</li><li>two</li></ol>");
  EXPECT_EQ(html("| a | b |\n|---|:-:|\n| 1 | `2` |"),
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2</code></td></tr>"
            "</table>");
  EXPECT_EQ(html("```text\na < b\n  c\n```"), "<pre><code>a &lt; b\n  c</code></pre>");
  EXPECT_EQ(html("### A *b*"), "<h3>A *b*</h3>");
  EXPECT_EQ(html("a\nb"), "<p>a b</p>");
}

TEST(Markdown, NoTagPasses) {
  const char* const kAttacks[] = {"<script>alert(1)</script>",
                                  "<img src=x onerror=alert(1)>",
                                  "[x](javascript:alert(1))",
                                  "[x](https://a\" onclick=\"alert(1))",
                                  "`<b>`",
                                  "**<b>**",
                                  "[<b>](https://x)",
                                  "&lt;script&gt;",
                                  "- <b>",
                                  "| <b> |",
                                  "```\n</code><b>\n```",
                                  "# <b>",
                                  "![<b>](x)"};
  for (const char* const attack : kAttacks) {
    for (const MarkdownBlock& block : markdown_blocks(attack)) {
      std::string html = html_of_block(block);
      EXPECT_EQ(html.find("javascript:"), std::string::npos) << html;
      // What is left between < and > are our own tags, without quotes but for links.
      for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
        const std::string tag = html.substr(at, html.find('>', at) - at + 1);
        EXPECT_THAT(
            tag, testing::MatchesRegex("</?(p|code|strong|pre|ul|ol|li|table|tr|td|th|h[1-6]|a)>|"
                                       "<a href=\"https://[^\"<>]*\" rel=\"noopener noreferrer\">"))
            << html;
      }
    }
  }
}

TEST(Markdown, LinesAreCutIntoWords) {
  EXPECT_THAT(words_of_line("fovea explain conv --step 1"),
              ElementsAre("fovea", "explain", "conv", "--step", "1"));
  EXPECT_THAT(words_of_line("a  '1 2; 3' \"x y\" ''"), ElementsAre("a", "1 2; 3", "x y", ""));
  EXPECT_TRUE(words_of_line("  ").empty());
}

}  // namespace
}  // namespace fovea::serve
