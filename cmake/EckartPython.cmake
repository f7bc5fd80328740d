# What the Python package is built with: the interpreter, nanobind, and, where pip builds, the BLAS.
#
# In the project's own tree the interpreter is that of build/venv; under scikit-build-core (SKBUILD) it is the one that pip runs.
if(NOT DEFINED SKBUILD AND NOT DEFINED Python_EXECUTABLE AND EXISTS "${PROJECT_SOURCE_DIR}/build/venv/bin/python")
  set(Python_EXECUTABLE "${PROJECT_SOURCE_DIR}/build/venv/bin/python")
endif()
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module OPTIONAL_COMPONENTS Development.SABIModule)

if(NOT nanobind_DIR)
  execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir OUTPUT_VARIABLE nanobind_DIR
                  OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _failed ERROR_QUIET)
  if(_failed)
    message(FATAL_ERROR "${Python_EXECUTABLE} has no nanobind.\nMend it with:  make setup    (or pip install nanobind)\n"
                        "or build without the Python package:  cmake -DECKART_PYTHON=OFF")
  endif()
endif()
find_package(nanobind CONFIG REQUIRED)

# eckart_blas_from_wheel(RESULT): does what `make setup` does with the wheel scipy-openblas64, which pip put into the build's
# environment: a copy under a name of our own, so that the loader takes it for another library than NumPy's. RESULT is the folder.
function(eckart_blas_from_wheel result)
  execute_process(COMMAND "${Python_EXECUTABLE}" -c "import scipy_openblas64 as b; print(b.get_lib_dir())"
                  OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  find_program(ECKART_PATCHELF patchelf REQUIRED)
  set(root "${PROJECT_BINARY_DIR}/blas")
  set(library "${root}/lib/libeckart_openblas64.so")
  if(NOT EXISTS "${library}")
    file(MAKE_DIRECTORY "${root}/lib")
    configure_file("${folder}/libscipy_openblas64_.so" "${library}.new" COPYONLY)
    execute_process(COMMAND "${ECKART_PATCHELF}" --set-soname libeckart_openblas64.so "${library}.new"
                    COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB license "${folder}/../../scipy_openblas64*.dist-info/licenses/LICENSE.txt"
                      "${folder}/../../scipy_openblas64*.dist-info/LICENSE.txt")
    file(COPY_FILE "${license}" "${root}/LICENSE.txt")
    file(RENAME "${library}.new" "${library}")
  endif()
  set(${result} "${root}" PARENT_SCOPE)
endfunction()
