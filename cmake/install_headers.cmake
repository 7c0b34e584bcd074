# Installs, below INCLUDE_DIR, the headers that UMBRELLAS reach in SOURCE_DIR, themselves included.
# Part of cmake --install.

cmake_policy(VERSION 3.25)
set(waiting ${UMBRELLAS})
set(reached "")
while(waiting)
  list(POP_FRONT waiting header)
  if(header IN_LIST reached)
    continue()
  endif()
  list(APPEND reached ${header})
  file(STRINGS ${SOURCE_DIR}/${header} includes REGEX "^#include \"fovea/[^\"]+\"")
  foreach(line ${includes})
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
    list(APPEND waiting ${included})
  endforeach()
endwhile()

foreach(header ${reached})
  get_filename_component(folder ${header} DIRECTORY)
  file(INSTALL ${SOURCE_DIR}/${header} DESTINATION ${INCLUDE_DIR}/${folder})
endforeach()
