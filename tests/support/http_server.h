// A small HTTP server on the loopback device, with the faults that downloads meet.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace fovea::test {

/// Serves files from memory, one connection after the other, until it is destroyed. Set its members
/// before the requests that they are meant for.
class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::map<std::string, std::string> files;      ///< content by path; other paths give 404
  std::map<std::string, std::string> redirects;  ///< address by path, with status 302
  bool ranges = true;                            ///< whether Range is honoured
  /// For each of the next answers: bytes of the body after which the connection breaks off.
  std::vector<std::size_t> cut_after;

  /// The address of a path.
  std::string url(const std::string& path) const;
  /// The requests so far: a path, and its range if it had one.
  std::vector<std::string> requests();

 private:
  void serve();
  void answer(int connection);
  std::string response_to(const std::string& path, const std::string& range, std::size_t& head);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace fovea::test
