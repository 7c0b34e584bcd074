# `cmake --install`: headers, libraries, find_package(fovea) with the component infer, fovea.pc,
# fovea-infer.pc and fovea-infer-static.pc, the command and its completions. tests/install builds
# programs against the result in all these ways.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fovea)

install(TARGETS fovea_infer fovea_infer_static ${FOVEA_INFER_ROOMS} EXPORT foveaInferTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT foveaInferTargets NAMESPACE fovea:: DESTINATION ${package_dir})
if(NOT FOVEA_INFER_ONLY)
  set(rooms ${FOVEA_ROOM_TARGETS})
  list(REMOVE_ITEM rooms ${FOVEA_INFER_ROOMS})
  install(TARGETS fovea_all ${rooms} EXPORT foveaTargets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT foveaTargets NAMESPACE fovea:: DESTINATION ${package_dir})
endif()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/foveaConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/foveaConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/foveaConfig.cmake ${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindOneDNN.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindWebP.cmake
        DESTINATION ${package_dir})

# The headers that fovea.h, or infer.h, brings; all others are for the library's own files.
install(CODE "set(SOURCE_DIR \"${PROJECT_SOURCE_DIR}\")
set(UMBRELLAS fovea/infer.h $<$<NOT:$<BOOL:${FOVEA_INFER_ONLY}>>:fovea/fovea.h>)
set(INCLUDE_DIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")")
install(SCRIPT ${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake)

# pkg-config: the archives of the rooms, users before used, then what they call.
function(fovea_pkg_config name rooms)
  set(archives "")
  foreach(target ${rooms})
    string(PREPEND archives "-l${target} ")
  endforeach()
  string(STRIP "${archives}" FOVEA_PC_ARCHIVES)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
             BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE FOVEA_PC_PREFIX)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
fovea_pkg_config(fovea-infer "")
fovea_pkg_config(fovea-infer-static "${FOVEA_INFER_ROOMS}")
if(NOT FOVEA_INFER_ONLY)
  fovea_pkg_config(fovea "${FOVEA_ROOM_TARGETS}")
endif()

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
