#include "apps/serve/api/event_json.h"

#include "fovea/io/json.h"

namespace fovea::serve {

io::Json json_of_step(const train::StepEvent& event, const std::string& run) {
  return {{"run", run},
          {"epoch", event.epoch},
          {"step", event.step},
          {"step_in_epoch", event.step_in_epoch},
          {"loss", event.loss},
          {"lr", event.lr},
          {"train_loss", event.train_loss},
          {"train_accuracy", event.train_accuracy},
          {"images_per_s", event.images_per_s},
          {"eta_s", event.eta_s}};
}

io::Json json_of_epoch(const train::EpochEvent& event) {
  io::Json row = {
      {"epoch", event.epoch}, {"step", event.step}, {"time_s", event.time_s}, {"lr", event.lr}};
  const auto add = [&](const std::string& name, const std::optional<train::Score>& score) {
    row[name + "_loss"] = score ? io::Json(score->loss) : io::Json();
    row[name + "_accuracy"] = score ? io::Json(score->accuracy) : io::Json();
  };
  add("train", event.train);
  add("val", event.val);
  add("test", event.test);
  row["images_per_s"] = event.images_per_s;
  row["data_wait_s"] = event.data_wait_s;
  return row;
}

}  // namespace fovea::serve
