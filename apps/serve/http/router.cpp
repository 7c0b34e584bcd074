#include "apps/serve/http/router.h"

#include <exception>

#include "fovea/io/json.h"

namespace fovea::serve {

namespace {

int status_of(const std::exception& error) {
  const auto is = [&]<class T>() { return dynamic_cast<const T*>(&error) != nullptr; };
  if (is.operator()<NotFound>()) return 404;
  if (is.operator()<Conflict>()) return 409;
  if (is.operator()<ParseError>()) return 422;
  if (is.operator()<BadRequest>() || is.operator()<ArgumentError>() ||
      is.operator()<IndexError>() || is.operator()<ShapeError>())
    return 400;
  return 500;
}

}  // namespace

Response error_response(int status, const std::string& message) {
  return {.status = status, .body = io::json_line({{"error", message}}) + "\n"};
}

void Router::get(std::string path, Handler handler) {
  handlers_[{std::move(path), Method::kGet}] = std::move(handler);
}

void Router::post(std::string path, Handler handler) {
  handlers_[{std::move(path), Method::kPost}] = std::move(handler);
}

Response Router::answer(const Request& request) const {
  const auto found = handlers_.find({request.path, request.method});
  if (found == handlers_.end()) {
    const Method other = request.method == Method::kGet ? Method::kPost : Method::kGet;
    if (handlers_.contains({request.path, other}))
      return error_response(405, "serve: method expected to be the other of GET and POST");
    return error_response(404, "serve: there is nothing at this address");
  }
  try {
    return found->second(request);
  } catch (const std::exception& error) {
    return error_response(status_of(error), error.what());
  } catch (...) {
    return error_response(500, "serve: an answer expected, got none");
  }
}

}  // namespace fovea::serve
