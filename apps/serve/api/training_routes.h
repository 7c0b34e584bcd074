// The addresses of trainings and runs.
#pragma once

#include "apps/serve/api/allowed.h"
#include "apps/serve/api/training.h"
#include "apps/serve/http/router.h"

namespace fovea::serve {

/// Adds /api/training... and /api/run..., all of which must outlive the router.
void add_training(Router& router, const Allowed& allowed, TrainingDesk& desk, Events& events);

}  // namespace fovea::serve
