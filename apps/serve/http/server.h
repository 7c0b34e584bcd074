// Server: HTTP on one address, for the page and nobody else.
//
//     Events events;
//     Router router;
//     router.get("/api/state", state);
//     Server server({.port = 8080, .token = make_token()}, router, page_assets(), events);
//     server.run();  // until stop()
//
// What is too large, too slow or too much is refused before it costs memory: heads above 16 KB
// (431), bodies above 8 MB (413), heads and bodies that do not come (closed). A body is read only
// once the guard has let its head through. Where 256 connections are open, the one that has been
// silent longest goes, and where all are busy the new one (503).
//
// Threads: the network has the thread that calls run(); handlers run on four others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/serve/http/assets.h"
#include "apps/serve/http/events.h"
#include "apps/serve/http/router.h"

namespace fovea::serve {

/// Where and how a server listens.
struct ServerOptions {
  std::string address = "127.0.0.1";    ///< of the machine, as a number
  std::uint16_t port = 0;               ///< 0: a free one
  std::string token = {};               ///< who has it may ask
  std::vector<std::string> names = {};  ///< that it is called beside its address and the loopback's
  std::size_t most_connections = 256;   ///< open at once
  std::size_t most_head = 16 << 10;     ///< bytes of a head
  std::size_t most_body = 8 << 20;      ///< bytes of a body
  int head_seconds = 10;                ///< for a head to come
  int body_seconds = 30;                ///< for a body to come, and for an answer to go
  int idle_seconds = 60;                ///< for the next head on a connection
  int beat_seconds = 15;                ///< between signs of life to who listens to events
};

/// See the head of this file.
class Server {
 public:
  /// Listens from now on; answers once it runs. Router, assets and events must outlive it.
  /// Throws   IoError when it cannot listen there.
  Server(ServerOptions options, const Router& router, const Assets& assets, Events& events);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;  ///< where it listens
  void run();                  ///< answers until stop()
  void stop();                 ///< ends run(); from any thread

 private:
  class Network;
  std::unique_ptr<Network> network_;
};

}  // namespace fovea::serve
