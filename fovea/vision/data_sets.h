// The data sets that Fovea knows: what is in them, where they lie, where they can be had.
//
// A data root holds each set in a folder of its name:
// ROOT/fashion-mnist/train-images-idx3-ubyte.gz. Unpacked files (without .gz) are taken too.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fovea/vision/download.h"

namespace fovea::vision {

/// Which part of a data set.
enum class Split : std::uint8_t {
  kTrain,  ///< to learn from
  kTest,   ///< to judge with
};

/// A file of a data set, packed with gzip as its makers publish it.
struct DataFile {
  std::string name;             ///< "train-images-idx3-ubyte.gz"
  std::uint64_t bytes = 0;      ///< its length
  std::string sha256;           ///< of the file as published
  std::string unpacked_sha256;  ///< of its content, however it is packed
};

/// A data set of labelled images.
struct DataSetInfo {
  std::string name;                   ///< "fashion-mnist": on the command line, and of its folder
  std::string title;                  ///< "Fashion-MNIST"
  std::vector<std::string> classes;   ///< names, by index
  std::int64_t train_samples = 0;     ///< images to learn from
  std::int64_t test_samples = 0;      ///< images to judge with
  std::array<std::int64_t, 3> image;  ///< channels, height, width
  std::string licence;                ///< under which it may be used
  std::string source;                 ///< where it is described
  std::string debian_package;         ///< that installs it, if there is one
  std::vector<std::string> mirrors;   ///< addresses that file names are appended to
  /// Images and labels to learn from, images and labels to judge with.
  std::array<DataFile, 4> files;
};

/// Every data set known.
const std::vector<DataSetInfo>& data_sets();
/// The names of data_sets().
std::vector<std::string> data_set_names();
/// The data set called `name`. Throws ArgumentError, listing what is known, when there is none.
const DataSetInfo& data_set(const std::string& name);

/// Where data sets are looked for: `explicit_root` alone when it is given; otherwise $FOVEA_DATA if
/// set, then ~/.cache/fovea, then /usr/share/datasets.
std::vector<std::filesystem::path> data_roots(const std::filesystem::path& explicit_root = {});
/// Where downloads go: the first of data_roots(). Throws ArgumentError when neither a root, nor
/// FOVEA_DATA, nor HOME is given.
std::filesystem::path download_root(const std::filesystem::path& explicit_root = {});

/// The two files of a split on this machine.
struct SplitFiles {
  std::filesystem::path images;  ///< packed or plain
  std::filesystem::path labels;  ///< packed or plain
};
/// Finds the files of a split in the first data root that has both.
/// Throws   IoError, saying where it looked and how to get the data, when none has.
SplitFiles find_split(const DataSetInfo& info, Split split,
                      const std::filesystem::path& explicit_root = {});

/// What a data root holds of a data set.
struct DataSetState {
  std::filesystem::path folder;                      ///< where it lies, or would lie
  std::vector<std::string> present;                  ///< names of the files there
  std::vector<std::string> missing;                  ///< names of the files not there
  bool complete() const { return missing.empty(); }  ///< all files are there
};
/// The state of a data set: in the first data root that has all of it, else in the one that has
/// most.
DataSetState data_set_state(const DataSetInfo& info,
                            const std::filesystem::path& explicit_root = {});

/// Fetches what is missing or damaged into `download_root(explicit_root)`; the mirrors are those of
/// `info`. `progress` of the options is called for one file after the other. Returns the folder.
/// Throws   IoError, see download_file.
std::filesystem::path download_data_set(const DataSetInfo& info,
                                        const std::filesystem::path& explicit_root = {},
                                        const DownloadOptions& options = {});

}  // namespace fovea::vision
