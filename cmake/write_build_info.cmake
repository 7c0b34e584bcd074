# Writes OUTPUT, a header with VERSION and SOURCE_DIR's commit; run by the target fovea_build_info.
# A tree without git (a release archive) says "unknown". A tree with changes adds "-dirty", so that
# a run directory's env.json never names a commit that did not produce it.

execute_process(
  COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#pragma once
#define FOVEA_VERSION_STRING "@VERSION@"
#define FOVEA_COMMIT_STRING "@commit@"
]] @ONLY)
