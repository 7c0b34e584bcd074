// A model in graph form, to run, write or show it.
#pragma once

#include <string>

#include "fovea/graph/graph.h"
#include "fovea/models/load_model.h"

namespace fovea::models {

/// The model's graph, with its card as metadata; `fold` puts batch normalisation into the layers
/// before it.
graph::Graph graph_of(const LoadedModel& model, bool fold = false);

/// graph_of, whose results have been compared with the model's on a drawn batch. Throws StateError
/// when they differ: the model does something that its shape alone does not decide; NumericError
/// when they are no numbers.
graph::Graph checked_graph(const LoadedModel& model, bool fold = false);

}  // namespace fovea::models
