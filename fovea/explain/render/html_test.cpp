#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fovea/explain/render.h"
#include "tests/support/walks.h"
#include "tests/support/xml.h"

namespace fovea::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The page's body, which is XML too.
std::string body_of(const std::string& page) {
  const std::size_t begin = page.find("<body>"), end = page.find("</body>");
  return page.substr(begin, end + 7 - begin);
}

TEST(ToHtml, IsOnePageInItsLanguage) {
  const std::string page = to_html(test::small_walk());
  EXPECT_TRUE(
      page.starts_with("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(test::xml_fault(body_of(page)), "");
  for (const char* part :
       {"name=\"viewport\"", "<title>Convolution</title>", "<h1>Convolution</h1>", "<svg ",
        "@media (prefers-color-scheme: dark)", "default-src 'none'"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr(">Convolution</text>")));  // the page has the title
  const std::string korean = to_html(test::small_walk(), Language::kKorean);
  EXPECT_THAT(korean, HasSubstr("<html lang=\"ko\">"));
  EXPECT_THAT(korean, HasSubstr("<summary>단계 2개</summary>"));
  EXPECT_EQ(test::xml_fault(body_of(korean)), "");
}

// A phone's screen is narrower than any picture, which shrinks to fit.
TEST(ToHtml, FitsANarrowScreen) {
  const std::string page = to_html(test::small_walk());
  EXPECT_THAT(page, HasSubstr(".picture svg { display: block; width: 100%; height: auto;"));
  EXPECT_THAT(page, Not(HasSubstr("min-width")));
  EXPECT_THAT(page, testing::ContainsRegex("<svg [^>]*viewBox="));
}

TEST(ToHtml, TellsStopsInWords) {
  EXPECT_THAT(to_html(test::small_walk()),
              HasSubstr("<summary>2 steps</summary>\n<ol>\n"
                        "<li value=\"1\">Step 1\n<code>(1x1)+(0x0) + (0x0)+(1x0.5) = 1.5</code>"
                        "</li>\n"
                        "<li value=\"2\">Step 2\n<code>(0x1)+(-2x0) + (1x0)+(10x0.5) = 5</code>"
                        "</li>\n</ol>\n"));
  Walk walk = test::small_walk();
  show_only(walk, 2);
  const std::string alone = to_html(walk);
  EXPECT_THAT(alone, HasSubstr("<summary>1 step</summary>\n<ol>\n<li value=\"2\">"));
  EXPECT_THAT(alone, Not(HasSubstr("Press the picture")));
  EXPECT_THAT(to_html(test::small_walk()), HasSubstr("Press the picture"));
}

TEST(ToHtml, TellsNumbersTablesAndArrows) {
  Walk walk = test::small_walk();
  walk.blocks.push_back(Note{.text = "a < b", .look = Note::Look::kFormula});
  walk.blocks.push_back(
      Table{.title = "Sizes", .headings = {"layer", "n"}, .rows = {{"a&b", "3"}}});
  walk.blocks.push_back(Chart{
      .x_label = "x", .y_label = "y", .series = {{.name = "up", .x = {0, 1}, .y = {2, 3.5}}}});
  walk.blocks.push_back(
      Sheet{.title = "Maps", .pictures = {{"one", zeros({1, 2, 2}, {.dtype = u8})}}});
  walk.blocks.push_back(Diagram{.boxes = {{"in", "3"}, {"out"}}, .arrows = {{0, 1, "all"}}});
  const std::string page = to_html(walk);
  EXPECT_EQ(test::xml_fault(body_of(page)), "");
  for (const char* part :
       {"<caption>image</caption>\n<tr><td>1</td><td>0</td><td>-2</td></tr>", "<pre>a &lt; b</pre>",
        "<h3>Sizes</h3>", "<th>layer</th><th class=\"number\">n</th>",
        "<td>a&amp;b</td><td class=\"number\">3</td>", "<tr><td>1</td><td>3.5</td></tr>",
        "<p>one</p>", "<li>in <span class=\"note\">3</span> → out (all)</li>"})
    EXPECT_THAT(page, HasSubstr(part));
}

}  // namespace
}  // namespace fovea::explain
