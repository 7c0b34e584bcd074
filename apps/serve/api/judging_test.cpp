#include "apps/serve/api/judging.h"

#include <gmock/gmock.h>

#include "tests/support/desk.h"

namespace fovea::serve {
namespace {

using test::json_of;
using testing::HasSubstr;

class JudgingTest : public test::Desk {
 protected:
  JudgingTest() {
    test::write_run(allowed.project, "a", allowed.data_root, "fashion-dnn");
    test::write_run(allowed.project, "b", allowed.data_root, "fashion-dnn", 1);
  }
  /// Asks until it is computed.
  io::Json judged(const std::string& path, const std::map<std::string, std::string>& query) const {
    for (int i = 0; i < 6000; ++i) {
      const Response response = ask(path, query);
      if (response.status != 202) return json_of(response);
      const io::Json progress = io::parse_json(response.body).value();
      EXPECT_LE(progress.at("done"), progress.at("total"));
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return {};
  }
};

TEST_F(JudgingTest, SaysHowARunAnswers) {
  const io::Json json = judged("/api/evaluation", {{"run", "a"}});
  const io::Json& report = json.at("report");
  EXPECT_EQ(report.at("samples"), 30);
  std::int64_t wrong = 0;
  for (const io::Json& pair : json.at("pairs")) wrong += pair.at("count").get<std::int64_t>();
  EXPECT_NEAR(report.at("error_rate").get<double>(), static_cast<double>(wrong) / 30, 1e-9);
  EXPECT_EQ(static_cast<std::int64_t>(json.at("mistakes").size()),
            std::min<std::int64_t>(wrong, 24));
  std::int64_t counted = 0;
  for (const io::Json& bin : json.at("calibration").at("bins"))
    counted += bin.at("count").get<std::int64_t>();
  EXPECT_EQ(counted, 30);
}

TEST_F(JudgingTest, IsKeptHoweverManyModelsAreLookedAtMeanwhile) {
  judged("/api/evaluation", {{"run", "a"}});
  for (const char* const other : {"zoo:fashion-dnn", "zoo:fashion-cnn", "zoo:lenet5", "run:b"})
    explaining.models.get(other);
  EXPECT_EQ(ask("/api/evaluation", {{"run", "a"}}).status, 200);
}

TEST_F(JudgingTest, ShowsTheImagesOfACell) {
  const io::Json json = judged("/api/evaluation", {{"run", "a"}});
  const io::Json& matrix = json.at("report").at("confusion_matrix");
  for (int truth = 0; truth < 10; ++truth) {
    for (int answer = 0; answer < 10; ++answer) {
      const io::Json cell = judged("/api/evaluation/cell", {{"run", "a"},
                                                            {"truth", std::to_string(truth)},
                                                            {"answer", std::to_string(answer)},
                                                            {"count", "2"}});
      EXPECT_EQ(cell.at("total"), matrix[truth][answer]);
      EXPECT_EQ(cell.at("items").size(),
                std::min<std::size_t>(2, cell.at("total").get<std::size_t>()));
      for (const io::Json& item : cell.at("items"))
        EXPECT_EQ(item.at("index").get<int>() % 10, truth);
      if (!cell.at("items").empty()) {
        EXPECT_THAT(cell.at("png").get<std::string>(),
                    testing::StartsWith("data:image/png;base64,"));
      }
    }
  }
}

TEST_F(JudgingTest, ComparesTwoRunsOnTheSameImages) {
  const io::Json json = judged("/api/comparison", {{"a", "a"}, {"b", "b"}});
  const auto count = [&](const char* key) { return json.at(key).get<std::int64_t>(); };
  EXPECT_EQ(count("both_right") + count("only_a") + count("only_b") + count("both_wrong"), 30);
  EXPECT_NEAR(json.at("a").at("accuracy").get<double>() * 30,
              static_cast<double>(count("both_right") + count("only_a")), 1e-9);
  EXPECT_EQ(json.at("test"), "exact");
  EXPECT_NE(json.at("verdict").at("en"), json.at("verdict").at("ko"));
}

TEST_F(JudgingTest, SaysWhatIsWrong) {
  EXPECT_EQ(ask("/api/evaluation", {{"run", "none"}}).status, 404);
  EXPECT_EQ(ask("/api/evaluation").status, 400);
  EXPECT_EQ(ask("/api/evaluation", {{"run", "../a"}}).status, 404);
  std::filesystem::remove_all(root / "data");
  Response response = ask("/api/evaluation", {{"run", "a"}});
  while (response.status == 202) response = ask("/api/evaluation", {{"run", "a"}});
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("fashion-mnist"));
}

}  // namespace
}  // namespace fovea::serve
