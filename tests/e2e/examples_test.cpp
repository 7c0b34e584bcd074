// The programs of examples/ that train, on a data set that is learned within seconds. What the
// others print is compared with the .expected file beside them.

#include <cstdio>

#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

// Runs an example for `epochs` epochs and returns the test accuracy of the last one in per cent.
double train(const std::string& example, int epochs) {
  const ProcessResult result =
      run_process({FOVEA_EXAMPLES_DIR "/" + example, std::to_string(epochs)},
                  {.environment = {{"FOVEA_DATA", tiny_root()}}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const std::string line = "epoch " + std::to_string(epochs) + ": loss ";
  const std::size_t at = result.out.rfind(line);
  double loss = -1, accuracy = -1;
  if (at == std::string::npos || std::sscanf(result.out.c_str() + at + line.size(),
                                             "%lf, test accuracy %lf %%", &loss, &accuracy) != 2) {
    ADD_FAILURE() << result.out;
  }
  return accuracy;
}

TEST(Examples, TheFullyConnectedClassifierLearns) { EXPECT_GT(train("fashion_dnn", 10), 90); }

TEST(Examples, TheConvolutionalClassifierLearns) { EXPECT_GT(train("fashion_cnn", 8), 90); }

}  // namespace
}  // namespace fovea::test
