#include "apps/cli/train/profile_text.h"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/tape.h"

namespace fovea::cli {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// The words of the line that begins with `word`; none when there is no such line.
std::vector<std::string> line_of(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> found;
    for (std::string one; words >> one;) found.push_back(one);
    if (!found.empty() && found[0] == word) return found;
  }
  return {};
}

/// Milliseconds a step in the line that begins with `word`, third from its end: "1.234 56.00 %".
double milliseconds(const std::string& text, const std::string& word) {
  const std::vector<std::string> line = line_of(text, word);
  return line.size() < 3 ? -1 : std::stod(line[line.size() - 3]);
}

TEST(StepProfile, CountsTheStepsOfEveryEpochWithoutEvaluations) {
  const Tensor x = rand({200, 200});
  StepProfile profile;
  relu(x);  // before the training
  for (std::int64_t epoch = 1; epoch <= 2; ++epoch) {
    profile.on_epoch_begin(epoch);
    for (int step = 0; step < 2; ++step) {
      for (int i = 0; i < 6; ++i) relu(x);
      profile.on_step({});
    }
    profile.on_evaluate("val");
    for (int i = 0; i < 50; ++i) x.matmul(x);
    profile.on_epoch_end({});
  }
  profile.on_epoch_begin(3);
  profile.on_epoch_end({});
  x.matmul(x);
  profile.on_train_end(train::TrainEnd::kDone);

  const std::string text = profile.to_string({});
  EXPECT_THAT(text, testing::StartsWith("4 steps\n"));
  const std::vector<std::string> unary = line_of(text, "unary");
  ASSERT_THAT(unary, SizeIs(5)) << text;
  EXPECT_EQ(unary[1], "6.0") << "calls a step";
  EXPECT_THAT(line_of(text, "matmul"), SizeIs(0)) << text;
  const double all = milliseconds(text, "step");
  EXPECT_THAT(line_of(text, "step"), ElementsAre("step", testing::_, "100.00", "%"));
  EXPECT_NEAR(milliseconds(text, "unary") + milliseconds(text, "outside"), all, 0.0016)
      << "three numbers, each rounded to 0.0005\n"
      << text;
}

}  // namespace
}  // namespace fovea::cli
