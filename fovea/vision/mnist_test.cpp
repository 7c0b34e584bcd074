#include "fovea/vision/mnist.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <vector>

#include "fovea/core/error.h"
#include "fovea/data/data_loader.h"
#include "fovea/tensor/ops.h"
#include "tests/support/close.h"
#include "tests/support/gzip_file.h"
#include "tests/support/temp_dir.h"

namespace fovea::vision {
namespace {

using test::gzipped;
using test::idx;
using test::message_of;
using test::put_file;
using test::TempDir;

constexpr std::uint32_t kPixels = 28 * 28;

std::string images_of(std::uint32_t count) {
  std::string pixels;
  for (std::uint32_t i = 0; i < count * kPixels; ++i) pixels += static_cast<char>(i % 251);
  return idx(0x08, {count, 28, 28}, pixels);
}
std::string labels_of(std::initializer_list<char> labels) {
  return idx(0x08, {static_cast<std::uint32_t>(labels.size())}, std::string(labels));
}

// A data root with three training images; tests replace files.
class MnistFiles : public testing::Test {
 protected:
  MnistFiles() {
    put_file(images, gzipped(images_of(3)));
    put_file(labels, gzipped(labels_of({9, 0, 4})));
  }
  std::string defect() const {
    return message_of<ParseError>([&] { FashionMNIST({.root = dir.path()}); });
  }
  TempDir dir;
  const std::filesystem::path folder = dir / "fashion-mnist";
  const std::filesystem::path images = folder / "train-images-idx3-ubyte.gz";
  const std::filesystem::path labels = folder / "train-labels-idx1-ubyte.gz";
};

TEST_F(MnistFiles, AreReadAsTheyAreStored) {
  const FashionMNIST dataset({.root = dir.path()});
  EXPECT_EQ(dataset.size(), 3);
  EXPECT_EQ(dataset.data().sizes(), (Shape{3, 1, 28, 28}));
  EXPECT_EQ(dataset.data().dtype(), u8);
  EXPECT_EQ(dataset.target().dtype(), i64);
  EXPECT_EQ(dataset.target().to_vector<int>(), (std::vector<int>{9, 0, 4}));
  EXPECT_EQ(dataset.data().at({1, 0, 0, 1}).item<int>(), (784 + 1) % 251);
  EXPECT_EQ(dataset.classes().at(0), "T-Shirt");
  EXPECT_EQ(dataset.classes().at(9), "Ankle Boot");
  EXPECT_EQ(dataset.files().at(0).path, images);
}

TEST_F(MnistFiles, MayBeUnpacked) {
  std::filesystem::remove(images);
  std::filesystem::remove(labels);
  put_file(folder / "train-images-idx3-ubyte", images_of(3));
  put_file(folder / "train-labels-idx1-ubyte", labels_of({9, 0, 4}));
  const FashionMNIST plain({.root = dir.path()});
  EXPECT_EQ(plain.size(), 3);
  EXPECT_EQ(plain.checksums().at(1).first, "train-labels-idx1-ubyte");
}

TEST_F(MnistFiles, EnterALoaderAsTheyAreToldTo) {
  const FashionMNIST scaled({.root = dir.path()});
  for (const auto& [x, y] : data::DataLoader(scaled, {.batch_size = 3})) {
    EXPECT_EQ(x.dtype(), f32);
    EXPECT_FLOAT_EQ(x.at({0, 0, 0, 2}).item<float>(), 2.0f / 255);
  }
  const FashionMNIST raw({.root = dir.path(), .transform = {}});
  for (const auto& [x, y] : data::DataLoader(raw, {.batch_size = 3})) EXPECT_EQ(x.dtype(), u8);
}

TEST_F(MnistFiles, HaveChecksumsOfTheirContent) {
  const auto packed = FashionMNIST({.root = dir.path()}).checksums();
  put_file(labels, labels_of({9, 0, 4}));  // unpacked under the packed name
  EXPECT_EQ(FashionMNIST({.root = dir.path()}).checksums(), packed);
  put_file(labels, labels_of({9, 0, 5}));
  EXPECT_NE(FashionMNIST({.root = dir.path()}).checksums(), packed);
}

TEST_F(MnistFiles, SwappedAreNamed) {
  put_file(images, gzipped(labels_of({9, 0, 4})));
  EXPECT_EQ(defect(),
            "fashion-mnist: images expected u8 [n, 28, 28], got u8 [3], labels where images belong "
            "(" +
                images.string() + " unpacked, byte 2)");
  put_file(images, gzipped(images_of(3)));
  put_file(labels, gzipped(images_of(3)));
  EXPECT_EQ(defect(),
            "fashion-mnist: labels expected u8 [n], got u8 [3, 28, 28], images where labels belong "
            "(" +
                labels.string() + " unpacked, byte 2)");
}

TEST_F(MnistFiles, OfOtherKindsAreNamed) {
  put_file(images, idx(0x08, {2, 32, 32}, std::string(2 * 32 * 32, 'x')));
  EXPECT_EQ(defect(), "fashion-mnist: images expected u8 [n, 28, 28], got u8 [2, 32, 32] (" +
                          images.string() + ", byte 2)");
  put_file(images, idx(0x08, {0, 28, 28}, ""));
  EXPECT_EQ(defect(), "fashion-mnist: images expected u8 [n, 28, 28], got u8 [0, 28, 28] (" +
                          images.string() + ", byte 2)");
  put_file(images, "a page that says 404");
  EXPECT_EQ(defect(), "idx: first bytes expected 00 00, got 61 20, so this is no IDX file (" +
                          images.string() + ", byte 0)");
}

TEST_F(MnistFiles, ThatDoNotBelongTogetherAreNamed) {
  put_file(labels, labels_of({9, 0}));
  EXPECT_EQ(defect(), "fashion-mnist: labels expected 3, one an image, got 2 (" + labels.string() +
                          ", byte 4)");
}

TEST_F(MnistFiles, LabelsOutsideTheClassesAreNamed) {
  put_file(labels, labels_of({9, 10, 4}));
  EXPECT_EQ(defect(),
            "fashion-mnist: label expected 0 to 9, got 10 (" + labels.string() + ", byte 9)");
}

TEST_F(MnistFiles, CutShortAreNamed) {
  const std::string packed = gzipped(images_of(3));
  put_file(images, packed.substr(0, packed.size() / 2));
  EXPECT_TRUE(defect().starts_with("gzip: data expected to go on, got the end of the file after "));
  put_file(images, images_of(3).substr(0, 1000));
  EXPECT_EQ(defect(), "idx: data expected 2352 bytes for sizes [3, 28, 28], got 984 (" +
                          images.string() + ", byte 1000)");
}

TEST_F(MnistFiles, ThatAreMissingAreNamedWithTheRemedy) {
  EXPECT_EQ(message_of<IoError>([&] { FashionMNIST({.root = dir.path(), .train = false}); }),
            "fashion-mnist: t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz expected in " +
                folder.string() +
                ", got none (get it with \"fovea data download fashion-mnist\" or \"apt install "
                "dataset-fashion-mnist\")");
  std::filesystem::remove(labels);
  EXPECT_EQ(
      message_of<IoError>([&] { FashionMNIST({.root = dir.path()}); }),
      "fashion-mnist: train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz expected in " +
          folder.string() +
          " (without train-labels-idx1-ubyte.gz), got none (get it with \"fovea data download "
          "fashion-mnist\" or \"apt install dataset-fashion-mnist\")");
  EXPECT_EQ(message_of<IoError>([&] { MNIST({.root = dir.path()}); }),
            "mnist: train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz expected in " +
                (dir / "mnist").string() +
                ", got none (get it with \"fovea data download mnist\")");
}

// Sets environment variables until it goes away.
class Environment {
 public:
  void set(const char* name, const std::string& value) {
    const char* before = std::getenv(name);
    before_.emplace_back(name, before == nullptr ? "" : before);
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    for (auto it = before_.rbegin(); it != before_.rend(); ++it)
      it->second.empty() ? ::unsetenv(it->first.c_str())
                         : ::setenv(it->first.c_str(), it->second.c_str(), 1);
  }

 private:
  std::vector<std::pair<std::string, std::string>> before_;
};

TEST_F(MnistFiles, AreLookedForInTheOrderOfTheRoots) {
  const TempDir other;
  Environment environment;
  environment.set("HOME", other.path().string());
  environment.set("FOVEA_DATA", "");
  using Paths = std::vector<std::filesystem::path>;
  EXPECT_EQ(data_roots(), (Paths{other / ".cache/fovea", "/usr/share/datasets"}));
  environment.set("FOVEA_DATA", dir.path().string());
  EXPECT_EQ(data_roots().front(), dir.path() / "");
  EXPECT_EQ(data_roots("/given"), Paths{"/given"});
  EXPECT_EQ(FashionMNIST().files().at(0).path, images);
  EXPECT_EQ(download_root(), dir.path() / "");
  EXPECT_EQ(download_root("/given"), "/given");
  // A set that is complete only further down the list is found there.
  put_file(other / ".cache/fovea/fashion-mnist/t10k-images-idx3-ubyte", images_of(1));
  put_file(other / ".cache/fovea/fashion-mnist/t10k-labels-idx1-ubyte", labels_of({1}));
  EXPECT_EQ(FashionMNIST({.train = false}).size(), 1);
  environment.set("FOVEA_DATA", "");
  environment.set("HOME", "");
  EXPECT_EQ(message_of<ArgumentError>([] { download_root(); }),
            "data: place for downloads expected in --data-root, FOVEA_DATA or HOME, got none");
}

TEST_F(MnistFiles, HaveAState) {
  const DataSetState state = data_set_state(data_set("fashion-mnist"), dir.path());
  EXPECT_EQ(state.folder, folder);
  EXPECT_EQ(state.present,
            (std::vector<std::string>{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}));
  EXPECT_FALSE(state.complete());
}

TEST(DataSets, AreKnownByName) {
  EXPECT_EQ(data_set_names(),
            (std::vector<std::string>{"fashion-mnist", "mnist", "cifar10", "cifar100"}));
  for (const DataSetInfo& info : data_sets()) {
    EXPECT_EQ(info.classes.size(), info.name == "cifar100" ? 100u : 10u);
    EXPECT_EQ(std::set<std::string>(info.classes.begin(), info.classes.end()).size(),
              info.classes.size());
    for (const PublishedFile& file : info.published) {
      EXPECT_EQ(file.sha256.size(), 64u);
      EXPECT_EQ(file.name.ends_with(".tar.gz"), file.packing == Packing::kTarGzip);
    }
    for (const Split split : {Split::kTrain, Split::kTest}) {
      for (const DataFile& file : info.files(split)) {
        EXPECT_EQ(file.sha256.size(), 64u);
        EXPECT_LT(file.published, info.published.size());
      }
    }
    for (const std::string& mirror : info.mirrors) EXPECT_TRUE(mirror.ends_with("/"));
  }
  EXPECT_EQ(message_of<ArgumentError>([] { data_set("fashion_mnits"); }),
            "data: name expected one of fashion-mnist, mnist, cifar10, cifar100, got "
            "\"fashion_mnits\"; did you mean "
            "\"fashion-mnist\"?");
  EXPECT_EQ(message_of<ArgumentError>([] { make_data_set("coco", {}); }),
            "data: name expected one of fashion-mnist, mnist, cifar10, cifar100, got \"coco\"");
}

// The real files, where Debian's package has put them.
TEST(FashionMnist, OfDebianIsTheOriginal) {
  const DataSetInfo& info = data_set("fashion-mnist");
  if (!data_set_state(info, "/usr/share/datasets").complete())
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const FashionMNIST train({.root = "/usr/share/datasets"});
  const FashionMNIST test({.root = "/usr/share/datasets", .train = false});
  EXPECT_EQ(train.size(), 60000);
  EXPECT_EQ(test.size(), 10000);
  const auto sums = train.checksums(), test_sums = test.checksums();
  for (const std::size_t i : {0u, 1u}) {
    EXPECT_EQ(sums[i].second, info.train_files[i].sha256);
    EXPECT_EQ(test_sums[i].second, info.test_files[i].sha256);
  }
  // 6000 of each class; the first image is an ankle boot.
  EXPECT_EQ(train.target().at({0}).item<int>(), 9);
  for (int label = 0; label < 10; ++label)
    EXPECT_EQ((train.target() == static_cast<double>(label)).to(i64).sum().item<int>(), 6000);
}

}  // namespace
}  // namespace fovea::vision
