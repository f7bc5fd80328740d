# Which BLAS and LAPACK the engine stands on: the target eckart::blas and the naming header eckart_blas_config.h.
#
#   ECKART_BLAS   openblas   the wheel scipy-openblas64 that `make setup` puts into build/blas (default; ILP64)
#                 mkl        the wheel `mkl` that `make setup-mkl` puts into build/mkl, or MKLROOT
#                 blis       the system's BLIS with the system's LAPACK
#                 system     what find_package(LAPACK) finds
#                 custom     ECKART_BLAS_LIBRARIES, with the three names below
#   ECKART_BLAS_PREFIX, ECKART_BLAS_SUFFIX   dgemm is called PREFIX dgemm SUFFIX ("scipy_", "_64_"; "", "_")
#   ECKART_BLAS_INTEGER                      32 (LP64) or 64 (ILP64)
set(ECKART_BLAS openblas CACHE STRING "BLAS: openblas, mkl, blis, system or custom")
set_property(CACHE ECKART_BLAS PROPERTY STRINGS openblas mkl blis system custom)
set(ECKART_BLAS_ROOT "" CACHE PATH "Folder of the BLAS; default: where make setup put it")
set(ECKART_BLAS_LIBRARIES "" CACHE STRING "custom: the libraries to link")
set(ECKART_BLAS_PREFIX "" CACHE STRING "custom: what stands before a routine's name")
set(ECKART_BLAS_SUFFIX "_" CACHE STRING "custom: what stands behind a routine's name")
set(ECKART_BLAS_INTEGER 32 CACHE STRING "custom: 32 or 64 bits in an integer argument")

set(_private 0)
if(ECKART_BLAS STREQUAL "openblas")
  set(_root "${ECKART_BLAS_ROOT}")
  if(NOT _root)
    set(_root "${PROJECT_SOURCE_DIR}/build/blas")
    if(DEFINED SKBUILD)  # pip has no set-up before it
      eckart_blas_from_wheel(_root)
    endif()
  endif()
  # The set-up names its copy libeckart_openblas64.so: a library of our own, whose thread count no one else sees.
  set(_libraries "${_root}/lib/libeckart_openblas64.so")
  if(NOT EXISTS "${_libraries}")
    message(FATAL_ERROR "No BLAS at ${_libraries}.\nMend it with:  make setup\n"
                        "or choose another:  cmake -DECKART_BLAS=system|mkl|blis|custom")
  endif()
  set(_prefix "scipy_")
  set(_suffix "_64_")
  set(_integer 64)
  set(_private 1)
elseif(ECKART_BLAS STREQUAL "mkl")
  find_library(ECKART_MKL_RT NAMES mkl_rt libmkl_rt.so.3 libmkl_rt.so.2
               HINTS "${ECKART_BLAS_ROOT}" "${PROJECT_SOURCE_DIR}/build/mkl" ENV MKLROOT PATH_SUFFIXES lib)
  if(NOT ECKART_MKL_RT)
    message(FATAL_ERROR "MKL was not found.\nMend it with:  make setup-mkl")
  endif()
  set(_libraries "${ECKART_MKL_RT}")
  set(_prefix "")
  set(_suffix "_")
  set(_integer 32)
elseif(ECKART_BLAS STREQUAL "blis")
  find_library(ECKART_BLIS NAMES blis)
  find_library(ECKART_LAPACK NAMES lapack)
  if(NOT ECKART_BLIS OR NOT ECKART_LAPACK)
    message(FATAL_ERROR "BLIS or LAPACK was not found.\nMend it with:  scripts/setup.sh system")
  endif()
  set(_libraries "${ECKART_BLIS}" "${ECKART_LAPACK}")
  set(_prefix "")
  set(_suffix "_")
  set(_integer 32)
elseif(ECKART_BLAS STREQUAL "system")
  find_package(LAPACK QUIET)
  if(NOT LAPACK_FOUND)
    message(FATAL_ERROR "No LAPACK of the system was found.\nMend it with:  scripts/setup.sh system")
  endif()
  set(_libraries ${LAPACK_LIBRARIES})
  set(_prefix "")
  set(_suffix "_")
  set(_integer 32)
elseif(ECKART_BLAS STREQUAL "custom")
  set(_libraries ${ECKART_BLAS_LIBRARIES})
  set(_prefix "${ECKART_BLAS_PREFIX}")
  set(_suffix "${ECKART_BLAS_SUFFIX}")
  set(_integer ${ECKART_BLAS_INTEGER})
else()
  message(FATAL_ERROR "ECKART_BLAS is '${ECKART_BLAS}'; it is one of openblas, mkl, blis, system, custom")
endif()

set(ECKART_BLAS_LINK_LIBRARIES "${_libraries}")

# The target. An installed Eckart carries its private BLAS along and finds it beside itself.
add_library(eckart_blas INTERFACE)
add_library(eckart::blas ALIAS eckart_blas)
set_target_properties(eckart_blas PROPERTIES EXPORT_NAME blas)
set(ECKART_BLAS_INSTALLED_FILE "")  # to install with the library
set(ECKART_BLAS_INSTALL_RPATH "")   # folders of a BLAS that stays where it is, outside the loader's own path
if(_private)
  get_filename_component(_name "${_libraries}" NAME)
  set(ECKART_BLAS_INSTALLED_FILE "${_libraries}")
  target_link_libraries(eckart_blas INTERFACE
    "$<BUILD_INTERFACE:${_libraries}>" "$<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/${_name}>")
else()
  target_link_libraries(eckart_blas INTERFACE ${_libraries})
  foreach(_library IN LISTS _libraries)
    get_filename_component(_folder "${_library}" DIRECTORY)
    if(IS_ABSOLUTE "${_library}" AND NOT "${_folder}" IN_LIST CMAKE_PLATFORM_IMPLICIT_LINK_DIRECTORIES
       AND NOT "${_folder}" IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
      list(APPEND ECKART_BLAS_INSTALL_RPATH "${_folder}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES ECKART_BLAS_INSTALL_RPATH)
endif()

set(_pasted ${_prefix} routine ${_suffix})  # an empty part must not be pasted
list(JOIN _pasted "##" _pasted)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/eckart_blas_config.h" CONTENT
"#pragma once
// Written by cmake/EckartBlas.cmake: how the BLAS that was chosen spells its names.
#define ECKART_BLAS_NAME(routine) ${_pasted}
#define ECKART_BLAS_SYMBOL(routine) \"${_prefix}\" routine \"${_suffix}\"
#define ECKART_BLAS_INTEGER ${_integer}
#define ECKART_BLAS_CHOICE \"${ECKART_BLAS}\"
#define ECKART_BLAS_IS_PRIVATE ${_private}
")
message(STATUS "BLAS: ${ECKART_BLAS}, ${_integer}-bit integers, ${_libraries}")
