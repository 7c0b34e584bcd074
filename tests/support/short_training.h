// A training of a second in a folder of its own, for tests.
#pragma once

#include <atomic>
#include <cstdint>
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

/// Writes a small network with two batch norms into `folder`, a model by its path: conv1, bn1,
/// conv2, bn2, fc1, fc2.
inline std::string write_small_cnn(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "small_cnn.toml";
  std::string text;
  for (const char* number : {"1", "2"}) {
    text +=
        str("[[layer]]\ntype=\"Conv2d\"\nname=\"conv", number,
            "\"\nout_channels=4\nkernel_size=3\n[[layer]]\ntype=\"BatchNorm2d\"\nname=\"bn", number,
            "\"\n[[layer]]\ntype=\"ReLU\"\n[[layer]]\ntype=\"MaxPool2d\"\n", "kernel_size=2\n");
  }
  text +=
      "[[layer]]\ntype=\"Flatten\"\n[[layer]]\ntype=\"Linear\"\nname=\"fc1\"\nout_features=16\n"
      "[[layer]]\ntype=\"ReLU\"\n[[layer]]\ntype=\"Linear\"\nname=\"fc2\"\n"
      "out_features=\"num_classes\"\n";
  put_file(path, text);
  return path.string();
}

/// Asks a training to stop after one of its steps: listed as an observer, and its `stop` given.
struct StopAt : train::TrainObserver {
  explicit StopAt(std::int64_t given) : step(given) {}
  void on_step(const train::StepEvent& event) override {
    if (event.step == step) stop = true;
  }

  std::int64_t step;
  std::atomic<bool> stop = false;
};

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
