#include "apps/serve/api/training.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

#include "fovea/models/models.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/runs.h"
#include "tests/support/desk.h"

namespace fovea::serve {
namespace {

using test::json_of;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class Training : public test::Desk {
 protected:
  Training() : number_(events.listen([] {})) {}
  ~Training() override { events.leave(number_); }

  /// The names of all events that a page would have been told.
  std::vector<std::string> heard() {
    std::vector<std::string> names;
    while (const Events::Event event = events.next(number_))
      names.push_back(event->substr(7, event->find('\n') - 7));
    return names;
  }
  std::int64_t step() const {
    const io::Json status = desk.status();
    return status.at("step").is_null() ? 0 : status.at("step").at("step").get<std::int64_t>();
  }

  std::size_t number_;
};

TEST_F(Training, IsStartedToldOfAndListed) {
  const Response started = tell("/api/training", training("exp"));
  EXPECT_EQ(started.status, 202);
  EXPECT_EQ(io::parse_json(started.body)->at("state"), "starting");
  wait_for("idle");
  const io::Json status = desk.status();
  EXPECT_EQ(status.at("run"), "exp");
  EXPECT_TRUE(status.at("error").is_null()) << status;
  EXPECT_EQ(status.at("plan").at("steps_per_epoch"), 3);
  EXPECT_THAT(heard(),
              testing::IsSupersetOf({"training", "step", "epoch", "filters", "maps", "runs"}));
  const io::Json runs = json_of(ask("/api/runs"));
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].at("state"), "done");
  EXPECT_EQ(runs[0].at("epochs_done"), 2);
  EXPECT_GT(runs[0].at("parameters"), 200'000);
  const io::Json run = json_of(ask("/api/run", {{"run", "exp"}}));
  EXPECT_EQ(run.at("epochs").size(), 2U);
  EXPECT_EQ(run.at("steps").at("step"), io::Json({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(run.at("config").at("batch_size"), 20);
  EXPECT_EQ(run.at("report").at("samples"), 30);
  EXPECT_EQ(run.at("checkpoints")[0].at("step"), 6);
  EXPECT_EQ(json_of(ask("/api/training/filters")).at("count"), 64);
}

TEST_F(Training, OneAtATimeOneAfterTheOther) {
  EXPECT_EQ(error_of(tell("/api/training/pause"), 409), "training: one expected to run, got none");
  const std::string two = R"({"runs":[{"model":"fashion-dnn","epochs":1,"name":"a"},)"
                          R"({"model":"fashion-dnn","epochs":1,"name":"b"}]})";
  EXPECT_EQ(tell("/api/training", two).status, 202);
  EXPECT_EQ(error_of(tell("/api/training", two), 409),
            "training: none expected to run, got one that does");
  wait_for("idle");
  std::vector<std::string> names;
  for (const train::RunEntry& run : train::list_runs(allowed.project)) names.push_back(run.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("a", "b"));
}

TEST_F(Training, PausesDoesABatchAndGoesOn) {
  tell("/api/training", training("exp", R"(,"epochs":2000)"));
  while (step() == 0) std::this_thread::yield();
  EXPECT_EQ(json_of(tell("/api/training/pause")).at("state"), "paused");
  // After the present step, or an evaluation, it waits.
  std::int64_t at = -1;
  while (at != step()) {
    at = step();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(
      json_of(ask("/api/network", {{"model", "training"}, {"image", "test:0"}})).at("nodes").size(),
      7U);
  json_of(tell("/api/training/batch"));
  while (step() == at) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(step(), at + 1);
  EXPECT_EQ(json_of(tell("/api/training/go")).at("state"), "running");
  while (step() < at + 5) std::this_thread::yield();
  // A run that is trained is left alone.
  for (const char* what : {"delete", "rewind", "rename"})
    EXPECT_THAT(
        error_of(tell(str("/api/runs/", what), R"({"run":"exp","step":3,"name":"b"})"), 409),
        HasSubstr("got one that runs"))
        << what;
  EXPECT_EQ(json_of(tell("/api/training/stop")).at("state"), "stopping");
  wait_for("idle");
  EXPECT_EQ(train::status_of_run(allowed.project / "exp"), train::RunStatus::kStopped);
  EXPECT_EQ(tell("/api/runs/resume", R"({"run":"exp"})").status, 202);
  while (desk.status().at("state") != "running") std::this_thread::yield();
  tell("/api/training/stop");
  wait_for("idle");
}

// A training that ends has a last word to say, while the next one is already started.
TEST_F(Training, MayBeStartedAsSoonAsTheLastIsOver) {
  train::TrainConfig config;
  config.project = allowed.project.string();
  config.data_root = (root / "none").string();  // fails at once
  const auto start_many = [&] {
    for (int started = 0; started < 400;) {
      try {
        desk.start({config});
        ++started;
      } catch (const Conflict&) {
        // Not over yet.
      }
    }
  };
  std::thread other(start_many);
  start_many();
  other.join();
  wait_for("idle");
  EXPECT_THAT(desk.status().at("error").get<std::string>(), HasSubstr("fashion-mnist"));
}

TEST_F(Training, APauseBeforeTheFirstStepIsKept) {
  tell("/api/training", training("exp", R"(,"epochs":2000)"));
  json_of(tell("/api/training/pause"));
  while (step() == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(step(), 1);
  tell("/api/training/stop");
  wait_for("idle");
}

TEST_F(Training, ALookIsWaitedForNoLongerThanIsSaid) {
  TrainingDesk impatient(events, std::chrono::milliseconds(5));
  EXPECT_FALSE(impatient.live().version());
  const auto model = models::make_model("fashion-dnn");
  models::ModelCard card;
  card.model = "fashion-dnn";
  card.options = models::complete_options(card.model);
  card.input = {1, 28, 28};
  train::TrainingHooks hooks;
  impatient.adopt({}, hooks);
  hooks.on_model(*model, card);
  const std::int64_t version = impatient.live().version().value();
  for (train::TrainObserver* observer : hooks.observers) observer->on_train_begin({});
  EXPECT_THAT([&] { impatient.live().snapshot(); },
              testing::ThrowsMessage<Conflict>("training: a moment between two steps expected, got "
                                               "none: it is judged, or over"));
  for (train::TrainObserver* observer : hooks.observers) observer->on_step({.step = 1});
  EXPECT_GT(impatient.live().version().value(), version);
  impatient.release("why");
  EXPECT_FALSE(impatient.live().version());
  EXPECT_EQ(impatient.status().at("error"), "why");
}

TEST_F(Training, ThatFailsSaysWhy) {
  tell("/api/training", training("exp", R"(,"lr":1e30,"optimizer":"sgd")"));
  wait_for("idle");
  EXPECT_THAT(desk.status().at("error").get<std::string>(), HasSubstr("loss expected finite"));
}

TEST_F(Training, RunsAreRenamedRewoundAndDeleted) {
  tell("/api/training", training("exp"));
  wait_for("idle");
  json_of(tell("/api/runs/rewind", R"({"run":"exp","step":3})"));
  EXPECT_EQ(json_of(ask("/api/run", {{"run", "exp"}})).at("state"), "stopped");
  json_of(tell("/api/runs/rename", R"({"run":"exp","name":"mine"})"));
  EXPECT_EQ(error_of(tell("/api/runs/delete", R"({"run":"exp"})"), 404),
            "run expected to be there, got \"exp\"");
  json_of(tell("/api/runs/delete", R"({"run":"mine"})"));
  EXPECT_TRUE(json_of(ask("/api/runs")).empty());
  test::write_run(root / "elsewhere", "far", allowed.data_root, "fashion-dnn");
  std::filesystem::create_directory_symlink(root / "elsewhere" / "far", allowed.project / "far");
  EXPECT_EQ(error_of(ask("/api/run", {{"run", "far"}}), 404),
            "run expected to be there, got \"far\"");
  EXPECT_THAT(error_of(tell("/api/runs/rewind", R"({"run":"../x","step":3})"), 400),
              HasSubstr("run expected a name in the project folder, got \"../x\""));
}

TEST_F(Training, BodiesThatAreNoneAreRefused) {
  for (const char* body : {"", "[]", "{}", R"({"runs":[]})", R"({"runs":{}})", R"({"runs":[1]})",
                           R"({"runs":[[[[[[[[[[[]]]]]]]]]]]})"})
    EXPECT_EQ(
        router.answer({.method = Method::kPost, .path = "/api/training", .body = body}).status, 400)
        << body;
  EXPECT_EQ(tell("/api/runs/rename", R"({"run":"exp","name":3})").status, 404);
  EXPECT_EQ(tell("/api/runs/rename", R"({"run":3})").status, 400);
}

TEST_F(Training, SaysWhatItExpects) {
  EXPECT_EQ(error_of(tell("/api/training", "[]"), 400),
            "/api/training: body expected a JSON object");
  EXPECT_EQ(error_of(tell("/api/training", R"({"runs":[]})"), 400),
            "/api/training: runs expected a list of 1 to 8 trainings");
  EXPECT_EQ(error_of(tell("/api/training", R"({"runs":[1]})"), 400),
            "/api/training: settings expected an object, got number");
  EXPECT_EQ(error_of(ask("/api/training/filters"), 404),
            "training: filters that can be seen expected, got none");
  EXPECT_THAT([&] { desk.start({}); },
              testing::ThrowsMessage<ArgumentError>("training: runs expected at least 1, got 0"));
  test::write_run(allowed.project, "held", allowed.data_root, "fashion-dnn");
  const train::RunDirectory held{allowed.project / "held"};
  EXPECT_EQ(error_of(tell("/api/runs/resume", R"({"run":"held"})"), 409),
            "run: one that nobody trains expected, got one that runs");
}

TEST_F(Training, ThePageMaySetWhatIsItsBusiness) {
  const auto refused = [&](const std::string& more) {
    return error_of(tell("/api/training", training("exp", more)), 400);
  };
  for (const char* key : {"project", "data_root", "weights", "exist_ok", "device", "on_full",
                          "Name", "model_options", "a.b", "x=1\\ny"})
    EXPECT_THAT(
        refused(str(",\"", key, "\":\"/tmp\"")),
        HasSubstr("/api/training: setting expected to be one that the page may set, got \""))
        << key;
  EXPECT_THAT(
      refused(R"(,"data":"/etc")"),
      HasSubstr(
          "data expected a data set that is known, or a folder that --data names, got \"/etc\""));
  EXPECT_THAT(refused(R"(,"model":"/etc/passwd")"),
              HasSubstr("model expected one of the list, got \"/etc/passwd\""));
  EXPECT_THAT(refused(R"(,"name":"../up")"),
              HasSubstr("name expected a plain name, got \"../up\""));
  EXPECT_THAT(refused(R"(,"class_weights":"/etc/passwd")"),
              HasSubstr("class_weights expected \"balanced\" from the page"));
  EXPECT_THAT(refused(R"(,"epochs":"many")"), HasSubstr("epochs"));
  EXPECT_THAT(
      refused(R"(,"epochs":[1])"),
      HasSubstr("/api/training: epochs expected a text, a number, true or false, got array"));
  EXPECT_THAT(refused(R"(,"epochs":0)"), HasSubstr("epochs"));
  EXPECT_THAT(refused(R"(,"lr_rate":1)"), HasSubstr("lr_rate"));
  EXPECT_THAT(refused(R"(,"augment":"flip\"\nweights = \"x")"), HasSubstr("augment"));
  EXPECT_EQ(desk.status().at("state"), "idle");
}

}  // namespace
}  // namespace fovea::serve
