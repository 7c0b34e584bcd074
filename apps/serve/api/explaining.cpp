#include "apps/serve/api/explaining.h"

namespace fovea::serve {

void add_explaining(Router& router, Explaining& explaining) {
  const auto with = [&](Response (*handler)(Explaining&, const Request&)) {
    return [&explaining, handler](const Request& request) { return handler(explaining, request); };
  };
  router.get("/api/models", with(models_response));
  router.get("/api/network", with(network_response));
  router.get("/api/maps", with(maps_response));
  router.get("/api/frame", with(frame_response));
  router.get("/api/layer", with(layer_response));
  router.get("/api/filters", with(filters_response));
  router.get("/api/attention", with(attention_response));
  router.get("/api/predict", with(predict_response));
  router.post("/api/upload", with(upload_response));
  router.get("/api/tour", tour_response);
  router.get("/api/explain", explain_response);
}

Response models_response(Explaining& explaining, const Request&) {
  return {.body = explaining.models.to_json()};
}

}  // namespace fovea::serve
