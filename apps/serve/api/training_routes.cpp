#include "apps/serve/api/training_routes.h"

#include <chrono>
#include <utility>

#include "apps/serve/api/event_json.h"
#include "apps/serve/api/json_response.h"
#include "apps/serve/api/query_reader.h"
#include "fovea/io/json.h"
#include "fovea/io/read_file.h"
#include "fovea/train/runs.h"

namespace fovea::serve {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTrainings = 8;  // in one order

/// The body as an object.
io::Json object_of(const Request& request) {
  const std::optional<io::Json> body = io::parse_json(request.body, 8);
  if (!body || !body->is_object())
    throw BadRequest(str(request.path, ": body expected a JSON object"));
  return *body;
}

std::string text_of(const Request& request, const io::Json& body, const char* key) {
  if (!body.contains(key) || !body.at(key).is_string())
    throw BadRequest(str(request.path, ": ", key, " expected a text"));
  return body.at(key).get<std::string>();
}

std::int64_t whole_of(const Request& request, const io::Json& body, const char* key) {
  if (!body.contains(key) || !body.at(key).is_number_integer())
    throw BadRequest(str(request.path, ": ", key, " expected a whole number"));
  return body.at(key).get<std::int64_t>();
}

template <class Number>
io::Json or_null(const std::optional<Number>& number) {
  return number ? io::Json(*number) : io::Json();
}

io::Json json_of(const train::RunEntry& entry) {
  const auto modified = std::chrono::file_clock::to_sys(entry.modified).time_since_epoch();
  return {{"run", entry.name},
          {"state", train::word_of(entry.state)},
          {"model", entry.config.model},
          {"data", entry.config.data},
          {"epochs", entry.config.epochs},
          {"epochs_done", entry.epochs_done},
          {"accuracy", or_null(entry.accuracy)},
          {"loss", or_null(entry.loss)},
          {"seconds", entry.last ? io::Json(entry.last->time_s) : io::Json()},
          {"parameters", or_null(entry.parameters)},
          {"modified", std::chrono::duration<double>(modified).count()},
          {"size", entry.bytes}};
}

/// A JSON file of a run; null where it cannot be read.
io::Json file_of(const fs::path& path) {
  try {
    return io::parse_json(io::read_text(path)).value_or(io::Json());
  } catch (const Error&) {
    return {};
  }
}

io::Json config_of(const fs::path& run) {
  io::Json settings = io::Json::object();
  try {
    const train::TrainConfig config = train::run_config(run);
    train::visit_settings(config, [&](const char* key, const auto& value) {
      using Value = std::remove_cvref_t<decltype(value)>;
      if constexpr (requires { value.has_value(); }) {
        settings[key] = or_null(value);
      } else {
        settings[key] = static_cast<Value>(value);
      }
    });
  } catch (const Error&) {
  }
  return settings;
}

Response run_response(const Allowed& allowed, const Request& request) {
  const fs::path run = allowed.run(QueryReader(request).text("run"));
  io::Json epochs = io::Json::array(), checkpoints = io::Json::array();
  for (const train::EpochEvent& epoch : train::run_epochs(run))
    epochs.push_back(json_of_epoch(epoch));
  for (const train::CheckpointEntry& one : train::run_checkpoints(run))
    checkpoints.push_back({{"step", one.step}, {"epoch", one.epoch}});
  const train::StepLosses steps = train::run_steps(run);
  return json_response({{"config", config_of(run)},
                        {"environment", file_of(run / "env.json")},
                        {"epochs", epochs},
                        {"steps", {{"step", steps.steps}, {"loss", steps.losses}}},
                        {"report", file_of(run / "report.json")},
                        {"checkpoints", checkpoints},
                        {"state", train::word_of(train::status_of_run(run))}});
}

Response runs_response(const Allowed& allowed) {
  io::Json runs = io::Json::array();
  for (const train::RunEntry& entry : train::list_runs(allowed.project))
    runs.push_back(json_of(entry));
  return json_response(runs);
}

std::vector<train::TrainConfig> orders_of(const Allowed& allowed, const Request& request) {
  const io::Json body = object_of(request);
  const bool listed = body.contains("runs") && body.at("runs").is_array() &&
                      !body.at("runs").empty() && body.at("runs").size() <= kMostTrainings;
  if (!listed)
    throw BadRequest(
        str(request.path, ": runs expected a list of 1 to ", kMostTrainings, " trainings"));
  std::vector<train::TrainConfig> configs;
  for (const io::Json& settings : body.at("runs")) configs.push_back(allowed.training(settings));
  return configs;
}

}  // namespace

void add_training(Router& router, const Allowed& allowed, TrainingDesk& desk, Events& events) {
  router.get("/api/runs", [&](const Request&) { return runs_response(allowed); });
  router.get("/api/run", [&](const Request& request) { return run_response(allowed, request); });
  router.get("/api/training/filters", [&](const Request&) {
    const std::optional<io::Json> filters = desk.filters();
    if (!filters) throw NotFound("training: filters that can be seen expected, got none");
    return json_response(*filters);
  });
  router.post("/api/training", [&](const Request& request) {
    desk.start(orders_of(allowed, request));
    return json_response(desk.status(), 202);
  });
  const auto steer = [&](const char* path, void (TrainingDesk::*what)()) {
    router.post(path, [&desk, what](const Request&) {
      (desk.*what)();
      return json_response(desk.status());
    });
  };
  steer("/api/training/pause", &TrainingDesk::pause);
  steer("/api/training/go", &TrainingDesk::go);
  steer("/api/training/batch", &TrainingDesk::step);
  steer("/api/training/stop", &TrainingDesk::stop);
  router.post("/api/runs/resume", [&](const Request& request) {
    const fs::path run = allowed.run(text_of(request, object_of(request), "run"));
    if (train::status_of_run(run) == train::RunStatus::kRunning)
      throw Conflict("run: one that nobody trains expected, got one that runs");
    desk.resume(run);
    return json_response(desk.status(), 202);
  });
  // What changes a run, and tells every page that the list is another one.
  const auto change = [&](const char* path, auto what) {
    router.post(path, [&allowed, &events, what](const Request& request) {
      const io::Json body = object_of(request);
      const fs::path run = allowed.run(text_of(request, body, "run"));
      try {
        what(request, body, run);
      } catch (const StateError& error) {
        throw Conflict(error.what());
      }
      events.publish("runs", "{}");
      return json_response(io::Json::object());
    });
  };
  change("/api/runs/rename", [](const Request& request, const io::Json& body, const fs::path& run) {
    train::rename_run(run, text_of(request, body, "name"));
  });
  change("/api/runs/delete",
         [](const Request&, const io::Json&, const fs::path& run) { train::delete_run(run); });
  change("/api/runs/rewind", [](const Request& request, const io::Json& body, const fs::path& run) {
    train::rewind_run(run, whole_of(request, body, "step"));
  });
}

}  // namespace fovea::serve
