// A model's file without its weights: what protobuf parses, so that it does not copy them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fovea::graph {

/// See the head of this file.
struct Skeleton {
  std::string message;  ///< the ModelProto, without the large raw_data of initializers
  /// For each initializer of the model, in order, the bytes of the raw_data that was left out, in
  /// the content that was given; empty where nothing was.
  std::vector<std::span<const std::byte>> raw;
};

/// Cuts the raw_data out of a serialised ModelProto. Throws ParseError, naming file and byte, when
/// lengths do not fit into each other. Everything else is protobuf's to judge.
///
/// Source   https://protobuf.dev/programming-guides/encoding.
Skeleton cut_weights(std::span<const std::byte> content, const std::string& name);

}  // namespace fovea::graph
