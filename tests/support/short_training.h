// A training of a second in a folder of its own, for tests.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "fovea/io/read_file.h"
#include "fovea/train/training.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_data.h"

namespace fovea::test {

/// What is in a file.
inline std::string read(const std::filesystem::path& path) { return io::read_text(path); }

/// Settings of a short training, whose data and runs are in `folder_`.
class ShortTraining : public testing::Test {
 protected:
  ShortTraining() : root_(folder_ / "runs") {
    write_tiny_data(folder_ / "data", 700, 200);
    config_.data_root = (folder_ / "data").string();
    config_.model = "fashion-dnn";
    config_.epochs = 2;
    config_.limit_train = 500;
    config_.limit_test = 100;
    config_.log_every = 2;
    config_.project = root_.string();
    config_.device = default_device().name();
  }

  TempDir folder_;
  std::filesystem::path root_;
  train::TrainConfig config_;
};

}  // namespace fovea::test
