#include "fovea/train/config.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fovea/core/error.h"
#include "fovea/train/recipe.h"

namespace fovea::train {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

TEST(Config, ReadsWhatAFileSaysOverTheDefaults) {
  const TrainConfig config = parse_config(
      "model = \"fashion-dnn\"\nlr = 1\nbatch_size = 64\nshuffle = false\nweight_decay = 0.1\n"
      "[model_options]\ndropout = 0.5\nnum_classes = 7\nname = \"x\"\n",
      "run.toml");
  EXPECT_EQ(config.model, "fashion-dnn");
  EXPECT_EQ(config.lr, 1.0);
  EXPECT_EQ(config.batch_size, 64);
  EXPECT_FALSE(config.shuffle);
  EXPECT_EQ(config.weight_decay, 0.1);
  EXPECT_EQ(config.epochs, 5);
  EXPECT_THAT(
      config.model_options,
      UnorderedElementsAre(Pair("dropout", "0.5"), Pair("num_classes", "7"), Pair("name", "x")));
}

TEST(Config, WritesWhatItReads) {
  TrainConfig config;
  config.lr = 0.1 + 0.2;
  config.project = "a \"quoted\"\\folder\n";
  config.seed = std::numeric_limits<std::int64_t>::max();
  config.exist_ok = true;
  config.weight_decay = 1e-20;
  config.model_options = {{"dropout", "0"}, {"odd key", "1"}};
  const std::string text = to_toml(config);
  const TrainConfig again = parse_config(text, "config.toml");
  EXPECT_EQ(to_toml(again), text);
  EXPECT_EQ(again.lr, config.lr);
  EXPECT_EQ(again.project, config.project);
  EXPECT_EQ(again.seed, config.seed);
  EXPECT_EQ(again.weight_decay, config.weight_decay);
  EXPECT_EQ(again.model_options, config.model_options);
}

// A list of layers is such a text: its lines must come back as they were.
TEST(Config, KeepsTextsOfSeveralLines) {
  for (const std::string text : {"a\nb\n", "\na\n", "\n\na = \"b\"\n", "a\r\nb\r\n",
                                 "'''\n\"\"\"\\ \n  c", "\n", "\\", "\"\x01\x7f'''"}) {
    TrainConfig config;
    config.model_options["layers"] = text;
    EXPECT_EQ(parse_config(to_toml(config), "config.toml").model_options.at("layers"), text);
  }
}

TEST(Config, FillsInWhatIsLeftToFovea) {
  TrainConfig config;
  EXPECT_EQ(in_force(config).weight_decay, 0.0);
  EXPECT_GE(in_force(config).threads, 1);
  config.optimizer = "adamw";
  EXPECT_EQ(in_force(config).weight_decay, 0.01);
  config.weight_decay = 0.3;
  EXPECT_EQ(in_force(config).weight_decay, 0.3);
  EXPECT_THAT(to_toml(TrainConfig{}), testing::Not(HasSubstr("weight_decay")));
  EXPECT_FALSE(in_force(config).warmup.has_value());
  config.schedule = "onecycle";
  EXPECT_EQ(in_force(config).warmup, 0.3);
  config.warmup = 0.1;
  EXPECT_EQ(in_force(config).warmup, 0.1);
}

TEST(Config, NamesTheNearestKeyOfAnUnknownOne) {
  EXPECT_THAT([] { parse_config("epochs = 3\nbatchsize = 4\n", "run.toml"); },
              ThrowsMessage<ParseError>(
                  "config: key expected a setting of train, got \"batchsize\" (run.toml, line 2, "
                  "column 13); did you mean \"batch_size\"?"));
  EXPECT_THAT([] { parse_config("quantum = 4\n", "run.toml"); },
              ThrowsMessage<ParseError>("config: key expected a setting of train, got \"quantum\" "
                                        "(run.toml, line 1, column 11)"));
}

TEST(Config, SaysWhereAValueHasTheWrongType) {
  EXPECT_THAT(
      [] { parse_config("epochs = \"five\"\n", "run.toml"); },
      ThrowsMessage<ParseError>(
          "config: epochs expected a whole number, got string (run.toml, line 1, column 10)"));
  EXPECT_THAT([] { parse_config("epochs = 2.5\n", "run.toml"); },
              ThrowsMessage<ParseError>(
                  StartsWith("config: epochs expected a whole number, got floating-point")));
  EXPECT_THAT(
      [] { parse_config("shuffle = 1\n", "run.toml"); },
      ThrowsMessage<ParseError>(StartsWith("config: shuffle expected true or false, got integer")));
  EXPECT_EQ(
      parse_config("[model_options]\ndropout = 0.3\n", "run.toml").model_options.at("dropout"),
      "0.3");
  EXPECT_THAT([] { parse_config("model_options = 3\n", "run.toml"); },
              ThrowsMessage<ParseError>("config: model_options expected a table, got another value "
                                        "(run.toml, line 1, column 17)"));
  EXPECT_THAT([] { parse_config("[model_options]\ndropout = [1]\n", "run.toml"); },
              ThrowsMessage<ParseError>(
                  "config: model_options.dropout expected a string or a number, got another value "
                  "(run.toml, line 2, column 11)"));
  EXPECT_THAT(
      [] { parse_config("epochs = = 3\n", "run.toml"); },
      ThrowsMessage<ParseError>(AllOf(StartsWith("config: text expected TOML, got an error: "),
                                      HasSubstr("(run.toml, line 1, column"))));
}

TEST(Config, SaysWhichFileItCannotRead) {
  EXPECT_THAT(
      [] { read_config("/no/such.toml"); },
      ThrowsMessage<IoError>("read_file: /no/such.toml expected to be readable, got \"No such "
                             "file or directory\""));
}

// A folder, and what never ends: neither is read as if it were a file of settings.
TEST(Config, ReadsFilesOfABelievableSize) {
  EXPECT_THAT(
      [] { read_config("/"); },
      ThrowsMessage<IoError>("read_file: / expected to be readable, got \"Is a directory\""));
  EXPECT_THAT([] { read_config("/dev/zero"); },
              ThrowsMessage<IoError>("read_file: /dev/zero expected at most 1048576 bytes, got "
                                     "more"));
}

/// The message with which validate refuses the defaults changed by `change`; empty when it accepts
/// them.
template <class Change>
std::string refusal(Change change) {
  TrainConfig config;
  change(config);
  try {
    validate(config);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return {};
}

TEST(Config, RefusesWhatCannotBe) {
  EXPECT_EQ(refusal([](TrainConfig&) {}), "");
  EXPECT_EQ(refusal([](auto& c) { c.batch_size = 0; }),
            "config: batch_size expected at least 1, got 0");
  EXPECT_EQ(refusal([](auto& c) { c.epochs = -1; }), "config: epochs expected at least 1, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.lr = NAN; }),
            "config: lr expected a finite number above 0, got nan");
  EXPECT_EQ(refusal([](auto& c) { c.lr = INFINITY; }),
            "config: lr expected a finite number above 0, got inf");
  EXPECT_EQ(refusal([](auto& c) { c.lr = 0; }),
            "config: lr expected a finite number above 0, got 0");
  EXPECT_EQ(refusal([](auto& c) { c.momentum = 1; }),
            "config: momentum expected a number in [0, 1), got 1");
  EXPECT_EQ(refusal([](auto& c) { c.momentum = 0.5; }),
            "config: momentum expected with optimizer \"sgd\" only, got it with \"adam\"");
  EXPECT_EQ(refusal([](auto& c) { c.weight_decay = -0.1; }),
            "config: weight_decay expected a finite number, at least 0, got -0.1");
  EXPECT_EQ(refusal([](auto& c) { c.label_smoothing = 1.5; }),
            "config: label_smoothing expected a number in [0, 1), got 1.5");
  EXPECT_EQ(refusal([](auto& c) { c.class_weights = ""; }),
            "config: class_weights expected a name, got \"\"");
  EXPECT_EQ(refusal([](auto& c) { c.sampling = "balanced", c.shuffle = false; }),
            "config: sampling expected \"all\" where nothing is shuffled, got \"balanced\"");
  EXPECT_EQ(refusal([](auto& c) { c.accumulate = 0; }),
            "config: accumulate expected at least 1, got 0");
  EXPECT_EQ(refusal([](auto& c) { c.clip_grad = -1; }),
            "config: clip_grad expected a finite number, at least 0, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.ema = 1; }), "config: ema expected a number in [0, 1), got 1");
  EXPECT_EQ(refusal([](auto& c) { c.patience = -1; }),
            "config: patience expected at least 0, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.minutes = -1; }),
            "config: minutes expected a finite number, at least 0, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.monitor = "loss"; }),
            "config: monitor expected \"val_accuracy\", \"val_loss\", \"macro_f1\", got \"loss\"");
  EXPECT_EQ(refusal([](auto& c) { c.test_fraction = 1; }),
            "config: test_fraction expected a number between 0 and 1, got 1");
  EXPECT_EQ(refusal([](auto& c) { c.resize = "squash"; }),
            "config: resize expected one of crop, pad, stretch, got \"squash\"");
  EXPECT_EQ(refusal([](auto& c) { c.val_fraction = 1; }),
            "config: val_fraction expected a number in [0, 1), got 1");
  EXPECT_EQ(refusal([](auto& c) { c.threads = 5000; }),
            "config: threads expected in [0, 1024], got 5000");
  EXPECT_EQ(refusal([](auto& c) { c.seed = -1; }), "config: seed expected at least 0, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.limit_train = -5; }),
            "config: limit_train expected at least 0, got -5");
  EXPECT_EQ(refusal([](auto& c) { c.keep_checkpoints = 1; }),
            "config: keep_checkpoints expected at least 2, got 1");
  EXPECT_EQ(refusal([](auto& c) { c.log_every = -1; }),
            "config: log_every expected at least 0, got -1");
  EXPECT_EQ(refusal([](auto& c) { c.name = "a/b"; }),
            "config: name expected a folder's name, got \"a/b\"");
  EXPECT_EQ(refusal([](auto& c) { c.name = ".."; }),
            "config: name expected a folder's name, got \"..\"");
  EXPECT_EQ(refusal([](auto& c) { c.model = ""; }), "config: model expected a name, got \"\"");
}

TEST(Config, NamesTheNearestChoice) {
  EXPECT_EQ(refusal([](auto& c) { c.optimizer = "adamm"; }),
            "config: optimizer expected \"adam\", \"adamw\", \"sgd\", got \"adamm\"; did you mean "
            "\"adam\"?");
  EXPECT_EQ(refusal([](auto& c) { c.schedule = "cosin"; }),
            "config: schedule expected \"none\", \"step\", \"cosine\", \"onecycle\", got "
            "\"cosin\"; did you mean "
            "\"cosine\"?");
  const std::string words =
      "config: augment expected \"none\", or \"flip\", \"vflip\", \"crop\", \"rotate\", "
      "\"affine\", \"perspective\", \"cutout\", \"resizedcrop\", \"jitter\", \"grayscale\", "
      "\"blur\", \"randaugment\", \"trivialaugment\", \"erase\", \"mixup\" and \"cutmix\" "
      "joined by +, got ";
  EXPECT_EQ(refusal([](auto& c) { c.augment = "flip+crp"; }),
            words + "\"crp\"; did you mean \"crop\"?");
  EXPECT_EQ(refusal([](auto& c) { c.augment = ""; }), words + "\"\"");
  EXPECT_EQ(refusal([](auto& c) { c.augment = "flip:2"; }),
            words + "\"flip:2\"; did you mean \"flip\"?");
  EXPECT_EQ(
      refusal([](auto& c) { c.anneal = "linaer"; }),
      "config: anneal expected \"cosine\", \"linear\", got \"linaer\"; did you mean \"linear\"?");
  EXPECT_EQ(
      refusal([](auto& c) { c.tta = "flp"; }),
      "config: tta expected \"none\", or \"flip\" and \"shift\" joined by +, got \"flp\"; did you "
      "mean \"flip\"?");
  EXPECT_EQ(refusal([](auto& c) { c.tta = "flip+shift:0"; }),
            "config: tta expected pixels from 1 to 4096 behind the colon, got \"shift:0\"");
  EXPECT_EQ(refusal([](auto& c) { c.tta = "flip+shift:2"; }), "");
  EXPECT_EQ(refusal([](auto& c) { c.precision = "f16"; }),
            "config: precision expected \"f32\", \"bf16\", got \"f16\"; did you mean \"bf16\"?");
  EXPECT_EQ(refusal([](auto& c) { c.precision = "bf16"; }), "");
  EXPECT_EQ(refusal([](auto& c) { c.augment = "flip+crop"; }), "");
  EXPECT_EQ(refusal([](auto& c) { c.augment = "flip+crop:2+cutout:8"; }), "");
}

// What is offered is what is understood.
TEST(Config, TakesEveryWordThatItOffers) {
  const auto accepts = [](const std::string& key, std::string TrainConfig::*setting) {
    for (const std::string& word : setting_words(key)) {
      TrainConfig config;
      if (key == "anneal") config.schedule = "onecycle";
      config.*setting = word;
      EXPECT_NO_THROW(validate(config)) << key << " " << word;
    }
  };
  accepts("optimizer", &TrainConfig::optimizer);
  accepts("schedule", &TrainConfig::schedule);
  accepts("anneal", &TrainConfig::anneal);
  for (const std::string& word : augment_words())
    EXPECT_EQ(refusal([&](auto& c) { c.augment = word; }), "");
  for (const std::string& word : view_words())
    EXPECT_EQ(refusal([&](auto& c) { c.tta = word; }), "");
  EXPECT_EQ(refusal([](auto& c) { c.augment = "flip+none"; }),
            "config: augment expected \"none\" alone, got it with others");
}

TEST(Config, RefusesPixelsThatAreNone) {
  for (const std::string word : {"crop:0", "crop:", "cutout:-1", "cutout:4097", "cutout:3x"}) {
    EXPECT_EQ(
        refusal([&](auto& c) { c.augment = "flip+" + word; }),
        "config: augment expected pixels from 1 to 4096 behind the colon, got \"" + word + "\"");
  }
}

TEST(Config, RefusesTheShapeOfACycleWithoutOne) {
  EXPECT_EQ(refusal([](auto& c) { c.warmup = 0.3; }),
            "config: warmup expected with schedule \"onecycle\" only, got it with \"none\"");
  EXPECT_EQ(refusal([](auto& c) { c.anneal = "linear"; }),
            "config: anneal expected with schedule \"onecycle\" only, got it with \"none\"");
  EXPECT_EQ(
      refusal([](auto& c) { c.cycle_momentum = false; }),
      "config: cycle_momentum expected with schedule \"onecycle\" only, got it with \"none\"");
  const auto cycle = [](double warmup) {
    return refusal([warmup](auto& c) {
      c.schedule = "onecycle";
      c.warmup = warmup;
      c.anneal = "linear";
      c.cycle_momentum = false;
    });
  };
  EXPECT_EQ(cycle(0), "");
  EXPECT_EQ(cycle(1.5), "config: warmup expected a number in [0, 1], got 1.5");
  EXPECT_EQ(cycle(NAN), "config: warmup expected a number in [0, 1], got nan");
}

}  // namespace
}  // namespace fovea::train
