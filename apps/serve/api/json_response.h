// Answers that are JSON.
#pragma once

#include "apps/serve/http/router.h"
#include "fovea/io/json_fwd.h"

namespace fovea::serve {

/// `json` as an answer.
Response json_response(const io::Json& json, int status = 200);

}  // namespace fovea::serve
