#include "apps/serve/http/server.h"

// All that touches Boost stands here: its headers take seven seconds to compile.

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "apps/serve/http/guard.h"
#include "apps/serve/http/reply.h"
#include "apps/serve/http/target.h"
#include "fovea/core/error.h"

namespace fovea::serve {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
// By the one executor that there is: Asio's own types are for any.
using Executor = asio::io_context::executor_type;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Stream = beast::basic_stream<tcp, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using HeadParser = http::request_parser<http::empty_body>;
using BodyParser = http::request_parser<http::string_body>;
using std::chrono::seconds;

constexpr const char* kEventsPath = "/api/events";
constexpr std::size_t kMostBuffer = 64 << 10;  // of what is read at once

class Connection;

Acceptor listen_at(asio::io_context& context, const ServerOptions& options) {
  ErrorCode error;
  const auto address = asio::ip::make_address(options.address, error);
  check<ArgumentError>(!error, "serve: address expected as a number, got \"", options.address,
                       "\"");
  const tcp::endpoint at(address, options.port);
  Acceptor acceptor(context);
  acceptor.open(at.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(at, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  check<IoError>(!error, "serve: cannot listen at ", options.address, ":", options.port, ": ",
                 error.message());
  return acceptor;
}

/// The names that it is told, and its address where that is one.
std::vector<std::string> names_of(const ServerOptions& options, const asio::ip::address& address) {
  std::vector<std::string> names = options.names;
  const std::string text = address.to_string();
  if (!address.is_unspecified()) names.push_back(address.is_v6() ? "[" + text + "]" : text);
  return names;
}

/// What connections share. It ends from below: tasks of the workers and then of the context, which
/// hold connections, before the list of these.
struct Shared {
  ServerOptions options;
  const Router& router;
  const Assets& assets;
  Events& events;
  std::list<Connection*> open = {};  // the one that has been silent longest first
  asio::io_context context{1};
  asio::thread_pool workers{4};
  Acceptor acceptor = listen_at(context, options);
  Guard guard{acceptor.local_endpoint().port(), options.token,
              names_of(options, acceptor.local_endpoint().address())};
};

/// The value of a header that is there once; of one that comes twice, which nobody honest sends, a
/// value that nothing is equal to.
std::string_view once(const http::fields& fields, http::field name) {
  const auto [first, last] = fields.equal_range(name);
  if (first == last) return {};
  if (std::next(first) != last) return "twice";
  return {first->value().data(), first->value().size()};
}

/// A connection: heads, bodies and answers one after the other, or events from one on. It lives as
/// long as something that it waits for, and belongs to the network's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    place_ = shared_.open.insert(shared_.open.end(), this);
  }
  ~Connection() {
    stop_listening();
    shared_.open.erase(place_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() { read_head(shared_.options.head_seconds); }
  void refuse_full() { finish(error_response(503, "serve: too many connections are open")); }
  /// Whether it waits for somebody to say something, and loses nothing when it is closed.
  bool is_silent() const { return silent_; }
  void close() {
    silent_ = false;
    stop_listening();
    ErrorCode ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }
  void stop_listening() {
    if (number_) shared_.events.leave(*std::exchange(number_, std::nullopt));
    timer_.cancel();
  }

 private:
  // --- A request ---------------------------------------------------------------------------------

  void wait_for_head() {
    silent_ = true;
    if (buffer_.size() > 0) return read_head(shared_.options.head_seconds);
    stream_.expires_after(seconds(shared_.options.idle_seconds));
    stream_.async_read_some(buffer_.prepare(512),
                            [self = shared_from_this()](ErrorCode error, std::size_t count) {
                              if (error) return self->close();
                              self->buffer_.commit(count);
                              self->read_head(self->shared_.options.head_seconds);
                            });
  }

  void read_head(int limit_s) {
    head_.emplace();
    head_->header_limit(static_cast<std::uint32_t>(shared_.options.most_head));
    head_->body_limit(shared_.options.most_body);
    stream_.expires_after(seconds(limit_s));
    http::async_read_header(
        stream_, buffer_, *head_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_head(error); });
  }

  void on_head(ErrorCode error) {
    silent_ = false;
    keep_alive_ = false;
    // Who says something goes to the end of the line of those that may be closed.
    shared_.open.splice(shared_.open.end(), shared_.open, place_);
    if (error) return refuse(error);
    const auto& fields = head_->get();
    const bool get = fields.method() == http::verb::get;
    if (!get && fields.method() != http::verb::post)
      return finish(error_response(405, "serve: method expected GET or POST"));
    request_.method = get ? Method::kGet : Method::kPost;
    std::optional<Target> target = parse_target({fields.target().data(), fields.target().size()});
    if (!target)
      return finish(error_response(400, "serve: address expected to be one of the page's"));
    const Verdict verdict = shared_.guard.judge({.method = request_.method,
                                                 .host = once(fields, http::field::host),
                                                 .origin = once(fields, http::field::origin),
                                                 .cookie = once(fields, http::field::cookie)},
                                                *target);
    // One answer for who is not let in: of more, unread, connections would be busy.
    if (verdict == Verdict::kForeign)
      return finish(error_response(403, "serve: this server answers its own page alone"));
    if (verdict == Verdict::kNobody) return send(reply_to_nobody());
    if (verdict == Verdict::kEnter) return send(reply_to_enter(shared_.guard.cookie()));
    keep_alive_ = fields.keep_alive();
    request_.path = std::move(target->path);
    request_.query = std::move(target->query);
    request_.content_type = once(fields, http::field::content_type);
    accept_encoding_ = once(fields, http::field::accept_encoding);
    if (get && request_.path == kEventsPath) return listen();
    read_body(beast::iequals(fields[http::field::expect], "100-continue"));
  }

  void read_body(bool is_asked_for) {
    stream_.expires_after(seconds(shared_.options.body_seconds));
    body_.emplace(std::move(*head_));
    if (!is_asked_for) return read_body();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        if (!error) self->read_body();
                      });
  }

  void read_body() {
    http::async_read(
        stream_, buffer_, *body_,
        [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_body(error); });
  }

  void on_body(ErrorCode error) {
    if (error) return refuse(error);
    request_.body = std::move(body_->get().body());
    const auto asset = shared_.assets.find(request_.path);
    if (request_.method == Method::kGet && asset != shared_.assets.end())
      return send(reply_of(asset->second, accept_encoding_));
    stream_.expires_never();  // while it is computed
    asio::post(shared_.workers, [self = shared_from_this()]() mutable {
      const auto reply =
          std::make_shared<Reply>(reply_of(self->shared_.router.answer(self->request_)));
      asio::io_context& context = self->shared_.context;
      // With the worker's hold on it, so that it ends on the network's thread.
      asio::post(context, [self = std::move(self), reply] { self->send(std::move(*reply)); });
    });
  }

  /// What could not be read: closed in silence where nobody listens any more, or was too slow.
  void refuse(ErrorCode error) {
    keep_alive_ = false;
    if (error == http::error::body_limit)
      return finish(error_response(
          413, str("serve: body expected at most ", shared_.options.most_body, " bytes")));
    const bool in_head = !body_;
    if (error == http::error::header_limit || (error == http::error::buffer_overflow && in_head))
      return finish(error_response(
          431, str("serve: head expected at most ", shared_.options.most_head, " bytes")));
    if (error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream)
      return finish(error_response(400, "serve: request expected as HTTP has it"));
    close();
  }

  // --- An answer ---------------------------------------------------------------------------------

  void finish(Response response) { send(reply_of(std::move(response))); }

  void send(Reply reply) {
    reply_ = std::move(reply);
    reply_line_ = reply_head(reply_, keep_alive_ ? After::kMore : After::kClose);
    stream_.expires_after(seconds(shared_.options.body_seconds));
    const std::array<asio::const_buffer, 2> parts = {asio::buffer(reply_line_),
                                                     asio::buffer(reply_.body)};
    asio::async_write(stream_, parts, [self = shared_from_this()](ErrorCode error, std::size_t) {
      self->on_sent(error);
    });
  }

  void on_sent(ErrorCode error) {
    reply_ = {};
    request_ = {};
    body_.reset();
    if (error) return close();
    if (keep_alive_) return wait_for_head();
    // A connection that is closed on bytes that nobody has read takes the answer with it. So it
    // says that nothing more comes, and takes in for a moment what is still on its way.
    silent_ = true;
    ErrorCode ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(seconds(2));
    drain(shared_.options.most_body);
  }

  /// Reads until the other side closes, or has said more than `most`.
  void drain(std::size_t most) {
    stream_.async_read_some(asio::buffer(waste_),
                            [self = shared_from_this(), most](ErrorCode error, std::size_t count) {
                              if (error || count > most) return self->close();
                              self->drain(self->number_ ? most : most - count);
                            });
  }

  // --- Events ------------------------------------------------------------------------------------

  void listen() {
    reply_line_ = reply_head(reply_to_listener(), After::kFlow) + "retry: 1000\n\n";
    const std::weak_ptr<Connection> weak = weak_from_this();
    number_ = shared_.events.listen([weak, &context = shared_.context] {
      asio::post(context, [weak] {
        if (const auto self = weak.lock()) self->on_woken();
      });
    });
    stream_.expires_never();
    drain(shared_.options.most_body);  // who listens says nothing; reading ends when it goes
    write(std::make_shared<const std::string>(std::move(reply_line_)));
    beat();
  }

  /// A sign of life, so that who has gone away is noticed.
  void beat() {
    timer_.expires_after(seconds(shared_.options.beat_seconds));
    timer_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (error || !self->number_) return;
      if (!self->writing_) self->write(std::make_shared<const std::string>(": here\n\n"));
      self->beat();
    });
  }

  void on_woken() {
    if (!number_) return;
    if (!shared_.events.hears(*number_)) return close();
    if (!writing_) write(shared_.events.next(*number_));
  }

  void write(const Events::Event& event) {
    writing_ = event != nullptr;
    if (!event) return;
    stream_.expires_after(seconds(shared_.options.body_seconds));  // for this, not for reading
    asio::async_write(stream_, asio::buffer(*event),
                      [self = shared_from_this(), event](ErrorCode error, std::size_t) {
                        self->writing_ = false;
                        if (error) return self->close();
                        self->on_woken();
                      });
  }

  Stream stream_;
  Shared& shared_;
  std::list<Connection*>::iterator place_;
  beast::flat_buffer buffer_{kMostBuffer};
  std::optional<HeadParser> head_;
  std::optional<BodyParser> body_;
  Request request_;
  std::string accept_encoding_;
  Reply reply_;
  std::string reply_line_;
  bool keep_alive_ = false;
  bool silent_ = true;
  std::array<char, 4096> waste_{};
  std::optional<std::size_t> number_;  // of the listener to events that it is
  bool writing_ = false;               // events
  Timer timer_{stream_.get_executor()};
};

}  // namespace

/// The thread that works on the sockets.
class Server::Network {
 public:
  Network(ServerOptions options, const Router& router, const Assets& assets, Events& events)
      : shared_{
            .options = std::move(options), .router = router, .assets = assets, .events = events} {}

  std::uint16_t port() const { return shared_.acceptor.local_endpoint().port(); }

  void run() {
    accept();
    while (!shared_.context.stopped()) {
      try {
        shared_.context.run();
      } catch (const std::exception&) {
        // Memory that one connection did not get ends that one: nothing holds it any more.
      }
    }
    // Nobody is told anything from here on; whose answer is computed right now is waited for.
    for (Connection* const connection : shared_.open) connection->stop_listening();
    shared_.workers.stop();
    shared_.workers.join();
  }

  void stop() { shared_.context.stop(); }

 private:
  void accept() {
    shared_.acceptor.async_accept([this](ErrorCode error, Socket socket) {
      if (error) {
        // Without descriptors to spare, say, it fails at once, again and again.
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](ErrorCode) { accept(); });
        return;
      }
      accept();
      ErrorCode ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      const bool has_place = make_room();
      const auto connection = std::make_shared<Connection>(std::move(socket), shared_);
      if (has_place) {
        connection->start();
      } else {
        connection->refuse_full();
      }
    });
  }

  /// Closes, if it must, who has been silent longest. False where all are busy.
  bool make_room() {
    if (shared_.open.size() < shared_.options.most_connections) return true;
    const auto silent = std::ranges::find_if(
        shared_.open, [](const Connection* connection) { return connection->is_silent(); });
    if (silent == shared_.open.end()) return false;
    (*silent)->close();
    return true;
  }

  Shared shared_;
  Timer pause_{shared_.context};
};

Server::Server(ServerOptions options, const Router& router, const Assets& assets, Events& events)
    : network_(std::make_unique<Network>(std::move(options), router, assets, events)) {}
Server::~Server() = default;
std::uint16_t Server::port() const { return network_->port(); }
void Server::run() { network_->run(); }
void Server::stop() { network_->stop(); }

}  // namespace fovea::serve
