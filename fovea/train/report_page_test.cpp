#include "fovea/train/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "fovea/core/error.h"
#include "fovea/tensor/ops.h"

namespace fovea::train {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Labels = std::vector<std::int64_t>;

/// A run of two epochs of which everything is known.
class ReportPage : public testing::Test {
 protected:
  ReportPage() {
    config_.epochs = 3;
    config_.lr = 0.002;
    config_.data = "my photos";
    config_.data_root = "/data";
    config_.model_options = {{"dropout", "0.5"}};
    for (std::int64_t epoch = 1; epoch <= 2; ++epoch)
      epochs_.push_back({.epoch = epoch,
                         .step = epoch * 10,
                         .time_s = 133,
                         .train = {0.5, 0.8},
                         .test = Score{0.4, 0.9},
                         .images_per_s = 12345.6});
    report_.evaluation.confusion.add(Labels{0, 0, 1, 1, 1, 2}, Labels{0, 1, 1, 1, 0, 2});
    report_.evaluation.mistakes = {
        {.sample = 4, .truth = 1, .answer = 0, .probability = 0.999, .truth_probability = 0.001}};
  }

  std::string page(RunState state = RunState::kDone, Language language = Language::kEnglish) const {
    return report_page(
        {.directory = "runs/it's mine/exp",
         .config = config_,
         .epochs = epochs_,
         .report = report_,
         .mistakes = {{zeros({1, 4, 4}, {.dtype = u8}), "it's <4>.png"}},
         .filters = {zeros({3, 3, 3}, {.dtype = u8}), zeros({3, 3, 3}, {.dtype = u8})},
         .state = state,
         .language = language});
  }

  TrainConfig config_;
  std::vector<EpochEvent> epochs_;
  Report report_{.model = "lenet5",
                 .data = "my photos",
                 .run_dir = {},
                 .classes = {"Bag", "T<Shirt & \"co\"", "Coat"},
                 .evaluation = {.loss = 0.25, .confusion = ConfusionMatrix(3)}};
};

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

/// The names of elements that are opened and not closed, or closed and not open; empty when all
/// fit. Void elements have no end, and what ends with "/>" is both.
std::string unbalanced(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return "no end of a tag";
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", tag[0] == '/' ? 1 : 0));
    if (tag[0] == '!' || tag.back() == '/' || name == "meta" || name == "input" || name == "img")
      continue;
    if (tag[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return name + " in " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

TEST_F(ReportPage, TellsWhatTheRunCameTo) {
  const std::string text = page();
  for (const char* part :
       {"66.67\u00a0%", "<b>4</b> of 6", "50.00\u00a0%", "0.25", "2 min 13 s", "2분 13초", "12,346",
        ">Loss</text>", ">Accuracy</text>", "predicted class", "Wrong, and surest of it",
        "99.9\u00a0%", "What the first layer looks for",
        "<li>Bag → T&lt;Shirt &amp; &quot;co&quot; <b>1</b></li>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_EQ(count_of(text, "<figure title=\"it&#39;s &lt;4&gt;.png\">"), 1);
  EXPECT_EQ(count_of(text, "alt=\"filter "), 2);
  EXPECT_EQ(text, page()) << "the same bytes each time";
}

TEST_F(ReportPage, TellsOfManyLabelsOneByOne) {
  report_.evaluation = {.loss = 0.25, .confusion = {}, .labels = LabelScores(3)};
  report_.evaluation.labels->add(tensor({{2., 1., -1.}, {3., -1., -1.}, {1., -2., -1.}}),
                                 tensor({{1., 1., 0.}, {1., 1., 0.}, {0., 0., 0.}}));
  report_.evaluation.mistakes = {
      {.sample = 1, .truth = 1, .answer = -1, .probability = 0.731, .truth_probability = 0.269}};
  const std::string text = page();
  for (const char* part : {"<b>1</b> of 3 test images are told right in every label",
                           "commonest set", "Label by label", "라벨별 결과", "labels right",
                           "77.78\u00a0%", ">not T&lt;Shirt &amp; &quot;co&quot;</span>",
                           ">T&lt;Shirt &amp; &quot;co&quot; 아님</span>",
                           ">is T&lt;Shirt &amp; &quot;co&quot;</span>",
                           ">실제: T&lt;Shirt &amp; &quot;co&quot;</span>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, HasSubstr(str("<tr><td>Bag</td><td>0.6667</td><td>1</td><td>0.8</td>",
                                  "<td>1</td><td>2</td><td>0</td><td>1</td></tr>")));
  std::swap(report_.evaluation.mistakes[0].truth, report_.evaluation.mistakes[0].answer);
  for (const char* part :
       {"<b>T&lt;Shirt &amp; &quot;co&quot; ", ">is not T&lt;Shirt &amp; &quot;co&quot;</span>",
        ">실제: T&lt;Shirt &amp; &quot;co&quot; 아님</span>"})
    EXPECT_THAT(page(), HasSubstr(part));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("What it confuses")), Not(HasSubstr("predicted class")),
                          Not(HasSubstr("largest class"))));
  EXPECT_EQ(unbalanced(text), "");
}

TEST_F(ReportPage, NeedsNothingElse) {
  const std::string text = page();
  EXPECT_EQ(unbalanced(text), "");
  EXPECT_EQ(count_of(text, "<script"), 0);
  EXPECT_EQ(count_of(text, "<link"), 0);
  EXPECT_EQ(count_of(text, "url("), 0);
  EXPECT_EQ(count_of(text, "src=\""), count_of(text, "src=\"data:image/png;base64,"));
  EXPECT_EQ(count_of(text, "http"),
            count_of(text, "http-equiv") + count_of(text, "http://www.w3."));
  EXPECT_THAT(text, AllOf(HasSubstr("default-src 'none'"), HasSubstr("prefers-color-scheme"),
                          HasSubstr("width=device-width")));
}

TEST_F(ReportPage, HoldsAnyText) {
  EXPECT_THAT(page(), Not(HasSubstr("T<Shirt")));
  config_.data = "</section><script>alert(1)</script>";
  report_.data = config_.data;
  report_.classes[0] = "\x01<b>";
  EXPECT_EQ(unbalanced(page()), "");
  EXPECT_EQ(count_of(page(), "<script"), 0);
}

TEST_F(ReportPage, SaysWhatIsSet) {
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("<td><code>lr</code></td><td>0.002</td>"));
  EXPECT_THAT(text, HasSubstr("<td><code>dropout</code></td><td>0.5</td>"));
  EXPECT_THAT(text, Not(HasSubstr("<td><code>batch_size</code></td>"))) << "the default";
  EXPECT_THAT(text, HasSubstr("batch_size = 100")) << "in the whole file";
  config_.optimizer = "sgd";
  config_ = in_force(config_);
  EXPECT_THAT(page(), AllOf(HasSubstr("<td><code>optimizer</code></td><td>sgd</td>"),
                            Not(HasSubstr("<td><code>momentum</code>")),
                            Not(HasSubstr("<td><code>threads</code>"))));
  config_.momentum = 0.5;
  EXPECT_THAT(page(), HasSubstr("<td><code>momentum</code></td><td>0.5</td>"));
}

TEST_F(ReportPage, SaysWhatToTypeNext) {
  const std::string run = "&#39;runs/it&#39;\\&#39;&#39;s mine/exp";
  const std::string weights = " --weights " + run + "/weights/best.safetensors&#39;";
  const std::string text = page();
  EXPECT_THAT(
      text, HasSubstr(">fovea eval" + weights + " --data &#39;my photos&#39; --data-root /data<"));
  EXPECT_THAT(text, HasSubstr(">fovea predict" + weights + " my-picture.jpg<"));
  EXPECT_THAT(text,
              HasSubstr(">fovea export" + weights + " --output " + run + "/model.onnx&#39;<"));
  EXPECT_THAT(text, Not(HasSubstr("--resume")));
  EXPECT_THAT(page(RunState::kStopped), HasSubstr("fovea train --resume " + run + "&#39;<"));
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a/b-c_1.safetensors"), "a/b-c_1.safetensors");
  EXPECT_EQ(shell_word("신발"), "'신발'");
}

TEST_F(ReportPage, ReloadsItselfWhileTheTrainingGoesOn) {
  const std::string refresh = "http-equiv=\"refresh\"";
  EXPECT_THAT(page(RunState::kTraining),
              AllOf(HasSubstr(refresh), HasSubstr("training: epoch 2 of 3 is done")));
  EXPECT_THAT(page(RunState::kStopped),
              AllOf(Not(HasSubstr(refresh)), HasSubstr("stopped after epoch 2 of 3")));
  EXPECT_THAT(page(), AllOf(Not(HasSubstr(refresh)), Not(HasSubstr("class=\"state\""))));
}

TEST_F(ReportPage, IsInBothLanguages) {
  const std::string english = page(), korean = page(RunState::kDone, Language::kKorean);
  EXPECT_THAT(english, AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("id=\"en\" checked>")));
  EXPECT_THAT(korean, AllOf(HasSubstr("<html lang=\"ko\">"), HasSubstr("id=\"ko\" checked>")));
  EXPECT_EQ(count_of(english, "class=\"en\""), count_of(english, "class=\"ko\""));
  EXPECT_THAT(english, HasSubstr("가장 확신한 오답"));
}

TEST_F(ReportPage, LeavesOutWhatThereIsNot) {
  report_.evaluation.mistakes.clear();
  const std::string text =
      report_page({.directory = "exp", .config = config_, .epochs = epochs_, .report = report_});
  EXPECT_THAT(text, AllOf(Not(HasSubstr("surest of it")), Not(HasSubstr("first layer"))));
  EXPECT_EQ(unbalanced(text), "");
  // A training whose time was over in its first epoch.
  epochs_.clear();
  EXPECT_THAT(page(), AllOf(Not(HasSubstr("How it learned")), HasSubstr("66.67")));
  EXPECT_THAT(page(RunState::kStopped), HasSubstr("stopped after epoch 0 of 3"));
}

}  // namespace
}  // namespace fovea::train
