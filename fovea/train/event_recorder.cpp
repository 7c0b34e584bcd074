#include "fovea/train/event_recorder.h"

#include <string>

namespace fovea::train {

EventRecorder::EventRecorder(const std::filesystem::path& directory, const nn::Module& model,
                             const Shape& input, std::int64_t log_every, std::int64_t first_step)
    : file_(directory, first_step), model_(model), input_(input), log_every_(log_every) {}

void EventRecorder::on_step(const StepEvent& event) {
  if (log_every_ == 0 || event.step % log_every_ != 0) return;
  file_.add_scalar("loss/step", event.step, event.loss);
  file_.add_scalar("learning_rate", event.step, event.lr);
}

void EventRecorder::on_epoch_end(const EpochEvent& event) {
  if (log_every_ == 0) file_.add_scalar("learning_rate", event.step, event.lr);
  add_score("train", event.step, event.train);
  add_score("val", event.step, event.val);
  add_score("test", event.step, event.test);
  for (const auto& [name, parameter] : model_.named_parameters())
    file_.add_histogram("parameters/" + name, event.step, io::histogram_of(parameter));
  if (const auto picture = draw_first_layer(model_, input_))
    file_.add_image("first_layer", event.step, *picture);
}

void EventRecorder::add_score(const char* data, std::int64_t step,
                              const std::optional<Score>& score) {
  if (!score) return;
  file_.add_scalar(std::string("loss/") + data, step, score->loss);
  file_.add_scalar(std::string("accuracy/") + data, step, score->accuracy);
}

}  // namespace fovea::train
