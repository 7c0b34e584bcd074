// fovea explain: every step of an operation, of the textbook's numbers or of a model of one's own.

#include <utility>

#include "apps/base/command_line.h"
#include "apps/explain/explain.h"
#include "apps/explain/topics.h"

namespace fovea::cli {

Command explain_command() {
  Command command("explain", {"Show every step of a convolution, a layer, a model of your own",
                              "합성곱, 층, 내 모델의 모든 단계를 보여 줍니다"});
  command.speaks_korean = true;
  command.details = {
      "What is shown is computed by the operations that train. A picture (--output FILE.svg) moves "
      "by itself and needs no script; without --output a topic is text.",
      "보여 주는 수는 모두 학습에 쓰는 연산으로 계산합니다. 그림(--output FILE.svg)은 스크립트 "
      "없이 "
      "스스로 움직입니다. --output이 없으면 글로 나옵니다."};
  command.examples = {
      {"fovea explain conv",
       {"a kernel over an image, step by step", "이미지 위의 커널, 한 단계씩"}},
      {"fovea explain conv --output conv.svg",
       {"the same as a moving picture", "움직이는 그림으로"}},
      {"fovea explain sizes fashion-cnn", {"sizes from layer to layer", "층마다의 크기"}},
      {"fovea explain layer --weights best.safetensors --output kernel.svg",
       {"a layer of your model over a picture", "내 모델의 층이 사진 위를 지나는 모습"}},
      {"fovea explain gradcam --weights best.safetensors --image shoe.png --output why.html",
       {"what in the picture made the answer", "사진의 어디를 보고 답했는지"}},
  };
  // The parser has read it, wherever it stands; here it is for who asks for the help of all.
  Option language;
  language.name = kLanguageFlag;
  language.value_name = "L";
  language.help = {"language: en|ko (default from the locale)", "언어: en|ko (기본값은 로캘)"};
  language.words = {"en", "ko"};
  language.set = [](const std::string&) {};
  command.options.push_back(std::move(language));
  command.children = chapter_topics();
  for (Command& topic : named_topics()) command.children.push_back(std::move(topic));
  for (Command& topic : model_topics()) command.children.push_back(std::move(topic));
  return command;
}

}  // namespace fovea::cli
