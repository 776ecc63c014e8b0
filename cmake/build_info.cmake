# Writes which version, commit and sources the program is built from, at every build, and only if that changed: what
# depends on it is compiled again for a reason only. Without git (a tarball) the commit is "unknown".
#
#   include(cmake/build_info.cmake)
#   target_sources(TARGET PRIVATE ${HEARSAY_BUILD_INFO})     # defines program_version() of scenarios/app/version.hpp
#   add_dependencies(TARGET hearsay_build_info)              # needed if TARGET is made in another folder
#
# As a script: cmake -DSOURCE=DIR -DOUTPUT=FILE.cpp -DVERSION=X.Y.Z -P cmake/build_info.cmake

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(HEARSAY_BUILD_INFO ${CMAKE_BINARY_DIR}/generated/build_info.cpp)
  set(HEARSAY_BUILD_INFO_COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${HEARSAY_BUILD_INFO}
                                 -DVERSION=${PROJECT_VERSION} -P ${CMAKE_CURRENT_LIST_FILE})
  add_custom_target(hearsay_build_info COMMAND ${HEARSAY_BUILD_INFO_COMMAND} BYPRODUCTS ${HEARSAY_BUILD_INFO}
                    COMMENT "" VERBATIM)
  return()
endif()
cmake_minimum_required(VERSION 3.25)

# What goes into the program, and so decides its results.
set(places sim models scenarios/app cmake CMakeLists.txt scenarios/CMakeLists.txt)

find_program(git NAMES git)
set(commit unknown)
set(state unknown)
if(git)
  # A tarball that lies inside another repository is not described by that one.
  execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --show-toplevel OUTPUT_VARIABLE top RESULT_VARIABLE failed
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${SOURCE}" here)
  if(NOT failed AND "${top}" STREQUAL "${here}")
    execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --verify HEAD OUTPUT_VARIABLE found RESULT_VARIABLE failed
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT failed)
      set(commit ${found})
    endif()
    execute_process(COMMAND ${git} -C ${SOURCE} --no-optional-locks status --porcelain -- ${places}
                    OUTPUT_VARIABLE changes RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed AND "${changes}" STREQUAL "")
      set(state clean)
    elseif(NOT failed)
      set(state dirty)
    endif()
  endif()
endif()

set(tree_dirty false)
if("${state}" STREQUAL "dirty")
  set(tree_dirty true)
endif()

set(hash "")
if(NOT "${state}" STREQUAL "clean" OR "${commit}" STREQUAL "unknown")
  foreach(place IN LISTS places)
    if(IS_DIRECTORY ${SOURCE}/${place})
      file(GLOB_RECURSE found RELATIVE ${SOURCE} ${SOURCE}/${place}/*.hpp ${SOURCE}/${place}/*.cpp
           ${SOURCE}/${place}/*.cmake ${SOURCE}/${place}/CMakeLists.txt)
      list(APPEND files ${found})
    elseif(EXISTS ${SOURCE}/${place})
      list(APPEND files ${place})
    endif()
  endforeach()
  list(SORT files)
  set(all "")
  foreach(name IN LISTS files)
    file(SHA256 ${SOURCE}/${name} of_file)
    string(APPEND all "${name} ${of_file}\n")
  endforeach()
  string(SHA256 hash "${all}")
  string(SUBSTRING ${hash} 0 16 hash)
endif()

set(text "// Written by the build; see cmake/build_info.cmake.
#include \"scenarios/app/version.hpp\"

namespace hearsay::app {

const ProgramVersion& program_version() {
  static const ProgramVersion kVersion{\"${VERSION}\", \"${commit}\", ${tree_dirty}, \"${hash}\"};
  return kVersion;
}

}  // namespace hearsay::app
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${text}" STREQUAL "${old}")
  file(WRITE ${OUTPUT} "${text}")
endif()
