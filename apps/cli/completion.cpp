// fovea completion: scripts that teach a shell the commands and flags.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/base/completion.h"
#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/cli/app.h"
#include "apps/cli/commands.h"

namespace fovea::cli {

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  Command command("completion", "Print a completion script for a shell");
  command.examples = {
      {"source <(fovea completion bash)", "for this shell"},
      {"fovea completion bash > ~/.local/share/bash-completion/completions/fovea", "for good"},
      {"fovea completion zsh > ~/.zfunc/_fovea", "where ~/.zfunc is in $fpath"},
      {"fovea completion fish > ~/.config/fish/completions/fovea.fish", "for good"},
  };
  command.add_positional("SHELL", *shell, "the shell").one_of({"bash", "zsh", "fish"}).must();
  command.run = [shell] {
    const Command root = make_root();
    put("{}", *shell == "bash"  ? bash_completion(root)
              : *shell == "zsh" ? zsh_completion(root)
                                : fish_completion(root));
    return static_cast<int>(kExitDone);
  };
  return command;
}

}  // namespace fovea::cli
