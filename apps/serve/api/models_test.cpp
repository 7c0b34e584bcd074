#include "apps/serve/api/models.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "tests/support/served_run.h"

namespace fovea::serve {
namespace {

using testing::Throws;
using testing::ThrowsMessage;

class ModelsTest : public testing::Test {
 protected:
  ModelsTest() {
    test::write_tiny_data(folder_ / "data", 20, 30);
    test::write_run(folder_ / "runs", "exp2", folder_ / "data", "fashion-dnn");
    test::write_run(folder_ / "runs", "exp", folder_ / "data", "fashion-dnn");
    std::filesystem::create_directories(folder_ / "runs" / "empty");
  }
  ModelsOptions options() const {
    return {.project = folder_ / "runs",
            .files = {folder_ / "runs" / "exp" / "weights" / "best.safetensors",
                      folder_ / "runs" / "exp2"},
            .data_root = (folder_ / "data").string()};
  }
  static const ModelEntry& entry(const std::vector<ModelEntry>& list, const std::string& id) {
    const auto found = std::ranges::find(list, id, &ModelEntry::id);
    if (found == list.end()) throw std::runtime_error("no entry " + id);
    return *found;
  }

  test::TempDir folder_;
};

TEST_F(ModelsTest, ListsRunsFilesAndTheZoo) {
  const Models models(options());
  const std::vector<ModelEntry> list = models.list();
  std::vector<std::string> ids;
  ids.reserve(list.size());
  for (const ModelEntry& one : list) ids.push_back(one.id);
  ids.resize(4);
  EXPECT_THAT(ids, testing::ElementsAre("file:0", "file:1", "run:exp", "run:exp2"));
  const ModelEntry& run = entry(list, "run:exp");
  EXPECT_EQ(run.kind, "run");
  EXPECT_EQ(run.title, "exp");
  EXPECT_EQ(run.model, "fashion-dnn");
  EXPECT_EQ(run.data, "fashion-mnist");
  EXPECT_EQ(run.classes.size(), 10u);
  EXPECT_EQ(run.input, Shape({1, 28, 28}));
  EXPECT_EQ(entry(list, "file:0").data, "fashion-mnist") << "by the classes' names";
  const ModelEntry& fresh = entry(list, "zoo:fashion-cnn");
  EXPECT_EQ(fresh.data, "fashion-mnist");
  EXPECT_EQ(fresh.classes.at(9), "Ankle Boot");
  EXPECT_EQ(entry(list, "zoo:vgg11_bn").data, "") << "of no known data set";
  const std::optional<io::Json> json = io::parse_json(models.to_json());
  ASSERT_TRUE(json);
  EXPECT_EQ(io::json_line((*json)[2]["input"]), "[1,28,28]");
  EXPECT_EQ((*json)[2]["trained"], true);
  EXPECT_EQ(json->back()["trained"], false);
}

TEST_F(ModelsTest, LeavesOutWhatCannotBeRead) {
  test::put_file(folder_ / "runs" / "broken" / "weights" / "best.safetensors", "no weights");
  for (const ModelEntry& one : Models(options()).list()) EXPECT_NE(one.id, "run:broken");
}

TEST_F(ModelsTest, LoadsThemOnce) {
  const Models models(options());
  const std::shared_ptr<ServedModel> model = models.get("run:exp");
  EXPECT_EQ(model->id(), "run:exp");
  EXPECT_EQ(model->data().data, "fashion-mnist");
  EXPECT_EQ(model->data().root, (folder_ / "data").string());
  EXPECT_EQ(models.get("run:exp"), model);
  EXPECT_NE(models.get("file:0"), model);
  EXPECT_NE(models.get("file:1"), nullptr) << "a run directory";
  for (const Tensor& parameter : model->classifier().model().module->parameters())
    EXPECT_FALSE(parameter.requires_grad());
  for (const char* const other : {"zoo:fashion-dnn", "zoo:fashion-cnn", "zoo:lenet5", "file:0"})
    models.get(other);
  EXPECT_NE(models.get("run:exp"), model) << "four others were used since";
}

TEST_F(ModelsTest, FreshWeightsAreTheSameEachTime) {
  const auto first = Models(options()).get("zoo:fashion-dnn");
  const auto second = Models(options()).get("zoo:fashion-dnn");
  EXPECT_TRUE(equal(first->classifier().model().module->parameters().at(0),
                    second->classifier().model().module->parameters().at(0)));
}

TEST_F(ModelsTest, LoadsAgainWhatWasWrittenAgain) {
  const Models models(options());
  const std::shared_ptr<ServedModel> before = models.get("run:exp");
  test::write_run(folder_ / "runs", "exp", folder_ / "data", "fashion-dnn", 1);
  std::filesystem::last_write_time(
      folder_ / "runs" / "exp" / "weights" / "best.safetensors",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  const std::shared_ptr<ServedModel> after = models.get("run:exp");
  ASSERT_NE(after, before);
  EXPECT_FALSE(equal(after->classifier().model().module->parameters().at(0),
                     before->classifier().model().module->parameters().at(0)));
}

TEST_F(ModelsTest, KnowsTheOneThatLearns) {
  Models models(options());
  EXPECT_THAT([&] { models.get("training"); },
              ThrowsMessage<NotFound>("model expected to learn right now, got none that does"));
  std::optional<std::int64_t> version;
  int copies = 0;
  models.set_live({.version = [&] { return version; },
                   .snapshot =
                       [&] {
                         ++copies;
                         return LiveModel{.model = models::load_model({.model = "fashion-dnn"}),
                                          .data = {.data = "mnist", .root = {}}};
                       }});
  EXPECT_THAT([&] { models.get("training"); }, Throws<NotFound>());
  EXPECT_NE(models.list().at(0).id, "training");
  version = 1;
  const std::shared_ptr<ServedModel> first = models.get("training");
  EXPECT_EQ(models.get("training"), first);
  EXPECT_EQ(models.list().at(0).id, "training");
  EXPECT_EQ(models.list().at(0).data, "mnist");
  EXPECT_EQ(copies, 1);
  version = 2;
  EXPECT_NE(models.get("training"), first);
  EXPECT_EQ(copies, 2);
}

TEST_F(ModelsTest, OfOneThatCannotBeLookedAtTheLastLookIsKept) {
  Models models(options());
  std::optional<std::int64_t> version = 1;
  bool busy = true;
  models.set_live({.version = [&] { return version; },
                   .snapshot =
                       [&] {
                         if (busy) throw Conflict("judged");
                         return LiveModel{.model = models::load_model({.model = "fashion-dnn"}),
                                          .data = {.data = "mnist", .root = {}}};
                       }});
  EXPECT_THAT([&] { models.get("training"); }, Throws<Conflict>());
  EXPECT_NE(models.list().at(0).id, "training") << "and all others are listed";
  busy = false;
  const std::shared_ptr<ServedModel> seen = models.get("training");
  busy = true;
  version = 2;
  EXPECT_EQ(models.get("training"), seen);
  EXPECT_EQ(models.list().at(0).id, "training");
  version.reset();  // over: who has its last look may still ask about it
  EXPECT_EQ(models.get("training"), seen);
  EXPECT_NE(models.list().at(0).id, "training");
}

TEST_F(ModelsTest, AListOfLayersIsAModelWithFreshWeights) {
  ModelsOptions with = options();
  with.files = {FOVEA_SOURCE_DIR "/examples/small_cnn.toml"};
  const Models models(with);
  EXPECT_NO_THROW(models.check_files());
  const ModelEntry entry = models.list().at(0);
  EXPECT_EQ(entry.id, "file:0");
  EXPECT_EQ(entry.title, "small_cnn.toml");
  EXPECT_EQ(entry.kind, "zoo") << "not trained";
  EXPECT_EQ(entry.data, "fashion-mnist") << "by its images and how many classes it tells apart";
  EXPECT_TRUE(equal(models.get("file:0")->classifier().model().module->parameters().at(0),
                    Models(with).get("file:0")->classifier().model().module->parameters().at(0)));
}

TEST_F(ModelsTest, WhatTheCommandLineNamesMustBeReadable) {
  test::put_file(folder_ / "broken.onnx", "no model");
  test::put_file(folder_ / "broken.toml", "[[layer]]\ntype = \"Con\"\n");
  for (const char* const file : {"broken.onnx", "broken.toml"}) {
    ModelsOptions with = options();
    with.files = {folder_ / file};
    EXPECT_THAT([&] { Models(with).check_files(); }, Throws<Error>()) << file;
  }
}

TEST_F(ModelsTest, RunDirectoriesAreCalledByTheirNames) {
  ModelsOptions with = options();
  with.files = {folder_ / "runs" / "exp" / ""};
  EXPECT_EQ(Models(with).list().at(0).title, "exp");
}

TEST_F(ModelsTest, IdsLeadNowhereElse) {
  const Models models(options());
  test::write_run(folder_ / "other", "secret", folder_ / "data", "fashion-dnn");
  for (const std::string id :
       {"run:../other/secret", "run:", "run:.", "run:..", "run:exp/../exp", "run:exp\\x",
        "run:nope", "run:empty", "file:2", "file:-1", "file:", "file:0x", "file: 0",
        "zoo:", "zoo:nope", "zoo:/etc/passwd.toml", "exp", ""})
    EXPECT_THAT([&] { models.get(id); }, Throws<NotFound>()) << id;
  EXPECT_THAT([&] { models.get(std::string("run:exp\0", 8)); }, Throws<NotFound>());
  EXPECT_THAT([&] { models.get("run:nope"); },
              ThrowsMessage<NotFound>("model expected to be one that is there, got \"run:nope\""));
}

}  // namespace
}  // namespace fovea::serve
