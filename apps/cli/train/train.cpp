// fovea train: a model learns from a data set and leaves a run directory.

#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/base/progress_line.h"
#include "apps/base/report_text.h"
#include "apps/base/serve_command.h"
#include "apps/base/setting_flags.h"
#include "apps/base/signals.h"
#include "apps/base/table.h"
#include "apps/base/train_flags.h"
#include "apps/cli/commands.h"
#include "apps/cli/train/dashboard.h"
#include "apps/cli/train/profile_text.h"
#include "apps/cli/train/train_progress.h"
#include "fovea/core/error.h"
#include "fovea/io/json.h"
#include "fovea/io/read_file.h"
#include "fovea/models/model_file.h"
#include "fovea/train/training.h"

namespace fovea::cli {

namespace {

constexpr std::int64_t kServePort = 8080;

struct TrainSettings {
  TrainFlags flags;
  bool quiet = false;
  bool dashboard = false;
  bool serve = false;
  std::optional<std::int64_t> port;
  bool profile = false;
  bool json = false;
};

/// The model that learns, for people: where nobody names it the one that the weights name, if they
/// do and, when a training goes on, are still there.
std::string model_of(const train::TrainConfig& config) {
  if (!config.model.empty()) return config.model;
  try {
    const std::string card = models::load_model_file(config.weights).card.model;
    return card.empty() ? config.weights : card;
  } catch (const Error&) {
    return config.weights;
  }
}

/// What a person wants to know at the end of a training.
void tell_result(const train::TrainingResult& result, const Terminal& terminal) {
  say("\n{}\n", metrics_text(*result.report, terminal));
  const std::filesystem::path& run = result.directory;
  say("  run       {}\n  weights   {}\n", run.string(),
      (run / "weights" / "best.safetensors").string());
  using Kind = std::pair<const char*, const char*>;
  for (const auto& [kind, file] : {Kind{"page", "report.html"}, Kind{"picture", "curves.svg"},
                                   Kind{"picture", "confusion_matrix.svg"}}) {
    if (std::filesystem::exists(run / file)) say("  {:<9} {}\n", kind, (run / file).string());
  }
}

/// Says why a training ended before its last epoch, if it did.
void tell_early_end(const train::TrainConfig& config, const train::TrainingResult& result) {
  if (result.end == train::TrainEnd::kEnough) {
    say("  ended     after {} epochs without a better {}\n", config.patience, config.monitor);
  } else if (result.end == train::TrainEnd::kTimeUp) {
    say("  ended     after {:g} minutes; to go on: fovea train --resume {}\n", config.minutes,
        one_line(result.directory.string()));
  }
}

/// Says what an interrupted training leaves behind.
void tell_interrupted(const train::TrainingResult& result, const Terminal& terminal) {
  const std::string run = one_line(result.directory.string());
  say("{} {}; the weights are in {}; to go on: fovea train --resume {}\n",
      styled(terminal, Style::kBad, "fovea train:"),
      StopSignals::received() == 0        ? "stopped from the page"
      : StopSignals::received() == SIGINT ? "interrupted"
                                          : "terminated",
      one_line((result.directory / "weights" / "last.safetensors").string()), run);
}

/// Prints what scripts read. Where standard output is closed nobody reads it: that takes nothing
/// from a training whose result is on disk.
void print_result(const TrainSettings& settings, const train::TrainingResult& result) {
  if (output_is_closed()) {
    say("the run is in {}\n", one_line(result.directory.string()));
  } else if (settings.json && result.report) {
    put("{}", train::to_json(*result.report));
  } else if (settings.json && result.was_finished) {
    put("{}", io::read_text(result.directory / "report.json"));
  } else if (settings.json) {  // interrupted: there is no report, but the run is there
    put("{}\n", io::json_lines({{"run_dir", result.directory.string()}}));
  } else {
    put("{}\n", result.directory.string());
  }
}

int train_model(const TrainSettings& settings) {
  const train::TrainConfig config = resolve(settings.flags);
  const Terminal terminal = Terminal::error();
  // Until there is a run directory there is nothing to save, and a signal ends the command at once.
  std::optional<StopSignals> signals;
  TrainProgress progress(stderr, terminal);
  train::TrainingHooks hooks{.stop = &StopSignals::requested()};
  // What was done to the inputs is no progress: --quiet does not hide it.
  hooks.on_note = [](const std::string& note) { say("{}\n", one_line(note)); };
  hooks.on_directory = [&](const std::filesystem::path& directory) {
    signals.emplace();
    if (settings.quiet) return;
    say("{} {} on {} {} {}\n", settings.flags.resume.empty() ? "training" : "going on with",
        one_line(model_of(config)), one_line(config.data),
        settings.flags.resume.empty() ? "into" : "in",
        styled(terminal, Style::kBold, one_line(directory.string())));
  };
  Dashboard dashboard(stderr, terminal);
  if (settings.dashboard && !settings.quiet && Dashboard::fits(terminal)) {
    hooks.observers.push_back(&dashboard);
  } else if (!settings.quiet) {
    hooks.observers.push_back(&progress);
  }
  std::optional<CountLine> checking;
  if (!settings.quiet) {
    checking.emplace(terminal, "checking pictures");
    hooks.on_check = [&](auto done, auto total) { checking->show(done, total); };
  }
  StepProfile profile;
  if (settings.profile) hooks.observers.push_back(&profile);
  std::unique_ptr<TrainingPage> page;
  if (settings.serve) {
    page = open_training_page(settings.port.value_or(kServePort), config, hooks);
    say("the page is at {}\n", page->address());
  }
  const std::string& resume = settings.flags.resume;
  const train::TrainingResult result = resume.empty()
                                           ? train::run_training(config, hooks)
                                           : train::resume_training(resume, config, hooks);
  if (result.was_finished && !settings.quiet)
    say("{} is finished: {} epochs; more with --epochs\n", one_line(resume), config.epochs);
  if (!settings.quiet && result.report) {
    tell_result(result, terminal);
    tell_early_end(config, result);
  }
  if (settings.profile) say("\n{}", profile.to_string(terminal));
  for (const std::string& warning : result.warnings) say("{}\n", one_line(warning));
  if (result.end == train::TrainEnd::kInterrupted) tell_interrupted(result, terminal);

  print_result(settings, result);
  const bool by_signal =
      result.end == train::TrainEnd::kInterrupted && StopSignals::received() != 0;
  return by_signal ? exit_code_of_signal(StopSignals::received()) : kExitDone;
}

}  // namespace

Command train_command() {
  auto settings = std::make_shared<TrainSettings>();
  Command command("train",
                  "Train a model and leave a run directory with weights, curves and a report");
  command.examples = {
      {"fovea train fashion-cnn", "the CNN on Fashion-MNIST, 5 epochs"},
      {"fovea train fashion-dnn --epochs 10 --seed 1", "other settings"},
      {"fovea train fashion-cnn --optimizer sgd --lr 0.05", "another recipe"},
      {"fovea train fashion-cnn --limit-train 5000", "a quick try"},
      {"fovea train fashion-cnn --dashboard", "curves in the terminal"},
      {"fovea train resnet18 --data photos --image-size 64", "pictures in photos/train/CLASS"},
      {"fovea train --weights model.onnx --lr 0.0001", "a model from PyTorch and others, further"},
      {"fovea train --config exp/config.toml --seed 2", "a run again, changed"},
      {"fovea train --resume runs/train/exp", "a run that was stopped, on to its end"},
  };
  command.details =
      "The run directory's path is the last line on standard output; progress goes to standard "
      "error. Ctrl-C ends after the present step with everything saved, and --resume goes on from "
      "there; a second one ends at once.";
  add_train_flags(command, settings->flags);
  command.add_switch("--quiet", settings->quiet, "no progress; the run directory is still printed")
      .in(kOutputHeading);
  command
      .add_switch("--dashboard", settings->dashboard,
                  "on a terminal of 80x24 or more: curves, the accuracy of each class and the time "
                  "left, in place of a line")
      .in(kOutputHeading);
  command
      .add_switch(
          "--serve", settings->serve,
          "the page on this training, in the browser, until it ends; its address is printed "
          "on standard error")
      .in(kOutputHeading);
  command.add("--port", "N", settings->port, "of --serve; 8080 unless given, 0: a free one")
      .in(kOutputHeading);
  command
      .add_switch("--profile", settings->profile,
                  "at the end, the time of each kernel in the training steps, on standard error")
      .in(kOutputHeading);
  command.add_switch("--json", settings->json, "print the report as JSON instead of the directory")
      .in(kOutputHeading);
  std::stable_partition(command.options.begin(), command.options.end(), [](const Option& option) {
    return option.group.english != kMachineHeading;
  });
  command.run = [settings] {
    try {
      return train_model(*settings);
    } catch (const ArgumentError& error) {
      throw UsageError(named_by_flag(error.what(), settings->flags.given));
    } catch (const NumericError& error) {
      throw NumericError(str(error.what(), "; a lower --lr may help"));
    }
  };
  return command;
}

}  // namespace fovea::cli
