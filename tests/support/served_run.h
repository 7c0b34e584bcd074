// A run directory that nobody has trained, with data of its own, for tests of what a server tells
// of models. For tests that link zlib.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "apps/serve/api/explaining.h"
#include "fovea/core/rng.h"
#include "fovea/io/json.h"
#include "fovea/models/model_file.h"
#include "fovea/models/models.h"
#include "fovea/train/config.h"
#include "fovea/vision/data_sets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_data.h"
#include "tests/test_seed.h"

namespace fovea::test {

/// Writes PROJECT/NAME: weights of a model that were drawn, and settings that name the data.
inline void write_run(const std::filesystem::path& project, const std::string& name,
                      const std::filesystem::path& data_root, const std::string& model,
                      std::uint64_t draw = 0) {
  manual_seed(seed() + draw);
  const auto module = models::make_model(model);
  std::filesystem::create_directories(project / name / "weights");
  models::save_model_file(project / name / "weights" / "best.safetensors", *module,
                          {.model = model,
                           .options = models::complete_options(model),
                           .classes = vision::data_set("fashion-mnist").classes,
                           .input = {1, 28, 28}});
  train::TrainConfig config;
  config.model = model;
  config.data_root = data_root.string();
  put_file(project / name / "config.toml", train::to_toml(config));
}

/// A request for an address.
inline serve::Request asking(std::string path, std::map<std::string, std::string> query = {},
                             std::string body = {}) {
  return {.method = body.empty() ? serve::Method::kGet : serve::Method::kPost,
          .path = std::move(path),
          .query = std::move(query),
          .body = std::move(body),
          .content_type = {}};
}

/// A response's body, which has to be JSON.
inline io::Json json_of(const serve::Response& response) {
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.type, "application/json");
  const std::optional<io::Json> json = io::parse_json(response.body);
  EXPECT_TRUE(json) << response.body.substr(0, 300);
  return json.value_or(io::Json());
}

/// What looks into the run "exp", a fashion-cnn.
class ServedRunTest : public testing::Test {
 protected:
  ServedRunTest() : explaining_(written(folder_)) {}

  std::map<std::string, std::string> query(std::map<std::string, std::string> more = {}) const {
    more.try_emplace("model", "run:exp");
    more.try_emplace("image", "test:3");
    return more;
  }

  TempDir folder_;
  serve::Explaining explaining_;

 private:
  static serve::ModelsOptions written(const TempDir& folder) {
    write_tiny_data(folder / "data", 20, 30);
    write_run(folder / "runs", "exp", folder / "data", "fashion-cnn");
    return {.project = folder / "runs", .data_root = (folder / "data").string()};
  }
};

}  // namespace fovea::test
