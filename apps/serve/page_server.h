// The page's server with all that it answers: models, trainings, judgements, data, the chapter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/serve/api/allowed.h"
#include "apps/serve/api/data_routes.h"
#include "apps/serve/api/explaining.h"
#include "apps/serve/api/judging.h"
#include "apps/serve/api/training.h"
#include "apps/serve/http/events.h"
#include "apps/serve/http/router.h"
#include "apps/serve/http/server.h"

namespace fovea::serve {

/// Where it listens, and what it may show.
struct PageOptions {
  std::uint16_t port = 0;               ///< of the machine; 0: a free one
  std::string address = "127.0.0.1";    ///< of the machine, as a number
  std::vector<std::string> names = {};  ///< that it is called by, beside those of the loopback
  Allowed allowed = {};                 ///< where it may look
};

/// See the head of this file.
class PageServer {
 public:
  /// Listens. Throws IoError when it cannot, and what reading a model of the command line throws.
  explicit PageServer(PageOptions options);

  std::string address() const;            ///< "http://127.0.0.1:8080/?token=..."
  TrainingDesk& desk() { return desk_; }  ///< whose trainings it shows
  void run() { server_.run(); }           ///< answers until stop()
  void stop() { server_.stop(); }         ///< from any thread

 private:
  Response state() const;

  PageOptions options_;
  std::string token_;
  Events events_;
  Explaining explaining_;
  TrainingDesk desk_;
  Judging judging_;
  DataShelf shelf_;
  Router router_;
  Server server_;
};

}  // namespace fovea::serve
