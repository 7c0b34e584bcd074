// The data sets that are known, one function each. Checksums are of the files as their makers
// publish them, and of their unpacked content.
#include "fovea/vision/data_sets.h"

namespace fovea::vision {

namespace {

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
      .published = {{"train-images-idx3-ubyte.gz", 26421880,
                     "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
                    {"train-labels-idx1-ubyte.gz", 29515,
                     "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
                    {"t10k-images-idx3-ubyte.gz", 4422102,
                     "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
                    {"t10k-labels-idx1-ubyte.gz", 5148,
                     "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"}},
      .format = DataFormat::kIdx,
      .train_files = {{"train-images-idx3-ubyte",
                       "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", 0},
                      {"train-labels-idx1-ubyte",
                       "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", 1}},
      .test_files = {{"t10k-images-idx3-ubyte",
                      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", 2},
                     {"t10k-labels-idx1-ubyte",
                      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", 3}},
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
      .published = {{"train-images-idx3-ubyte.gz", 9912422,
                     "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
                    {"train-labels-idx1-ubyte.gz", 28881,
                     "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
                    {"t10k-images-idx3-ubyte.gz", 1648877,
                     "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
                    {"t10k-labels-idx1-ubyte.gz", 4542,
                     "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"}},
      .format = DataFormat::kIdx,
      .train_files = {{"train-images-idx3-ubyte",
                       "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 0},
                      {"train-labels-idx1-ubyte",
                       "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 1}},
      .test_files = {{"t10k-images-idx3-ubyte",
                      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 2},
                     {"t10k-labels-idx1-ubyte",
                      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 3}},
  };
}

DataSetInfo cifar10() {
  return {
      .name = "cifar10",
      .title = "CIFAR-10",
      .classes = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
                  "truck"},
      .train_samples = 50000,
      .test_samples = 10000,
      .image = {3, 32, 32},
      .licence = "none stated; its makers ask to cite Krizhevsky 2009",
      .source = "https://www.cs.toronto.edu/~kriz/cifar.html",
      .debian_package = "",
      .mirrors = {"https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"},
      .published = {{"cifar-10-binary.tar.gz", 170052171,
                     "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                     Packing::kTarGzip}},
      .format = DataFormat::kCifar,
      .train_files = {{"cifar-10-batches-bin/data_batch_1.bin",
                       "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
                      {"cifar-10-batches-bin/data_batch_2.bin",
                       "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
                      {"cifar-10-batches-bin/data_batch_3.bin",
                       "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
                      {"cifar-10-batches-bin/data_batch_4.bin",
                       "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
                      {"cifar-10-batches-bin/data_batch_5.bin",
                       "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"}},
      .test_files = {{"cifar-10-batches-bin/test_batch.bin",
                      "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"}},
  };
}

DataSetInfo cifar100() {
  return {
      .name = "cifar100",
      .title = "CIFAR-100",
      .classes = {"apple",    "aquarium_fish", "baby",       "bear",         "beaver",
                  "bed",      "bee",           "beetle",     "bicycle",      "bottle",
                  "bowl",     "boy",           "bridge",     "bus",          "butterfly",
                  "camel",    "can",           "castle",     "caterpillar",  "cattle",
                  "chair",    "chimpanzee",    "clock",      "cloud",        "cockroach",
                  "couch",    "crab",          "crocodile",  "cup",          "dinosaur",
                  "dolphin",  "elephant",      "flatfish",   "forest",       "fox",
                  "girl",     "hamster",       "house",      "kangaroo",     "keyboard",
                  "lamp",     "lawn_mower",    "leopard",    "lion",         "lizard",
                  "lobster",  "man",           "maple_tree", "motorcycle",   "mountain",
                  "mouse",    "mushroom",      "oak_tree",   "orange",       "orchid",
                  "otter",    "palm_tree",     "pear",       "pickup_truck", "pine_tree",
                  "plain",    "plate",         "poppy",      "porcupine",    "possum",
                  "rabbit",   "raccoon",       "ray",        "road",         "rocket",
                  "rose",     "sea",           "seal",       "shark",        "shrew",
                  "skunk",    "skyscraper",    "snail",      "snake",        "spider",
                  "squirrel", "streetcar",     "sunflower",  "sweet_pepper", "table",
                  "tank",     "telephone",     "television", "tiger",        "tractor",
                  "train",    "trout",         "tulip",      "turtle",       "wardrobe",
                  "whale",    "willow_tree",   "wolf",       "woman",        "worm"},
      .train_samples = 50000,
      .test_samples = 10000,
      .image = {3, 32, 32},
      .licence = "none stated; its makers ask to cite Krizhevsky 2009",
      .source = "https://www.cs.toronto.edu/~kriz/cifar.html",
      .debian_package = "",
      .mirrors = {"https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"},
      .published = {{"cifar-100-binary.tar.gz", 168513733,
                     "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                     Packing::kTarGzip}},
      .format = DataFormat::kCifar,
      .train_files = {{"cifar-100-binary/train.bin",
                       "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"}},
      .test_files = {{"cifar-100-binary/test.bin",
                      "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"}},
      .coarse_classes = {"aquatic_mammals",
                         "fish",
                         "flowers",
                         "food_containers",
                         "fruit_and_vegetables",
                         "household_electrical_devices",
                         "household_furniture",
                         "insects",
                         "large_carnivores",
                         "large_man-made_outdoor_things",
                         "large_natural_outdoor_scenes",
                         "large_omnivores_and_herbivores",
                         "medium_mammals",
                         "non-insect_invertebrates",
                         "people",
                         "reptiles",
                         "small_mammals",
                         "trees",
                         "vehicles_1",
                         "vehicles_2"},
  };
}

}  // namespace

const std::vector<DataSetInfo>& data_sets() {
  static const std::vector<DataSetInfo> kSets = {fashion_mnist(), mnist(), cifar10(), cifar100()};
  return kSets;
}

}  // namespace fovea::vision
