// Passes: functions that make a graph smaller or faster without changing what it computes. Each
// does one thing and leaves a graph that check_graph accepts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/graph/graph.h"

namespace fovea::graph {

/// Takes out nodes whose results nobody uses, and initializers likewise.
void remove_dead(Graph& graph);

/// Takes out Identity nodes, Dropout in inference, and Cast to the same dtype where it is known:
/// from the operators, whatever is noted of values.
void remove_identities(Graph& graph);

/// Computes nodes whose inputs are all constant, and puts initializers in their place. Results of
/// more than `max_bytes` that are larger than what they are made of stay computed.
void fold_constants(Graph& graph, std::int64_t max_bytes = std::int64_t{1} << 24);

/// Makes the first dimension of the first input and of the outputs free, and with it that of a
/// Reshape to constant sizes whose first is `batch`, as exporters write it that know one batch
/// size. What comes out must be tried: another operator may still want that batch.
void free_batch(Graph& graph, std::int64_t batch);

/// Makes f32 of all that is f16 or bf16, inputs and results included: a network that is learnt.
void widen(Graph& graph);

/// Puts BatchNormalization with constant statistics into the Conv or Gemm before it, when that has
/// constant weights and no other reader: w' = w s, b' = (b - mean) s + shift, s = scale /
/// sqrt(var + epsilon), computed in f64. New weights; the old tensors stay as they are. Where a
/// channel's new weights would leave the range of their type, both nodes stay.
void fold_batch_norm(Graph& graph);

/// Joins Conv and what follows it, Add and Relu or Clip ("fovea.ConvAddClamp"), or Relu and MaxPool
/// with windows side by side ("fovea.ConvBlock"), and Gemm and Relu ("fovea.LinearRelu"), into one
/// node of Fovea's own, for inference. Such a graph cannot be written to ONNX.
void fuse(Graph& graph);

/// Joins Conv, BatchNormalization, Relu and MaxPool with windows side by side, and Gemm and Relu,
/// into one node of Fovea's own ("fovea.ConvBlock", "fovea.LinearRelu"), which has gradients and
/// the same initializers, whatever their values.
void fuse_for_training(Graph& graph);

/// All of them, in the order that does most: what a Session runs.
void optimize(Graph& graph);

}  // namespace fovea::graph
