#include "fovea/io/csv.h"

#include <gmock/gmock.h>

#include "fovea/core/error.h"
#include "tests/support/close.h"

namespace fovea::io {
namespace {

using test::message_of;
using testing::ElementsAre;

/// The fields of the rows, and the lines where these begin.
std::vector<std::vector<std::string>> fields(std::string_view text) {
  std::vector<std::vector<std::string>> all;
  for (const CsvRow& row : parse_csv(text, "a.csv")) all.push_back(row.fields);
  return all;
}
std::vector<std::int64_t> lines(std::string_view text) {
  std::vector<std::int64_t> all;
  for (const CsvRow& row : parse_csv(text, "a.csv")) all.push_back(row.line);
  return all;
}

TEST(Csv, SeparatesFieldsAndRows) {
  EXPECT_THAT(fields("a,b\nc,d\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d")));
  EXPECT_THAT(fields("\xef\xbb\xbf"
                     "a,b\r\nc,\r\n\r\n,e"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", ""), ElementsAre("", "e")));
  EXPECT_THAT(fields(" a , b\tc\rd"), ElementsAre(ElementsAre(" a ", " b\tc\rd")));
  EXPECT_THAT(fields(""), ElementsAre());
  EXPECT_THAT(fields("\n\r\n"), ElementsAre());
  EXPECT_THAT(lines("a\n\n\nb\r\nc"), ElementsAre(1, 4, 5));
}

TEST(Csv, TakesWhatIsInQuotesAsItIs) {
  EXPECT_THAT(
      fields("\"a, \"\"b\"\"\",\"\"\n\"c\nd\r\n\",e\nf"),
      ElementsAre(ElementsAre("a, \"b\"", ""), ElementsAre("c\nd\r\n", "e"), ElementsAre("f")));
  EXPECT_THAT(lines("\"a\n\n\",b\nc"), ElementsAre(1, 4));
}

TEST(Csv, NamesTheLineOfWhatIsWrong) {
  const auto defect = [](std::string_view text) {
    return message_of<ParseError>([&] { parse_csv(text, "a.csv"); });
  };
  EXPECT_EQ(defect("a\n\"b\nc"), "csv: field in quotes expected to end (a.csv, line 2)");
  EXPECT_EQ(defect("a\n\"b\" c"),
            "csv: comma or the end of the line expected behind a field in quotes (a.csv, line 2)");
  EXPECT_EQ(defect("a\nb \"c\""),
            "csv: field with quotes in it expected to be in quotes, with each of its own as two "
            "(a.csv, line 2)");
}

TEST(CsvField, IsQuotedWhereItHasToBe) {
  EXPECT_EQ(csv_field("Ankle Boot"), "Ankle Boot");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("19\" screen"), "\"19\"\" screen\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field("old\rMac"), "\"old\rMac\"");
}

}  // namespace
}  // namespace fovea::io
