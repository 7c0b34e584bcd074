// How the command of a textbook's topic is made.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/base/command.h"
#include "apps/explain/show.h"
#include "fovea/explain/topics/topics.h"
#include "fovea/tensor/tensor.h"

namespace fovea::cli {

/// A topic's command without flags of its own: its name and summary are the library's.
inline Command topic_command(const char* name, std::vector<Example> examples) {
  const explain::Topic& topic = explain::topic_called(name);
  Command command(topic.name, topic.summary);
  command.examples = std::move(examples);
  return command;
}

/// A topic that `run(settings)` makes a walk of, with the flags that `declare` adds.
template <class Settings, class Declare, class Make>
Command make_topic(const char* name, std::vector<Example> examples, Steps steps,
                   const Declare& declare, const Make& make) {
  struct All {
    Settings own;
    ShowFlags show;
  };
  auto all = std::make_shared<All>();
  Command command = topic_command(name, std::move(examples));
  declare(command, all->own);
  add_show_flags(command, all->show, steps);
  command.run = [all, make] {
    check_show_flags(all->show);
    return show(asked_for([&] { return make(all->own); }), all->show);
  };
  return command;
}

/// Numbers as they are typed, or a picture's pixels from 0 to 255: [slices, rows, columns].
/// Throws   UsageError naming `flag`; IoError, ParseError of the file.
Tensor read_slices(std::string_view flag, const std::string& text);
/// Without a first dimension of 1.
Tensor squeezed(const Tensor& slices);
/// For --image and the like, which read_slices reads.
extern const Text kGridHelp;

/// conv, pool and size.
std::vector<Command> window_topics();

}  // namespace fovea::cli
