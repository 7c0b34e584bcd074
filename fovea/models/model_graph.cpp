#include "fovea/models/model_graph.h"

#include <cmath>

#include "fovea/graph/graph_module.h"
#include "fovea/graph/passes.h"
#include "fovea/graph/program.h"
#include "fovea/graph/trace.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::models {

namespace {

/// A batch of the model's images.
Shape batch_shape(const LoadedModel& model, std::int64_t n) {
  Shape shape = model.card.input;
  shape.insert(0, n);
  return shape;
}

}  // namespace

graph::Graph graph_of(const LoadedModel& model, bool fold) {
  // Two images, so that sizes that are the batch's are told from sizes of 1.
  graph::Graph graph =
      graph::trace(*model.module, batch_shape(model, 2), {.name = model.card.model});
  ModelCard card = model.card;
  if (dynamic_cast<const graph::GraphModule*>(model.module.get()) != nullptr) {
    // The network came from such a file, which says all of it.
    card.model.clear();
    card.options.clear();
  }
  graph.metadata = to_metadata(card);
  if (fold) {
    graph::fold_constants(graph);
    graph::fold_batch_norm(graph);
  }
  return graph;
}

graph::Graph checked_graph(const LoadedModel& model, bool fold) {
  graph::Graph graph = graph_of(model, fold);
  const NoGrad no_grad;
  Generator generator(0);
  const std::int64_t only = graph.inputs.at(0).sizes.at(0);  // a file may know one batch size
  const Tensor x = rand(batch_shape(model, only == graph::kFree ? 3 : only), {}, generator);
  const Tensor expected = (*model.module)(x), actual = graph::Program(graph).run({x})[0];
  const double scale = max(abs(expected)).item() + 1;
  check<NumericError>(std::isfinite(scale),
                      "export: scores expected finite, got others: weights of ", model.card.model,
                      " are no numbers");
  check<StateError>(allclose(actual, expected, 1e-4, 1e-4 * scale),
                    "export: graph expected to compute what the model does, got other numbers (",
                    model.card.model, ")");
  return graph;
}

}  // namespace fovea::models
