#include "apps/serve/page_server.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "apps/serve/api/training_routes.h"
#include "apps/serve/http/assets.h"
#include "apps/serve/http/guard.h"
#include "fovea/core/parallel.h"
#include "fovea/core/version.h"
#include "fovea/io/json.h"
#include "fovea/models/models.h"
#include "fovea/train/augmentation.h"
#include "fovea/train/environment.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/open_data.h"

namespace fovea::serve {

namespace {

namespace fs = std::filesystem;

ModelsOptions models_options(const Allowed& allowed) {
  return {.project = allowed.project, .files = allowed.models, .data_root = allowed.data_root};
}

/// The data sets that are known, and the folders of pictures that may be read.
io::Json data_list(const Allowed& allowed) {
  io::Json list = io::Json::array();
  for (const vision::DataSetInfo& info : vision::data_sets()) {
    const bool present = vision::data_set_state(info, allowed.data_root).complete();
    list.push_back({{"name", info.name},
                    {"title", info.title},
                    {"present", present},
                    {"reason", present ? "" : "fovea data download " + info.name}});
  }
  for (const fs::path& folder : allowed.folders)
    list.push_back({{"name", folder.string()},
                    {"title", title_of(folder)},
                    {"present", true},
                    {"reason", ""}});
  return list;
}

/// Models by name, and the lists of layers that the command line names.
std::vector<std::string> trainable(const Allowed& allowed) {
  std::vector<std::string> names = models::model_names();
  for (const fs::path& file : allowed.models)
    if (is_list_of_layers(file)) names.push_back(file.string());
  return names;
}

io::Json defaults() {
  io::Json settings = io::Json::object();
  const train::TrainConfig config;
  train::visit_settings(config, [&](const char* key, const auto& value) {
    if constexpr (requires { value.has_value(); }) {
      settings[key] = value ? io::Json(*value) : io::Json();
    } else {
      settings[key] = value;
    }
  });
  return settings;
}

}  // namespace

PageServer::PageServer(PageOptions options)
    : options_(std::move(options)),
      token_(make_token()),
      explaining_(models_options(options_.allowed)),
      desk_(events_),
      judging_(explaining_),
      shelf_(options_.allowed),
      server_({.address = options_.address,
               .port = options_.port,
               .token = token_,
               .names = options_.names},
              router_, page_assets(), events_) {
  explaining_.models.check_files();
  explaining_.models.set_live(desk_.live());
  router_.get("/api/state", [this](const Request&) { return state(); });
  add_explaining(router_, explaining_);
  add_training(router_, options_.allowed, desk_, events_);
  add_judging(router_, judging_);
  add_data(router_, shelf_);
}

std::string PageServer::address() const {
  const bool everywhere = options_.address == "0.0.0.0" || options_.address == "::";
  const std::string host = !options_.names.empty() ? options_.names.front()
                           : everywhere            ? "127.0.0.1"
                           : options_.address.find(':') != std::string::npos
                               ? "[" + options_.address + "]"
                               : options_.address;
  return str("http://", host, ":", server_.port(), "/?token=", token_);
}

Response PageServer::state() const {
  const io::Json status = desk_.status();
  return {.body = io::json_line(
              {{"version", version()},
               {"cpu", train::cpu_name()},
               {"threads", num_threads()},
               {"project", options_.allowed.project.string()},
               {"data", data_list(options_.allowed)},
               {"zoo", trainable(options_.allowed)},
               {"training",
                status.at("state") == "idle" && status.at("run").is_null() ? io::Json() : status},
               {"options",
                {{"optimizer", train::setting_words("optimizer")},
                 {"schedule", train::setting_words("schedule")},
                 {"augment", train::augment_words()},
                 {"defaults", defaults()}}}})};
}

}  // namespace fovea::serve
