#include "fovea/vision/stored_data_set.h"

#include "fovea/core/error.h"

namespace fovea::vision {

struct StoredDataset::Loaded {
  std::vector<FileLocation> files;
  Checksums checksums;
  Samples samples;
  std::vector<std::string> classes;
};

namespace {

Samples read_samples(const DataSetInfo& info, DataFiles& files, LabelKind labels) {
  switch (info.format) {
    case DataFormat::kIdx:
      return read_idx_samples(info, files);
    case DataFormat::kCifar:
      return read_cifar_samples(info, files, labels);
  }
  return {};  // not reached: those are all
}

}  // namespace

StoredDataset::Loaded StoredDataset::load(const DataSetInfo& info, const DataSetOptions& options) {
  const bool coarse = options.labels == LabelKind::kCoarse;
  check<ArgumentError>(!coarse || !info.coarse_classes.empty(), info.name,
                       ": labels expected fine, got coarse: it has none");
  if (options.download) download_data_set(info, options.root);
  DataFiles files(info, options.train ? Split::kTrain : Split::kTest, options.root);
  Samples samples = read_samples(info, files, options.labels);
  return {.files = files.locations(),
          .checksums = files.checksums(),
          .samples = std::move(samples),
          .classes = coarse ? info.coarse_classes : info.classes};
}

StoredDataset::StoredDataset(const DataSetInfo& info, const DataSetOptions& options)
    : StoredDataset(load(info, options), options) {}

StoredDataset::StoredDataset(Loaded loaded, const DataSetOptions& options)
    : TensorDataset(loaded.samples.images, loaded.samples.labels, loaded.classes,
                    options.transform),
      files_(std::move(loaded.files)),
      checksums_(std::move(loaded.checksums)) {}

std::shared_ptr<data::Dataset> make_data_set(const std::string& name,
                                             const DataSetOptions& options) {
  return std::make_shared<StoredDataset>(data_set(name), options);
}

}  // namespace fovea::vision
