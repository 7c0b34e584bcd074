// What a hostile page, program or network may send, and what it gets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/running_server.h"
#include "tests/support/sanitized.h"

namespace fovea::serve {
namespace {

using test::RunningServer;
using test::TestClient;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What /proc/self/status says of this process, in kilobytes.
std::int64_t kilobytes(const std::string& of) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(of + ":")) return std::stoll(line.substr(of.size() + 1));
  return 0;
}

class Attack : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ofstream("/proc/self/clear_refs") << "5";  // the most resident is what is resident now
    before_kb_ = kilobytes("VmRSS");
  }
  /// Over all attacks together, and with what their senders need.
  static void TearDownTestSuite() {
    const std::int64_t most_kb = kilobytes("VmHWM");
    RecordProperty("memory_growth_kb", std::to_string(most_kb - before_kb_));
    expect_small(most_kb);
  }
  static void expect_small(std::int64_t kb) {
    if (test::kSanitized) return;  // it keeps what was freed
    EXPECT_LT(kb - before_kb_, 32 << 10) << "kilobytes of memory";
  }

  Attack() { server_.start({.head_seconds = 3, .body_seconds = 3}); }
  ~Attack() override {
    EXPECT_TRUE(server_.lives());
    expect_small(kilobytes("VmRSS"));
  }

  std::string status(const std::string& text) const { return server_.status(text); }

  RunningServer server_;

 private:
  static std::int64_t before_kb_;
};
std::int64_t Attack::before_kb_ = 0;

TEST_F(Attack, OtherHostsAreForbidden) {
  const auto ask = [&](const std::string& host_lines) {
    return status("GET /api/hello HTTP/1.1\r\n" + host_lines + server_.cookie() + "\r\n");
  };
  for (const char* name : {"evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1",
                           "localhost.evil.example", "", "127.0.0.1.evil.example"}) {
    EXPECT_EQ(ask("Host: " + std::string(name) + "\r\n"), "403") << name;
  }
  EXPECT_EQ(ask("Host: localhost.evil.example:" + server_.port_text() + "\r\n"), "403");
  EXPECT_EQ(ask(""), "403");
  EXPECT_EQ(ask(server_.host_line() + "Host: evil.example\r\n"), "403") << "two of them";
  for (const char* name : {"localhost", "LOCALHOST", "[::1]", "127.0.0.1"})
    EXPECT_EQ(ask("Host: " + std::string(name) + ":" + server_.port_text() + "\r\n"), "200");
  EXPECT_EQ(status("GET /?token=" + std::string(RunningServer::kToken) +
                   " HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
            "403");
}

TEST_F(Attack, OtherOriginsAreForbidden) {
  for (const char* origin : {"http://evil.example", "null", "https://127.0.0.1",
                             "http://127.0.0.1:1", "file://", "http://127.0.0.1", ""}) {
    const std::string more = "Origin: " + std::string(origin) + "\r\n";
    if (!std::string(origin).empty()) {
      EXPECT_EQ(status(server_.get("/api/hello", more)), "403") << origin;
    }
    EXPECT_EQ(status(server_.head("POST /api/echo HTTP/1.1", more + "Content-Length: 0\r\n")),
              "403")
        << origin;
  }
  EXPECT_EQ(status(server_.get("/api/hello", "Origin: https://" + server_.host() + "\r\n")), "403");
  EXPECT_EQ(status(server_.get("/?token=" + std::string(RunningServer::kToken),
                               "Origin: http://evil.example\r\n")),
            "403");
  EXPECT_EQ(status(server_.get("/api/hello", server_.origin() + "Origin: null\r\n")), "403");
  EXPECT_EQ(status(server_.get("/api/hello", server_.origin())), "200");
  EXPECT_EQ(server_.echoes, 0);
}

TEST_F(Attack, APostSaysWhereItIsFrom) {
  EXPECT_EQ(status(server_.head("POST /api/echo HTTP/1.1", "Content-Length: 0\r\n")), "403");
  EXPECT_EQ(server_.echoes, 0);
  EXPECT_EQ(status(server_.post("/api/echo", "Content-Length: 3\r\n", "abc")), "200");
}

TEST_F(Attack, WithoutTheTokenNothingIsAnswered) {
  const std::string line = "GET /api/hello HTTP/1.1\r\n" + server_.host_line();
  const std::string answer = server_.ask(line + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(answer, HasSubstr("opens by the address that <code>fovea serve</code> printed"));
  EXPECT_THAT(answer, Not(HasSubstr(RunningServer::kToken)));
  EXPECT_EQ(status("POST /api/echo HTTP/1.1\r\n" + server_.host_line() + server_.origin() +
                   "Content-Length: 3\r\n\r\nabc"),
            "401");
  EXPECT_EQ(status("GET /api/events HTTP/1.1\r\n" + server_.host_line() + "\r\n"), "401");
  EXPECT_EQ(server_.echoes, 0);
  EXPECT_EQ(server_.events.listeners(), 0U);
}

TEST_F(Attack, AWrongTokenIsNone) {
  const std::string token = RunningServer::kToken;
  const std::string name = server_.cookie_name();
  const std::string line = "GET /api/hello HTTP/1.1\r\n" + server_.host_line();
  for (const std::string& wrong :
       {name + "=", name + "=0123456789abcdef0123456789abcdee", name + "=" + token + "0",
        name + "=" + token.substr(1), "other=" + token, "x" + name + "=" + token, name + token,
        name + "=\"" + token + "\""})
    EXPECT_EQ(status(line + "Cookie: " + wrong + "\r\n\r\n"), "401") << wrong;
  for (const std::string& wrong : {std::string("wrong"), std::string(), token + "0"})
    EXPECT_EQ(status("GET /?token=" + wrong + " HTTP/1.1\r\n" + server_.host_line() + "\r\n"),
              "401");
  EXPECT_EQ(
      status("GET /api/hello?token=" + token + " HTTP/1.1\r\n" + server_.host_line() + "\r\n"),
      "401");
  EXPECT_EQ(status(line + "Cookie: a=b; " + name + "=" + token + "\r\n\r\n"), "200");
}

TEST_F(Attack, NoPathLeadsOut) {
  for (const char* path : {"/../etc/passwd",
                           "/..",
                           "/%2e%2e/etc/passwd",
                           "/%2E%2e/x",
                           "/.%2E/x",
                           "/..%2fetc/passwd",
                           "/..%2Fetc/passwd",
                           "/api/../../etc/passwd",
                           "/..%5cetc",
                           "/..%5Cetc",
                           "/\\..\\etc",
                           "/a\\b",
                           "/%252e%252e/etc/passwd",
                           "/%25252e%25252e/etc/passwd",
                           "//etc/passwd",
                           "/api//hello",
                           "/./api/hello",
                           "/api/%00hello",
                           "/api/hello%00",
                           "/api/hello?x=%00",
                           "/%",
                           "/%4",
                           "/%zz",
                           "/%c0%ae%c0%ae/etc",
                           "etc/passwd",
                           "http://evil.example/",
                           "*",
                           "/api/hello?x=%ff"}) {
    EXPECT_EQ(status(server_.get(path)), "400") << path;
  }
  EXPECT_EQ(status(server_.get(std::string("/api/hel\0lo", 11))), "400");
  EXPECT_EQ(status(server_.get("/..;/etc")), "404");
  EXPECT_EQ(status(server_.get("/api/%68ello?x=%2e%2e")), "200");
}

TEST_F(Attack, OtherMethodsAreRefused) {
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD", "BREW"}) {
    for (const char* path : {"/api/hello", "/api/echo"}) {
      EXPECT_EQ(status(server_.head(std::string(method) + " " + path + " HTTP/1.1",
                                    server_.origin() + "Content-Length: 0\r\n")),
                "405")
          << method << " " << path;
    }
  }
  EXPECT_EQ(server_.echoes, 0);
  EXPECT_EQ(status(server_.post("/api/hello", "Content-Length: 0\r\n", "")), "405");
  EXPECT_EQ(status(server_.get("/api/echo")), "405");
}

TEST_F(Attack, BodiesOfAWrongLengthAreRefused) {
  const auto post = [&](const std::string& more, const std::string& body) {
    return status(server_.post("/api/echo", more, body));
  };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(post("Content-Length: 10\r\n", "abc"), "400");  // and then the end
  EXPECT_EQ(post("Content-Length: 3\r\nContent-Length: 5\r\n", "abcde"), "400");
  EXPECT_EQ(post("Content-Length: -1\r\n", ""), "400");
  EXPECT_EQ(post("Content-Length: 99999999999999999999999\r\n", ""), "400");
  EXPECT_EQ(post("Content-Length: abc\r\n", ""), "400");
  EXPECT_EQ(post("Content-Length: 3\r\n" + chunked, "abc"), "400");
  EXPECT_EQ(post(chunked, "zz\r\nabc\r\n0\r\n\r\n"), "400");
  EXPECT_EQ(post(chunked, "ffffffffffffffffff\r\nabc\r\n"), "400");
  EXPECT_EQ(post(chunked, "3\r\nabcdef\r\n0\r\n\r\n"), "400");
  EXPECT_EQ(post(chunked, "3;" + std::string(100'000, 'x')), "400");  // what no chunk begins with
  EXPECT_EQ(server_.echoes, 0);
  EXPECT_EQ(post(chunked, "3\r\nabc\r\n0\r\n\r\n"), "200");
  // What lies behind a body is the next request, or none.
  const std::string answer =
      server_.ask(server_.post("/api/echo", "Content-Length: 3\r\n", "abcGARBAGE\r\n\r\n"));
  EXPECT_EQ(RunningServer::status_of(answer), "200");
  EXPECT_THAT(answer, HasSubstr("3HTTP/1.1 400 Bad Request"));
}

TEST_F(Attack, LargeBodiesAreRefusedBeforeTheyAreRead) {
  const std::string answer =
      server_.ask(server_.post("/api/echo", "Content-Length: 104857600\r\n", ""));
  EXPECT_EQ(RunningServer::status_of(answer), "413");
  EXPECT_THAT(answer, EndsWith("{\"error\":\"serve: body expected at most 8388608 bytes\"}\n"));

  const TestClient client = server_.client();
  client.say(server_.post("/api/echo", "Transfer-Encoding: chunked\r\n", ""));
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  int sent = 0;
  while (sent < 1600 && !client.has_answer() && client.say(chunk)) ++sent;  // 100 MB, if it is let
  EXPECT_LT(sent, 1600);
  EXPECT_EQ(RunningServer::status_of(client.hear("\n\n")), "413");
  EXPECT_EQ(server_.echoes, 0);

  // Who goes on sending is not thrown out before the answer has come.
  const TestClient late = server_.client();
  late.say(server_.post("/api/echo", "Content-Length: 9000000\r\n", ""));
  EXPECT_EQ(RunningServer::status_of(late.hear("bytes\"}\n")), "413");
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(late.say(std::string(0x10000, 'x')));

  // As much as is allowed is read.
  const TestClient allowed = server_.client();
  allowed.say(server_.post("/api/echo", "Content-Length: 8388608\r\n", ""));
  for (int i = 0; i < 128; ++i) allowed.say(std::string(0x10000, 'x'));
  EXPECT_THAT(allowed.hear("8388608"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Attack, LargeHeadsAreRefused) {
  const std::string answer =
      server_.ask(server_.get("/api/hello", "X: " + std::string(20'000, 'x') + "\r\n"));
  EXPECT_EQ(RunningServer::status_of(answer), "431");
  EXPECT_THAT(answer, EndsWith("{\"error\":\"serve: head expected at most 16384 bytes\"}\n"));
  EXPECT_EQ(status("GET /" + std::string(1 << 20, 'x')), "431") << "a line without an end";
  std::string many;
  while (many.size() < 1 << 20) many += "X" + std::to_string(many.size()) + ": x\r\n";
  EXPECT_EQ(status(server_.get("/api/hello", many)), "431");
  EXPECT_EQ(status(server_.get("/api/hello", "X: " + std::string(10'000, 'x') + "\r\n")), "200");
}

TEST_F(Attack, SlowConnectionsKeepNobodyOut) {
  std::vector<TestClient> slow;
  const std::string head = "GET /api/hello";
  for (int i = 0; i < 200; ++i) {
    slow.push_back(server_.client());
    ASSERT_TRUE(slow.back().say("G"));
  }
  for (std::size_t at = 1; at < head.size(); ++at) {
    EXPECT_TRUE(server_.lives());
    for (const TestClient& client : slow) client.say(head.substr(at, 1));
  }
  // Saying something now and then keeps none of them alive.
  for (const TestClient& client : slow) ASSERT_TRUE(client.closes());
}

TEST_F(Attack, SlowBodiesEnd) {
  const TestClient client = server_.client();
  client.say(server_.post("/api/echo", "Content-Length: 1000000\r\n", ""));
  int said = 0;
  while (said < 1000 && !client.has_answer() && client.say("x")) {
    ++said;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(said, 1000);
  EXPECT_EQ(client.hear(), "");
  EXPECT_EQ(server_.echoes, 0);
}

TEST_F(Attack, WhereAllPlacesAreTakenTheSilentMakeRoom) {
  RunningServer small;
  small.start({.most_connections = 8, .head_seconds = 600});
  std::vector<TestClient> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(small.client());
    slow.back().say("GET /");
  }
  for (std::size_t i = 0; i < 12; ++i) ASSERT_TRUE(slow[i].closes()) << i;
  EXPECT_TRUE(small.lives());
  // The others are still heard out.
  slow.back().say("api/hello HTTP/1.1\r\n" + small.host_line() + small.cookie() + "\r\n");
  EXPECT_THAT(slow.back().hear("hello"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Attack, WhereAllAreBusyTheNewOneIsTold) {
  RunningServer small;
  small.start({.most_connections = 2});
  std::vector<TestClient> listeners;
  for (int i = 0; i < 2; ++i) {
    listeners.push_back(small.client());
    listeners.back().say(small.get("/api/events"));
    EXPECT_THAT(listeners.back().hear("retry"), HasSubstr("200 OK"));
  }
  const std::string answer = small.ask("");
  EXPECT_EQ(RunningServer::status_of(answer), "503");
  EXPECT_THAT(answer, EndsWith("{\"error\":\"serve: too many connections are open\"}\n"));
  listeners.pop_back();
  while (small.events.listeners() > 1) std::this_thread::yield();
  EXPECT_TRUE(small.lives());
}

TEST_F(Attack, RequestsMayFollowEachOther) {
  std::string many;
  for (int i = 0; i < 50; ++i) many += server_.get("/api/hello");
  const std::string answer = server_.ask(many + server_.get("/api/none"));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answer.find("200 OK", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 50U);
  EXPECT_THAT(answer, HasSubstr("404 Not Found"));
  // A refused request and its body are the last of a connection: none of it is a request.
  const std::string smuggled =
      server_.ask(server_.head("POST /api/echo HTTP/1.1", "Content-Length: 300\r\n") +  // no Origin
                  server_.get("/api/hello"));
  EXPECT_THAT(smuggled, StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(smuggled, Not(HasSubstr("200 OK")));
}

TEST_F(Attack, WhoIsNotLetInHasOneAnswerAConnection) {
  // Many, which nobody reads, would keep it busy, and all its like every place.
  const std::string nobody = "GET / HTTP/1.1\r\n" + server_.host_line() + "\r\n";
  const std::string foreign = "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
  const std::string enter = "GET /?token=" + std::string(RunningServer::kToken) + " HTTP/1.1\r\n" +
                            server_.host_line() + "\r\n";
  for (const std::string& request : {nobody, foreign, enter}) {
    const std::string answer = server_.ask(request + server_.get("/api/hello"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << request;
    EXPECT_THAT(answer, Not(HasSubstr("200 OK"))) << request;
  }
}

TEST_F(Attack, WhatIsNoHttpIsRefused) {
  EXPECT_EQ(status("nonsense\r\n\r\n"), "400");
  EXPECT_EQ(status("GET /api/hello HTTP/9.9\r\n\r\n"), "400");
  EXPECT_EQ(status(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)), "400");  // TLS
  EXPECT_EQ(status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "400");
  EXPECT_EQ(status(server_.get("/api/hello", "no colon\r\n")), "400");
  EXPECT_EQ(status(server_.get("/api/hello", "X: a\r\n folded\r\nY\x01: b\r\n")), "400");
  // The old version of it is understood, and has the same guard.
  const std::string answer = server_.ask(server_.head("GET /api/hello HTTP/1.0"));
  EXPECT_EQ(RunningServer::status_of(answer), "200");
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(status("GET /api/hello HTTP/1.0\r\n" + server_.cookie() + "\r\n"), "403");
}

TEST_F(Attack, ListenersThatDoNotListenAreDropped) {
  const TestClient deaf = server_.client();
  deaf.say(server_.get("/api/events"));
  while (server_.events.listeners() == 0) std::this_thread::yield();
  const std::string large(100'000, 'x');
  for (int i = 0; i < 10'000 && server_.events.listeners() > 0; ++i)  // 1 GB, if it is let
    server_.events.publish("step", large);
  EXPECT_EQ(server_.events.listeners(), 0U);
  EXPECT_LT(deaf.hear().size(), 200'000'000U);
  EXPECT_TRUE(deaf.closes());
}

}  // namespace
}  // namespace fovea::serve
