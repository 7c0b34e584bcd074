// The configurations of configs/: that each of them can be used as it stands.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <string>

#include "fovea/train/training.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_data.h"

namespace fovea::train {
namespace {

namespace fs = std::filesystem;

TEST(Configs, TrainTheirModels) {
  const test::TempDir folder;
  test::write_tiny_data(folder / "data", 700, 20);
  std::set<std::string> tried;
  for (const fs::directory_entry& file :
       fs::directory_iterator(fs::path(FOVEA_SOURCE_DIR) / "configs")) {
    ASSERT_EQ(file.path().extension(), ".toml") << file.path();
    TrainConfig config = read_config(file.path());
    config.data_root = (folder / "data").string();
    config.project = (folder / "runs").string();
    config.limit_train = 2 * config.batch_size;
    config.epochs = 1;
    const TrainingResult result = run_training(config);
    ASSERT_TRUE(result.report.has_value()) << file.path();
    EXPECT_TRUE(std::isfinite(result.report->evaluation.loss)) << file.path();
    EXPECT_EQ(result.report->model, config.model);
    tried.insert(file.path().filename().string());
  }
  EXPECT_TRUE(tried.contains("fast93.toml") && tried.contains("fast94.toml"))
      << "docs/recipes.md names them";
}

}  // namespace
}  // namespace fovea::train
