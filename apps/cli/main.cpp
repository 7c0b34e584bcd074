#include <string>
#include <vector>

#include "apps/cli/app.h"

int main(int argc, char** argv) {
  return fovea::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
