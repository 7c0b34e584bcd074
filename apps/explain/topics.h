// The topics of fovea explain, each a command.
#pragma once

#include <vector>

#include "apps/base/command.h"

namespace fovea::cli {

/// What a textbook explains: conv, pool, linear, ...
std::vector<Command> chapter_topics();
/// What is asked of a model by name: sizes and receptive-field.
std::vector<Command> named_topics();
/// What is asked of a trained model: layer, saliency, ...
std::vector<Command> model_topics();

}  // namespace fovea::cli
