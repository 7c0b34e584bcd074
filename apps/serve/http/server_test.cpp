#include "apps/serve/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "fovea/core/error.h"
#include "tests/support/gzip_file.h"
#include "tests/support/running_server.h"

namespace fovea::serve {
namespace {

using test::RunningServer;
using test::TestClient;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

TEST(Server, AnswersThePage) {
  RunningServer server;
  server.start();
  EXPECT_THAT(server.ask(server.get("/api/hello", server.origin())),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Cache-Control: no-store\r\nContent-Security-Policy: default-src "
                               "'none'; script-src 'self'"),
                    EndsWith("\r\n\r\n\"hello\"")));
  EXPECT_THAT(server.ask(server.get("/api/none")),
              AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), HasSubstr("nosniff"),
                    EndsWith("{\"error\":\"serve: there is nothing at this address\"}\n")));
  EXPECT_THAT(server.ask(server.get("/api/../x")),
              EndsWith("{\"error\":\"serve: address expected to be one of the page's\"}\n"));
  EXPECT_THAT(server.ask(server.head("PUT /api/hello HTTP/1.1")),
              EndsWith("{\"error\":\"serve: method expected GET or POST\"}\n"));
  EXPECT_THAT(server.ask("GET / HTTP/1.1\r\n\r\n"),
              EndsWith("{\"error\":\"serve: this server answers its own page alone\"}\n"));
  EXPECT_THAT(server.ask("?\r\n\r\n"),
              EndsWith("{\"error\":\"serve: request expected as HTTP has it\"}\n"));
}

TEST(Server, LetsInWhoHasTheToken) {
  RunningServer server;
  server.assets["/"] = {.type = "text/html", .packed = "not gzip"};
  server.start();
  const std::string line = "GET /?token=" + std::string(RunningServer::kToken) + " HTTP/1.1\r\n";
  EXPECT_THAT(server.ask(line + server.host_line() + "\r\n"),
              AllOf(StartsWith("HTTP/1.1 303"), HasSubstr("Location: /\r\n"),
                    HasSubstr("Set-Cookie: " + server.cookie_name() + "=" + RunningServer::kToken +
                              "; HttpOnly; SameSite=Strict; Path=/\r\n"),
                    Not(HasSubstr("not gzip"))));
}

TEST(Server, GivesTheRequestToItsHandler) {
  RunningServer server;
  server.router.post("/api/say", [](const Request& request) {
    EXPECT_EQ(request.method, Method::kPost);
    return Response{.status = 202,
                    .type = "text/plain",
                    .body = request.query.at("a") + "|" + request.content_type + "|" + request.body,
                    .keep = Keep::kForever};
  });
  server.start();
  EXPECT_THAT(server.ask(server.post("/api/s%61y?a=x%20y+z&b",
                                     "Content-Type: image/png\r\nContent-Length: 3\r\n", "abc")),
              AllOf(StartsWith("HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\n"
                               "Cache-Control: private, max-age=31536000, immutable\r\n"),
                    EndsWith("\r\n\r\nx y z|image/png|abc")));
}

TEST(Server, SendsTheFilesOfThePage) {
  const std::string script = "let a = 1;";
  const std::string packed = test::gzipped(script);
  RunningServer server;
  server.assets["/"] = {.type = "text/html; charset=utf-8", .packed = packed};
  server.assets["/app.0F.js"] = {.type = "text/javascript", .packed = packed, .is_immutable = true};
  server.start();
  EXPECT_THAT(server.ask(server.get("/", "Accept-Encoding: br, gzip\r\n")),
              AllOf(HasSubstr("Content-Type: text/html; charset=utf-8\r\n"),
                    HasSubstr("Cache-Control: no-store\r\n"),
                    HasSubstr("Content-Encoding: gzip\r\n"), EndsWith("\r\n\r\n" + packed)));
  EXPECT_THAT(server.ask(server.get("/app.0F.js")),
              AllOf(HasSubstr("immutable\r\n"), Not(HasSubstr("Content-Encoding")),
                    EndsWith("\r\n\r\n" + script)));
  EXPECT_EQ(server.status(server.post("/", "Content-Length: 0\r\n", "")), "404");
  EXPECT_EQ(server.status("GET /app.0F.js HTTP/1.1\r\n" + server.host_line() + "\r\n"), "401");
}

TEST(Server, KeepsConnectionsAsLongAsTheyAreUsed) {
  RunningServer server;
  server.start({.idle_seconds = 1});
  const TestClient client = server.client();
  for (int i = 0; i < 3; ++i) {
    client.say(server.get("/api/hello"));
    EXPECT_THAT(client.hear("hello"), HasSubstr("Connection: keep-alive\r\n"));
  }
  EXPECT_TRUE(client.closes());
  client.say(server.get("/api/hello"));
  EXPECT_EQ(client.hear(), "");
  const TestClient last = server.client();
  last.say(server.get("/api/hello", "Connection: close\r\n"));
  EXPECT_THAT(last.hear(), HasSubstr("Connection: close\r\n"));
}

TEST(Server, SaysThatItWaitsForABody) {
  RunningServer server;
  server.start();
  const TestClient client = server.client();
  client.say(server.post("/api/echo", "Content-Length: 3\r\nExpect: 100-Continue\r\n", ""));
  EXPECT_EQ(client.hear("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("abc");
  EXPECT_THAT(client.hear("\r\n\r\n3"), StartsWith("HTTP/1.1 200 OK"));
}

TEST(Server, HandlersRunSideBySideAndNotOnTheNetworksThread) {
  RunningServer server;
  std::barrier both(2);
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  server.router.get("/api/wait", [&](const Request&) {
    both.arrive_and_wait();
    gone.wait();
    return Response{.body = "waited"};
  });
  server.start();
  const TestClient one = server.client();
  const TestClient other = server.client();
  one.say(server.get("/api/wait"));
  other.say(server.get("/api/wait"));
  // Who needs no worker is answered, and listens.
  EXPECT_EQ(server.status("GET / HTTP/1.1\r\n" + server.host_line() + "\r\n"), "401");
  const TestClient listener = server.client();
  listener.say(server.get("/api/events"));
  EXPECT_THAT(listener.hear("retry"), HasSubstr("200 OK"));
  go.set_value();
  EXPECT_THAT(one.hear("waited"), EndsWith("waited"));
  EXPECT_THAT(other.hear("waited"), EndsWith("waited"));
}

TEST(Server, EndsInTheMiddleOfEverything) {
  RunningServer server;
  std::atomic<int> begun{0};
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  server.router.get("/api/wait", [&](const Request&) {
    ++begun;
    gone.wait();
    return Response{};
  });
  server.start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 7; ++i) {  // three of them find no worker
    clients.push_back(server.client());
    clients.back().say(server.get("/api/wait"));
  }
  clients.push_back(server.client());
  clients.back().say(server.get("/api/events"));
  clients.push_back(server.client());
  clients.back().say("GET /");
  while (begun < 4 || server.events.listeners() == 0) std::this_thread::yield();
  clients.pop_back();
  std::thread release([&] {
    while (server.events.listeners() > 0) std::this_thread::yield();  // the network has ended
    server.events.publish("step", "{}");
    go.set_value();
  });
  server.stop();
  release.join();
  EXPECT_EQ(begun, 4);
}

TEST(Server, MayBeStoppedBeforeItRuns) {
  const Router router;
  const Assets assets;
  Events events;
  Server server({}, router, assets, events);
  server.stop();
  server.run();
}

TEST(Server, IsCalledByItsAddress) {
  // All of 127.0.0.0/8 is the loopback of Linux.
  const auto status = [](const std::string& listens_at, const std::string& called) {
    RunningServer server;
    server.start({.address = listens_at});
    const TestClient client(server.port(), listens_at.c_str());
    client.say("GET /api/hello HTTP/1.1\r\nHost: " + called + ":" + server.port_text() + "\r\n" +
               server.cookie() + "\r\n");
    client.end();
    return RunningServer::status_of(client.hear());
  };
  EXPECT_EQ(status("127.0.0.2", "127.0.0.2"), "200");
  EXPECT_EQ(status("127.0.0.2", "127.0.0.3"), "403");
  EXPECT_EQ(status("0.0.0.0", "0.0.0.0"), "403") << "no name: everywhere";
}

TEST(Server, SaysWhereItCannotListen) {
  RunningServer first;
  first.start();
  const auto listen = [](ServerOptions options) {
    const Router router;
    const Assets assets;
    Events events;
    const Server server(std::move(options), router, assets, events);
  };
  EXPECT_THAT([&] { listen({.port = first.port()}); },
              ThrowsMessage<IoError>("serve: cannot listen at 127.0.0.1:" + first.port_text() +
                                     ": Address already in use"));
  EXPECT_THAT([&] { listen({.address = "here"}); },
              ThrowsMessage<ArgumentError>("serve: address expected as a number, got \"here\""));
}

TEST(Server, TellsEventsToWhoListens) {
  RunningServer server;
  server.start();
  {
    const TestClient client = server.client();
    client.say(server.get("/api/events"));
    const std::string head = client.hear("\n\n");
    EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                       "Cache-Control: no-store\r\n"),
                            HasSubstr("nosniff"), Not(HasSubstr("Content-Length")),
                            EndsWith("retry: 1000\n\n")));
    EXPECT_EQ(server.events.listeners(), 1U);
    server.events.publish("step", "{\"step\":1}");
    server.events.publish("runs", "{}");
    EXPECT_EQ(client.hear("{}\n\n"),
              "event: step\ndata: {\"step\":1}\n\nevent: runs\ndata: {}\n\n");
  }
  while (server.events.listeners() > 0) std::this_thread::yield();
  EXPECT_EQ(server.status(server.post("/api/events", "Content-Length: 0\r\n", "")), "404");
}

TEST(Server, ListenersHearThatItIsThere) {
  RunningServer server;
  server.start({.head_seconds = 1, .body_seconds = 1, .idle_seconds = 1, .beat_seconds = 1});
  const TestClient client = server.client();
  client.say(server.get("/api/events"));
  // Longer than a request may take, and a connection be idle.
  EXPECT_THAT(client.hear(": here\n\n: here\n\n: here\n\n"), EndsWith(": here\n\n: here\n\n"));
  server.events.publish("step", "{}");
  EXPECT_THAT(client.hear("{}"), HasSubstr("event: step\n"));
}

TEST(Server, WhoWasDroppedComesBack) {
  RunningServer server;
  server.start();
  const TestClient deaf = server.client();
  deaf.say(server.get("/api/events"));
  while (server.events.listeners() == 0) std::this_thread::yield();
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 1000 && server.events.listeners() > 0; ++i)
    server.events.publish("maps", large);
  EXPECT_EQ(server.events.listeners(), 0U);
  const TestClient again = server.client();
  again.say(server.get("/api/events"));
  EXPECT_THAT(again.hear("retry: 1000\n\n"), HasSubstr("200 OK"));
  server.events.publish("step", "{}");
  EXPECT_EQ(again.hear("{}\n\n"), "event: step\ndata: {}\n\n");
}

}  // namespace
}  // namespace fovea::serve
