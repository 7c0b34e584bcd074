# The commit is read at each build, not at configure time, into a header that only core/version.cpp
# includes: a new commit recompiles one file.
set(FOVEA_BUILD_INFO ${PROJECT_BINARY_DIR}/generated/fovea_build_info.h)
add_custom_target(
  fovea_build_info
  COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${PROJECT_SOURCE_DIR} -D VERSION=${PROJECT_VERSION}
          -D OUTPUT=${FOVEA_BUILD_INFO} -P ${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake
  BYPRODUCTS ${FOVEA_BUILD_INFO}
  COMMENT "Reading the commit")
