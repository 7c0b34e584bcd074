#include "fovea/train/page_labels.h"

#include "fovea/core/error.h"
#include "fovea/train/page_parts.h"

namespace fovea::train {

std::string labels_sentence(const Metrics& metrics, std::int64_t correct) {
  const std::string right = with_commas(correct), all = with_commas(metrics.samples),
                    chance = percent_text(metrics.majority_share);
  return both(str("<b>", right, "</b> of ", all,
                  " test images are told right in every label. Always answering the commonest set "
                  "of labels would reach ",
                  chance, ": the orange mark."),
              str("시험 이미지 ", all, "장 중 <b>", right,
                  "</b>장의 모든 라벨을 맞혔습니다. 가장 흔한 라벨 조합만 답해도 ", chance,
                  "는 맞힙니다: 주황색 눈금."));
}

std::string labels_table(const Metrics& metrics) {
  std::string rows = "<tr>";
  for (const std::string& heading :
       {both("class", "클래스"), both("precision", "정밀도"), both("recall", "재현율"),
        std::string("F1"), both("average precision", "평균 정밀도"), both("found", "찾음"),
        both("missed", "놓침"), both("not there", "없는데 답함")})
    rows += str("<td><b>", heading, "</b></td>");
  rows += "</tr>\n";
  for (const ClassMetrics& of_class : metrics.per_class) {
    const LabelCounts counts = label_counts(of_class, metrics.samples);
    rows += str("<tr><td>", escaped(of_class.name), "</td>");
    for (const double number :
         {of_class.precision, of_class.recall, of_class.f1, of_class.average_precision})
      rows += str("<td>", four_digits(number), "</td>");
    for (const std::int64_t count :
         {counts.true_positives, counts.false_negatives, counts.false_positives})
      rows += str("<td>", with_commas(count), "</td>");
    rows += "</tr>\n";
  }
  return str("<div class=\"matrix\" tabindex=\"0\">\n<table class=\"labels\">\n", rows,
             "</table>\n</div>\n");
}

}  // namespace fovea::train
