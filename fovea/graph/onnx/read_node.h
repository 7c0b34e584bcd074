// From ONNX's NodeProto to nodes. Included by .cpp files of this folder alone.
#pragma once

#include "fovea/graph/graph.h"
#include "fovea/graph/onnx/read_tensor.h"
#include "fovea/graph/onnx/schema.h"

namespace fovea::graph {

/// Throws ParseError as `refuse`, unless `ok`.
template <class... Parts>
void require(bool ok, const Origin& origin, const Parts&... parts) {
  if (!ok) refuse(origin, str("onnx: ", parts...));
}

/// The node. Throws ParseError for an attribute that no operator of Fovea's could have.
Node read_node(const onnx::NodeProto& proto, const Origin& origin);

/// True for a Constant of ONNX's own.
bool is_constant(const onnx::NodeProto& node);

/// Throws ParseError for the first node whose operator Fovea lacks, which says how many others
///        there
/// are.
void require_operators(const onnx::GraphProto& proto, int opset, const Origin& origin);

}  // namespace fovea::graph
