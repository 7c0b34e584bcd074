// Command lines that cannot be understood, help, version, completion: what needs neither data nor
// weights.

#include <sstream>

#include <nlohmann/json.hpp>

#include "fovea/io/pictures/image.h"
#include "fovea/tensor/ops.h"
#include "tests/e2e/fovea.h"

namespace fovea::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Mistake {
  std::vector<std::string> words;
  std::string prefix;
  std::string part;
};

TEST(Usage, MistakesEndWithCode2AndOneLine) {
  const Mistake mistakes[] = {
      {{}, "fovea: ", "a command is missing: train, eval"},
      {{"trian"}, "fovea: ", "unknown command \"trian\"; did you mean \"train\"?"},
      {{"trian", "--epochs", "3"}, "fovea: ", "unknown command \"trian\"; did you mean \"train\"?"},
      {{"evel", "--help"}, "fovea: ", "unknown command \"evel\"; did you mean \"eval\"?"},
      {{"help", "evel"}, "fovea: ", "unknown command \"evel\"; did you mean \"eval\"?"},
      {{"data", "lst", "-h"}, "fovea data: ", "unknown command \"lst\"; did you mean \"list\"?"},
      {{"xyzzy"}, "fovea: ", "unknown command \"xyzzy\"; there are: train, eval"},
      {{"--loud"}, "fovea: ", "unknown flag \"--loud\""},
      {{"train"}, "fovea train: ", "MODEL is missing: fashion-cnn"},
      {{"train", "fashion-cnn", "--bach-size", "3"},
       "fovea train: ",
       "unknown flag \"--bach-size\"; did you mean \"--batch-size\"?"},
      {{"train", "fashion-cnn", "--bach-size=3"}, "fovea train: ", "unknown flag \"--bach-size\";"},
      {{"train", "fashion-cnn", "more"}, "fovea train: ", "argument \"more\" is one too many"},
      {{"train", "fashion-cnn", "--epochs"},
       "fovea train: ",
       "--epochs expected a value, got none"},
      {{"train", "fashion-cnn", "--epochs", "five"},
       "fovea train: ",
       "--epochs expected a whole number, got \"five\""},
      {{"train", "fashion-cnn", "--epochs", "5.5"},
       "fovea train: ",
       "--epochs expected a whole number, got \"5.5\""},
      {{"train", "fashion-cnn", "--epochs", "99999999999999999999"},
       "fovea train: ",
       "--epochs expected a whole number"},
      {{"train", "fashion-cnn", "--lr", "fast"},
       "fovea train: ",
       "--lr expected a number, got \"fast\""},
      {{"train", "fashion-cnn", "--lr", "nan"},
       "fovea train: ",
       "--lr expected a finite number above 0, got nan"},
      {{"train", "fashion-cnn", "--lr", "-1"},
       "fovea train: ",
       "--lr expected a finite number above 0, got -1"},
      {{"train", "fashion-cnn", "--batch-size", "0"},
       "fovea train: ",
       "--batch-size expected at least 1, got 0"},
      {{"train", "fashion-cnn", "--optimizer", "adm"},
       "fovea train: ",
       "--optimizer expected one of adam, adamw, sgd, got \"adm\"; did you mean \"adam\"?"},
      {{"train", "fashion-cnn", "--model-opt", "dropout"},
       "fovea train: ",
       "--model-opt expected key=value, got \"dropout\""},
      {{"eval", "--weights", "x", "--conv", "winograd"},
       "fovea eval: ",
       "--conv expected one of auto, direct, got \"winograd\""},
      {{"train", "fashion-cm"},
       "fovea train: ",
       "got \"fashion-cm\"; did you mean \"fashion-cnn\"?"},
      {{"train", "fashion-cnn", "--data", "fashoin-mnist"},
       "fovea train: ",
       "got \"fashoin-mnist\"; did you mean \"fashion-mnist\"?"},
      {{"eval"}, "fovea eval: ", "--weights is missing"},
      {{"predict", "--weights", "x.safetensors"},
       "fovea predict: ",
       "IMAGE is missing: a picture file, a folder of them, or --index N of a data set"},
      {{"eval", "--weights", "x", "--limit-test", "-1"},
       "fovea eval: ",
       "--limit-test expected at least 0, got -1"},
      {{"eval", "--weights", "x", "--batch-size", "0"},
       "fovea eval: ",
       "--batch-size expected at least 1, got 0"},
      {{"export", "--weights", "x", "--output", "y.pth"},
       "fovea export: ",
       "--output expected a .onnx, .safetensors or .npz file, got \"y.pth\""},
      {{"export", "--weights", "x", "--output", "y.npz", "--fold"},
       "fovea export: ",
       "--fold expected with a .onnx file: weights keep their layers"},
      {{"run", "x.onnx", "--input", "y.png", "--output", "z.npy"},
       "fovea run: ",
       "--input expected a .npy or .npz file, got \"y.png\""},
      {{"predict", "--weights", "x", "y.png", "--top", "0"},
       "fovea predict: ",
       "--top expected at least 1"},
      {{"summary"}, "fovea summary: ", "MODEL is missing"},
      {{"summary", "fashion-cnn", "--input-shape", "28by28"}, "fovea summary: ", "\"28by28\""},
      {{"summary", "fashion-cnn", "--input-shape", "1x28x30"},
       "fovea summary: ",
       "--input-shape expected channels and a square as 1x28x28, got \"1x28x30\""},
      {{"summary", "fashion-cnn", "--json", "--graph"},
       "fovea summary: ",
       "--json expected without --graph and --svg"},
      {{"data"}, "fovea data: ", "a command is missing: list, info, download, grid"},
      {{"data", "lst"}, "fovea data: ", "unknown command \"lst\"; did you mean \"list\"?"},
      {{"data", "info", "mnst"}, "fovea data info: ", "did you mean \"mnist\"?"},
      {{"data", "grid", "--rows", "0"},
       "fovea data grid: ",
       "--rows expected from 1 to 100, got 0"},
      {{"data", "grid", "--output", "x.png"},
       "fovea data grid: ",
       "--output expected a .svg file, got \"x.png\""},
      {{"summary", "fashion-cnn", "--svg", "m.png"},
       "fovea summary: ",
       "--svg expected a .svg file, got \"m.png\""},
      {{"data", "grid", "--seed", "-1"}, "fovea data grid: ", "--seed expected at least 0, got -1"},
      {{"completion", "tcsh"}, "fovea completion: ", "SHELL expected one of bash, zsh, fish"},
      {{"bench", "--precision", "f16"}, "fovea bench: ", "--precision expected one of f32, bf16"},
      {{"bench", "--random", "-1"}, "fovea bench: ", "--random expected from 0 to 1000000, got -1"},
      {{"bench", "--seconds", "0"},
       "fovea bench: ",
       "--seconds expected above 0, up to 3600, got 0"},
      {{"bench", "--only", "xyzzy"},
       "fovea bench: ",
       "--only expected a part of a row's name, got xyzzy"},
      {{"bench", "--threads", "-1"}, "fovea bench: ", "--threads expected from 0 to 1024, got -1"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(testing::PrintToString(mistake.words));
    expect_failure(fovea(mistake.words), 2, mistake.prefix, mistake.part);
  }
}

// Every command that computes asks for its device before it reads anything.
TEST(Usage, AnUnknownDeviceIsAMistakeThatListsThem) {
  for (std::vector<std::string> words : {std::vector<std::string>{"train", "fashion-cnn"},
                                         {"eval", "--weights", "x"},
                                         {"predict", "--weights", "x", "y.png"},
                                         {"run", "x.onnx", "--input", "x.npy", "--output", "y.npy"},
                                         {"export", "--weights", "x", "--output", "y.onnx"},
                                         {"summary", "fashion-cnn"},
                                         {"bench"}}) {
    words.insert(words.end(), {"--device", "gpu"});
    expect_failure(fovea(words), 2, "fovea " + words[0] + ": ",
                   "device: expected one that is available (cpu), got \"gpu\"");
  }
}

TEST(Usage, TheErrorOfATerminalCommandIsPlainTextInAFile) {
  EXPECT_EQ(fovea({"trian"}).err.find('\x1b'), std::string::npos);
}

/// The commands that `fovea WORDS...` says it has.
std::vector<std::string> commands_of(const std::vector<std::string>& words) {
  const std::string message = fovea(words).err, start = "a command is missing: ";
  std::istringstream list(message.substr(message.find(start) + start.size()));
  std::vector<std::string> names;
  for (std::string name; list >> name && !name.starts_with('(');) {
    while (!name.empty() && name.back() == ',') name.pop_back();
    names.push_back(name);
  }
  return names;
}

TEST(Usage, HelpOpensWithExamples) {
  std::vector<std::vector<std::string>> lines = {
      {"--help"},
      {"-h"},
      {"help"},
      {"help", "train"},
      {"train", "fashion-cnn", "--epochs", "x", "--help"}};
  for (const std::string& name : commands_of({})) lines.push_back({name, "--help"});
  for (const std::string& name : commands_of({"data"})) lines.push_back({"data", name, "--help"});
  EXPECT_GT(lines.size(), 15u);
  for (const std::vector<std::string>& words : lines) {
    SCOPED_TRACE(testing::PrintToString(words));
    const ProcessResult result = fovea(words);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, StartsWith("Examples\n  "));
    EXPECT_THAT(result.out, HasSubstr("\nUsage\n"));
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  }
}

TEST(Usage, WordsAfterTwoDashesAreArguments) {
  expect_failure(fovea({"predict", "--weights", trained_weights(), "--", "--none.png"}), 4,
                 "fovea predict: ", "--none.png");
}

TEST(Usage, VersionNamesVersionAndCommit) {
  const ProcessResult result = fovea({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              testing::MatchesRegex("fovea [0-9]+\\.[0-9]+\\.[0-9]+ \\([0-9a-z-]+\\)\n"));
}

TEST(Usage, ChecksNameMachineLibrariesAndData) {
  const ProcessResult result = fovea({"checks"}, {.environment = {{"FOVEA_DATA", tiny_root()}}});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* part : {"version  ", "commit  ", "cpu  ", "instructions  ", "threads  ",
                           "devices         cpu", "oneDNN  ", "libcurl  ", "fashion-mnist  "}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  EXPECT_THAT(result.out, HasSubstr("data root       " + tiny_root()));
}

TEST(Usage, CompletionScriptsAreWhatTheShellTakes) {
  const TempDir directory;
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const ProcessResult script = fovea({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_THAT(script.out, HasSubstr("batch-size"));
    put_file(directory / shell, script.out);
    const std::string program = "/usr/bin/" + shell;
    if (!std::filesystem::exists(program)) continue;
    const ProcessResult check = run_process({program, "-n", (directory / shell).string()});
    EXPECT_EQ(check.exit_code, 0) << check.err;
  }
}

/// What bash offers for a command line whose last word is being typed.
std::string offered(const std::vector<std::string>& words,
                    const std::filesystem::path& folder = ".") {
  std::string line =
      "source <(" FOVEA_BINARY " completion bash); compopt() { :; }; COMP_WORDS=(fovea";
  for (const std::string& word : words) line += " '" + word + "'";
  line += "); COMP_CWORD=" + std::to_string(words.size()) + "; _fovea; echo \"${COMPREPLY[*]}\"";
  const ProcessResult result = run_process({"/bin/bash", "-c", line}, {.directory = folder});
  EXPECT_EQ(result.err, "");
  return result.out;
}

TEST(Usage, BashCompletesCommandsFlagsAndValues) {
  EXPECT_EQ(offered({"tr"}), "train\n");
  EXPECT_EQ(offered({"data", ""}), "list info download grid\n");
  EXPECT_EQ(offered({"train", "fashion-c"}), "fashion-cnn\n");
  EXPECT_EQ(offered({"train", "fashion-cnn", "--batch"}), "--batch-size\n");
  EXPECT_EQ(offered({"train", "fashion-cnn", "--optimizer", ""}), "adam adamw sgd\n");
  EXPECT_EQ(offered({"data", "info", "fa"}), "fashion-mnist\n");
  EXPECT_EQ(offered({"summary", "fashion-c"}), "fashion-cnn\n");
  EXPECT_EQ(offered({"eval", "--conv", ""}), "auto direct\n");
  EXPECT_EQ(offered({"train", "lenet5", "--image"}), "--image-size\n");
  EXPECT_EQ(offered({"completion", "z"}), "zsh\n");
  // The word of another command is a value here.
  EXPECT_EQ(offered({"train", "data", "--ep"}), "--epochs\n");
}

TEST(Usage, BashCompletesFilesBesideNames) {
  const TempDir directory;
  std::filesystem::create_directory(directory / "cifars");
  put_file(directory / "cifar.toml", "");
  put_file(directory / "lenet.onnx", "");
  const auto here = [&](const std::vector<std::string>& words) {
    return offered(words, directory.path());
  };
  put_file(directory / "pets.csv", "");
  EXPECT_EQ(here({"train", "lenet5", "--data", "cifar1"}), "cifar10 cifar100\n");
  EXPECT_EQ(here({"train", "lenet5", "--project", "c"}), "cifars\n");
  // A folder of pictures, or a list of them.
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"train", "lenet5", "--data"}, {"data", "info"}, {"data", "grid"}})
    for (const char* name : {"cifars", "pets.csv"}) {
      std::vector<std::string> begun = words;
      begun.push_back(std::string(name).substr(0, 6));
      EXPECT_EQ(here(begun), std::string(name) + "\n");
    }
  EXPECT_EQ(here({"train", "lenet"}), "lenet5 lenet.onnx\n");
  EXPECT_EQ(here({"train", "cifar."}), "cifar.toml\n");
  EXPECT_EQ(here({"summary", "le"}), "lenet5 lenet.onnx\n");
  EXPECT_EQ(here({"bench", "--model", "cifar."}), "cifar.toml\n");
}

TEST(Usage, AFullDiskBehindStandardOutputIsAnError) {
  const std::pair<std::vector<std::string>, std::string> lines[] = {
      {{"data", "list"}, "fovea data list: "},
      {{"--help"}, "fovea: "},
      {{"train", "--help"}, "fovea train: "},
      {{"--version"}, "fovea: "},
      {{"checks"}, "fovea checks: "},
      {{"completion", "bash"}, "fovea completion: "},
      {{"summary", "resnet50"}, "fovea summary: "},
      {{"summary", "resnet50", "--json"}, "fovea summary: "},
      {{"bench", "--list"}, "fovea bench: "},
      {{"eval", "--weights", trained_weights(), "--data-root", tiny_root()}, "fovea eval: "},
      {{"predict", "--weights", trained_weights(), "--data-root", tiny_root(), "--index", "1"},
       "fovea predict: "},
  };
  for (const auto& [words, prefix] : lines) {
    SCOPED_TRACE(testing::PrintToString(words));
    expect_failure(fovea(words, {.output_file = "/dev/full"}), 4, prefix,
                   "standard output: No space left on device");
  }
}

// More than fits the buffer, so that it fails in the middle of the work.
TEST(Usage, AFullDiskEndsALongAnswer) {
  const TempDir directory;
  io::write_png(directory / "a.png", zeros({1, 28, 28}, {.dtype = u8}));
  std::vector<std::string> words = {"predict", "--weights", trained_weights(), "--json"};
  words.insert(words.end(), 200, (directory / "a.png").string());
  expect_failure(fovea(words, {.output_file = "/dev/full"}), 4,
                 "fovea predict: ", "standard output: No space left on device");
}

// A message that nobody can read is no reason to end, nor to end otherwise.
TEST(Usage, MessagesThatCannotBeWrittenChangeNothing) {
  const TempDir directory;
  const auto code = [&](const std::vector<std::string>& words, ProcessOptions options) {
    options.directory = directory.path();
    return fovea(words, options).exit_code;
  };
  const ProcessOptions closed{.closed = {2}}, full{.error_file = "/dev/full"};
  for (const ProcessOptions& options : {closed, full}) {
    EXPECT_EQ(code({"trian"}, options), 2);
    EXPECT_EQ(code({"eval", "--weights", "none.safetensors"}, options), 4);
    EXPECT_EQ(code(quick_training(), options), 0);
    EXPECT_EQ(code({"data", "list"}, options), 0);
  }
  EXPECT_EQ(code(quick_training({"--exist-ok", "--name", "all"}), {.closed = {0, 1, 2}}), 0);
  EXPECT_EQ(get_file(directory / "runs/train/all/results.csv").find("fovea"), std::string::npos);
  const ProcessResult judged = fovea(
      {"eval", "--weights", "runs/train/all/weights/best.safetensors", "--data-root", tiny_root()},
      {.directory = directory.path()});
  EXPECT_EQ(judged.exit_code, 0) << judged.err;
}

// The result of a training is on disk: nobody who closes standard output misses its path there. A
// disk that is full is another matter, where somebody waits for it.
TEST(Usage, ATrainingNeedsNoStandardOutput) {
  const TempDir directory;
  const auto train = [&](ProcessOptions options) {
    options.directory = directory.path();
    return fovea(quick_training({"--quiet"}), options);
  };
  const ProcessResult closed = train({.closed = {1}});
  EXPECT_EQ(closed.exit_code, 0);
  EXPECT_THAT(closed.err, testing::HasSubstr("the run is in runs/train/exp\n"));
  EXPECT_TRUE(std::filesystem::exists(directory / "runs/train/exp/weights/best.safetensors"));
  const ProcessResult full = train({.output_file = "/dev/full"});
  EXPECT_EQ(full.exit_code, 4);
  EXPECT_THAT(full.err, testing::HasSubstr("standard output: No space left on device"));
  EXPECT_TRUE(std::filesystem::exists(directory / "runs/train/exp2/weights/best.safetensors"));
}

TEST(Usage, AReaderThatGoesAwayEndsTheCommandQuietly) {
  const ProcessResult result = run_process(
      {"/bin/bash", "-c",
       FOVEA_BINARY " summary resnet50 2>&1 | true; echo ${PIPESTATUS[0]}; " FOVEA_BINARY
                    " summary resnet50 --json | head -c 1; echo ${PIPESTATUS[0]}"});
  EXPECT_THAT(result.out, testing::MatchesRegex("(0|141)\n\\{(0|141)\n"));
  EXPECT_EQ(result.err, "");
}

TEST(Usage, TheProcessIsCalledFovea) {
  const TempDir directory;
  Process process(fovea_line(quick_training({"--epochs", "100000"})),
                  {.directory = directory.path()});
  ASSERT_TRUE(process.wait_for_error("epoch 1/")) << process.error_so_far();
  EXPECT_EQ(get_file("/proc/" + std::to_string(process.id()) + "/comm"), "fovea\n");
}

}  // namespace
}  // namespace fovea::test
