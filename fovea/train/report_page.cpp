#include "fovea/train/report_page.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/io/svg.h"
#include "fovea/train/charts.h"
#include "fovea/train/page_labels.h"
#include "fovea/train/page_parts.h"
#include "fovea/train/page_style.h"

namespace fovea::train {

namespace {

std::string page_section(const std::string& title, const std::string& note,
                         const std::string& content) {
  return str("<section>\n<h2>", title, "</h2>\n<p class=\"note\">", note, "</p>\n", content,
             "</section>\n");
}

std::string head_part(const RunPage& page) {
  const bool korean = page.language == Language::kKorean;
  return str(
      "<!doctype html>\n<html lang=\"", korean ? "ko" : "en",
      "\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
      "data:; style-src 'unsafe-inline'\">\n",
      page.state == RunState::kTraining ? "<meta http-equiv=\"refresh\" content=\"10\">\n" : "",
      "<title>", escaped(page.report.model + " on " + page.report.data), " - ",
      escaped(page.directory), "</title>\n<style>", page_style(), "</style>\n</head>\n",
      "<body>\n<input class=\"choice\" type=\"radio\" name=\"language\" id=\"en\"",
      korean ? "" : " checked", ">\n",
      "<input class=\"choice\" type=\"radio\" name=\"language\" id=\"ko\"",
      korean ? " checked" : "", ">\n",
      "<div class=\"languages\"><label for=\"en\" lang=\"en\">English</label>"
      "<label for=\"ko\" lang=\"ko\">한국어</label></div>\n");
}

std::string state_text(const RunPage& page) {
  const std::string done = std::to_string(page.epochs.empty() ? 0 : page.epochs.back().epoch);
  const std::string all = std::to_string(page.config.epochs);
  if (page.state == RunState::kTraining)
    return both("training: epoch " + done + " of " + all + " is done",
                "학습 중: 에포크 " + all + "개 중 " + done + "개 완료");
  return both("stopped after epoch " + done + " of " + all,
              "에포크 " + all + "개 중 " + done + "개를 마치고 멈춤");
}

std::string title_part(const RunPage& page) {
  const std::string data = escaped(page.report.data);
  std::string text =
      str("<header>\n<h1>", escaped(page.report.model), " <small>", both("on " + data, data),
          "</small></h1>\n<p class=\"note\"><code>", escaped(page.directory), "</code></p>\n");
  if (page.state != RunState::kDone) text += str("<p class=\"state\">", state_text(page), "</p>\n");
  return text + "</header>\n<main>\n";
}

/// A ring of which the share that is right is drawn, with a mark at what always answering the
/// largest class would reach.
std::string accuracy_ring(const Metrics& metrics) {
  constexpr double kRadius = 52, kAround = 2 * 3.14159265358979 * kRadius;
  const auto arc = [&](const char* kind, double length, double from) {
    return str("<circle class=\"", kind, "\" cx=\"60\" cy=\"60\" r=\"52\" fill=\"none\" ",
               "stroke-width=\"11\" stroke-dasharray=\"", io::svg_number(length), " ",
               io::svg_number(kAround), "\" stroke-dashoffset=\"", io::svg_number(-from),
               "\" transform=\"rotate(-90 60 60)\"/>");
  };
  return str("<div class=\"ring\"><svg viewBox=\"0 0 120 120\" aria-hidden=\"true\">",
             arc("all", kAround, 0), arc("right", metrics.accuracy * kAround, 0),
             arc("chance", 4, metrics.majority_share * kAround - 2), "</svg><div><b>",
             percent_text(metrics.accuracy), "</b><span>", both("right", "정답"),
             "</span></div></div>\n");
}

std::string number_list(const RunPage& page, const Metrics& metrics) {
  std::string list = "<dl class=\"numbers\">\n";
  const auto add = [&](const std::string& name, const std::string& value) {
    list += str("<div><dt>", name, "</dt><dd>", value, "</dd></div>\n");
  };
  add(both("loss", "손실"), four_digits(page.report.evaluation.loss));
  add(both("error rate", "오류율"), percent_text(metrics.error_rate));
  add(both("macro F1", "매크로 F1"), four_digits(metrics.macro_f1));
  if (page.report.evaluation.labels) {
    add(both("labels right", "맞힌 라벨"), percent_text(metrics.label_accuracy));
    add(both("mean average precision", "mAP"), four_digits(metrics.mean_average_precision));
  }
  if (page.epochs.empty()) return list + "</dl>\n";
  const EpochEvent& last = page.epochs.back();
  add(both("epochs", "에포크"), std::to_string(last.epoch));
  add(both("time", "시간"), duration(last.time_s));
  add(both("images a second", "초당 이미지"),
      with_commas(static_cast<std::int64_t>(std::llround(last.images_per_s))));
  return list + "</dl>\n";
}

std::string right_sentence(const RunPage& page, const Metrics& metrics) {
  const std::int64_t correct = page.report.evaluation.correct();
  if (page.report.evaluation.labels) return labels_sentence(metrics, correct);
  const std::string right = with_commas(correct);
  const std::string all = with_commas(metrics.samples),
                    chance = percent_text(metrics.majority_share);
  return both(str("<b>", right, "</b> of ", all,
                  " test images are told right. Always answering the "
                  "largest class would reach ",
                  chance, ": the orange mark."),
              str("시험 이미지 ", all, "장 중 <b>", right,
                  "</b>장을 맞혔습니다. 가장 큰 클래스만 "
                  "답해도 ",
                  chance, "는 맞힙니다: 주황색 눈금."));
}

std::string result_part(const RunPage& page, const Metrics& metrics) {
  std::string text =
      str("<section>\n<div class=\"first\">\n", accuracy_ring(metrics), "<div class=\"told\">\n<p>",
          right_sentence(page, metrics), "</p>\n", number_list(page, metrics), "</div>\n</div>\n");
  for (const std::string& warning : metrics.warnings)
    text += str("<p class=\"warning\" lang=\"en\">", escaped(warning), "</p>\n");
  return text + "</section>\n";
}

std::string curves_part(const RunPage& page) {
  if (page.epochs.empty()) return {};
  return page_section(
      both("How it learned", "학습 과정"),
      both("Loss should fall and accuracy rise, then both flatten. Where the training "
           "curve goes on and the test curve turns, the network learns by heart.",
           "손실은 내려가고 정확도는 올라가다가 둘 다 평평해져야 합니다. 학습 곡선은 "
           "나아지는데 시험 곡선이 되돌아서면 신경망이 외우고 있는 것입니다."),
      str("<div class=\"curves\">\n", draw_curve(page.epochs, Curve::kLoss).to_string(),
          draw_curve(page.epochs, Curve::kAccuracy).to_string(), "</div>\n"));
}

/// The five pairs of classes that are confused most often.
std::string confused_pairs(const Report& report) {
  const ConfusionMatrix& confusion = report.evaluation.confusion;
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> pairs;  // -count, truth, answer
  for (std::int64_t truth = 0; truth < confusion.classes(); ++truth) {
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer) {
      const std::int64_t count = confusion.count(truth, answer);
      if (truth != answer && count > 0) pairs.emplace_back(-count, truth, answer);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  if (pairs.size() > 5) pairs.resize(5);
  std::string list;
  for (const auto& [count, truth, answer] : pairs) {
    list += str("<li>", escaped(report.class_name(truth)), " → ",
                escaped(report.class_name(answer)), " <b>", with_commas(-count), "</b></li>\n");
  }
  return list.empty() ? list : str("<ul class=\"confused\">\n", list, "</ul>\n");
}

std::string labels_part(const Metrics& metrics) {
  return page_section(
      both("Label by label", "라벨별 결과"),
      both("A label is answered where its probability is at least 50 %. Average precision needs "
           "no such limit: it is 1 where all images with the label are ranked before all others.",
           "확률이 50 % 이상인 라벨을 답한 것으로 봅니다. 평균 정밀도는 그런 기준이 필요 없으며, "
           "라벨이 있는 이미지가 모두 앞에 오면 1입니다."),
      labels_table(metrics));
}

std::string matrix_part(const RunPage& page) {
  return page_section(
      both("What it confuses", "무엇을 혼동하는가"),
      both("A row for each true class, a column for each answer; the diagonal is right. "
           "Most often confused (true class → answer):",
           "행은 실제 클래스, 열은 모델의 답이고 대각선이 정답입니다. 가장 자주 혼동한 쌍 "
           "(실제 → 답):"),
      str(confused_pairs(page.report), "<div class=\"matrix\" tabindex=\"0\">\n",
          draw_confusion(page.report).to_string(), "</div>\n"));
}

/// A class's name in a mistake, or that it is not there: of multi-label targets, where the mistake
/// names `other` alone.
std::string named(const Report& report, std::int64_t label, std::int64_t other, const char* is = "",
                  const char* is_korean = "") {
  const std::string name = escaped(report.class_name(label >= 0 ? label : other));
  if (label < 0) return both(str(is, "not ", name), str(is_korean, name, " 아님"));
  return *is == '\0' ? name : both(is + name, is_korean + name);
}

std::string mistakes_part(const RunPage& page) {
  if (page.mistakes.empty()) return {};
  std::string figures = "<div class=\"pictures\">\n";
  for (std::size_t i = 0; i < page.mistakes.size(); ++i) {
    const Mistake& mistake = page.report.evaluation.mistakes[i];
    const NamedImage& picture = page.mistakes[i];
    figures += str("<figure title=\"", escaped(picture.name), "\">",
                   inline_image(picture.image, picture.name), "<figcaption><b>",
                   named(page.report, mistake.answer, mistake.truth), " ",
                   percent_text(mistake.probability, 1), "</b><span>",
                   named(page.report, mistake.truth, mistake.answer, "is ", "실제: "),
                   "</span></figcaption></figure>\n");
  }
  return page_section(
      both("Wrong, and surest of it", "가장 확신한 오답"),
      both("The answer and how probable the model thought it, then what the picture is. "
           "Worth a look: is the label right, and could you tell?",
           "모델의 답과 그 확률, 그 아래는 실제 클래스입니다. 살펴볼 만합니다: 라벨이 "
           "맞는지, 사람은 구별할 수 있는지."),
      figures + "</div>\n");
}

std::string filters_part(const RunPage& page) {
  // A linear layer on large pictures has weights by the million: only as many as a page bears.
  constexpr std::int64_t kMostPixels = 1 << 17;
  if (page.filters.empty()) return {};
  const std::int64_t each = page.filters[0].size(1) * page.filters[0].size(2);
  const auto room = static_cast<std::size_t>(std::max<std::int64_t>(kMostPixels / each, 1));
  std::string images = "<div class=\"filters\">\n";
  for (std::size_t i = 0; i < std::min(page.filters.size(), room); ++i)
    images += inline_image(page.filters[i], str("filter ", i)) + "\n";
  return page_section(
      both("What the first layer looks for", "첫 층이 찾는 것"),
      both("The weights of its filters, each by its own largest: <span class=\"scale\">"
           "</span> from below zero over zero to above. A layer on colour pictures is "
           "shown in its colours, and grey is zero.",
           "필터의 가중치이며 필터마다 가장 큰 값에 맞추었습니다: <span class=\"scale\">"
           "</span> 음수에서 0을 지나 양수까지. 컬러 이미지를 보는 층은 그 색으로 "
           "나타내며 회색이 0입니다."),
      images + "</div>\n");
}

template <class Value>
std::string value_text(const Value& value) {
  if constexpr (requires { value.has_value(); }) {
    return value ? value_text(*value) : std::string();
  } else if constexpr (std::is_same_v<Value, bool>) {
    return value ? "true" : "false";
  } else {
    return str(value);
  }
}

std::string settings_part(const RunPage& page) {
  TrainConfig filled;  // a default that was left to Fovea is no setting either
  filled.optimizer = page.config.optimizer;
  filled.schedule = page.config.schedule;
  filled = in_force(std::move(filled));
  filled.optimizer = TrainConfig().optimizer;
  filled.schedule = TrainConfig().schedule;
  std::string rows;
  const auto add = [&](std::string_view key, const std::string& value) {
    constexpr std::size_t kLongest = 200;  // a network's text is in the whole file
    const bool lines = value.find('\n') != std::string::npos || value.size() > kLongest;
    rows += str("<tr><td><code>", escaped(key), "</code></td><td>",
                lines ? both("see below", "아래 참조") : escaped(value), "</td></tr>\n");
  };
  visit_settings(page.config, [&](std::string_view key, const auto& value) {
    const auto differs = [&](const TrainConfig& from) {
      bool found = false;
      visit_settings(from, [&](std::string_view other, const auto& usual) {
        if constexpr (std::is_same_v<decltype(value), decltype(usual)>)
          found = found || (key == other && value != usual);
      });
      return found;
    };
    if (differs(TrainConfig()) && differs(filled)) add(key, value_text(value));
  });
  for (const auto& [key, value] : page.config.model_options) add(key, value);
  return page_section(
      both("Settings", "설정"),
      both("What differs from the defaults, and everything in force below it: the "
           "file <code>config.toml</code>, which <code>--config</code> takes back.",
           "기본값과 다른 설정, 그 아래는 적용된 모든 설정입니다: <code>--config</code>로 "
           "다시 쓸 수 있는 <code>config.toml</code>."),
      str("<table>\n", rows, "</table>\n<details><summary>config.toml</summary><pre>",
          escaped(to_toml(page.config)), "</pre></details>\n"));
}

std::string next_part(const RunPage& page) {
  std::string list = "<ol class=\"steps\">\n";
  const auto add = [&](const std::string& what, const std::string& command) {
    list += str("<li>", what, "<pre class=\"command\"><code>", escaped(command),
                "</code></pre></li>\n");
  };
  const std::string weights =
      " --weights " + shell_word(page.directory + "/weights/best.safetensors");
  std::string data = " --data " + shell_word(page.config.data);
  if (!page.config.data_root.empty()) data += " --data-root " + shell_word(page.config.data_root);
  if (page.state != RunState::kDone)
    add(both("Go on with it, if nobody is training it:", "학습이 멈추었다면 이어서 하기:"),
        "fovea train --resume " + shell_word(page.directory));
  add(both("Judge it, class by class:", "클래스별로 평가하기:"), "fovea eval" + weights + data);
  add(both("Ask it about pictures of your own:", "내 사진에 대해 물어보기:"),
      "fovea predict" + weights + " my-picture.jpg");
  add(both("Take it elsewhere, as an ONNX file:", "ONNX 파일로 내보내기:"),
      "fovea export" + weights + " --output " + shell_word(page.directory + "/model.onnx"));
  return page_section(
      both("What to type next", "다음 명령"),
      both("In the folder where the training was started.", "학습을 시작한 폴더에서 입력하세요."),
      list + "</ol>\n");
}

}  // namespace

std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("/._-+,:@%=").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string report_page(const RunPage& page) {
  const Metrics metrics = page.report.metrics();
  return str(head_part(page), title_part(page), result_part(page, metrics), curves_part(page),
             page.report.evaluation.labels ? labels_part(metrics) : matrix_part(page),
             mistakes_part(page), filters_part(page), settings_part(page), next_part(page),
             "</main>\n<footer>",
             both("Written by <code>fovea train</code>. Beside this page lie the numbers: "
                  "<code>results.csv</code>, <code>report.json</code>, <code>env.json</code>.",
                  "<code>fovea train</code>이 만든 페이지입니다. 같은 폴더에 숫자가 있습니다: "
                  "<code>results.csv</code>, <code>report.json</code>, <code>env.json</code>."),
             "</footer>\n</body>\n</html>\n");
}

}  // namespace fovea::train
