// A client that says exactly what a test wants said, well-formed or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fovea::test {

/// A connection to a port of this machine.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, const char* at = "127.0.0.1")
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, at, &address.sin_addr);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  TestClient(TestClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() {
    if (socket_ >= 0) ::close(socket_);
  }

  bool connected() const { return connected_; }
  /// Says all of it; false when the other side has closed.
  bool say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Nothing more will be said.
  void end() const { ::shutdown(socket_, SHUT_WR); }
  /// What comes until the other side closes, or until `until` has come, or for ten seconds.
  std::string hear(std::string_view until = {}) const {
    std::string heard;
    char part[4096];
    pollfd wait{socket_, POLLIN, 0};
    while ((until.empty() || heard.find(until) == std::string::npos) &&
           ::poll(&wait, 1, 10'000) == 1) {
      const ssize_t count = ::recv(socket_, part, sizeof part, 0);
      if (count <= 0) break;
      heard.append(part, static_cast<std::size_t>(count));
    }
    return heard;
  }

  /// Whether something has come that was not heard yet.
  bool has_answer() const {
    pollfd wait{socket_, POLLIN, 0};
    return ::poll(&wait, 1, 0) == 1;
  }
  /// Whether the other side closes within ten seconds, having said nothing more.
  bool closes() const {
    char one = 0;
    pollfd wait{socket_, POLLIN, 0};
    return ::poll(&wait, 1, 10'000) == 1 && ::recv(socket_, &one, 1, 0) <= 0;
  }

 private:
  int socket_;
  bool connected_ = false;
};

}  // namespace fovea::test
