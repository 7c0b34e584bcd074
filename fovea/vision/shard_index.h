// The samples of a WebDataset shard: where in the tar archive their images lie, and their labels.
//
// A sample is files in a row whose paths agree up to the first dot of their last part:
//
//     train/0001.jpg  train/0001.cls      sample train/0001: an image, and its class as a number
//     train/0002.png  train/0002.json     the class is a number in a JSON object
//
// Files of other kinds (.txt, .seg.png, ...), names without a dot, and what is hidden
// (image_files.h) are passed over. Files of keys that come to no sample are counted, and so are
// pictures whose key is not what their writer will have meant: v1.3.png and v1.3.cls have the key
// v1.
//
// Source   the WebDataset project, "The WebDataset Format".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/io/mapped_file.h"
#include "fovea/vision/image_files.h"

namespace fovea::vision {

/// A sample as an index holds it: 16 bytes.
struct ShardSample {
  std::uint64_t image_byte = 0;   ///< where the image's file begins in the shard
  std::uint32_t image_bytes = 0;  ///< its length
  std::int32_t label = 0;         ///< index of the class
};

/// What is in a shard.
struct ShardIndex {
  std::vector<ShardSample> samples = {};  ///< in the order of the shard
  CountByEnding others = {};              ///< files of keys without a sample
  std::int64_t dotted = 0;        ///< pictures whose names have more dots than one, of no sample
  std::string first_dotted = {};  ///< the first of them
};

/// The largest label that is believed.
inline constexpr std::int32_t kMaxLabel = (1 << 20) - 1;

/// Reads an index from the headers of an archive and the files of labels; no image is looked at,
/// and the pages of a mapped shard are given back.
/// `label_key` names the label in .json files; where there is a .cls file, that counts.
/// Throws   ParseError naming shard, file and byte: a damaged archive; a sample without an image or
///          without a label, with two of either, or whose files do not follow each other; a label
///          that is no whole number from 0 to kMaxLabel.
ShardIndex index_shard(const io::FileBytes& shard, const std::string& label_key);

/// The path in the archive of the file whose content begins at `byte`, for messages; empty when
/// there is none.
std::string member_at(const io::FileBytes& shard, std::uint64_t byte);

}  // namespace fovea::vision
