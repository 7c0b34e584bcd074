#include "fovea/train/page_recorder.h"

#include "fovea/train/charts.h"
#include "fovea/train/first_layer.h"

namespace fovea::train {

void PageRecorder::on_epoch_end(const EpochEvent& event) {
  last_ = from_.report();
  // The last epoch's page is that of the end.
  if (last_ && event.epoch < from_.config->epochs) write(*last_, RunState::kTraining);
}

void PageRecorder::on_train_end(TrainEnd end) {
  if (end != TrainEnd::kInterrupted && end != TrainEnd::kFailed) return;
  if (last_) write(*last_, RunState::kStopped);
}

void PageRecorder::finish(const Report& report) {
  warnings_.tolerate("mistakes.svg", [&] {
    directory_.write("mistakes.svg", draw_mistakes(report, *from_.test).to_string());
  });
  write(report, RunState::kDone);
}

void PageRecorder::write(const Report& report, RunState state) {
  warnings_.tolerate("report.html", [&] {
    const RunPage page{.directory = directory_.path().string(),
                       .config = *from_.config,
                       .epochs = *from_.epochs,
                       .report = report,
                       .mistakes = mistake_images(report, *from_.test),
                       .filters = first_layer_pictures(*from_.model, from_.input),
                       .state = state,
                       .language = environment_language()};
    directory_.write("report.html", report_page(page));
  });
}

}  // namespace fovea::train
