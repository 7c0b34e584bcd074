// PageRecorder: the observer that keeps a run's page and the picture of its mistakes.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "fovea/core/shape.h"
#include "fovea/data/dataset.h"
#include "fovea/nn/module.h"
#include "fovea/train/config.h"
#include "fovea/train/report.h"
#include "fovea/train/report_page.h"
#include "fovea/train/run_directory.h"
#include "fovea/train/trainer.h"
#include "fovea/train/warnings.h"

namespace fovea::train {

/// Where a page's content comes from; all of it must outlive the recorder.
struct PageSources {
  const TrainConfig* config = nullptr;              ///< in force
  const nn::Module* model = nullptr;                ///< that is trained
  Shape input = {};                                 ///< [channels, height, width]
  const std::vector<EpochEvent>* epochs = nullptr;  ///< that are done
  const data::Dataset* test = nullptr;              ///< what the reports are about
  std::function<std::optional<Report>()> report;    ///< of the last epoch; nothing before one
};

/// Writes report.html after each epoch and at the end, and then mistakes.svg. What cannot be
/// written is a warning.
class PageRecorder : public TrainObserver {
 public:
  /// `directory` and `warnings` must outlive this.
  PageRecorder(const RunDirectory& directory, Warnings& warnings, PageSources sources)
      : directory_(directory), warnings_(warnings), from_(std::move(sources)) {}

  void on_epoch_end(const EpochEvent& event) override;
  void on_train_end(TrainEnd end) override;
  /// The run is over, and this is its report.
  void finish(const Report& report);

 private:
  void write(const Report& report, RunState state);

  const RunDirectory& directory_;
  Warnings& warnings_;
  PageSources from_;
  std::optional<Report> last_;  // of the last epoch that is done in this sitting
};

}  // namespace fovea::train
