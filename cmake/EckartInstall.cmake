# make install: the headers, the libraries with their private BLAS, the tool, and what lets others find them:
#
#   find_package(eckart 0.1 [COMPONENTS io])   lib/cmake/eckart     targets eckart::eckart and eckart::io
#   pkg-config eckart eckart-io                lib/pkgconfig
#
# The result may be moved as a whole: nothing in it holds its prefix.
include(CMakePackageConfigHelpers)
set(_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/eckart")
set(_generated "${PROJECT_BINARY_DIR}/generated/install")

# 1. Headers, libraries, the BLAS.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/eckart" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS eckart eckart_blas EXPORT eckart-core)
install(EXPORT eckart-core NAMESPACE eckart:: FILE eckart-core.cmake DESTINATION "${_package_dir}")
if(ECKART_BLAS_INSTALLED_FILE)
  install(PROGRAMS "${ECKART_BLAS_INSTALLED_FILE}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
if(ECKART_IO)
  install(TARGETS eckart_io EXPORT eckart-io)
  install(EXPORT eckart-io NAMESPACE eckart:: FILE eckart-io.cmake DESTINATION "${_package_dir}")
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# 2. The CMake package.
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/eckart-config.cmake.in" "${_generated}/eckart-config.cmake"
                              INSTALL_DESTINATION "${_package_dir}")
write_basic_package_version_file("${_generated}/eckart-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${_generated}/eckart-config.cmake" "${_generated}/eckart-config-version.cmake"
        DESTINATION "${_package_dir}")

# 3. pkg-config. A static library does not remember what it needs, so there the private part becomes public.
file(RELATIVE_PATH _pc_to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" _pc_to_prefix "${_pc_to_prefix}")

# eckart_pkg_config(NAME): NAME.pc of the library eckart_NAME's description, requirements and flags in _pc_*.
function(eckart_pkg_config name)
  if(BUILD_SHARED_LIBS)
    set(_pc_private "Requires.private: ${_pc_requires_private}\nLibs.private: ${_pc_libs_private}")
  else()
    string(APPEND _pc_requires " ${_pc_requires_private}")
    string(APPEND _pc_libs " ${_pc_libs_private}")
    set(_pc_private "")
  endif()
  string(STRIP "${_pc_requires}" _pc_requires)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/eckart.pc.in" "${_generated}/${name}.pc" @ONLY)
  install(FILES "${_generated}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

set(_pc_description "${PROJECT_DESCRIPTION}")
set(_pc_requires "")
set(_pc_requires_private "")
set(_pc_libs "-leckart")
if(ECKART_BLAS_INSTALLED_FILE)
  set(_pc_libs_private "-leckart_openblas64 -Wl,-rpath,\${libdir}")
else()
  list(JOIN ECKART_BLAS_LINK_LIBRARIES " " _pc_libs_private)
  foreach(_folder IN LISTS ECKART_BLAS_INSTALL_RPATH)
    string(APPEND _pc_libs_private " -Wl,-rpath,${_folder}")
  endforeach()
endif()
string(APPEND _pc_libs_private " -pthread -ldl")
eckart_pkg_config(eckart)

if(ECKART_IO)
  set(_pc_description "Matrix files for Eckart: npy, npz, HDF5, csv, Matrix Market, images")
  set(_pc_requires "eckart")
  set(_pc_requires_private "libzip libpng libjpeg zlib")
  set(_pc_libs "-leckart_io")
  set(_pc_libs_private "")
  if(ECKART_READS_HDF5)
    set(_pc_libs_private "${ECKART_HDF5_LIBRARY}")  # distributions disagree about the name of its .pc file
  endif()
  eckart_pkg_config(eckart-io)
endif()

# 4. The tool, with its manual pages and completions, which it writes itself.
if(ECKART_CLI)
  install(TARGETS eckart_tool)

  set(_documents "")
  # eckart_tool_writes(FILE DESTINATION ARGUMENTS...): a file that the tool prints.
  function(eckart_tool_writes file destination)
    set(output "${_generated}/${destination}/${file}")
    add_custom_command(OUTPUT "${output}" DEPENDS eckart_tool VERBATIM
                       COMMAND "${CMAKE_COMMAND}" -E make_directory "${_generated}/${destination}"
                       COMMAND eckart_tool ${ARGN} > "${output}")
    install(FILES "${output}" DESTINATION "${destination}")
    set(_documents ${_documents} "${output}" PARENT_SCOPE)
  endfunction()

  eckart_tool_writes(eckart.1 "${CMAKE_INSTALL_MANDIR}/man1" man)
  foreach(_verb IN ITEMS svd values rank lowrank pinv lstsq norms polar stream info convert gen completion)
    eckart_tool_writes("eckart-${_verb}.1" "${CMAKE_INSTALL_MANDIR}/man1" man ${_verb})
  endforeach()
  eckart_tool_writes(eckart "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" completion bash)
  eckart_tool_writes(_eckart "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" completion zsh)
  eckart_tool_writes(eckart.fish "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)
  add_custom_target(eckart_tool_documents ALL DEPENDS ${_documents})
endif()
