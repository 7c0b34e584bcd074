#include "fovea/models/layers.h"

#include <gmock/gmock.h>

#include <fstream>

#include "fovea/core/error.h"
#include "fovea/models/models.h"
#include "fovea/nn/nn.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/close.h"
#include "tests/support/temp_dir.h"

namespace fovea::models {
namespace {

using test::message_of;

std::string layer(const std::string& type, const std::string& arguments = "") {
  return "[[layer]]\ntype = \"" + type + "\"\n" + arguments + "\n";
}

// Twelve pixels a side, two channels, four classes.
std::shared_ptr<nn::Sequential> made_of(const std::string& text) {
  return make_layers(
      {.layers = text, .file = "net.toml", .num_classes = 4, .in_channels = 2, .image_size = 12});
}

const std::string kLast = layer("Flatten") + layer("Linear", "out_features = \"num_classes\"");

TEST(Layers, AreThoseOfTheListWithWhatFollowsFromTheInput) {
  const auto network = made_of(
      layer("Conv2d",
            "out_channels = 6\nkernel_size = [3, 5]\npadding = [1, 2]\nstride = 2\n"
            "groups = 2\nbias = false\nname = \"first\"") +
      layer("BatchNorm2d", "eps = 0.001\nmomentum = 0.2") + layer("ReLU6") +
      layer("MaxPool2d", "kernel_size = 3\nstride = 2\nceil_mode = true") + layer("Flatten") +
      layer("Dropout", "p = 0") + layer("Linear", "out_features = \"num_classes\""));
  EXPECT_EQ(network->to_string(),
            "Sequential(\n"
            "  (first): Conv2d(2, 6, kernel_size=(3, 5), stride=(2, 2), padding=(1, 2), groups=2, "
            "bias=False)\n"
            "  (1): BatchNorm2d(6, eps=0.001, momentum=0.2, affine=True, "
            "track_running_stats=True)\n"
            "  (2): ReLU6()\n"
            "  (3): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=True)\n"
            "  (4): Flatten(start_dim=1, end_dim=-1)\n"
            "  (5): Dropout(p=0.0, inplace=False)\n"
            "  (6): Linear(in_features=54, out_features=4, bias=True)\n"
            ")");
  EXPECT_TRUE(network->is_training());
  EXPECT_TRUE((*network)[1].is_training());
  EXPECT_EQ((*network)(rand({3, 2, 12, 12})).sizes(), (Shape{3, 4}));
  EXPECT_EQ(network->named_parameters()[0].first, "first.weight");
}

TEST(Layers, OfEveryType) {
  const auto network = made_of(
      layer("Conv2d", "out_channels = 4\nkernel_size = 3\npadding = \"same\"\nin_channels = 2") +
      layer("LocalResponseNorm", "size = 3") + layer("ReLU") + layer("LeakyReLU") +
      layer("Hardtanh", "min_val = -2\nmax_val = 2.5") + layer("Sigmoid") + layer("Tanh") +
      layer("GELU") + layer("SiLU") + layer("Mish") + layer("MinPool2d", "kernel_size = 2") +
      layer("AvgPool2d", "kernel_size = 3\nstride = 1\npadding = 1\ncount_include_pad = false") +
      layer("Dropout2d", "p = 0.1") + layer("AdaptiveMaxPool2d", "output_size = [4, 5]") +
      layer("AdaptiveAvgPool2d", "output_size = 2") + layer("Identity") +
      layer("Softmax", "dim = 1") + layer("GlobalMaxPool") + layer("GlobalAvgPool") +
      layer("Flatten") + layer("BatchNorm1d") + layer("LogSoftmax", "dim = -1"));
  EXPECT_EQ(network->size(), 22U);
  EXPECT_EQ((*network)(rand({3, 2, 12, 12})).sizes(), (Shape{3, 4}));
}

template <class E>
std::string refused(const std::string& text) {
  return message_of<E>([&text] { made_of(text); });
}

TEST(Layers, SayWhichLayerDoesNotFit) {
  EXPECT_EQ(refused<ShapeError>(layer("ReLU") + layer("Linear", "out_features = 4")),
            "net.toml: layer 2 (Linear) input expected 1 dimension, got [2, 12, 12] (a Flatten "
            "layer before it gives [288], line 4)");
  EXPECT_EQ(refused<ShapeError>(layer("Flatten") + layer("Linear",
                                                         "in_features = 100\n"
                                                         "out_features = 4")),
            "net.toml: layer 2 (Linear) in_features expected 288, got 100 (input [288], line 4)");
  EXPECT_EQ(refused<ShapeError>(layer("Conv2d",
                                      "in_channels = 3\nout_channels = 4\n"
                                      "kernel_size = 3")),
            "net.toml: layer 1 (Conv2d) in_channels expected 2, got 3 (input [2, 12, 12], line 1)");
  EXPECT_EQ(refused<ShapeError>(layer("Flatten") + layer("MaxPool2d", "kernel_size = 2")),
            "net.toml: layer 2 (MaxPool2d) input expected 3 dimensions, got [288] (it takes "
            "channels, height and width, line 4)");
  EXPECT_EQ(refused<ShapeError>(layer("MaxPool2d", "kernel_size = 13")),
            "net.toml: layer 1 (MaxPool2d) expected an input that it takes, got [2, 12, 12]: "
            "max_pool2d: input expected to hold a window, got [1, 2, 12, 12] (kernel_size [13, "
            "13], padding [0, 0], dilation [1, 1]) (line 1)");
  EXPECT_EQ(refused<ShapeError>(layer("Flatten") + layer("Linear", "out_features = 5")),
            "net.toml: output expected [4] for num_classes 4, got [5] from the last layer, 2 "
            "(Linear)");
}

TEST(Layers, SayWhatIsNoListOfLayers) {
  EXPECT_EQ(refused<ParseError>("num_classes = 4\n"),
            "net.toml: layers expected at least one [[layer]], got none");
  EXPECT_THAT(refused<ParseError>("[[layer]\n"),
              testing::MatchesRegex("net.toml: text expected TOML, got an error: .* \\(line 1\\)"));
  EXPECT_EQ(refused<ParseError>("layer = [1]\n"),
            "net.toml: layers expected tables [[layer]], got a value (line 1)");
  EXPECT_EQ(refused<ParseError>("layers = 3\n" + kLast),
            "net.toml: key expected one of num_classes, in_channels, image_size, layer, got "
            "\"layers\" (line 1); did you mean \"layer\"?");
  EXPECT_EQ(refused<ParseError>("num_classes = \"ten\"\n" + kLast),
            "net.toml: num_classes expected a whole number, got something else (line 1)");
  EXPECT_EQ(refused<ParseError>("[[layer]]\nkernel_size = 3\n"),
            "net.toml: layer 1 expected a type as \"Conv2d\", got none (line 1)");
  EXPECT_EQ(refused<ParseError>("[[layer]]\ntype = 3\n"),
            "net.toml: layer 1 type expected a string, got something else (line 2)");
  EXPECT_THAT(refused<ParseError>(layer("Conv2D")),
              testing::MatchesRegex("net.toml: layer 1 \\(Conv2D\\) type expected one of Conv2d, .*"
                                    "got \"Conv2D\" \\(line 1\\); did you mean \"Conv2d\"\\?"));
}

TEST(Layers, SayWhichArgumentIsWrong) {
  EXPECT_EQ(refused<ParseError>(layer("Conv2d", "out_channels = 4")),
            "net.toml: layer 1 (Conv2d) kernel_size expected a whole number or a list of them, got "
            "none (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Conv2d", "out_channels = 4\nkernel_size = \"3\"")),
            "net.toml: layer 1 (Conv2d) kernel_size expected a whole number or a list of them, got "
            "\"3\" (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Conv2d", "out_channels = 4\nkernel_size = []")),
            "net.toml: layer 1 (Conv2d) kernel_size expected a whole number or a list of them, got "
            "[] (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Conv2d", "out_channels = \"classes\"\nkernel_size = 3")),
            "net.toml: layer 1 (Conv2d) out_channels expected a whole number or \"num_classes\", "
            "got \"classes\" (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Conv2d", "out_channels = 4\nkernel_size = 3\nbias = 1")),
            "net.toml: layer 1 (Conv2d) bias expected true or false, got 1 (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Dropout", "p = [1, 2]")),
            "net.toml: layer 1 (Dropout) p expected a number, got [1, 2] (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Dropout", "p = 1979-05-27")),
            "net.toml: layer 1 (Dropout) p expected true, false, a number, a string or a list of "
            "whole numbers, got something else (line 3)");
  EXPECT_EQ(refused<ParseError>(layer("Dropout", "p = 2")),
            "net.toml: layer 1 (Dropout) expected arguments that it takes, got others: Dropout: p "
            "expected in [0, 1], got 2 (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("ReLU", "inplace = true")),
            "net.toml: layer 1 (ReLU) expected arguments type, name, got \"inplace\" (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Dropout", "prob = 0.5")),
            "net.toml: layer 1 (Dropout) expected arguments type, name, p, got \"prob\" (line 1)");
  EXPECT_EQ(refused<ParseError>(layer("Conv2d",
                                      "out_channel = 4\nout_channels = 4\n"
                                      "kernel_size = 3")),
            "net.toml: layer 1 (Conv2d) expected arguments type, name, in_channels, out_channels, "
            "kernel_size, stride, padding, dilation, groups, bias, got \"out_channel\" (line 1); "
            "did you mean \"out_channels\"?");
  EXPECT_EQ(refused<ParseError>(layer("ReLU", "name = \"a\"") + layer("ReLU", "name = \"a\"")),
            "net.toml: layer 2 (ReLU) name expected to be new and to have no dot, got \"a\" (line "
            "4)");
}

TEST(Layers, AreAModelByTheirFile) {
  const test::TempDir directory;
  const std::string path = (directory.path() / "net.toml").string();
  std::ofstream(path) << "num_classes = 7\nimage_size = 9\n" << kLast;
  const ModelChoice choice = choose_model(path, {{"in_channels", "3"}});
  EXPECT_EQ(choice.name, "layers");
  EXPECT_EQ(choice.options.at("file"), "net.toml");
  EXPECT_EQ(model_input(choice.name, choice.options), (Shape{3, 9, 9}));
  const ModelOptions options = complete_options(choice.name, choice.options);
  EXPECT_EQ(options.at("num_classes"), "7");
  const auto model = make_model("layers", options);
  EXPECT_EQ((*model)(rand({2, 3, 9, 9})).sizes(), (Shape{2, 7}));
  // What is given goes before what the file has.
  EXPECT_EQ(complete_options("layers", choose_model(path, {{"num_classes", "5"}}).options)
                .at("num_classes"),
            "5");
}

TEST(Layers, SayWhatIsNoModel) {
  EXPECT_EQ(
      message_of<IoError>([] { choose_model("/nowhere/net.toml"); }),
      "read_file: /nowhere/net.toml expected to be readable, got \"No such file or directory\"");
  EXPECT_EQ(message_of<ArgumentError>([] { make_model("layers"); }),
            "layers: layers expected a list of layers, got none (name a TOML file as the model)");
  EXPECT_THAT(message_of<ArgumentError>([] { choose_model("net.tom"); }),
              testing::StartsWith("model: name expected one of fashion-cnn, "));
}

}  // namespace
}  // namespace fovea::models
