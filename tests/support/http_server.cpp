#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "fovea/core/error.h"

namespace fovea::test {

HttpServer::HttpServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // port 0: any that is free
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool ok = ::bind(listener_, generic, length) == 0 && ::listen(listener_, 8) == 0 &&
                  ::getsockname(listener_, generic, &length) == 0;
  if (!ok) throw std::runtime_error("http server: no port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(listener_);
}

std::string HttpServer::url(const std::string& path) const {
  return str("http://127.0.0.1:", port_, path);
}

std::vector<std::string> HttpServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::serve() {
  while (!stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  std::string request;
  char buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count <= 0) return;
    request.append(buffer, static_cast<std::size_t>(count));
  }
  const std::size_t begin = request.find(' ') + 1;
  const std::string path = request.substr(begin, request.find(' ', begin) - begin);
  std::string range;
  if (const std::size_t at = request.find("Range: "); at != std::string::npos)
    range = request.substr(at + 7, request.find("\r\n", at) - at - 7);

  const std::lock_guard lock(mutex_);
  requests_.push_back(range.empty() ? path : path + " " + range);
  std::size_t head = 0;
  std::string response = response_to(path, range, head);
  if (!cut_after.empty()) {
    response.resize(std::min(response.size(), head + cut_after.front()));
    cut_after.erase(cut_after.begin());
  }
  for (std::size_t sent = 0; sent < response.size();) {
    const ssize_t count =
        ::send(connection, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;  // the client has enough
    sent += static_cast<std::size_t>(count);
  }
  // Whatever the client still says is read, so that closing does not reset what was sent.
  ::shutdown(connection, SHUT_WR);
  while (::recv(connection, buffer, sizeof buffer, 0) > 0) {
  }
}

// `head` becomes the length of the headers.
std::string HttpServer::response_to(const std::string& path, const std::string& range,
                                    std::size_t& head) {
  const auto respond = [&](const std::string& status, const std::string& more,
                           const std::string& body) {
    std::string text =
        str("HTTP/1.1 ", status, "\r\nConnection: close\r\nContent-Length: ", body.size(), "\r\n",
            more, "\r\n");
    head = text.size();
    return text + body;
  };
  if (const auto found = redirects.find(path); found != redirects.end())
    return respond("302 Found", "Location: " + found->second + "\r\n", "moved");
  const auto file = files.find(path);
  if (file == files.end()) return respond("404 Not Found", "", "no such file");
  const std::string& content = file->second;
  if (range.empty() || !ranges) return respond("200 OK", "", content);
  const std::size_t first = std::stoul(range.substr(6));  // "bytes=N-"
  if (first >= content.size()) return respond("416 Range Not Satisfiable", "", "");
  return respond(
      "206 Partial Content",
      str("Content-Range: bytes ", first, "-", content.size() - 1, "/", content.size(), "\r\n"),
      content.substr(first));
}

}  // namespace fovea::test
