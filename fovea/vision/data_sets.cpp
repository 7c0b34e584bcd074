#include "fovea/vision/data_sets.h"

#include <cstdlib>
#include <optional>
#include <system_error>

#include "fovea/core/error.h"
#include "fovea/core/suggest.h"

namespace fovea::vision {

namespace {

namespace fs = std::filesystem;

DataSetInfo fashion_mnist() {
  return {
      .name = "fashion-mnist",
      .title = "Fashion-MNIST",
      .classes = {"T-Shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
                  "Bag", "Ankle Boot"},
      .train_samples = 60000,
      .test_samples = 10000,
      .image = {1, 28, 28},
      .licence = "MIT",
      .source = "https://github.com/zalandoresearch/fashion-mnist",
      .debian_package = "dataset-fashion-mnist",
      .mirrors = {"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
                  "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                  "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"},
      .files = {{{"train-images-idx3-ubyte.gz", 26421880,
                  "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                  "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
                 {"train-labels-idx1-ubyte.gz", 29515,
                  "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                  "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
                 {"t10k-images-idx3-ubyte.gz", 4422102,
                  "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
                 {"t10k-labels-idx1-ubyte.gz", 5148,
                  "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}}},
  };
}

DataSetInfo mnist() {
  return {
      .name = "mnist",
      .title = "MNIST",
      .classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
      .train_samples = 60000,
      .test_samples = 10000,
      .image = {1, 28, 28},
      .licence = "CC BY-SA 3.0",
      .source = "http://yann.lecun.com/exdb/mnist/",
      .debian_package = "",
      .mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                  "https://storage.googleapis.com/cvdf-datasets/mnist/",
                  "http://yann.lecun.com/exdb/mnist/"},
      .files = {{{"train-images-idx3-ubyte.gz", 9912422,
                  "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                  "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
                 {"train-labels-idx1-ubyte.gz", 28881,
                  "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                  "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
                 {"t10k-images-idx3-ubyte.gz", 1648877,
                  "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                  "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
                 {"t10k-labels-idx1-ubyte.gz", 4542,
                  "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                  "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}},
  };
}

// A file as published, or unpacked; nothing when neither is there.
std::optional<fs::path> find_file(const fs::path& folder, const std::string& name) {
  std::error_code error;
  const fs::path packed = folder / name;
  if (fs::exists(packed, error)) return packed;
  fs::path plain = packed;
  plain.replace_extension();
  if (fs::exists(plain, error)) return plain;
  return std::nullopt;
}

DataSetState state_in(const DataSetInfo& info, const fs::path& root) {
  DataSetState state{.folder = root / info.name, .present = {}, .missing = {}};
  for (const DataFile& file : info.files)
    (find_file(state.folder, file.name) ? state.present : state.missing).push_back(file.name);
  return state;
}

std::string how_to_get(const DataSetInfo& info) {
  const std::string package =
      info.debian_package.empty() ? "" : str(" or \"apt install ", info.debian_package, "\"");
  return str("get it with \"fovea data download ", info.name, "\"", package);
}

}  // namespace

const std::vector<DataSetInfo>& data_sets() {
  static const std::vector<DataSetInfo> kSets = {fashion_mnist(), mnist()};
  return kSets;
}

std::vector<std::string> data_set_names() {
  std::vector<std::string> names;
  for (const DataSetInfo& info : data_sets()) names.push_back(info.name);
  return names;
}

const DataSetInfo& data_set(const std::string& name) {
  for (const DataSetInfo& info : data_sets())
    if (info.name == name) return info;
  const std::vector<std::string> names = data_set_names();
  throw ArgumentError(str("data: name expected one of ", join_words(names), ", got \"", name, "\"",
                          did_you_mean(name, names)));
}

std::vector<fs::path> data_roots(const fs::path& explicit_root) {
  if (!explicit_root.empty()) return {explicit_root};
  std::vector<fs::path> roots;
  const auto add = [&](const char* variable, const char* below) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') roots.push_back(fs::path(value) / below);
  };
  add("FOVEA_DATA", "");
  add("HOME", ".cache/fovea");
  roots.emplace_back("/usr/share/datasets");
  return roots;
}

fs::path download_root(const fs::path& explicit_root) {
  const std::vector<fs::path> roots = data_roots(explicit_root);
  // The last one belongs to the system's packages.
  check<ArgumentError>(!explicit_root.empty() || roots.size() > 1,
                       "data: place for downloads expected in --data-root, FOVEA_DATA or HOME, got "
                       "none");
  return roots.front();
}

SplitFiles find_split(const DataSetInfo& info, Split split, const fs::path& explicit_root) {
  const std::size_t first = split == Split::kTrain ? 0 : 2;
  std::string looked_in;
  for (const fs::path& root : data_roots(explicit_root)) {
    const fs::path folder = root / info.name;
    const auto images = find_file(folder, info.files[first].name);
    const auto labels = find_file(folder, info.files[first + 1].name);
    if (images && labels) return {*images, *labels};
    looked_in += str(looked_in.empty() ? "" : ", ", folder.native());
    // One of the two: the usual trace of files copied by hand.
    if (images || labels)
      looked_in += str(" (without ", info.files[images ? first + 1 : first].name, ")");
  }
  throw IoError(str(info.name, ": ", info.files[first].name, " and ", info.files[first + 1].name,
                    " expected in ", looked_in, ", got none (", how_to_get(info), ")"));
}

DataSetState data_set_state(const DataSetInfo& info, const fs::path& explicit_root) {
  DataSetState best;
  for (const fs::path& root : data_roots(explicit_root)) {
    DataSetState state = state_in(info, root);
    if (state.complete()) return state;
    if (best.folder.empty() || state.present.size() > best.present.size()) best = std::move(state);
  }
  return best;
}

fs::path download_data_set(const DataSetInfo& info, const fs::path& explicit_root,
                           const DownloadOptions& options) {
  fs::path folder = download_root(explicit_root) / info.name;
  for (const DataFile& file : info.files) {
    Download download{
        .urls = {}, .target = folder / file.name, .bytes = file.bytes, .sha256 = file.sha256};
    for (const std::string& mirror : info.mirrors) download.urls.push_back(mirror + file.name);
    download_file(download, options);
  }
  return folder;
}

}  // namespace fovea::vision
