# `cmake --install`: headers, libraries, find_package(fovea), fovea.pc, the command and its
# completions. tests/install builds a program against the result both ways.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fovea)

install(TARGETS fovea_all ${FOVEA_ROOM_TARGETS} EXPORT foveaTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT foveaTargets NAMESPACE fovea:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/foveaConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/foveaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/foveaConfig.cmake ${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindOneDNN.cmake
        DESTINATION ${package_dir})

# What a test or a kernel's own .cpp files share stays at home.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/fovea DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h" PATTERN "*-inl.h" EXCLUDE PATTERN "*_test.h" EXCLUDE
        PATTERN "onednn/*.h" EXCLUDE PATTERN "onnx/schema.h" EXCLUDE
        PATTERN "onnx/read_tensor.h" EXCLUDE)

# pkg-config: the archives of the rooms, users before used, then what they call.
set(FOVEA_PC_LIBS "")
foreach(target ${FOVEA_ROOM_TARGETS})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    string(PREPEND FOVEA_PC_LIBS "-l${target} ")
  endif()
endforeach()
string(STRIP "${FOVEA_PC_LIBS}" FOVEA_PC_LIBS)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
           BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE FOVEA_PC_PREFIX)
configure_file(${PROJECT_SOURCE_DIR}/cmake/fovea.pc.in ${PROJECT_BINARY_DIR}/fovea.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/fovea.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TARGET fovea)
  install(TARGETS fovea RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The command writes its own completions, where the machine that builds can run it.
  if(NOT CMAKE_CROSSCOMPILING)
    foreach(shell_and_file bash:bash-completion/completions/fovea zsh:zsh/site-functions/_fovea
                           fish:fish/vendor_completions.d/fovea.fish)
      string(REGEX MATCH "^[a-z]+" shell ${shell_and_file})
      string(REGEX REPLACE "^[a-z]+:" "" file ${shell_and_file})
      get_filename_component(folder ${file} DIRECTORY)
      get_filename_component(name ${file} NAME)
      set(script ${PROJECT_BINARY_DIR}/completions/${shell}/${name})
      install(CODE "file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/completions/${shell})
execute_process(COMMAND ${PROJECT_BINARY_DIR}/bin/fovea completion ${shell}
                OUTPUT_FILE ${script} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR \"fovea completion ${shell} ended with \${failed}\")
endif()")
      install(FILES ${script} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
    endforeach()
  endif()
endif()
