// What happens in a training, as JSON for the page.
#pragma once

#include <string>

#include "fovea/io/json_fwd.h"
#include "fovea/train/trainer.h"

namespace fovea::serve {

/// A step: {"run": "exp", "epoch": 1, "step": 20, ...}.
io::Json json_of_step(const train::StepEvent& event, const std::string& run);
/// An epoch as a row of results.csv: {"epoch": 1, "step": 600, ...}, null for what was not
/// measured.
io::Json json_of_epoch(const train::EpochEvent& event);

}  // namespace fovea::serve
