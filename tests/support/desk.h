// A project folder with tiny data, a desk that trains in it, and the page's addresses over both,
// for tests of the server. For tests that link zlib.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "apps/serve/api/data_routes.h"
#include "apps/serve/api/explaining.h"
#include "apps/serve/api/judging.h"
#include "apps/serve/api/training_routes.h"
#include "tests/support/served_run.h"

namespace fovea::test {

/// See the head of this file.
class Desk : public testing::Test {
 protected:
  Desk() {
    write_tiny_data(root / "data", 60, 30);
    explaining.models.set_live(desk.live());
    serve::add_explaining(router, explaining);
    serve::add_training(router, allowed, desk, events);
    serve::add_judging(router, judging);
    serve::add_data(router, shelf);
  }

  /// The answer to a GET, or to a POST of `body`.
  serve::Response ask(const std::string& path,
                      std::map<std::string, std::string> query = {}) const {
    return router.answer(asking(path, std::move(query)));
  }
  serve::Response tell(const std::string& path, const std::string& body = "{}") const {
    return router.answer(asking(path, {}, body));
  }
  /// The error that an answer with this status says.
  static std::string error_of(const serve::Response& response, int status) {
    EXPECT_EQ(response.status, status) << response.body;
    return io::parse_json(response.body).value().value("error", "");
  }
  /// Settings of a training of two epochs of three steps.
  static std::string training(const std::string& name, const std::string& more = "") {
    return R"({"runs":[{"model":"fashion-dnn","epochs":2,"batch_size":20,"log_every":1,)"
           R"("tensorboard":"off","name":")" +
           name + "\"" + more + "}]}";
  }
  /// Waits until the desk is in a state, or for a minute.
  void wait_for(const std::string& state) const {
    for (int i = 0; i < 6000 && desk.status().at("state") != state; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(desk.status().at("state"), state) << desk.status();
  }

  const TempDir root;
  const serve::Allowed allowed{.project = root / "runs", .data_root = (root / "data").string()};
  serve::Events events;
  serve::Explaining explaining{{.project = allowed.project, .data_root = allowed.data_root}};
  serve::TrainingDesk desk{events};
  serve::Judging judging{explaining};
  serve::DataShelf shelf{allowed};
  serve::Router router;
};

}  // namespace fovea::test
