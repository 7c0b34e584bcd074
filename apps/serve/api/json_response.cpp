#include "apps/serve/api/json_response.h"

#include "fovea/io/json.h"

namespace fovea::serve {

Response json_response(const io::Json& json, int status) {
  return {.status = status, .body = io::json_line(json)};
}

}  // namespace fovea::serve
