// A server of apps/serve/http that runs, and what a page says to it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "apps/serve/http/server.h"
#include "tests/support/test_client.h"

namespace fovea::test {

/// See the head of this file. Routes and assets are set before start().
class RunningServer {
 public:
  static constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

  RunningServer() {
    router.get("/api/hello",
               [](const serve::Request&) { return serve::Response{.body = "\"hello\""}; });
    router.post("/api/echo", [this](const serve::Request& request) {
      ++echoes;
      return serve::Response{.body = std::to_string(request.body.size())};
    });
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  /// Runs it on a thread of its own.
  void start(serve::ServerOptions options = {}) {
    options.token = kToken;
    server_ = std::make_unique<serve::Server>(std::move(options), router, assets, events);
    thread_ = std::thread([this] { server_->run(); });
  }
  /// Ends it.
  void stop() {
    if (!server_) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }

  std::uint16_t port() const { return server_->port(); }
  std::string port_text() const { return std::to_string(port()); }
  std::string host() const { return "127.0.0.1:" + port_text(); }
  std::string host_line() const { return "Host: " + host() + "\r\n"; }
  std::string cookie_name() const { return "fovea-" + port_text(); }
  std::string cookie() const { return "Cookie: " + cookie_name() + "=" + kToken + "\r\n"; }
  std::string origin() const { return "Origin: http://" + host() + "\r\n"; }
  /// A head from the page itself, but for what `more` says: "GET /api/hello HTTP/1.1".
  std::string head(const std::string& line, const std::string& more = "") const {
    return line + "\r\n" + host_line() + cookie() + more + "\r\n";
  }
  std::string get(const std::string& path, const std::string& more = "") const {
    return head("GET " + path + " HTTP/1.1", more);
  }
  std::string post(const std::string& path, const std::string& more,
                   const std::string& body) const {
    return head("POST " + path + " HTTP/1.1", origin() + more) + body;
  }

  TestClient client() const { return TestClient(port()); }
  /// What is answered to `text`, after which nothing more is said.
  std::string ask(const std::string& text) const {
    const TestClient asking = client();
    asking.say(text);
    asking.end();
    return asking.hear();
  }
  std::string status(const std::string& text) const { return status_of(ask(text)); }
  static std::string status_of(const std::string& answer) {
    return answer.starts_with("HTTP/1.1 ") ? answer.substr(9, 3) : "none: " + answer;
  }
  /// Whether it still answers.
  bool lives() const { return status(get("/api/hello")) == "200"; }

  serve::Router router;
  serve::Assets assets;
  serve::Events events;
  std::atomic<int> echoes{0};  ///< bodies that POST /api/echo has been given

 private:
  std::unique_ptr<serve::Server> server_;
  std::thread thread_;
};

}  // namespace fovea::test
