// Pictures that came in one piece, split into those to learn from and those to judge with.
//
// Of each class the share is held out, rounded, but at least one picture of two or more, and never
// all. Which ones depends on the seed and their names alone: in the order of SHA-256(seed, 0, name)
// the first are. So neither the order of a file system nor other pictures decide, and one that is
// added later changes sides with few.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/models/model_file.h"
#include "fovea/vision/data_sets.h"
#include "fovea/vision/image_files.h"

namespace fovea::vision {

/// One side of such a split.
struct Part {
  models::HeldOut held_out;     ///< what is held out
  Split split = Split::kTrain;  ///< kTrain: the others; kTest: those that are held out
};

/// The samples of `part` in ascending order, `names[i]` and `labels[i]` being those of sample i.
/// Requires as many names as labels, of at least 0.
std::vector<std::int64_t> samples_of(const Part& part, std::span<const std::string> names,
                                     std::span<const std::int64_t> labels);

/// Keeps the files of `part`, whose names are their paths below `folder`, with slashes.
void keep_part(const Part& part, const std::filesystem::path& folder,
               std::vector<ImageFile>& files);

/// "to learn from" or "held out": what messages and checksums call the part.
const char* describe(const Part& part);

}  // namespace fovea::vision
