// PyTorch's own files of weights, .pth and .pt: a state_dict as torch.save writes it. Nothing in
// such a file is executed.
//
// Since PyTorch 1.6 it is a ZIP archive:
//
//   NAME/data.pkl     a pickle: a dict of tensors, each one a call of
//                     torch._utils._rebuild_tensor_v2 with a storage's key, an offset, sizes and
//                     strides
//   NAME/data/KEY     a storage's elements
//   NAME/byteorder    "little" or "big"; little where it is missing
//
// Before, and still with _use_new_zipfile_serialization=False, it is a row of pickles (a magic
// number, a version, the machine's properties, the dict, the storages' keys), and after them for
// each storage its number of elements, 8 bytes, and the elements.
//
// Read is a dict of tensors, or of parameters, by name: what model.state_dict() gives. A
// checkpoint, a dict with such a dict in it ("state_dict", "model", ..., averages first:
// "model_ema"), is read for that one; what else it has, an optimiser's state or settings, is passed
// over. Objects of a program's own are refused with the name of what they are: a whole module,
// TorchScript, and whatever a pickle might otherwise do.
//
// Source   torch/serialization.py, torch/_utils.py.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "fovea/tensor/state_dict.h"

namespace fovea::io {

/// True when `content` begins as the pickles of older PyTorch files do; newer ones are ZIP
/// archives.
bool is_legacy_pth(std::span<const std::byte> content);

/// Reads the tensors of a .pth file in the dict's order. Tensors that share a storage there have
/// memory of their own here.
/// Throws   IoError when it cannot be read; ParseError naming file, entry and byte when it is
///          damaged or holds no state_dict.
StateDict load_pth(const std::filesystem::path& path);

/// Reads .pth data from memory; `name` stands for the file in messages. Throws ParseError.
StateDict parse_pth(std::span<const std::byte> content, const std::string& name);

}  // namespace fovea::io
