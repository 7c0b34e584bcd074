// What a server answers: requests that have been let through, and who answers which address.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::serve {

/// What a request wants done.
enum class Method : std::uint8_t {
  kGet,   ///< to see something; changes nothing
  kPost,  ///< to do something
};

/// A request: whole, within the limits, and from somebody who may ask.
struct Request {
  Method method = Method::kGet;                   ///< what is wanted
  std::string path = {};                          ///< "/api/runs", decoded
  std::map<std::string, std::string> query = {};  ///< decoded; of a word that comes twice the last
  std::string body = {};                          ///< of a POST
  std::string content_type = {};                  ///< of the body, as the sender says
};

/// How long an answer may be kept.
enum class Keep : std::uint8_t {
  kNot,      ///< not at all
  kForever,  ///< what lies at its address never changes
};

/// An answer.
struct Response {
  int status = 200;                       ///< of HTTP
  std::string type = "application/json";  ///< of the body
  std::string body = {};                  ///< what is sent
  Keep keep = Keep::kNot;                 ///< by whoever gets it
};

/// What was asked for cannot be: 400.
class BadRequest : public Error {
 public:
  using Error::Error;
};
/// There is no such thing: 404.
class NotFound : public Error {
 public:
  using Error::Error;
};
/// Not now: 409.
class Conflict : public Error {
 public:
  using Error::Error;
};

/// An answer that says what is wrong: {"error": "..."}.
Response error_response(int status, const std::string& message);

/// Who answers which address. Filled before it serves; then any thread may ask.
class Router {
 public:
  /// Answers a request; what it throws becomes the status that the classes above say: BadRequest,
  /// ArgumentError, IndexError and ShapeError 400, NotFound 404, Conflict 409, ParseError 422,
  /// anything else 500.
  using Handler = std::function<Response(const Request&)>;

  void get(std::string path, Handler handler);   ///< GET of a path
  void post(std::string path, Handler handler);  ///< POST to a path

  /// The answer; 404 for a path that nobody answers, 405 for another method. Never throws.
  Response answer(const Request& request) const;

 private:
  std::map<std::pair<std::string, Method>, Handler> handlers_;
};

}  // namespace fovea::serve
