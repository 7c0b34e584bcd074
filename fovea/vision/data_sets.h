// The data sets that Fovea knows: what is in them, where they lie, where they can be had.
//
// A data root holds each set in a folder of its name, as published, or unpacked:
//
//   ROOT/fashion-mnist/train-images-idx3-ubyte.gz  ROOT/fashion-mnist/train-images-idx3-ubyte
//   ROOT/cifar10/cifar-10-binary.tar.gz       ROOT/cifar10/cifar-10-batches-bin/test_batch.bin
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
  kVal,    ///< to choose the best weights by; of folders alone
};

/// How a file is packed as it is published.
enum class Packing : std::uint8_t {
  kGzip,     ///< one file, NAME.gz
  kTarGzip,  ///< an archive of files, NAME.tar.gz
};

/// A file as the makers of a data set publish it.
struct PublishedFile {
  std::string name;                  ///< "train-images-idx3-ubyte.gz"
  std::uint64_t bytes = 0;           ///< its length
  std::string sha256;                ///< of the file
  Packing packing = Packing::kGzip;  ///< how it is packed
};

/// A file of samples, unpacked.
struct DataFile {
  std::string path;           ///< its name, or its path in an archive: "cifar-100-binary/test.bin"
  std::string sha256;         ///< of its content
  std::size_t published = 0;  ///< which published file it is in
};

/// What the files of a split hold.
enum class DataFormat : std::uint8_t {
  kIdx,    ///< a file of images and one of labels (io/tensors/idx.h)
  kCifar,  ///< records of labels and one image each (cifar.h), in any number of files
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
  std::vector<PublishedFile> published;          ///< what is downloaded
  DataFormat format = DataFormat::kIdx;          ///< of both splits
  std::vector<DataFile> train_files;             ///< to learn from, in the samples' order
  std::vector<DataFile> test_files;              ///< to judge with
  std::vector<std::string> coarse_classes = {};  ///< names of groups of classes, if it has them

  /// The files of a split.
  const std::vector<DataFile>& files(Split split) const {
    return split == Split::kTrain ? train_files : test_files;
  }
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

/// Where a file of samples is on this machine.
struct FileLocation {
  std::filesystem::path path;  ///< the file, plain or packed with gzip, or an archive
  std::string entry = {};      ///< its path in the archive; empty where `path` is the file
};
/// Finds the files of a split in the first data root that has all of them, as published or
/// unpacked; as published where it has both.
/// Throws   IoError, saying where it looked and how to get the data, when none has.
std::vector<FileLocation> find_split(const DataSetInfo& info, Split split,
                                     const std::filesystem::path& explicit_root = {});

/// What a data root holds of a data set.
struct DataSetState {
  std::filesystem::path folder;                      ///< where it lies, or would lie
  std::vector<std::string> present;                  ///< published files there, or what they hold
  std::vector<std::string> missing;                  ///< published files not there
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
