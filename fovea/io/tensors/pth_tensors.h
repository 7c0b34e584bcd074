// From the pickle in a .pth file to where its tensors lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/io/tensors/file_arrays.h"
#include "fovea/io/tensors/pickle.h"

namespace fovea::io {

/// The names that the pickle of a state_dict, or of a checkpoint around one, may contain.
std::span<const std::string_view> pth_names();

/// A storage as a pickle refers to it.
struct PthStorage {
  std::string key;            ///< its name in the file
  DType dtype = f32;          ///< of its elements
  std::int64_t elements = 0;  ///< how many
  std::size_t byte = 0;       ///< of the reference in the pickle, for messages
};

/// Where a storage's elements are.
struct PthBytes {
  std::span<const std::byte> bytes;  ///< all of them; empty where they are packed
  std::uint64_t size = 0;            ///< how many bytes that are
  std::string where;                 ///< file, and entry within it, for messages
  std::uint64_t first_byte = 0;      ///< position of the first element there
  std::function<std::vector<std::byte>()> unpack = {};  ///< see ArrayBytes
};

/// Where in a checkpoint's pickle its weights are: "state_dict"; empty where they are all of it.
/// Throws   ParseError naming what is no dict, and byte.
std::string pth_part(const Pickle& pickle, const std::string& where);

/// The tensors of a state_dict's pickle, or of the weights among a checkpoint's, called `where` in
/// messages. `find` gives a storage's bytes, or throws.
/// Throws   ParseError naming what is no state_dict, and byte.
std::vector<NamedArray> pth_tensors(const Pickle& pickle, const std::string& where, bool big_endian,
                                    const std::function<PthBytes(const PthStorage&)>& find);

/// The storages that a pickle refers to, each key once.
/// Throws   ParseError naming what is no state_dict, and byte.
std::vector<PthStorage> pth_storages(const Pickle& pickle, const std::string& where);

}  // namespace fovea::io
