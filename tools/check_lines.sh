#!/usr/bin/env bash
# No line of code, comments included, is longer than 100 columns: clang-format leaves comments as
# they are. Characters count, not bytes.
#
#   tools/check_lines.sh [ROOT]     ROOT: the tree to check, by default this one
#
# Prints one line for each offence, as a compiler would, and ends with 1 if there is any. A line
# that holds nothing but one long word, such as an address, is let pass.
set -euo pipefail

cd "${1:-$(dirname "$0")/..}"
git ls-files -co --exclude-standard -- '*.h' '*.cpp' '*.py' '*.sh' '*.cmake' '*CMakeLists.txt' dev |
  LC_ALL=C.UTF-8 perl -CSDA -ne '
    chomp;
    next unless -f;
    my $file = $_;
    open(my $lines, "<:encoding(UTF-8)", $file) or die "$file: $!";
    while (my $line = <$lines>) {
      chomp $line;
      next if length($line) <= 100 || $line =~ m{^\W*\S+$};
      print "$file:$.: ", length($line), " columns, expected at most 100\n";
      $failed = 1;
    }
    END { exit 1 if $failed }'
