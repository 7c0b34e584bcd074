// fovea serve: the page.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "apps/base/output.h"
#include "apps/base/serve_command.h"
#include "apps/base/signals.h"
#include "apps/serve/page_server.h"

namespace fovea::cli {

namespace {

namespace fs = std::filesystem;

struct ServeSettings {
  std::int64_t port = 8080;
  std::string address = "127.0.0.1";
  std::vector<std::string> names;
  std::string project = train::TrainConfig().project;
  std::string data_root;
  std::vector<std::string> data;
  std::vector<std::string> runs;
};

serve::PageOptions options_of(const ServeSettings& settings) {
  check_range("--port", settings.port, 0, 65535);
  serve::PageOptions options{
      .port = static_cast<std::uint16_t>(settings.port),
      .address = settings.address,
      .names = settings.names,
      .allowed = {.project = settings.project, .data_root = settings.data_root}};
  std::error_code error;
  for (const std::string& folder : settings.data) {
    if (!fs::is_directory(folder, error) && !fs::is_regular_file(folder, error))
      throw IoError(str("--data expected a folder or a list, got none (", folder, ")"));
    options.allowed.folders.emplace_back(folder);
  }
  for (const std::string& run : settings.runs) {
    if (!fs::exists(run, error))
      throw IoError(str("RUN expected a run directory or a file, got none (", run, ")"));
    options.allowed.models.emplace_back(run);
  }
  return options;
}

/// Waits on a thread of its own for a signal, or for this to go.
class SignalWatch {
 public:
  template <class F>
  explicit SignalWatch(const F& on_signal)
      : thread_([this, on_signal] {
          while (!over_) {
            if (StopSignals::requested()) return on_signal();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}
  ~SignalWatch() {
    over_ = true;
    thread_.join();
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

int serve_page(const ServeSettings& settings) {
  const StopSignals signals("ends once what learns is saved; once more: at once");
  {
    serve::PageServer server(options_of(settings));
    const SignalWatch watch([&] {
      server.desk().halt();  // it saves while what is asked for last is answered
      server.stop();
    });
    put("{}\n", server.address());
    flush_output();
    server.run();
  }  // a training has saved itself
  return StopSignals::requested() ? exit_code_of_signal(StopSignals::received()) : kExitDone;
}

/// The page beside a training.
class Page final : public TrainingPage {
 public:
  Page(std::int64_t port, const train::TrainConfig& config, train::TrainingHooks& hooks)
      : server_({.port = static_cast<std::uint16_t>(port),
                 .allowed = {.project = config.project, .data_root = config.data_root}}) {
    server_.desk().adopt(config, hooks);
    thread_ = std::thread([this] { server_.run(); });
    watch_ = std::make_unique<SignalWatch>([this] { server_.desk().halt(); });
  }
  ~Page() override {
    watch_.reset();
    server_.desk().release();
    server_.stop();
    thread_.join();
  }
  std::string address() const override { return server_.address(); }

 private:
  serve::PageServer server_;
  std::thread thread_;
  std::unique_ptr<SignalWatch> watch_;
};

}  // namespace

Command serve_command() {
  auto settings = std::make_shared<ServeSettings>();
  Command command("serve",
                  "Open the page: train, steer, open up and compare models in the browser");
  command.examples = {
      {"fovea serve", "the page on runs/train; open the address that it prints"},
      {"fovea serve --port 0", "at a port that is free"},
      {"fovea serve model.onnx runs/train/exp", "with models of yours beside them"},
      {"fovea serve --data photos", "to train on your own pictures, in photos/train/CLASS"},
  };
  command.details =
      "Only who has the token in the address gets in, and only from this machine unless --address "
      "says otherwise. Closing the page stops nothing; Ctrl-C ends a training after its present "
      "step, saved, and `fovea train --resume` or the page goes on from there.";
  command
      .add_positional("RUN", settings->runs,
                      "run directories, weights or ONNX files to look into, beside the runs of "
                      "--project")
      .several()
      .files();
  command.add("--port", "N", settings->port, "where it listens; 0: a free port");
  command.add("--address", "IP", settings->address,
              "of the machine where it listens; other than the loopback lets others in who have "
              "the token; 0.0.0.0 takes --host as well");
  command.add("--host", "NAME", settings->names,
              "a name that browsers reach it by, beside localhost");
  command.add("--project", "DIR", settings->project, "the folder of runs").directories();
  command
      .add("--data", "DIR", settings->data,
           "a folder of pictures that the page may train on and show")
      .directories();
  command.add("--data-root", "DIR", settings->data_root, "where data sets lie").directories();
  command.run = [settings] { return serve_page(*settings); };
  return command;
}

std::unique_ptr<TrainingPage> open_training_page(std::int64_t port,
                                                 const train::TrainConfig& config,
                                                 train::TrainingHooks& hooks) {
  check_range("--port", port, 0, 65535);
  return std::make_unique<Page>(port, config, hooks);
}

}  // namespace fovea::cli
