// One value of a layer taken apart, forwards and backwards, and a layer's filters.

#include "fovea/explain/model/layer.h"
#include "apps/serve/api/asked.h"
#include "fovea/explain/model/backward.h"
#include "fovea/explain/model/filters.h"
#include "fovea/explain/render.h"

namespace fovea::serve {

Response layer_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const explain::LayerOptions options{.layer = query.text("layer"),
                                      .channel = query.whole("channel", 0, kMostPlaces),
                                      .at = query.place("at")};
  const Asked asked(explaining, query);
  const std::shared_ptr<const ServedRun> served = asked.run();
  return {.body = explain::to_page(
              asked.gradients() ? explain::walk_backward(served->run, served->gradients, options)
                                : explain::walk_layer(served->run, options))};
}

Response filters_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const explain::FilterOptions options{.layer = query.text("layer"),
                                       .filter = query.maybe_whole("filter", 0, kMostPlaces)};
  const std::shared_ptr<ServedModel> model = explaining.models.get(query.text("model"));
  const std::lock_guard lock(model->mutex());
  return {.body = explain::to_page(explain::walk_filters(model->run_on_zeros()->run, options))};
}

}  // namespace fovea::serve
