// The addresses that look into models: the network, its maps and layers, what an answer comes from,
// pictures that are sent, and the chapter.
#pragma once

#include "apps/serve/api/images.h"
#include "apps/serve/api/models.h"
#include "apps/serve/http/router.h"

namespace fovea::serve {

/// What they share.
struct Explaining {
  explicit Explaining(ModelsOptions options) : models(std::move(options)) {}  ///< over these models
  Models models;  ///< what is looked into
  Images images;  ///< what at
};

/// Adds all of them. `explaining` must live as long as the router.
void add_explaining(Router& router, Explaining& explaining);

Response models_response(Explaining& explaining, const Request& request);   ///< /api/models
Response network_response(Explaining& explaining, const Request& request);  ///< /api/network
Response maps_response(Explaining& explaining, const Request& request);     ///< /api/maps
Response frame_response(Explaining& explaining, const Request& request);    ///< /api/frame
Response layer_response(Explaining& explaining, const Request& request);    ///< /api/layer
Response filters_response(Explaining& explaining, const Request& request);  ///< /api/filters
Response attention_response(Explaining& explaining,
                            const Request& request);                        ///< /api/attention
Response predict_response(Explaining& explaining, const Request& request);  ///< /api/predict
Response upload_response(Explaining& explaining, const Request& request);   ///< /api/upload
Response tour_response(const Request& request);                             ///< /api/tour
Response explain_response(const Request& request);                          ///< /api/explain

}  // namespace fovea::serve
