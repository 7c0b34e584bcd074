// WebDataset: labelled images in tar archives, for sets that are larger than memory.
//
//     const WebDataset dataset("imagenet/train-{0000..0146}.tar",
//                              {.image_transform = scaled_and_cut(224)});
//     data::DataLoader loader(dataset, {.batch_size = 64, .shuffle = true});
//
// An index is made of the archives' headers when the set is opened: 16 bytes a sample, whatever the
// images' size. So it is a data set like any other, with a length and random access. Images are
// read and unpacked when they are asked for, by all threads of the caller's loops, so memory holds
// a batch and not the shards. Shuffled, it is read shard by shard (ShardSampler). shard_index.h
// says what a shard looks like.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fovea/vision/picture_set.h"
#include "fovea/vision/shard_index.h"

namespace fovea::vision {

/// How labels and order of the samples of shards are read.
struct WebDatasetOptions {
  std::string label_key = "label";     ///< the label's key in .json files
  std::int64_t shuffle_window = 4096;  ///< samples that are shuffled among each other
};

/// The paths that a pattern stands for: {0000..0146} counts, with as many digits, {a,b} lists;
/// several of them stand for every combination. What is in no braces stands for itself.
/// Throws   ArgumentError for braces that do not close or that hold neither, a count that goes
///          down, or more than 2^20 paths.
std::vector<std::filesystem::path> expand_shards(const std::string& pattern);

/// Labelled images in tar archives. See the head of this file.
///
/// Shapes   data u8 [k, channels, height, width], target i64 [k].
class WebDataset final : public PictureSet {
 public:
  /// Opens the shards that a pattern stands for, see expand_shards. Throws as below.
  explicit WebDataset(const std::string& pattern, PictureSetOptions pictures = {},
                      const WebDatasetOptions& options = {});
  /// Opens shards and makes their index, by all threads. Without names for them, classes are called
  /// "0", "1", ... as labels go.
  /// Throws   IoError; ParseError as index_shard, for no sample, naming the shard with a label that
  ///          is no class, when nothing is left, or naming an image that is looked at for its
  ///          channels and damaged; ArgumentError unless channels are 0, 1 or 3, and when
  ///          shuffle_window < 1.
  explicit WebDataset(const std::vector<std::filesystem::path>& paths,
                      PictureSetOptions pictures = {}, const WebDatasetOptions& options = {});

  std::int64_t size() const override { return first_.back(); }
  /// "train-00.tar: 0001.jpg at byte 512", with the shard's path.
  std::string name_of(std::int64_t index) const override;
  std::int64_t shards() const;  ///< how many there are
  std::int64_t label_of(std::int64_t index) const override;
  /// Pictures and other files that came to no sample, see ShardIndex.
  std::vector<std::string> left_out() const override;
  /// A ShardSampler with the options' window.
  std::shared_ptr<const data::Sampler> shuffled(std::uint64_t seed) const override;
  /// One SHA-256 over the names and lengths of the shards.
  Checksums checksums() const override;

 private:
  struct Shard;
  struct Place;
  std::vector<std::string> class_names() const;
  void number_samples();
  Place place_of(std::int64_t index) const;
  io::Image read(std::int64_t index, io::Channels channels) const override;
  void keep(std::span<const std::int64_t> samples) override;
  std::shared_ptr<PictureSet> copy() const override;

  std::int64_t shuffle_window_;
  std::shared_ptr<const std::vector<Shard>> shards_;  // copies share them
  std::vector<std::int64_t> first_;  // number of each shard's first sample, and of the end
};

}  // namespace fovea::vision
